/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listing: prints every block, a summary, and the result of the core's check.
 *
 * It prints without the lock, so it works in steps. Each step takes the lock, copies what is to be
 * said of the next few blocks, releases the lock, and prints the copy. Between two steps blocks and
 * regions come, go, split and merge. So no step follows an address or a size of the one before: it
 * walks its region from the start, and skips what lies below the last block that was copied.
 * Regions are listed in the order of their addresses. As both addresses only grow, the listing
 * ends, whatever the others do, and names no byte twice.
 */
#ifndef FMEMORY_LISTING_H
#define FMEMORY_LISTING_H

#include "fmemory_owner.h"
#include "fmemory_region.h"

/* More blocks a step need more stack, and fewer walks. */
#define LISTING_STEP 16

/* The copy of a block. */
struct listed_block {
    const void *payload;
    fsize_t size;
    int used;
};

struct listing {
    struct text text;
    int broken;      /* the result of the check, when the listing begins */
    fsize_t largest; /* the largest request then */

    uintptr_t region;      /* where the region of this step begins */
    uintptr_t next_region; /* no region below this address is left */
    bool is_new_region;
    uintptr_t next_block; /* no block below this address is left */
    unsigned count;       /* blocks that this step copied */
    struct listed_block blocks[LISTING_STEP];
    /* Of a library that keeps none, one is left, as C has no empty arrays. */
    FMempTag tags[FMEMP_TAGS ? LISTING_STEP : 1];
    const void *callers[FMEMP_CALL_SITES ? LISTING_STEP : 1];

    /* Sums of the blocks so far. */
    fsize_t used_blocks, used_bytes;
    fsize_t free_blocks, free_bytes;
};

/* ---- copies: with the lock held ------------------------------------------------------ */

/* Returns  false when memp is not ready: then there is nothing to list. */
static bool listing_begin(struct listing *listing, FMemp *memp) {
    memset(listing, 0, sizeof *listing);
    if (!memp_is_ready_or_starts(memp)) {
        return false;
    }
    listing->broken = tlsf_check(memp->tlsf_ptr);
    /* In a broken heap tlsf_largest may call the fault hook. */
    if (listing->broken == TLSF_SOUND) {
        listing->largest = largest_without_tag(tlsf_largest(memp->tlsf_ptr));
    }
    return true;
}

static void listing_copy(struct listing *listing, const tlsf_block_t *found) {
    struct listed_block *copy = &listing->blocks[listing->count];

    copy->payload = found->block;
    copy->size = found->size;
    copy->used = found->used;
    if (found->used) {
        void *payload = (void *)(uintptr_t)found->block;
        const fsize_t size = tlsf_block_size(payload);

        listing->tags[FMEMP_TAGS ? listing->count : 0] = tag_read(payload, size);
        listing->callers[FMEMP_CALL_SITES ? listing->count : 0] = caller_read(payload, size);
    }
    listing->next_block = (uintptr_t)found->block + found->size;
    listing->count++;
}

/* Copies the next blocks. Returns false when no region is left. */
static bool listing_step(struct listing *listing, const FMemp *memp) {
    FMempPoolList *region = NULL;
    tlsf_block_t found = {NULL, 0, 0};

    if (memp_is_ready(memp)) {
        region = region_from(memp, listing->next_region);
    }
    if (region == NULL) {
        return false;
    }
    listing->is_new_region = (uintptr_t)region != listing->region;
    listing->region = (uintptr_t)region;
    listing->count = 0;
    while (listing->count < LISTING_STEP &&
           tlsf_next_block(region->pool_addr, found.block, &found)) {
        if ((uintptr_t)found.block >= listing->next_block) {
            listing_copy(listing, &found);
        }
    }
    listing->next_region = (uintptr_t)region + (listing->count < LISTING_STEP);
    return true;
}

/* Whether the check found nothing that makes a walk unsafe. */
static bool listing_can_walk(const struct listing *listing) {
    return listing->broken != TLSF_BROKEN_CONTROL && listing->broken != TLSF_BROKEN_POOL_LIST;
}

/* ---- printing: without the lock ------------------------------------------------------ */

static void listing_add(struct listing *listing, const struct listed_block *entry) {
    if (entry->used) {
        listing->used_blocks++;
        listing->used_bytes += entry->size;
    } else {
        listing->free_blocks++;
        listing->free_bytes += entry->size;
    }
}

/* Prints the blocks of a step. */
static void listing_print(struct listing *listing) {
    struct text *text = &listing->text;
    unsigned i;

    if (listing->is_new_region) {
        text_string(text, "fmemp: region ");
        text_pointer(text, (const void *)listing->region);
        text_line(text);
    }
    for (i = 0; i < listing->count; i++) {
        const struct listed_block *entry = &listing->blocks[i];

        text_block(text, entry->payload, entry->size, entry->used);
        if (FMEMP_TAGS && entry->used) {
            tag_print(text, &listing->tags[i]);
        }
        if (FMEMP_CALL_SITES && entry->used) {
            caller_print(text, listing->callers[i]);
        }
        text_line(text);
        listing_add(listing, entry);
    }
}

static void listing_print_end(struct listing *listing) {
    struct text *text = &listing->text;

    text_string(text, "fmemp: used: ");
    text_decimal(text, listing->used_blocks);
    text_string(text, " blocks, ");
    text_decimal(text, listing->used_bytes);
    text_string(text, " bytes; free: ");
    text_decimal(text, listing->free_blocks);
    text_string(text, " blocks, ");
    text_decimal(text, listing->free_bytes);
    text_string(text, " bytes; largest ");
    text_decimal(text, listing->largest);
    text_line(text);
    text_string(text, "fmemp: check: ");
    text_string(text, tlsf_invariant_name(listing->broken));
    text_line(text);
}

static void listing_print_not_ready(struct listing *listing) {
    text_string(&listing->text, "fmemp: not ready");
    text_line(&listing->text);
}

#endif
