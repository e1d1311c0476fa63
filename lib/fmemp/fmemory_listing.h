/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The listing: prints every block, a summary, and the result of the core's check.
 */
#ifndef FMEMORY_LISTING_H
#define FMEMORY_LISTING_H

#include "fmemory_print.h"
#include "fmemory_region.h"
#include "fmemory_tag.h"

/* Sums over all regions. */
struct summary {
    fsize_t used_blocks;
    fsize_t used_bytes;
    fsize_t free_blocks;
    fsize_t free_bytes;
};

/* What a walk over the blocks is given. */
struct listing {
    struct text text;
    struct summary summary;
};

static void tag_print(struct text *text, void *block, fsize_t size) {
    const struct tag *tag;

    if (!tag_fits(size)) {
        text_string(text, "  too small for its tag");
        return;
    }
    tag = tag_of(block, size);
    if (!tag_is_intact(tag)) {
        text_string(text, "  tag overwritten");
    } else if (tag->file != NULL) {
        text_string(text, "  ");
        text_string(text, tag->file);
        text_string(text, ":");
        text_decimal(text, tag->line);
        text_string(text, " ");
        text_string(text, tag->msg == NULL ? "" : tag->msg);
    }
}

/* A tlsf_walker: prints one block. */
static void block_print(void *block, size_t size, int used, void *user) {
    struct listing *listing = (struct listing *)user;
    struct text *text = &listing->text;
    struct summary *summary = &listing->summary;

    text_string(text, "  ");
    text_pointer(text, block);
    text_string(text, used ? " used " : " free ");
    text_decimal(text, size);
    if (FMEMP_TAG_DEBUG && used) {
        tag_print(text, block, tlsf_block_size(block));
    }
    text_line(text);
    if (used) {
        summary->used_blocks++;
        summary->used_bytes += size;
    } else {
        summary->free_blocks++;
        summary->free_bytes += size;
    }
}

static void summary_print(struct text *text, const struct summary *summary, fsize_t largest) {
    text_string(text, "fmemp: used: ");
    text_decimal(text, summary->used_blocks);
    text_string(text, " blocks, ");
    text_decimal(text, summary->used_bytes);
    text_string(text, " bytes; free: ");
    text_decimal(text, summary->free_blocks);
    text_string(text, " blocks, ");
    text_decimal(text, summary->free_bytes);
    text_string(text, " bytes; largest ");
    text_decimal(text, largest);
    text_line(text);
}

static void list_all(const FMemp *memp) {
    struct listing listing = {0};
    struct text *text = &listing.text;
    FMempPoolList *region;
    bool can_walk;
    int broken;
    fsize_t largest;

    text_begin(text, print_piece);
    if (!memp_is_ready(memp)) {
        text_string(text, "fmemp: not ready");
        text_line(text);
        return;
    }
    broken = tlsf_check(memp->tlsf_ptr);
    can_walk = broken != TLSF_BROKEN_CONTROL && broken != TLSF_BROKEN_POOL_LIST;
    for (region = can_walk ? memp->pools_list : NULL; region != NULL;
         region = region_next(region)) {
        text_string(text, "fmemp: region ");
        text_pointer(text, region);
        text_line(text);
        tlsf_walk_pool(region->pool_addr, block_print, &listing);
    }
    /* In a broken heap tlsf_largest may call the fault hook. */
    largest = broken == TLSF_SOUND ? largest_without_tag(tlsf_largest(memp->tlsf_ptr)) : 0;
    summary_print(text, &listing.summary, largest);
    text_string(text, "fmemp: check: ");
    text_string(text, tlsf_invariant_name(broken));
    text_line(text);
}

#endif
