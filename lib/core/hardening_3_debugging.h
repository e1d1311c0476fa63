/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Debugging aids: the fill patterns and guards of hardening 3, which make a stray write show, and
 * the memory checker that a build of any level can name. Below level 3 there are no fills and no
 * guards, and the functions for them do nothing.
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
 * The guard begins behind the last byte that was asked for and ends with the block. Its last word
 * is a key made of the heap and the block, with the number of slack bytes in its last byte.
 */
#ifndef TLSF_HARDENING_3_DEBUGGING_H
#define TLSF_HARDENING_3_DEBUGGING_H

#include "heap.h"

/* ---- memory checker ------------------------------------------------------------------ */

/* A memory checker is a tool that reports a stray access when it is made. With TLSF_MEMORY_CHECKER
 * 1 the build finds its port, memory_checker.h, on the include path, as it finds the bit
 * operations. Memory of the heap that no user owns is closed: only the library may touch it, and
 * the tool does not look at the library. The order of these calls and the library's own accesses
 * does not matter, except for payload_make_way. A port defines:
 *
 *   memory_take(begin, bytes)          the owner's memory becomes the heap's
 *   memory_give_back(begin, bytes)     it is the owner's again; its content is undefined
 *   checker_begin_heap(heap)           the heap has no blocks, whatever was there before
 *   checker_end_heap(heap)             the heap has no more blocks
 *   payload_hand_out(heap, payload, bytes)      a user gets a payload; its content is undefined
 *   payload_take_back(heap, payload, bytes)     the payload is the heap's again
 *   payload_survived(heap, payload, bytes)      a user has this payload, and its content is defined
 *   payload_make_way(to, from, bytes)           before a payload is copied down
 *   payload_moved(heap, from, kept, to, bytes)  [from, from + kept) became [to, to + bytes); `to`
 *                                      is not above `from`; the content that fits both is kept
 *   CHECKER_PAUSE()      from here to the end of the function the tool reports nothing
 *   CHECKER_RESUME()     from here to the end of the braces it does again: before a user's function
 */
#if TLSF_MEMORY_CHECKER
#include <memory_checker.h>
#else
/* Macros, so that arguments which only a checker needs cost nothing. */
#define CHECKER_PAUSE() ((void)0)
#define CHECKER_RESUME() ((void)0)
#define memory_take(begin, bytes) ((void)(begin), (void)(bytes))
#define memory_give_back(begin, bytes) ((void)(begin), (void)(bytes))
#define checker_begin_heap(heap) ((void)0)
#define checker_end_heap(heap) ((void)0)
#define payload_hand_out(heap, payload, bytes) ((void)0)
#define payload_take_back(heap, payload, bytes) ((void)0)
#define payload_survived(heap, payload, bytes) ((void)0)
#define payload_make_way(to, from, bytes) ((void)0)
#define payload_moved(heap, from, kept, to, bytes) ((void)0)
#endif

/* Begins a public function that looks at blocks: t is the heap behind the handle, and the memory
 * checker pauses until the function returns. */
#define ENTER_HEAP(t, handle) \
    control *t = control_of(handle); \
    CHECKER_PAUSE()

/* ---- used blocks -------------------------------------------------------------------- */

/* FILL_FREED is odd, so that a word of it reads as a free header (block.h). */
enum { FILL_ALLOCATED = 0xCD, FILL_FREED = 0xDD, FILL_GUARD = 0xFD };

static_assert(2 * BLOCK_MIN * SIZE_UNIT <= 0x80,
              "half a byte's values hold the slack: the bytes of "
              "rounding, and a rest too small for a block");

static inline bool bytes_are(const unsigned char *bytes, size_t count, unsigned char value) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static inline size_t block_inner_bytes(const block *b) { return size_inner_bytes(block_size(b)); }

/* The last word of used block b. No byte of its key is 0, because strings overrun with a 0. Each
 * byte depends on the slack. */
