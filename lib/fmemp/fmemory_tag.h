/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tag that a library with FMEMP_TAG_DEBUG 1 keeps at the end of every live block:
 *
 *     ptr                                                    ptr + tlsf_block_size(ptr)
 *     | what the caller asked for | slack | tag, aligned | slack |
 *
 * The place depends on the block's address and size alone, so that it is found in O(1), and by
 * a walk. A tag counts only when its seal fits: an overrun that reached it is seen, and its
 * pointers are not followed.
 */
#ifndef FMEMORY_TAG_H
#define FMEMORY_TAG_H

#include <stdbool.h>

#include "fmemory_pool.h"

struct tag {
    const char *file; /* where the block was allocated; NULL: by a plain function */
    const char *msg;
    u32 line;
    u32 seal; /* tag_seal of the other fields and of the tag's own address */
};

/* A tag, and what its alignment can take off the block's end. */
#define TAG_ROOM (sizeof(struct tag) + _Alignof(struct tag) - 1)

/* What a request grows by. */
#define TAG_BYTES (FMEMP_TAG_DEBUG ? TAG_ROOM : 0)

/* Another one for each bit of a field that changes. */
static inline u32 tag_seal(const struct tag *tag) {
    const uintptr_t word =
        (uintptr_t)tag ^ (uintptr_t)tag->file ^ (uintptr_t)tag->msg ^ tag->line ^ 0x7A67B10CU;

    return (u32)(word ^ word >> sizeof(word) * 4);
}

/* False for a block of a corrupted size only: each request is for TAG_BYTES or more. */
static inline bool tag_fits(fsize_t size) { return size >= TAG_ROOM; }

/* The tag in a payload of `size` usable bytes, which it fits. */
static inline struct tag *tag_of(void *payload, fsize_t size) {
    u8 *last_place = (u8 *)payload + (size - sizeof(struct tag));

    return (struct tag *)(void *)(last_place - (uintptr_t)last_place % _Alignof(struct tag));
}

static inline bool tag_is_intact(const struct tag *tag) { return tag->seal == tag_seal(tag); }

/* The request to the core for nbytes of the caller's; one that would overflow becomes SIZE_MAX,
 * which the core refuses and counts. */
static inline fsize_t tag_request(fsize_t nbytes) {
    return nbytes > SIZE_MAX - TAG_BYTES ? SIZE_MAX : nbytes + TAG_BYTES;
}

#endif
