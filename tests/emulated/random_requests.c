/* SPDX-License-Identifier: BSD-3-Clause */
#include "random_requests.h"

#include "tlsf.h"

enum { SLOTS = 24, FILL_OF_FREE_MEMORY = 0xDD };

/* Ends the function with the number of this line unless the condition holds. */
#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            return __LINE__; \
        } \
    } while (0)

/* Does a step that returns 0, or the line of what is not true. */
#define DO(step) \
    do { \
        const unsigned failed = (step); \
        if (failed != 0) { \
            return failed; \
        } \
    } while (0)

typedef struct {
    uint8_t *begin; /* NULL: none */
    size_t bytes;
    uint8_t fill;
} live_block;

static struct {
    tlsf_t t;
    uintptr_t memory; /* of the pool that grows */
    size_t bytes, bytes_at_last;
    live_block blocks[SLOTS];
} now;

static uint32_t random_state;

static uint32_t random_bits(void) { /* xorshift, by G. Marsaglia */
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static size_t random_below(size_t bound) { return (size_t)(random_bits() % bound); }

/* Small sizes are frequent, and all orders of magnitude up to `most` occur. */
static size_t random_size(size_t most) {
    size_t bound = 1;
    while (bound <= most / 2 && random_below(8) != 0) {
        bound *= 2;
    }
    return random_below(bound + 1);
}

/* ---- blocks ------------------------------------------------------------------------- */

static void fill_block(live_block *b, uint8_t *begin, size_t bytes) {
    b->begin = begin;
    b->bytes = begin == NULL ? 0 : bytes;
    b->fill = (uint8_t)random_bits();
    for (size_t i = 0; i < b->bytes; i++) {
        begin[i] = b->fill;
    }
}

/* The first `bytes` bytes at `begin` are those of the block. */
static unsigned block_is_intact(const live_block *b, const uint8_t *begin, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        REQUIRE(begin[i] == b->fill);
    }
    return 0;
}

/* Compares distances, because the pool may end at 0. */
static unsigned block_lies_inside(const live_block *b) {
    REQUIRE((uintptr_t)b->begin % TLSF_GRANULE == 0);
    REQUIRE((uintptr_t)b->begin - now.memory < now.bytes);
    REQUIRE(b->bytes <= now.bytes - ((uintptr_t)b->begin - now.memory));
    for (size_t i = 0; i < SLOTS; i++) {
        const live_block *other = &now.blocks[i];
        if (other != b && other->begin != NULL) {
            REQUIRE(b->begin < other->begin ? b->bytes <= (size_t)(other->begin - b->begin)
                                            : other->bytes <= (size_t)(b->begin - other->begin));
        }
    }
    return 0;
}

/* ---- requests ----------------------------------------------------------------------- */

static unsigned allocate(live_block *b) {
    const size_t largest = tlsf_largest(now.t);
    const size_t bytes = random_below(16) == 0 ? largest : random_size(now.bytes);
    const size_t align = random_below(4) == 0 ? (size_t)1 << random_below(12) : 0;
    uint8_t *begin = align == 0 ? tlsf_malloc(now.t, bytes) : tlsf_memalign(now.t, align, bytes);
    REQUIRE(begin != NULL || align != 0 || bytes > largest || largest == 0);
    REQUIRE(align == 0 || (uintptr_t)begin % align == 0);
    if (begin != NULL) {
        REQUIRE(tlsf_block_size(begin) >= bytes);
        fill_block(b, begin, tlsf_block_size(begin));
        DO(block_lies_inside(b));
    }
    return 0;
}

static unsigned release(live_block *b) {
    if (b->begin != NULL) {
        DO(block_is_intact(b, b->begin, b->bytes));
        tlsf_free(now.t, b->begin);
        b->begin = NULL;
        b->bytes = 0;
    }
    return 0;
}

static unsigned reallocate(live_block *b) {
    const size_t bytes = 1 + random_size(now.bytes);
    uint8_t *begin = tlsf_realloc(now.t, b->begin, bytes);
    if (begin == NULL) {
        return block_is_intact(b, b->begin, b->bytes);
    }
    DO(block_is_intact(b, begin, b->bytes < bytes ? b->bytes : bytes));
    fill_block(b, begin, tlsf_block_size(begin));
    return block_lies_inside(b);
}

/* What no heap can serve. */
static unsigned refuse(void) {
    REQUIRE(tlsf_malloc(now.t, SIZE_MAX - random_size(SIZE_MAX / 4)) == NULL);
    REQUIRE(tlsf_memalign(now.t, SIZE_MAX / 2 + 1, SIZE_MAX / 2) == NULL);
    REQUIRE(tlsf_memalign(now.t, 48, 1) == NULL);
    REQUIRE(tlsf_calloc(now.t, SIZE_MAX / 2, 3) == NULL);
    return 0;
}

