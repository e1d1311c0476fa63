/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocks: each request goes to the core with room for its tag, and the block gets its tag.
 */
#ifndef FMEMORY_BLOCK_H
#define FMEMORY_BLOCK_H

#include "fmemory_ready.h"
#include "fmemory_tag.h"

/* Writes the tag of a block that was just allocated, if the library keeps tags. */
static void *block_tag(void *block, struct source source) {
    if (TAG_BYTES != 0 && block != NULL) {
        tag_write(block, tlsf_block_size(block), source);
    }
    return block;
}

static void *block_malloc(FMemp *memp, fsize_t nbytes, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_malloc(memp->tlsf_ptr, tag_request(nbytes)), source);
}

static void *block_calloc(FMemp *memp, fsize_t count, fsize_t size, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    if (TAG_BYTES != 0) {
        bool overflows = size != 0 && count > SIZE_MAX / size;

        count = tag_request(overflows ? SIZE_MAX : count * size);
        size = 1;
    }
    return block_tag(tlsf_calloc(memp->tlsf_ptr, count, size), source);
}

static void *block_malloc_align(FMemp *memp, fsize_t size, fsize_t align, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_memalign(memp->tlsf_ptr, align, tag_request(size)), source);
}

/* The size to ask the core for. A size of 0 means free, and needs no tag. */
static fsize_t realloc_request(void *ptr, fsize_t nbytes) {
    return ptr != NULL && nbytes == 0 ? 0 : tag_request(nbytes);
}

static void *block_realloc(FMemp *memp, void *ptr, fsize_t nbytes, struct source source) {
    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_realloc(memp->tlsf_ptr, ptr, realloc_request(ptr, nbytes)), source);
}

static void *block_realloc_align(FMemp *memp, void *ptr, fsize_t size, fsize_t align,
                                 struct source source) {
    fsize_t request = realloc_request(ptr, size);

    if (!memp_is_ready(memp)) {
        return NULL;
    }
    return block_tag(tlsf_realloc_aligned(memp->tlsf_ptr, ptr, align, request), source);
}

/* The bytes of live block `ptr` that its user may use. */
static fsize_t block_size(const FMemp *memp, void *ptr) {
    if (!memp_is_ready(memp) || ptr == NULL) {
        return 0;
    }
    return size_without_tag(ptr, tlsf_block_size(ptr));
}

static inline void block_set_call_site(const FMemp *memp, void *ptr, const void *caller) {
    if (memp_is_ready(memp) && ptr != NULL && tag_fits(tlsf_block_size(ptr))) {
        call_site_write(ptr, tlsf_block_size(ptr), caller);
    }
}

static void block_free(FMemp *memp, void *ptr) {
    if (memp_is_ready(memp)) {
        tlsf_free(memp->tlsf_ptr, ptr);
    }
}

#endif
