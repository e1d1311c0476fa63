/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks: each request goes to the core with room for its tag, and the block gets its tag. What
 * takes time linear in a block, to zero and to copy it, is a function of its own: the caller calls
 * it without the lock.
 */
#ifndef FMEMORY_BLOCK_H
#define FMEMORY_BLOCK_H

#include "fmemory_ready.h"
#include "fmemory_tag.h"
#include "fmemory_trace.h"

/* Writes the tag of a block that was just allocated, if the library keeps tags. payload NULL: the
 * request failed. */
static void *block_tag(const FMemp *memp, void *payload, const struct source *source) {
    TRACE_CALL_SITE(memp->tlsf_ptr, payload, source->caller);
    if (TAG_BYTES != 0 && payload != NULL) {
        tag_write(payload, tlsf_block_size(payload), source);
    }
    return payload;
}

/* ---- with the lock: memp is ready -------------------------------------------------------- */

static void *block_malloc(FMemp *memp, fsize_t nbytes, const struct source *source) {
    return block_tag(memp, tlsf_malloc(memp->tlsf_ptr, tag_request(nbytes)), source);
}

static void *block_malloc_align(FMemp *memp, fsize_t size, fsize_t align,
                                const struct source *source) {
    return block_tag(memp, tlsf_memalign(memp->tlsf_ptr, align, tag_request(size)), source);
}

/* The size to ask the core for. A size of 0 means free, and needs no tag. */
static fsize_t realloc_request(void *ptr, fsize_t nbytes) {
    return ptr != NULL && nbytes == 0 ? 0 : tag_request(nbytes);
}

/* Begins a realloc. *move is filled in if block_moves says so. */
static void *block_realloc_begin(FMemp *memp, void *ptr, fsize_t size, fsize_t align,
                                 const struct source *source, tlsf_move_t *move) {
    fsize_t request = realloc_request(ptr, size);

    return block_tag(memp, tlsf_realloc_begin(memp->tlsf_ptr, ptr, align, request, move), source);
}

/* Whether a realloc of ptr that has begun moves the block to `block`. */
static bool block_moves(const void *ptr, const void *payload) {
    return ptr != NULL && payload != NULL && payload != ptr;
}

/* Ends a realloc that moves. The tag's place follows from the block's size, which changes. */
static void *block_realloc_end(FMemp *memp, const struct source *source, const tlsf_move_t *move) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(memp, tlsf_realloc_end(memp->tlsf_ptr, move), source);
}

/* ---- with the lock ---------------------------------------------------------------------- */

/* The bytes of live block `ptr` that its user may use. */
static fsize_t block_usable(const FMemp *memp, void *ptr) {
    if (!memp_is_ready(memp) || ptr == NULL) {
        return 0;
    }
    return size_without_tag(ptr, tlsf_block_size(ptr));
}

/* ptr NULL: the request failed. */
static inline void block_set_call_site(const FMemp *memp, void *ptr, const void *caller) {
    if (memp_is_ready(memp)) {
        TRACE_CALL_SITE_AGAIN(memp->tlsf_ptr, ptr, caller);
        if (ptr != NULL && tag_fits(tlsf_block_size(ptr))) {
            call_site_write(ptr, tlsf_block_size(ptr), caller);
        }
    }
}

static void block_free(FMemp *memp, void *ptr, const void *caller) {
    if (memp_is_ready(memp)) {
        tlsf_free(memp->tlsf_ptr, ptr);
        TRACE_CALL_SITE(memp->tlsf_ptr, ptr, caller);
    }
}

/* ---- without the lock: the block is its caller's --------------------------------------- */

/* The bytes of an array; SIZE_MAX, which no heap serves, if they are more than a size can say.
 * Multiplies halves: small processors have no division. */
static fsize_t array_bytes(fsize_t count, fsize_t size) {
    const unsigned half = sizeof(fsize_t) * 4;
    const fsize_t large = count > size ? count : size;
    const fsize_t small = count > size ? size : count;
    const fsize_t low = (large & (SIZE_MAX >> half)) * small;
    const fsize_t high = (large >> half) * small + (low >> half);

    return small >> half != 0 || high >> half != 0 ? SIZE_MAX : count * size;
}

/* Zeroes a block, if it is there. */
static void *block_zeroed(void *payload, fsize_t nbytes) {
    if (payload != NULL) {
        memset(payload, 0, nbytes);
    }
    return payload;
}

/* Copies a block that moves, up to the size that the caller asked for: the new tag lies behind. */
static void block_copy(const tlsf_move_t *move, fsize_t size) {
    memmove(move->to, move->from, move->bytes < size ? move->bytes : size);
}

#endif
