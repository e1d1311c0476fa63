/* SPDX-License-Identifier: BSD-3-Clause */
#include "shadow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/class_reference.h"
#include "tlsf_config.h"

enum { WORD_BITS = 64 };

/* ---- bit sets ----------------------------------------------------------------------- */

static void bit_set(uint64_t *words, size_t bit) {
    words[bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
}

static void bit_clear(uint64_t *words, size_t bit) {
    words[bit / WORD_BITS] &= ~(UINT64_C(1) << bit % WORD_BITS);
}

static bool bit_is_set(const uint64_t *words, size_t bit) {
    return (words[bit / WORD_BITS] >> bit % WORD_BITS & 1u) != 0;
}

static size_t highest_bit(uint64_t word) { return WORD_BITS - 1 - (size_t)__builtin_clzll(word); }

static size_t lowest_bit(uint64_t word) { return (size_t)__builtin_ctzll(word); }

/* ---- classes ------------------------------------------------------------------------ */

enum { KNOWN_SIZES = 1 << 15 };

static size_t class_computed(size_t size) {
    return (size_t)reference_floor(size, UINT64_C(1) << TLSF_SL_BITS);
}

/* The reference counts, which is slow. So the classes of usual sizes are remembered. */
size_t shadow_floor(size_t size) {
    static uint16_t known[KNOWN_SIZES];
    if (size >= KNOWN_SIZES || size == 0) {
        return class_computed(size);
    }
    if (known[size] == 0) {
        known[size] = (uint16_t)class_computed(size);
    }
    return known[size];
}

size_t shadow_ceil(size_t size) { return shadow_floor(size - 1) + 1; }

size_t shadow_cut(const shadow *s, size_t room, size_t need) {
    size_t size = need;
    while (TLSF_ROUND_TO_CLASS && shadow_floor(size) == shadow_floor(size - 1)) {
        size++;
    }
    return size > room || room - size < s->smallest ? room : size;
}

size_t shadow_class_from(const shadow *s, size_t class) {
    size_t word = class / WORD_BITS;
    if (word >= SHADOW_CLASS_WORDS) {
        return SHADOW_NO_CLASS;
    }
    uint64_t bits = s->classes[word] & UINT64_MAX << class % WORD_BITS;
    while (bits == 0 && ++word < SHADOW_CLASS_WORDS) {
        bits = s->classes[word];
    }
    return bits == 0 ? SHADOW_NO_CLASS : word * WORD_BITS + lowest_bit(bits);
}

size_t shadow_class_highest(const shadow *s) {
    size_t word = SHADOW_CLASS_WORDS;
    while (word > 0 && s->classes[word - 1] == 0) {
        word--;
    }
    return word == 0 ? SHADOW_NO_CLASS : (word - 1) * WORD_BITS + highest_bit(s->classes[word - 1]);
}

size_t shadow_largest(shadow *s) {
    while (s->largest_bound > 0 && s->of_size[s->largest_bound] == 0) {
        s->largest_bound--;
    }
    return s->largest_bound;
}

/* ---- free and used ------------------------------------------------------------------ */

static void count_free(shadow *s, size_t size, int more) {
    const size_t class = shadow_floor(size);
    s->of_size[size] += (uint32_t)more;
    s->of_class[class] += (uint32_t)more;
    s->free_blocks += (size_t)more;
    if (s->of_class[class] == 0) {
        bit_clear(s->classes, class);
    } else {
        bit_set(s->classes, class);
    }
}

static void begin_at(shadow *s, size_t place, size_t size, uint16_t owner) {
    bit_set(s->begins, place);
    s->sizes[place] = (uint32_t)size;
    s->owners[place] = owner;
}

static void put_free(shadow *s, size_t place, size_t size) {
    begin_at(s, place, size, SHADOW_FREE);
    count_free(s, size, 1);
    s->largest_bound = size > s->largest_bound ? size : s->largest_bound;
}

/* Removes the free block at `place`. Returns its size. */
static size_t take_free(shadow *s, size_t place) {
    bit_clear(s->begins, place);
    count_free(s, s->sizes[place], -1);
    return s->sizes[place];
}

/* ---- begin and end ------------------------------------------------------------------ */

static void *zeroed(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fprintf(stderr, "no memory for the picture of a heap\n");
        exit(2);
    }
    return memory;
}

