/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tag at the end of every live block: who asked for it. With FMEMP_TAG_DEBUG 1 it is a place in
 * the source; with FMEMP_CALL_SITES 1 it is a call site (fmemory_call_site.h); with both, both:
 *
 *     ptr                                                    ptr + tlsf_block_size(ptr)
 *     | what the caller asked for | slack | tag, aligned | slack | call site |
 *
 * The block's address and size determine the place of its tag, so that a walk finds it in O(1).
 * A tag is valid if and only if its seal is right. An overrun that reaches the tag breaks the seal,
 * and the tag's pointers are then not followed.
 */
#ifndef FMEMORY_TAG_H
#define FMEMORY_TAG_H

#include <stdbool.h>

#include "fmemory_call_site.h"
#include "tlsf_language.h"

/* Who asks for a block: the place in the source, zeros from a plain function; and the call site. */
struct source {
    const char *file;
    const char *msg;
    u32 line;
    const void *caller;
};

static const struct source no_source = {NULL, NULL, 0, NULL};

/* PLAIN_SOURCE(name); in a plain function declares a pointer to its source. */
#if FMEMP_CALL_SITES
#define PLAIN_SOURCE(name) \
    const struct source name##_here = {NULL, NULL, 0, FMEMP_CALLER()}; \
    const struct source *const name = &name##_here
#else
#define PLAIN_SOURCE(name) const struct source *const name = &no_source
#endif

/* The tag keeps 32 bits of the line. */
static inline struct source source_place(const char *file, unsigned long line, const char *msg,
                                         const void *caller) {
    const struct source source = {file, msg, (u32)line, caller};

    return source;
}

struct tag {
    const char *file; /* of the source; NULL: allocated by a plain function */
    const char *msg;
    u32 line;
    u32 seal; /* tag_seal of the other fields and of the tag's own address */
};

/* Room for a tag at any address: the tag, and the most that its alignment skips. */
#define TAG_ROOM (sizeof(struct tag) + alignof(struct tag) - 1)

/* The bytes that each request grows by. */
#define TAG_BYTES ((FMEMP_TAGS ? TAG_ROOM : 0) + CALL_SITE_BYTES)

/* ---- sizes -------------------------------------------------------------------------- */

/* The request to the core for nbytes of the caller's. A sum that would overflow becomes SIZE_MAX,
 * which the core refuses and counts. */
static inline fsize_t tag_request(fsize_t nbytes) {
    return nbytes > SIZE_MAX - TAG_BYTES ? SIZE_MAX : nbytes + TAG_BYTES;
}

/* The largest request of a caller when the core serves `bytes`. */
static inline fsize_t largest_without_tag(fsize_t bytes) {
    return bytes <= TAG_BYTES ? 0 : bytes - TAG_BYTES;
}

/* Whether a block of `size` usable bytes has room for its tag. Each request asks for it, so only
 * a corrupted size is too small. */
static inline bool tag_fits(fsize_t size) { return TAG_BYTES == 0 || size > TAG_BYTES - 1; }

/* ---- the tag of a block ------------------------------------------------------------- */

/* The tag in a payload of `size` usable bytes that has room for it. */
static inline struct tag *tag_of(void *payload, fsize_t size) {
    u8 *last_place = (u8 *)payload + (size - CALL_SITE_BYTES - sizeof(struct tag));

    return (struct tag *)(void *)(last_place - (uintptr_t)last_place % alignof(struct tag));
}

/* The seal depends on every bit of the fields: a change of one bit changes it. */
static inline u32 tag_seal(const struct tag *tag) {
    const uintptr_t word =
        (uintptr_t)tag ^ (uintptr_t)tag->file ^ (uintptr_t)tag->msg ^ tag->line ^ 0x7A67B10CU;

    return (u32)(word ^ word >> sizeof(word) * 4);
}

static inline bool tag_is_intact(const struct tag *tag) { return tag->seal == tag_seal(tag); }

/* Writes the tag of a payload of `size` usable bytes that has room for it. */
static inline void tag_write(void *payload, fsize_t size, const struct source *source) {
    if (FMEMP_TAGS) {
        struct tag *tag = tag_of(payload, size);

        tag->file = source->file;
        tag->msg = source->msg;
        tag->line = source->line;
        tag->seal = tag_seal(tag);
    }
    if (FMEMP_CALL_SITES) {
        call_site_write(payload, size, source->caller);
    }
}

/* ---- what readers see of a used block of `size` usable bytes. Nothing outside is read -------- */

/* The place in the source; zeros in a library without tags. */
static inline FMempTag tag_read(void *payload, fsize_t size) {
    FMempTag seen = {FMEMP_TAG_NONE, NULL, 0, NULL};
    const struct tag *tag;

    if (!FMEMP_TAGS || !tag_fits(size)) {
        return seen;
    }
    tag = tag_of(payload, size);
    if (!tag_is_intact(tag)) {
        seen.status = FMEMP_TAG_OVERWRITTEN;
        return seen;
    }
    seen.status = FMEMP_TAG_INTACT;
    seen.file = tag->file;
    seen.line = tag->line;
    seen.msg = tag->msg;
    return seen;
}

/* The call site; NULL when it is not known. */
static inline const void *caller_read(const void *payload, fsize_t size) {
    return FMEMP_CALL_SITES && tag_fits(size) ? call_site_of(payload, size) : NULL;
}

/* The bytes that the caller may use: those before its tag. */
static inline fsize_t size_without_tag(void *payload, fsize_t size) {
    if (!tag_fits(size)) {
        return 0;
    }
    return FMEMP_TAGS ? (fsize_t)((u8 *)tag_of(payload, size) - (u8 *)payload)
                      : size - CALL_SITE_BYTES;
}

#endif
