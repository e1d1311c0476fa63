/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The linker names of the core's public functions.
 *
 * TLSF_PREFIX goes before every name, for firmware that already links another TLSF:
 * with -DTLSF_PREFIX=acme_ the source still says tlsf_malloc and links acme_tlsf_malloc.
 *
 * The functions that create a heap also carry the options that callers and library must
 * share, so that a mismatch is an undefined reference which names what the caller wanted:
 *     undefined reference to `tlsf_create_compact_granule_16_sl_bits_4'
 */
#ifndef TLSF_NAMES_H
#define TLSF_NAMES_H

#include "tlsf_config.h"

#ifndef TLSF_PREFIX
#define TLSF_PREFIX
#endif

#if TLSF_LAYOUT == TLSF_WIDE
#define TLSF_LAYOUT_NAME wide
#else
#define TLSF_LAYOUT_NAME compact
#endif

#define TLSF_PASTE(prefix, name) prefix##name
#define TLSF_EXPAND(prefix, name) TLSF_PASTE(prefix, name)
#define TLSF_NAME(name) TLSF_EXPAND(TLSF_PREFIX, name)

#define TLSF_PASTE_OPTIONS(prefix, name, layout, granule, sl_bits) \
    prefix##name##_##layout##_granule_##granule##_sl_bits_##sl_bits
#define TLSF_EXPAND_OPTIONS(prefix, name, layout, granule, sl_bits) \
    TLSF_PASTE_OPTIONS(prefix, name, layout, granule, sl_bits)
#define TLSF_NAME_WITH_OPTIONS(name) \
    TLSF_EXPAND_OPTIONS(TLSF_PREFIX, name, TLSF_LAYOUT_NAME, TLSF_GRANULE, TLSF_SL_BITS)

#define tlsf_create TLSF_NAME_WITH_OPTIONS(tlsf_create)
#define tlsf_create_with_pool TLSF_NAME_WITH_OPTIONS(tlsf_create_with_pool)
#define tlsf_create_sized TLSF_NAME_WITH_OPTIONS(tlsf_create_sized)
#define tlsf_destroy TLSF_NAME(tlsf_destroy)
#define tlsf_reset TLSF_NAME(tlsf_reset)
#define tlsf_get_pool TLSF_NAME(tlsf_get_pool)
#define tlsf_add_pool TLSF_NAME(tlsf_add_pool)
#define tlsf_remove_pool TLSF_NAME(tlsf_remove_pool)
#define tlsf_malloc TLSF_NAME(tlsf_malloc)
#define tlsf_calloc TLSF_NAME(tlsf_calloc)
#define tlsf_memalign TLSF_NAME(tlsf_memalign)
#define tlsf_realloc TLSF_NAME(tlsf_realloc)
#define tlsf_realloc_aligned TLSF_NAME(tlsf_realloc_aligned)
#define tlsf_free TLSF_NAME(tlsf_free)
#define tlsf_block_size TLSF_NAME(tlsf_block_size)
#define tlsf_size TLSF_NAME(tlsf_size)
#define tlsf_align_size TLSF_NAME(tlsf_align_size)
#define tlsf_block_size_min TLSF_NAME(tlsf_block_size_min)
#define tlsf_block_size_max TLSF_NAME(tlsf_block_size_max)
#define tlsf_pool_overhead TLSF_NAME(tlsf_pool_overhead)
#define tlsf_alloc_overhead TLSF_NAME(tlsf_alloc_overhead)
#define tlsf_largest TLSF_NAME(tlsf_largest)
#define tlsf_stats TLSF_NAME(tlsf_stats)
#define tlsf_walk_pool TLSF_NAME(tlsf_walk_pool)
#define tlsf_check TLSF_NAME(tlsf_check)
#define tlsf_check_pool TLSF_NAME(tlsf_check_pool)
#define tlsf_invariant_name TLSF_NAME(tlsf_invariant_name)
#define tlsf_set_fault_hook TLSF_NAME(tlsf_set_fault_hook)
#define tlsf_fault_name TLSF_NAME(tlsf_fault_name)
#define tlsf_report_fault TLSF_NAME(tlsf_report_fault)

#endif
