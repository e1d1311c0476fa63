/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 3: what is written into memory so that a stray write shows. Below that level every
 * function here does nothing.
 *
 *            used block                       free block
 *          +-------------------------+      +-------------------------+
 *   header |                         |      |                         |
 *          +-------------------------+      +-------------------------+
 *  payload | the bytes asked for,    |      | links                   |
 *          | at first FILL_ALLOCATED |      +-------------------------+
 *          +-------------------------+      | FILL_FREED              |
 *    guard | FILL_GUARD, the slack   |      |                         |
 *          | key             | slack |      | footer                  |
 *          +-------------------------+      +-------------------------+
 *
 * The guard begins with the first byte that was not asked for and ends with the block. Its last word
 * is a key of the heap and the block, with the number of bytes of slack in its last byte.
 */
#ifndef TLSF_GUARD_H
#define TLSF_GUARD_H

#include "heap.h"

/* FILL_FREED is odd, so that a word of it reads as the header of a free block (block.h). */
enum { FILL_ALLOCATED = 0xCD, FILL_FREED = 0xDD, FILL_GUARD = 0xFD };

/* The header of a block that has become part of a free one. */
#define HEADER_OF_FILL (~(header_word)0 / 0xFF * FILL_FREED)

_Static_assert(2 * BLOCK_MIN * SIZE_UNIT <= 0x80, "half a byte's values hold the slack: what is "
                                                  "rounded up, and a rest too small for a block");

static inline bool bytes_are(const unsigned char *bytes, size_t count, unsigned char value) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

/* ---- used blocks -------------------------------------------------------------------- */

static inline size_t block_inner_bytes(const block *b) { return size_inner_bytes(block_size(b)); }

/* The last word of block b. No byte of its key is 0, as that is what strings overrun with, and each
 * depends on the slack. */
static inline header_word guard_word(const control *t, const block *b, unsigned char slack) {
    const header_word ones = ~(header_word)0 / 0xFF; /* in each byte */
    const uintptr_t place = (uintptr_t)t ^ (uintptr_t)b;
    const header_word scattered = (header_word)(place * (uintptr_t)0x9E3779B97F4A7C15u);
    header_word word = (scattered ^ ones * 2 * slack) | ones;
    memcpy((unsigned char *)&word + sizeof(word) - 1, &slack, 1);
    return word;
}

static inline unsigned char guard_slack(const block *b) {
    const unsigned char *guard = (const unsigned char *)block_payload(b) + block_inner_bytes(b);
    return guard[sizeof(header_word) - 1];
}

/* The bytes of a used block that are its user's. */
static inline size_t block_payload_bytes(const block *b) {
    const size_t inner = block_inner_bytes(b);
    return HARDENING_DEBUGGING && guard_slack(b) <= inner ? inner - guard_slack(b) : inner;
}

/* Gives `bytes` bytes of block b to its user, of which the first `kept` have their content.
 * Returns the payload. */
static inline void *block_hand_out(const control *t, const block *b, size_t kept, size_t bytes) {
    unsigned char *payload = block_payload(b);
    if (HARDENING_DEBUGGING) {
        const size_t inner = block_inner_bytes(b);
        const header_word word = guard_word(t, b, (unsigned char)(inner - bytes));
        if (bytes > kept) {
            memset(payload + kept, FILL_ALLOCATED, bytes - kept);
        }
        memset(payload + bytes, FILL_GUARD, inner - bytes);
        memcpy(payload + inner, &word, sizeof(word));
    }
    return payload;
}

/* t: NULL where it is not known which heap this is. */
static inline bool guard_is_intact(const control *t, const block *b) {
    if (!HARDENING_DEBUGGING) {
        return true;
    }
    const unsigned char *payload = block_payload(b);
    const size_t inner = block_inner_bytes(b);
    const unsigned char slack = guard_slack(b);
    header_word word;
    memcpy(&word, payload + inner, sizeof(word));
    return (t == NULL || word == guard_word(t, b, slack)) && slack <= inner &&
           bytes_are(payload + inner - slack, slack, FILL_GUARD);
}

/* ---- free blocks -------------------------------------------------------------------- */

/* The fill of free block b, as far as it lies in n outer_size from `part` on. The words of a block
 * around it that have been header, links or footer count as its own. */
typedef struct {
    unsigned char *begin;
    size_t bytes;
} fill;

static inline fill fill_within(const block *b, const block *part, outer_size n) {
    const uintptr_t first = (uintptr_t)(b + 1);
    const uintptr_t last = (uintptr_t)block_next(b) - sizeof(header_word);
    const uintptr_t part_first = (uintptr_t)part - sizeof(header_word);
    const uintptr_t part_last = (uintptr_t)(block_at(part, n) + 1);
    const uintptr_t begin = part_first > first ? part_first : first;
    const uintptr_t end = part_last < last ? part_last : last;
    return (fill){(unsigned char *)begin, begin < end ? end - begin : 0};
}

/* Fills what `part`, which had n outer_size, has left in block b, if that is free. */
static inline void fill_freed(const block *b, const block *part, outer_size n) {
    if (HARDENING_DEBUGGING && block_is_free(b)) {
        const fill stale = fill_within(b, part, n);
        memset(stale.begin, FILL_FREED, stale.bytes);
    }
}

/* Whether nobody has written into the first n outer_size of free block b. */
static inline bool fill_is_intact(const block *b, outer_size n) {
    if (!HARDENING_DEBUGGING) {
        return true;
    }
    const fill whole = fill_within(b, b, n);
    return bytes_are(whole.begin, whole.bytes, FILL_FREED);
}

#endif