static inline header_word guard_word(const control *t, const block *b, unsigned char slack) {
    const header_word ones = ~(header_word)0 / 0xFF; /* a 1 in each byte */
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

/* Bytes that the user of block b owns: at level 3 exactly what was asked for. */
static inline size_t block_payload_bytes(const block *b) {
    const size_t inner = block_inner_bytes(b);
    return HARDENING_DEBUGGING && guard_slack(b) <= inner ? inner - guard_slack(b) : inner;
}

/* Fills the payload of used block b from its first `kept` bytes on, up to `bytes`, and writes the
 * guard behind it. */
static inline void guard_write(const control *t, const block *b, size_t kept, size_t bytes) {
    if (HARDENING_DEBUGGING) {
        unsigned char *payload = (unsigned char *)block_payload(b);
        const size_t inner = block_inner_bytes(b);
        TLSF_ASSERT(bytes <= inner && inner - bytes <= 0xFF);
        const header_word word = guard_word(t, b, (unsigned char)(inner - bytes));
        if (bytes > kept) {
            memset(payload + kept, FILL_ALLOCATED, bytes - kept);
        }
        memset(payload + bytes, FILL_GUARD, inner - bytes);
        memcpy(payload + inner, &word, sizeof(word));
    }
}

/* Whether the guard of used block b is as guard_write left it. If t is NULL, the heap is not known
 * and the key is not compared. */
static inline bool guard_is_intact(const control *t, const block *b) {
    if (!HARDENING_DEBUGGING) {
        return true;
    }
    const unsigned char *payload = (const unsigned char *)block_payload(b);
    const size_t inner = block_inner_bytes(b);
    const unsigned char slack = guard_slack(b);
    header_word word;
    memcpy(&word, payload + inner, sizeof(word));
    return (t == NULL || word == guard_word(t, b, slack)) && slack <= inner &&
           bytes_are(payload + inner - slack, slack, FILL_GUARD);
}

/* Whether b lies in a pool of the heap, and its guard is intact. */
static inline bool block_is_untouched(const control *t, const block *b) {
    return !HARDENING_DEBUGGING ||
           (pool_list_is_sound(t) && block_is_in_a_pool(t, b) && guard_is_intact(t, b));
}

/* ---- free blocks -------------------------------------------------------------------- */

/* A header that FILL_FREED has overwritten: of a block that is now part of a free one. */
#define HEADER_OF_FILL (~(header_word)0 / 0xFF * FILL_FREED)

/* The fill of a free block, or a part of it. */
typedef struct {
    unsigned char *begin;
    size_t bytes;
} fill;

/* The bytes between the links and the footer of free block b that also lie within the n at `part`,
 * or in the words around them that were a header, links or a footer while `part` was a block. */
static inline fill fill_within(const block *b, const block *part, outer_size n) {
    const uintptr_t first = (uintptr_t)(b + 1);
    const uintptr_t last = (uintptr_t)block_next(b) - sizeof(header_word);
    const uintptr_t part_first = (uintptr_t)part - sizeof(header_word);
    const uintptr_t part_end = (uintptr_t)block_at(part, n);
    const uintptr_t begin = part_first > first ? part_first : first;
    /* part_end + sizeof(block) could wrap at the end of the address space */
    const uintptr_t end = part_end < last - sizeof(block) ? part_end + sizeof(block) : last;
    const fill found = {(unsigned char *)begin, begin < end ? end - begin : 0};
    return found;
}

/* Fills what the n at `part` left in block b, if b is free. */
static inline void fill_freed(const block *b, const block *part, outer_size n) {
    if (HARDENING_DEBUGGING && block_is_free(b)) {
        const fill stale = fill_within(b, part, n);
        memset(stale.begin, FILL_FREED, stale.bytes);
    }
}

/* Whether the fill in the first n of free block b is intact. */
static inline bool fill_is_intact(const block *b, outer_size n) {
    if (!HARDENING_DEBUGGING) {
        return true;
    }
    const fill whole = fill_within(b, b, n);
    return bytes_are(whole.begin, whole.bytes, FILL_FREED);
}

#endif