/* The pool grows towards the end of the region. */
static unsigned grow(void) {
    const size_t left = now.bytes_at_last - now.bytes;
    const size_t more = random_below(8) == 0 ? left : random_size(left);
    const size_t result = tlsf_extend_pool(now.t, (pool_t)now.memory, now.bytes, now.bytes + more);
    REQUIRE(result == now.bytes + more ||
            (result == 0 && more < 2 * tlsf_block_size_min() + 4 * TLSF_GRANULE));
    now.bytes = result == 0 ? now.bytes : result;
    return 0;
}

static unsigned request(void) {
    live_block *b = &now.blocks[random_below(SLOTS)];
    switch (random_below(8)) {
    case 0:
        return now.bytes < now.bytes_at_last ? grow() : refuse();
    case 1:
    case 2:
        return reallocate(b);
    default:
        return b->begin == NULL ? allocate(b) : release(b);
    }
}

/* ---- heaps -------------------------------------------------------------------------- */

/* The last bytes of the memory serve as the others do, and at hardening 3 they have a fill. */
static unsigned last_bytes_are_used(void) {
    const size_t largest = tlsf_largest(now.t);
    uint8_t *all = tlsf_malloc(now.t, largest);
    REQUIRE(all != NULL);
    live_block whole;
    fill_block(&whole, all, tlsf_block_size(all));
    const size_t behind = now.memory + now.bytes - (uintptr_t)all - largest;
    REQUIRE(behind >= tlsf_alloc_overhead() && behind < tlsf_alloc_overhead() + 2 * TLSF_GRANULE);
    DO(block_is_intact(&whole, all, whole.bytes));
    tlsf_free(now.t, all);
    REQUIRE(tlsf_check(now.t) == TLSF_SOUND);
    if (TLSF_HARDENING >= 3 && largest > 64) {
        uint8_t *last = all + largest - 8;
        REQUIRE(*last == FILL_OF_FREE_MEMORY);
        *last = 0;
        REQUIRE(tlsf_check(now.t) == TLSF_BROKEN_FILL);
        *last = FILL_OF_FREE_MEMORY;
    }
    return 0;
}

/* The heap now.t has one pool, which is free. */
static unsigned serve(unsigned steps) {
    for (unsigned step = 0; step < steps; step++) {
        DO(request());
        REQUIRE(tlsf_check(now.t) == TLSF_SOUND);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        DO(release(&now.blocks[i]));
        REQUIRE(tlsf_check(now.t) == TLSF_SOUND);
    }
    while (now.bytes < now.bytes_at_last) {
        DO(grow());
    }
    REQUIRE(tlsf_check(now.t) == TLSF_SOUND);
    DO(last_bytes_are_used());
    const pool_t pool = tlsf_get_pool(now.t);
    REQUIRE(tlsf_remove_pool(now.t, pool) == 0);
    REQUIRE(tlsf_largest(now.t) == 0 && tlsf_check(now.t) == TLSF_SOUND);
    tlsf_destroy(now.t);
    return 0;
}

/* The heap's first pool lies between its control structure and `bytes` bytes behind begin, and can
 * grow to `most`. */
static unsigned serve_first_pool(uintptr_t begin, size_t bytes, size_t most, unsigned steps) {
    REQUIRE(now.t != NULL && tlsf_check(now.t) == TLSF_SOUND);
    now.memory = (uintptr_t)tlsf_get_pool(now.t);
    now.bytes = bytes - (now.memory - begin);
    now.bytes_at_last = most - (now.memory - begin);
    return serve(steps);
}

unsigned random_requests(uintptr_t begin, size_t bytes, unsigned steps) {
    random_state = 2463534242u;
    for (size_t i = 0; i < SLOTS; i++) {
        now.blocks[i] = (live_block){NULL, 0, 0};
    }
    void *mem = (void *)begin;
    REQUIRE(tlsf_create_with_pool(mem, SIZE_MAX) == NULL);
    now.t = tlsf_create_with_pool(mem, bytes);
    DO(serve_first_pool(begin, bytes, bytes, steps));
    now.t = tlsf_create_sized(mem, bytes, 0);
    DO(serve_first_pool(begin, bytes, bytes, steps));
    now.t = tlsf_create_sized(mem, bytes / 4, bytes);
    DO(serve_first_pool(begin, bytes / 4, bytes, steps));
    now.t = tlsf_create(mem);
    REQUIRE(tlsf_add_pool(now.t, (void *)(begin + tlsf_size()), SIZE_MAX) == NULL);
    now.memory = begin + tlsf_size();
    now.bytes = now.bytes_at_last = bytes - tlsf_size();
    REQUIRE(tlsf_add_pool(now.t, (void *)now.memory, now.bytes) != NULL);
    return serve(steps);
}
