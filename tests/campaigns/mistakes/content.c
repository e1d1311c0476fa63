/* SPDX-License-Identifier: BSD-3-Clause */
#include "content.h"

#include <string.h>

enum { WORD = sizeof(uint32_t), SMALL = 1000 };

const char *const content_names[CONTENTS] = {
    "text",  "small integers", "pointers to blocks", "pointers into the heap",
    "zeros", "0xFF",           "structures"};

static uint32_t low_half(uint64_t address) { return (uint32_t)address; }
static uint32_t high_half(uint64_t address) { return (uint32_t)(address >> 32); }

static uint32_t text_of(uint32_t bits) { return 0x41414141u + (bits & 0x1F1F1F1Fu); }

/* ---- what correct users keep ----------------------------------------------------------- */

static uint32_t mixed(uint32_t number, uint32_t place) {
    uint32_t bits = (number * 0x9E3779B1u) ^ (place * 0x85EBCA77u);
    bits = (bits ^ bits >> 15) * 0x2C1B3C6Du;
    return bits ^ bits >> 13;
}

/* Word number `place` of a block. Among zeros, and among bytes 0xFF, every fourth word is a number,
 * so that a lost word shows there, too. */
static uint32_t kept_word(uint32_t number, uint32_t place) {
    const uint32_t bits = mixed(number, place);
    const uint64_t pointer = REGION_ADDRESS + (bits % REGION_BYTES & ~7u);
    switch (number % CONTENTS) {
    case CONTENT_TEXT:
        return text_of(bits);
    case CONTENT_INTEGERS:
        return bits % SMALL;
    case CONTENT_ZEROS:
        return place % 4 == 0 ? bits % SMALL : 0;
    case CONTENT_ONES:
        return place % 4 == 0 ? bits % SMALL : UINT32_MAX;
    case CONTENT_STRUCTURES:
        return place % 4 == 2   ? bits % SMALL
               : place % 4 == 3 ? text_of(bits)
               : place % 2 == 0 ? low_half(pointer)
                                : high_half(pointer);
    default:
        return place % 2 == 0 ? low_half(pointer) : high_half(pointer);
    }
}

/* The bytes of a block from `at` on, up to the end of a word or to `to`. */
static size_t kept_bytes(uint32_t number, size_t at, size_t to, uint8_t bytes[WORD]) {
    const uint32_t word = kept_word(number, (uint32_t)(at / WORD));
    const size_t first = at % WORD;
    const size_t count = WORD - first < to - at ? WORD - first : to - at;
    memcpy(bytes, (const uint8_t *)&word + first, count);
    return count;
}

void content_fill(uint8_t *block, uint32_t number, size_t from, size_t to) {
    uint8_t bytes[WORD];
    for (size_t at = from, count; at < to; at += count) {
        count = kept_bytes(number, at, to, bytes);
        memcpy(block + at, bytes, count);
    }
}

bool content_is_kept(const uint8_t *block, uint32_t number, size_t from, size_t to) {
    uint8_t bytes[WORD];
    for (size_t at = from, count; at < to; at += count) {
        count = kept_bytes(number, at, to, bytes);
        if (memcmp(block + at, bytes, count) != 0) {
            return false;
        }
    }
    return true;
}

/* ---- what wrong writes consist of ------------------------------------------------------ */

static uint32_t pointer_word(const void *pointer, size_t place) {
    return place % 2 == 0 ? low_half((uintptr_t)pointer) : high_half((uintptr_t)pointer);
}

static uint32_t wrong_word(content what, random_source *random, const void *pointer, size_t place) {
    switch (what) {
    case CONTENT_TEXT:
        return text_of((uint32_t)random_bits(random));
    case CONTENT_INTEGERS:
        return (uint32_t)random_below(random, SMALL);
    case CONTENT_BLOCKS:
    case CONTENT_HEAP:
        return pointer_word(pointer, place);
    case CONTENT_ONES:
        return UINT32_MAX;
    case CONTENT_STRUCTURES: /* a link, a count, a length and a flag */
        return place % 4 < 2 ? pointer_word(pointer, place)
               : place % 4 == 2
                   ? (uint32_t)random_below(random, SMALL)
                   : (uint32_t)(random_below(random, SMALL) << 16 | random_below(random, 2));
    default:
        return 0;
    }
}

/* A write may begin at any word of a pointer or a structure. */
void content_make(content what, random_source *random, const void *live_block, uint8_t *to,
                  size_t bytes) {
    const uint8_t *const region = (const uint8_t *)(uintptr_t)REGION_ADDRESS;
    const size_t first = random_below(random, 4);
    const void *const inside = region + (random_below(random, REGION_BYTES) & ~(size_t)7);
    for (size_t at = 0; at < bytes; at += WORD) {
        const uint32_t word =
            wrong_word(what, random, what == CONTENT_HEAP ? inside : live_block, first + at / WORD);
        memcpy(to + at, &word, bytes - at < WORD ? bytes - at : WORD);
    }
}
