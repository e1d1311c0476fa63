/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The call site that a library with FMEMP_CALL_SITES 1 keeps in the last 4 bytes of every live
 * block: the low 32 bits of the address that the call returns to.
 *
 *     ptr                                                    ptr + tlsf_block_size(ptr)
 *     | what the caller asked for | slack, tag if there are tags | call site |
 *
 * Nothing shows whether an overrun has overwritten it. So it is printed, and never followed.
 */
#ifndef FMEMORY_CALL_SITE_H
#define FMEMORY_CALL_SITE_H

#include "fmemory_pool.h"

#define CALL_SITE_BYTES (FMEMP_CALL_SITES ? sizeof(u32) : 0)

/* The return address of a function that was inlined is that of the function around it. Link-time
 * optimization inlines across files. */
#if FMEMP_CALL_SITES && defined(__GNUC__)
/* NOLINTNEXTLINE(bugprone-macro-parentheses): g++ takes (function) for the arguments of a call */
#define KEEP_CALL_SITE(function) extern __typeof__(function) function __attribute__((noinline))
KEEP_CALL_SITE(FMempMalloc);
KEEP_CALL_SITE(FMempCalloc);
KEEP_CALL_SITE(FMempMallocAlign);
KEEP_CALL_SITE(FMempRealloc);
KEEP_CALL_SITE(FMempReallocAlign);
KEEP_CALL_SITE(FMempFree);
#if FMEMP_TAGS
KEEP_CALL_SITE(FMempMallocTag);
KEEP_CALL_SITE(FMempCallocTag);
KEEP_CALL_SITE(FMempMallocAlignTag);
KEEP_CALL_SITE(FMempReallocTag);
KEEP_CALL_SITE(FMempReallocAlignTag);
KEEP_CALL_SITE(FMempFreeTag);
#endif
#endif

/* The call site is in the last bytes of a payload of `size` usable bytes, which has room for it. */
static inline void call_site_write(void *payload, fsize_t size, const void *caller) {
    const u32 low = (u32)(uintptr_t)caller;

    memcpy((u8 *)payload + (size - CALL_SITE_BYTES), &low, CALL_SITE_BYTES);
}

/* The address with these low 32 bits that is nearest to the library's own code: the right one for
 * every caller in the library's program. */
static inline const void *call_site_address(u32 low) {
    const uintptr_t here = (uintptr_t)FMempMalloc;
    const u32 ahead = low - (u32)here; /* modulo 2^32 */
    const u32 behind = (u32)here - low;

    return (const void *)(ahead < behind ? here + ahead : here - behind);
}

/* The call site of a live block; NULL when it is not known. */
static inline const void *call_site_of(const void *payload, fsize_t size) {
    u32 low = 0;

    memcpy(&low, (const u8 *)payload + (size - CALL_SITE_BYTES), CALL_SITE_BYTES);
    return low == 0 ? NULL : call_site_address(low);
}

#endif
