/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listing: prints every block, a summary, and the result of the core's check.
 */
#ifndef FMEMORY_LISTING_H
#define FMEMORY_LISTING_H

#include "fmemory_region.h"
#include "fmemory_tag.h"

/* Sums over all regions. */
struct summary {
    unsigned long used_blocks;
    unsigned long used_bytes;
    unsigned long free_blocks;
    unsigned long free_bytes;
};

static void tag_print(void *block, fsize_t size) {
    const struct tag *tag;

    if (!tag_fits(size)) {
        FMEMP_PRINT("  too small for its tag");
        return;
    }
    tag = tag_of(block, size);
    if (!tag_is_intact(tag)) {
        FMEMP_PRINT("  tag overwritten");
    } else if (tag->file != NULL) {
        FMEMP_PRINT("  %s:%lu %s", tag->file, (unsigned long)tag->line,
                    tag->msg == NULL ? "" : tag->msg);
    }
}

/* A tlsf_walker: prints one block. */
static void block_print(void *block, size_t size, int used, void *user) {
    struct summary *summary = (struct summary *)user;

    FMEMP_PRINT("  %p %s %lu", block, used ? "used" : "free", (unsigned long)size);
    if (FMEMP_TAG_DEBUG && used) {
        tag_print(block, tlsf_block_size(block));
    }
    FMEMP_PRINT("\n");
    if (used) {
        summary->used_blocks++;
        summary->used_bytes += (unsigned long)size;
    } else {
        summary->free_blocks++;
        summary->free_bytes += (unsigned long)size;
    }
}

static void list_all(const FMemp *memp) {
    struct summary summary = {0, 0, 0, 0};
    FMempPoolList *region;
    bool can_walk;
    int broken;
    fsize_t largest;

    if (!memp_is_ready(memp)) {
        FMEMP_PRINT("fmemp: not ready\n");
        return;
    }
    broken = tlsf_check(memp->tlsf_ptr);
    can_walk = broken != TLSF_BROKEN_CONTROL && broken != TLSF_BROKEN_POOL_LIST;
    for (region = can_walk ? memp->pools_list : NULL; region != NULL;
         region = region_next(region)) {
        FMEMP_PRINT("fmemp: region %p\n", (void *)region);
        tlsf_walk_pool(region->pool_addr, block_print, &summary);
    }
    /* In a broken heap tlsf_largest may call the fault hook. */
    largest = broken == TLSF_SOUND ? largest_without_tag(tlsf_largest(memp->tlsf_ptr)) : 0;
    FMEMP_PRINT("fmemp: used: %lu blocks, %lu bytes; free: %lu blocks, %lu bytes; largest %lu\n",
                summary.used_blocks, summary.used_bytes, summary.free_blocks, summary.free_bytes,
                (unsigned long)largest);
    FMEMP_PRINT("fmemp: check: %s\n", tlsf_invariant_name(broken));
}

#endif