void shadow_make(shadow *s, const void *begin, size_t bytes, size_t granule, size_t smallest) {
    memset(s, 0, sizeof(*s));
    s->granule = granule;
    s->smallest = smallest;
    s->base = (uintptr_t)begin / granule * granule;
    s->granules = bytes / granule + 2;
    s->begins = zeroed(s->granules / WORD_BITS + 1, sizeof(*s->begins));
    s->sizes = zeroed(s->granules + 1, sizeof(*s->sizes));
    s->owners = zeroed(s->granules + 1, sizeof(*s->owners));
    s->of_size = zeroed(s->granules + 1, sizeof(*s->of_size));
    begin_at(s, 0, 0, SHADOW_WALL);
}

void shadow_end(shadow *s) {
    free(s->begins);
    free(s->sizes);
    free(s->owners);
    free(s->of_size);
}

size_t shadow_place(const shadow *s, const void *ptr) {
    return ((uintptr_t)ptr - s->base) / s->granule;
}

void *shadow_address(const shadow *s, size_t place) {
    return (void *)(s->base + place * s->granule);
}

/* ---- pools -------------------------------------------------------------------------- */

/* Forgets what began in [place, place + size), in a pool that is gone. */
static void clear_begins(shadow *s, size_t place, size_t size) {
    for (size_t i = 0; i < size; i++) {
        bit_clear(s->begins, place + i);
    }
}

/* The first wall of this pool can be the end marker of another pool. Both stay walls. */
void shadow_add_pool(shadow *s, size_t first, size_t size) {
    clear_begins(s, first, size);
    begin_at(s, first - 1, 0, SHADOW_WALL);
    begin_at(s, first + size, 0, SHADOW_WALL);
    put_free(s, first, size);
    s->total += size;
}

void shadow_remove_pool(shadow *s, size_t first) { s->total -= take_free(s, first); }

void shadow_grow_behind(shadow *s, size_t end, size_t more) {
    const size_t last = shadow_find(s, end - 1);
    const size_t begin = shadow_is_free(s, last) ? last : end;
    clear_begins(s, end, more);
    begin_at(s, end + more, 0, SHADOW_WALL);
    put_free(s, begin, more + (begin == last ? take_free(s, last) : 0));
    s->total += more;
}

void shadow_grow_before(shadow *s, size_t first, size_t more) {
    const size_t joined = shadow_is_free(s, first) ? take_free(s, first) : 0;
    clear_begins(s, first - more, more);
    begin_at(s, first - more - 1, 0, SHADOW_WALL);
    put_free(s, first - more, more + joined);
    s->total += more;
}

/* ---- blocks ------------------------------------------------------------------------- */

size_t shadow_find(const shadow *s, size_t place) {
    size_t word = place / WORD_BITS;
    uint64_t bits = s->begins[word] & UINT64_MAX >> (WORD_BITS - 1 - place % WORD_BITS);
    while (bits == 0) { /* granule 0 is a wall */
        bits = s->begins[--word];
    }
    return word * WORD_BITS + highest_bit(bits);
}

size_t shadow_next(const shadow *s, size_t place) { return place + s->sizes[place]; }

bool shadow_is_free(const shadow *s, size_t place) {
    return bit_is_set(s->begins, place) && s->owners[place] == SHADOW_FREE;
}

size_t shadow_free_size(const shadow *s, size_t place) {
    return shadow_is_free(s, place) ? s->sizes[place] : 0;
}

size_t shadow_fit(const shadow *s, size_t place, size_t need) {
    const size_t begin = shadow_find(s, place);
    const size_t end = begin + s->sizes[begin];
    const size_t gap = place - begin;
    if (s->owners[begin] != SHADOW_FREE || (gap != 0 && gap < s->smallest) || place >= end ||
        end - place < need) {
        return 0;
    }
    return shadow_cut(s, end - place, need);
}

void shadow_allocate(shadow *s, size_t place, size_t need, uint16_t owner) {
    const size_t begin = shadow_find(s, place);
    const size_t size = shadow_fit(s, place, need);
    const size_t end = begin + take_free(s, begin);
    if (place != begin) {
        put_free(s, begin, place - begin);
    }
    begin_at(s, place, size, owner);
    if (place + size != end) {
        put_free(s, place + size, end - place - size);
    }
    s->used += size;
    s->used_blocks++;
}

void shadow_release(shadow *s, size_t place) {
    const size_t before = shadow_find(s, place - 1);
    const size_t next = shadow_next(s, place);
    size_t begin = place;
    size_t size = s->sizes[place];
    s->used -= size;
    s->used_blocks--;
    bit_clear(s->begins, place);
    if (s->owners[next] == SHADOW_FREE) {
        size += take_free(s, next);
    }
    if (s->owners[before] == SHADOW_FREE) {
        size += take_free(s, before);
        begin = before;
    }
    put_free(s, begin, size);
}
