/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The caller's mistakes: each kind, by each call that takes a block. The cases test what the hook
 * receives, that the heap is unchanged when the hook returns, and that the default hook stops the
 * program.
 */
#define _POSIX_C_SOURCE 200809L /* sigsetjmp */

#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <signal.h>
#include <string.h>

#if defined(__unix__)
#define CAN_CATCH 1
#else
#define CAN_CATCH 0
#endif

/* ---- calls that take a block -------------------------------------------------------- */

typedef void (*mistaken_call)(tlsf_t t, void *ptr);

static void call_free(tlsf_t t, void *ptr) { tlsf_free(t, ptr); }

static void call_realloc(tlsf_t t, void *ptr) { assert_null(tlsf_realloc(t, ptr, 500)); }

static void call_realloc_smaller(tlsf_t t, void *ptr) { assert_null(tlsf_realloc(t, ptr, 1)); }

static void call_realloc_to_zero(tlsf_t t, void *ptr) { assert_null(tlsf_realloc(t, ptr, 0)); }

static void call_realloc_aligned(tlsf_t t, void *ptr) {
    assert_null(tlsf_realloc_aligned(t, ptr, 64, 500));
}

static const mistaken_call calls[] = {call_free, call_realloc, call_realloc_smaller,
                                      call_realloc_to_zero, call_realloc_aligned};

/* Each call with this pointer reports a mistake of this kind and changes nothing. */
static void expect_fault(const heap *h, void *ptr, tlsf_fault_kind kind) {
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        snapshot before = snapshot_take(h);
        faults_watch(h->t);
        calls[i](h->t, ptr);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, kind);
        assert_ptr_equal(faults_last().block, ptr);
        snapshot_expect_unchanged(h, &before, 0);
    }
}

/* As expect_fault, in a heap that the mistake left unsound. */
static void expect_fault_in_broken_heap(const heap *h, void *ptr, tlsf_fault_kind kind) {
    uint8_t copy[4096]; /* the control structure with its statistics, and the blocks */
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        assert_true(h->memory.bytes >= sizeof(copy));
        faults_watch(h->t);
        memcpy(copy, h->memory.begin, sizeof(copy));
        calls[i](h->t, ptr);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, kind);
        assert_memory_equal(copy, h->memory.begin, sizeof(copy));
    }
}

/* ---- sizes below the smallest ------------------------------------------------------- */

/* A header says less than the smallest size, and the word to which that leads is the header of a
 * block that leads to the next one. */
/* Verifies T12, T273. */
static void fault_header_below_the_smallest_size_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (outer_size n = 0; n < BLOCK_MIN; n += GRANULE_SIZE) {
        heap h = heap_make(4096);
        uint8_t *p = tlsf_malloc(h.t, 300);
        assert_non_null(tlsf_malloc(h.t, 300));
        block *b = block_of_payload(p);
        const outer_size whole = block_size(b);
        block_at(b, n)->header = whole - n;
        b->header = n;
        expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NOT_A_BLOCK);
        region_free(&h.memory);
    }
}

/* ---- misaligned --------------------------------------------------------------------- */

/* Verifies T12, T15, T270, T271, T292, C36. */
static void fault_misaligned_pointer_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(4096);
    uint8_t *p = tlsf_malloc(h.t, 200);
    memset(p, 0, 200);
    for (size_t off = 1; off < tlsf_align_size(); off++) {
        expect_fault(&h, p + off, TLSF_FAULT_MISALIGNED);
        assert_int_equal(faults_last().size, 0);
        assert_null(faults_last().before);
        assert_null(faults_last().after);
    }
    heap_end(&h);
}

/* ---- double free -------------------------------------------------------------------- */

/* Frees a block twice. Bits 0 and 1 of `neighbours` choose the neighbours that are free already.
 * Bits 2 and 3 choose those that are freed before the second free. */
static void expect_double_free(unsigned neighbours) {
    heap h = heap_make(8192);
    void *low = tlsf_malloc(h.t, 100);
    void *p = tlsf_malloc(h.t, 60);
    void *high = tlsf_malloc(h.t, 140);
    assert_non_null(tlsf_malloc(h.t, 10));
    if (neighbours & 1u) {
        tlsf_free(h.t, low);
    }
    if (neighbours & 2u) {
        tlsf_free(h.t, high);
    }
    tlsf_free(h.t, p);
    if ((neighbours & 5u) == 4u) {
        tlsf_free(h.t, low);
    }
    if ((neighbours & 10u) == 8u) {
        tlsf_free(h.t, high);
    }
    expect_fault(&h, p, TLSF_FAULT_DOUBLE_FREE);
    heap_end(&h);
}

/* Verifies T12, T15, T270, T272, C36. */
static void fault_double_free_at_once_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (unsigned neighbours = 0; neighbours < 4; neighbours++) {
        expect_double_free(neighbours);
    }
}

/* Verifies T12, T272. */
static void fault_double_free_after_neighbours_were_freed_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (unsigned neighbours = 4; neighbours < 16; neighbours++) {
        expect_double_free(neighbours);
    }
}

/* The old header is unchanged, in the middle of a block that was handed out. */
/* Verifies T12, T272, T273. */
static void fault_double_free_within_a_larger_block_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *low = tlsf_malloc(h.t, 100);
    void *p = tlsf_malloc(h.t, 60);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    const size_t both = inner_for(outer_of(low) + outer_of(p));
    tlsf_free(h.t, p);
    tlsf_free(h.t, low);
    assert_ptr_equal(tlsf_malloc(h.t, both), low);
    expect_fault(&h, p, TLSF_HARDENING >= 3 ? TLSF_FAULT_NOT_A_BLOCK : TLSF_FAULT_DOUBLE_FREE);
    heap_end(&h);
}

/* Verifies T12, T272. */
static void fault_double_free_of_last_block_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *p = tlsf_malloc(h.t, tlsf_largest(h.t));
    tlsf_free(h.t, p);
    expect_fault(&h, p, TLSF_FAULT_DOUBLE_FREE);
    heap_end(&h);
}

/* Verifies T290, T292, T293, T294, T295, T296. */
static void fault_double_free_names_block_and_neighbours(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *p = tlsf_malloc(h.t, 60);
    void *after = tlsf_malloc(h.t, 140);
    const size_t size = inner_of(p);
    tlsf_free(h.t, p);
    faults_watch(h.t);
    tlsf_free(h.t, p);
    const tlsf_fault_t fault = faults_last();
    assert_int_equal(fault.kind, TLSF_FAULT_DOUBLE_FREE);
    assert_ptr_equal(fault.block, p);
    assert_int_equal(fault.size, size);
    assert_null(fault.before);
    assert_int_equal(fault.before_size, 0);
    assert_ptr_equal(fault.after, after);
    assert_int_equal(fault.after_size, inner_of(after));
    heap_end(&h);
}

/* ---- not a block -------------------------------------------------------------------- */

/* Verifies T12, T15, T270, T273, T292. */
static void fault_foreign_pointer_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(4096);
    heap other = heap_make(4096);
    void *p = tlsf_malloc(other.t, 100);
    expect_fault(&h, p, TLSF_FAULT_NOT_A_BLOCK);
    assert_int_equal(faults_last().size, 0);
    assert_null(faults_last().after);
    expect_fault(&h, h.memory.begin, TLSF_FAULT_NOT_A_BLOCK); /* its own control structure */
    const uintptr_t ends[] = {tlsf_align_size(), UINTPTR_MAX - tlsf_align_size() + 1,
                              UINTPTR_MAX / 2 + 1};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        expect_fault(&h, (void *)ends[i], TLSF_FAULT_NOT_A_BLOCK);
    }
    heap_end(&other);
    heap_end(&h);
}

/* Verifies T12, T273. */
static void fault_heap_without_pool_every_pointer_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make_empty(4096);
    faults_watch(h.t);
    tlsf_free(h.t, heap_spare(&h));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* Verifies T12, T15, T273, T292. */
static void fault_interior_pointer_into_zeros_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    uint8_t *p = tlsf_malloc(h.t, 1000);
    memset(p, 0, tlsf_block_size(p));
    for (size_t off = tlsf_align_size(); off < 1000; off += tlsf_align_size()) {
        faults_watch(h.t);
        snapshot before = snapshot_take(&h);
        tlsf_free(h.t, p + off);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
        assert_int_equal(faults_last().size, 0);
        snapshot_expect_unchanged(&h, &before, 0);
    }
    heap_end(&h);
}

/* Verifies T12, T273. */
static void fault_pointer_behind_last_block_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(4096);
    uint8_t *p = tlsf_malloc(h.t, tlsf_largest(h.t));
    expect_fault(&h, p + outer_of(p), TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* ---- neighbour ---------------------------------------------------------------------- */

/* Hardening 3 also checks what lies between a payload and the next header. */
static const tlsf_fault_kind overrun_kind =
    TLSF_HARDENING >= 3 ? TLSF_FAULT_OVERRUN : TLSF_FAULT_NEIGHBOUR;

/* Writes behind p, over the header of the next block. */
static void expect_overrun_found(bool is_after_free, uint8_t value) {
    heap h = heap_make(8192);
    uint8_t *p = tlsf_malloc(h.t, 100);
    uint8_t *after = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, 10));
    if (is_after_free) {
        tlsf_free(h.t, after);
    }
    memset(p, value, outer_of(p));
    expect_fault_in_broken_heap(&h, p, overrun_kind);
    assert_ptr_equal(faults_last().block, p);
    assert_int_equal(faults_last().size, inner_of(p));
    assert_int_not_equal(tlsf_check(h.t), TLSF_SOUND);
    region_free(&h.memory);
}

static const uint8_t overrun_values[] = {0x00, 0x01, '1', 'A', 0x80, 0xFE, 0xFF};

/* Verifies T15, T274, T277, T280, T283. */
static void fault_overrun_into_used_neighbour_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (size_t i = 0; i < COUNT_OF(overrun_values); i++) {
        expect_overrun_found(false, overrun_values[i]);
    }
}

/* Verifies T15, T274, T277, T280, T283. */
static void fault_overrun_into_free_neighbour_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (size_t i = 0; i < COUNT_OF(overrun_values); i++) {
        expect_overrun_found(true, overrun_values[i]);
    }
}

/* An array of small numbers that is one too long leaves flags without a size. The word before them
 * passes for the footer. */
/* Verifies T274, T280. */
static void fault_overrun_by_flags_alone_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (header_word flags = 1; flags <= BLOCK_FLAGS; flags++) {
        heap h = heap_make(8192);
        uint8_t *p = tlsf_malloc(h.t, 100);
        assert_non_null(tlsf_malloc(h.t, 200));
        header_word *end = (header_word *)(void *)(p + inner_of(p));
        end += GUARD_BYTES / sizeof(*end);
        end[-1] = flags;
        end[0] = flags;
        expect_fault_in_broken_heap(&h, p, overrun_kind);
        region_free(&h.memory);
    }
}

/* A size smaller than any block, with a header or a footer that agrees where it leads. */
/* Verifies T274, T280. */
static void fault_overrun_by_size_below_a_block_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (header_word n = GRANULE_SIZE; n < BLOCK_MIN; n += GRANULE_SIZE) {
        for (header_word flags = 0; flags <= BLOCK_FREE; flags += BLOCK_FREE) {
            heap h = heap_make(8192);
            uint8_t *p = tlsf_malloc(h.t, 100);
            assert_non_null(tlsf_malloc(h.t, 200));
            block *next = block_next(block_of_payload(p));
            next->header = n | flags;
            if (flags == 0) {
                block_next(next)->header = BLOCK_MIN;
            } else {
                ((header_word *)(void *)block_next(next))[-1] = n | flags;
                block_next(next)->header = BLOCK_MIN | BLOCK_PREVIOUS_FREE;
            }
            expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
            region_free(&h.memory);
        }
    }
}

/* Data that looks like a block, at a pointer that is not a multiple of the granule. */
/* Verifies T271. */
static void fault_misaligned_pointer_to_what_looks_like_a_block_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    uint8_t *p = tlsf_malloc(h.t, 2000);
    const header_word header = BLOCK_MIN;
    for (size_t off = 1; off < tlsf_align_size(); off++) {
        memset(p, 0, 2000);
        for (size_t i = 0; i < 4; i++) {
            memcpy(p + 1000 + off + i * outer_min(), &header, sizeof(header));
        }
        uint8_t *q = p + 1000 + off + sizeof(header);
        if ((uintptr_t)q % tlsf_align_size() != 0) {
            expect_fault(&h, q, TLSF_FAULT_MISALIGNED);
        }
    }
    heap_end(&h);
}

/* The block behind p claims a size that no block can have. The word before p is a user's. It could
 * be the footer of the block that it ends. */
/* Verifies T293, T295. */
static void fault_neighbour_names_no_block_that_cannot_be(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    block *before = block_of_payload(tlsf_malloc(h.t, 100));
    uint8_t *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 200));
    ((header_word *)(void *)block_of_payload(p))[-1] = block_size(before);
    block_next(block_of_payload(p))->header = BLOCK_END - 4 * GRANULE_SIZE;
    expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
    assert_null(faults_last().before);
    assert_null(faults_last().after);
    region_free(&h.memory);
}

/* The word before a block passes for a footer. It leads to a header that agrees, below the
 * pools. */
/* Verifies T16, T293. */
static void fault_block_before_outside_of_pools_is_not_looked_at(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make_empty(8192);
    pool_t pool = tlsf_add_pool(h.t, heap_spare(&h) + 4096, 4096);
    assert_non_null(pool);
    assert_non_null(tlsf_malloc(h.t, 1000));
    block *b = block_of_payload(tlsf_malloc(h.t, 100));
    assert_non_null(tlsf_malloc(h.t, 100));
    const uintptr_t below = (uintptr_t)pool - 64 * (uintptr_t)GRANULE;
    const header_word passing = size_of_bytes((uintptr_t)b - below) | BLOCK_FREE;
    b->header |= BLOCK_PREVIOUS_FREE;
    *(header_word *)((uintptr_t)b - sizeof(header_word)) = passing;
    *(header_word *)below = passing;
    expect_fault_in_broken_heap(&h, block_payload(b), TLSF_FAULT_NEIGHBOUR);
    region_free(&h.memory);
}

/* realloc slides a block back into the free block before it, which alone is large enough. The old
 * header lies inside what is left. */
/* Verifies T12, T272. */
static void fault_pointer_that_slid_back_is_double_free(void **state) {
    const size_t before = ((size_t)16 << TLSF_SL_BITS) * GRANULE;
    const size_t other = before + 15 * GRANULE; /* of the same class, and found first */
    const size_t outer[] = {before, outer_min(), other};
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8 * other);
    void *holes[3];
    heap_make_holes(&h, outer, 3, holes);
    uint8_t *slid = (uint8_t *)holes[0] + before; /* the block behind the hole */
    void *moved = tlsf_realloc(h.t, slid, before - 3 * GRANULE - tlsf_alloc_overhead());
    assert_ptr_equal(moved, holes[0]);
    expect_fault(&h, slid, TLSF_FAULT_DOUBLE_FREE);
    heap_end(&h);
}

/* The neighbour is used and unchanged. The header behind it was overwritten. */
static void expect_broken_header_behind_neighbour_found(header_word broken) {
    heap h = heap_make(8192);
    void *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 200));
    void *behind = tlsf_malloc(h.t, 300);
    block_of_payload(behind)->header = broken;
    expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
    region_free(&h.memory);
}

/* Verifies T274. */
static void fault_header_behind_used_neighbour_is_looked_at(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    expect_broken_header_behind_neighbour_found(0);
    expect_broken_header_behind_neighbour_found(BLOCK_MIN | BLOCK_PREVIOUS_FREE);
}

/* The block's own size leads out of the pools. */
/* Verifies T273. */
static void fault_header_of_impossible_size_is_no_block(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *p = tlsf_malloc(h.t, 100);
    assert_non_null(tlsf_malloc(h.t, 200));
    const size_t behind = (size_t)(h.memory.begin + h.memory.bytes - (uint8_t *)p);
    block_of_payload(p)->header = size_for_request(behind);
    expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NOT_A_BLOCK);
    region_free(&h.memory);
}

/* Moves p to a block of `bytes` bytes. If that reports a fault, it must have no effect.
 * Returns whether realloc found the fault only after it had written to the new place. */
static bool is_found_after_copy(const heap *h, uint8_t *p, size_t bytes) {
    faults_watch(h->t);
    const tlsf_stats_t before = stats_of(h->t);
    const void *moved = tlsf_realloc(h->t, p, bytes);
    const tlsf_stats_t now = stats_of(h->t);
    assert_int_equal(moved == NULL, faults_seen() != 0);
    if (moved == NULL) {
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(now.used_bytes, before.used_bytes);
        assert_int_equal(now.live_blocks, before.live_blocks);
    }
    return moved == NULL && now.allocations != before.allocations;
}

/* A wrong size of the neighbour can seem right until realloc writes to the new place of the
 * block. */
/* Verifies T15, T298, T299, T300, D2. */
static void fault_found_while_moving_has_no_effect(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    size_t found_late = 0;
    for (header_word wrong = 1; wrong < 100; wrong++) {
        heap h = heap_make(16384);
        void *all = tlsf_malloc(h.t, tlsf_largest(h.t));
        header_word *words = all; /* a wrong size leads to what looks used */
        for (size_t i = 0; i < tlsf_block_size(all) / sizeof(*words); i++) {
            words[i] = BLOCK_MIN;
        }
        tlsf_free(h.t, all);
        uint8_t *p = tlsf_malloc(h.t, 100);
        uint8_t *after = tlsf_malloc(h.t, 100);
        memset(p, 0xFF, tlsf_block_size(p));
        block_of_payload(after)->header += wrong * GRANULE_SIZE;
        found_late += is_found_after_copy(&h, p, 1000);
        region_free(&h.memory);
    }
    if (TLSF_HARDENING == 1 && TLSF_STATISTICS) {
        assert_int_not_equal(found_late, 0); /* the levels above 1 find fewer late, or none */
    }
}

/* A wrong size of the neighbour leads to a link of a free block, which reads as the header of a
 * free block. The footer of that block denies it, before realloc moves anything. */
/* Verifies T15, T298. */
static void fault_link_read_as_header_is_found_before_a_move(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    size_t found_late = 0;
    for (size_t distance = 4; distance < 8; distance++) {
        heap h = heap_make(16384);
        uint8_t *p = tlsf_malloc(h.t, inner_for(6 * (size_t)GRANULE));
        uint8_t *after = tlsf_malloc(h.t, inner_for(6 * (size_t)GRANULE));
        void *target = tlsf_malloc(h.t, inner_for(14 * (size_t)GRANULE));
        assert_non_null(tlsf_malloc(h.t, inner_for(distance * GRANULE)));
        void *next = tlsf_malloc(h.t, inner_for(14 * (size_t)GRANULE));
        assert_non_null(tlsf_malloc(h.t, inner_for(6 * (size_t)GRANULE)));
        void *small = tlsf_malloc(h.t, inner_for(6 * (size_t)GRANULE));
        assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
        tlsf_free(h.t, next);
        tlsf_free(h.t, target); /* the first of its list, with a link to `next` */
        tlsf_free(h.t, small);  /* takes the pending place */
        memset(p, 0xFF, tlsf_block_size(p));
        block_of_payload(after)->header += GRANULE_SIZE;
        found_late += is_found_after_copy(&h, p, inner_for(14 * (size_t)GRANULE));
        region_free(&h.memory);
    }
    assert_int_equal(found_late, 0);
}

/* A free neighbour's size is overwritten, so that it ends where another free block ends. Only the
 * footer there shows it. */
/* Verifies T14, T274. */
static void fault_free_neighbour_of_wrong_size_is_found(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *p = tlsf_malloc(h.t, 100);
    void *a = tlsf_malloc(h.t, 200);
    void *used = tlsf_malloc(h.t, 300);
    void *b = tlsf_malloc(h.t, 400);
    assert_non_null(tlsf_malloc(h.t, 10));
    const outer_size together = block_size(block_of_payload(a)) +
                                block_size(block_of_payload(used)) +
                                block_size(block_of_payload(b));
    tlsf_free(h.t, a);
    tlsf_free(h.t, b);
    block_of_payload(a)->header = together | BLOCK_FREE;
    expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
    region_free(&h.memory);
}

/* Verifies T17, T273. */
static void fault_pointer_into_last_removed_pool_is_no_block(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make_empty(2048);
    pool_t pool = tlsf_add_pool(h.t, heap_spare(&h), 2048);
    void *p = tlsf_malloc(h.t, 100);
    tlsf_free(h.t, p);
    assert_int_equal(tlsf_remove_pool(h.t, pool), 0);
    faults_watch(h.t);
    tlsf_free(h.t, p);
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* Memory on either side of the only pool looks like live blocks. */
/* Verifies T16, T17. */
static void fault_pointer_beside_what_is_left_of_the_pools_is_not_looked_at(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (size_t left = 0; left < 2; left++) {
        heap h = heap_make_empty(2 * 2048);
        uint8_t *regions[2] = {heap_spare(&h), heap_spare(&h) + 2048};
        const pool_t removed = tlsf_add_pool(h.t, regions[1 - left], 2048);
        uint8_t *p = regions[1 - left] + 1024;
        assert_int_equal(tlsf_remove_pool(h.t, removed), 0);
        assert_non_null(tlsf_add_pool(h.t, regions[left], 2048));
        for (block *b = block_of_payload(p); (uint8_t *)b < p + 512; b = block_next(b)) {
            b->header = BLOCK_MIN;
        }
        faults_watch(h.t);
        tlsf_free(h.t, p);
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
        assert_int_equal(faults_last().size, 0);
        heap_end(&h);
    }
}

/* The call checks the alignment first: no fault, one failure. */
/* Verifies T132, T171. */
static void fault_pointer_with_invalid_alignment_is_not_looked_at(void **state) {
    (void)state;
    heap h = heap_make(4096);
    snapshot before = snapshot_take(&h);
    faults_watch(h.t);
    assert_null(tlsf_realloc_aligned(h.t, (void *)(uintptr_t)8, 3, 0));
    assert_null(tlsf_realloc_aligned(h.t, (void *)(uintptr_t)8, 3, 100));
    assert_int_equal(faults_seen(), 0);
    snapshot_expect_unchanged(&h, &before, 2);
    heap_end(&h);
}

/* The word before the pointer is the caller's. No block can have such a header. */
/* Verifies T12, T273. */
static void fault_interior_pointer_behind_text_is_no_block(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    uint8_t *p = tlsf_malloc(h.t, 1000);
    memset(p, 'A', tlsf_block_size(p));
    expect_fault(&h, p + 4 * tlsf_align_size(), TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* The footer of a free block, which the block behind it relies on, is overwritten. */
/* Verifies T274. */
static void fault_underrun_into_free_neighbour_is_found(void **state) {
    const uint8_t values[] = {0x00, 0x55, 0xA4, 0xFF};
    (void)state;
    SKIP_WITHOUT_CHECKS();
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        heap h = heap_make(8192);
        uint8_t *before = tlsf_malloc(h.t, 300);
        uint8_t *p = tlsf_malloc(h.t, 100);
        assert_non_null(tlsf_malloc(h.t, 10));
        const size_t overhead = header_bytes();
        tlsf_free(h.t, before);
        memset(p - 2 * overhead, values[i], overhead);
        expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
        assert_int_not_equal(tlsf_check(h.t), TLSF_SOUND);
        region_free(&h.memory);
    }
}

/* Verifies T293, T294, T295. */
static void fault_neighbour_names_free_block_before(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(8192);
    void *before = tlsf_malloc(h.t, 300);
    uint8_t *p = tlsf_malloc(h.t, 100);
    uint8_t *after = tlsf_malloc(h.t, 50);
    const size_t before_size = inner_of(before);
    tlsf_free(h.t, before);
    block_of_payload(after)->header |= BLOCK_PREVIOUS_FREE; /* as if p were free */
    expect_fault_in_broken_heap(&h, p, TLSF_FAULT_NEIGHBOUR);
    const tlsf_fault_t fault = faults_last();
    assert_ptr_equal(fault.before, before);
    assert_int_equal(fault.before_size, before_size);
    assert_ptr_equal(fault.after, after);
    assert_int_equal(fault.after_size, inner_of(after));
    assert_int_equal(fault.size, inner_of(p));
    region_free(&h.memory);
}

/* ---- correct calls ------------------------------------------------------------------ */

/* Verifies T12, T297. */
static void fault_hook_correct_calls_are_not_reported(void **state) {
    heap h = heap_make(16384);
    (void)state;
    faults_watch(h.t);
    for (size_t i = 0; i < 200; i++) {
        void *p = tlsf_malloc(h.t, i);
        void *q = tlsf_memalign(h.t, 128, i);
        p = tlsf_realloc(h.t, p, 3 * i + 1);
        q = tlsf_realloc_aligned(h.t, q, 128, 2 * i + 1);
        tlsf_free(h.t, p);
        tlsf_free(h.t, q);
        tlsf_free(h.t, NULL);
    }
    assert_null(tlsf_malloc(h.t, SIZE_MAX));
    assert_int_equal(faults_seen(), 0);
    heap_end(&h);
}

/* ---- the hook ----------------------------------------------------------------------- */

static void hook_a(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
}

static void hook_b(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
}

/* Verifies T306. */
static void set_fault_hook_gives_hook_before(void **state) {
    heap h = heap_make(4096);
    (void)state;
    assert_true(tlsf_set_fault_hook(h.t, hook_a) == NULL);
    assert_true(tlsf_set_fault_hook(h.t, hook_b) == hook_a);
    assert_true(tlsf_set_fault_hook(h.t, NULL) == hook_b);
    assert_true(tlsf_set_fault_hook(h.t, NULL) == NULL);
    heap_end(&h);
}

static tlsf_t told_heap;

static void hook_keep_heap(tlsf_t t, const tlsf_fault_t *fault) {
    (void)fault;
    told_heap = t;
}

/* Verifies T8, T297, T303. */
static void fault_hook_is_that_of_the_heap(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(4096);
    heap other = heap_make(4096);
    tlsf_set_fault_hook(h.t, hook_keep_heap);
    tlsf_set_fault_hook(other.t, hook_b);
    tlsf_free(h.t, (void *)tlsf_align_size());
    assert_ptr_equal(told_heap, h.t);
    told_heap = NULL;
    tlsf_free(other.t, (void *)tlsf_align_size());
    assert_null(told_heap);
    heap_end(&h);
    heap_end(&other);
}

#if CAN_CATCH
static sigjmp_buf stopped;

static void signal_stopped(int number) { siglongjmp(stopped, number); }

/* Frees a block again with the default hook. Returns the signal that stops the call, or 0. */
static int signal_of_double_free(tlsf_t t, void *freed) {
    const int signals[] = {SIGILL, SIGTRAP}; /* SIGABRT would be a failed assertion */
    void (*before[COUNT_OF(signals)])(int);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        before[i] = signal(signals[i], signal_stopped);
    }
    const int number = sigsetjmp(stopped, 1);
    if (number == 0) {
        tlsf_free(t, freed);
    }
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        signal(signals[i], before[i]);
    }
    return number;
}
#endif

/* Verifies T304, C52. */
static void fault_default_hook_stops_program(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
#if CAN_CATCH
    heap h = heap_make(4096);
    void *p = tlsf_malloc(h.t, 100);
    tlsf_free(h.t, p);
    assert_int_not_equal(signal_of_double_free(h.t, p), 0);
    heap_end(&h);
#else
    SKIP_BECAUSE("this system has no signals");
#endif
}

/* ---- between the halves of a realloc ---------------------------------------------------- */

/* The block that slid back keeps all that it joined. */
/* Verifies T145, T301, T302. */
static void fault_in_the_second_half_of_a_realloc_cuts_nothing_off(void **state) {
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap h = heap_make(4000);
    tlsf_move_t move;
    void *before = tlsf_malloc(h.t, 500);
    uint8_t *p = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    memset(p, 0x5A, 200);
    tlsf_free(h.t, before);
    uint8_t *moved = tlsf_realloc_begin(h.t, p, 0, 600, &move);
    assert_true(moved != NULL && moved < p);
    memmove(move.to, move.from, move.bytes);
    faults_watch(h.t);
    block_of_payload(moved)->header |= BLOCK_FREE;
    assert_ptr_equal(tlsf_realloc_end(h.t, &move), moved);
    assert_int_equal(faults_seen(), 1);
    assert_ptr_equal(faults_last().block, moved);
    block_of_payload(moved)->header &= ~(header_word)BLOCK_FREE;
    assert_int_equal(outer_of(moved), outer_for(500) + outer_for(200));
    assert_ptr_equal(tlsf_realloc_end(h.t, &move), moved);
    assert_int_equal(outer_of(moved), outer_for(600));
    assert_int_equal(faults_seen(), 1);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(moved[i], 0x5A);
    }
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_header_below_the_smallest_size_is_found),
        cmocka_unit_test(fault_misaligned_pointer_is_found),
        cmocka_unit_test(fault_double_free_at_once_is_found),
        cmocka_unit_test(fault_double_free_after_neighbours_were_freed_is_found),
        cmocka_unit_test(fault_double_free_within_a_larger_block_is_found),
        cmocka_unit_test(fault_double_free_of_last_block_is_found),
        cmocka_unit_test(fault_double_free_names_block_and_neighbours),
        cmocka_unit_test(fault_foreign_pointer_is_found),
        cmocka_unit_test(fault_heap_without_pool_every_pointer_is_found),
        cmocka_unit_test(fault_interior_pointer_into_zeros_is_found),
        cmocka_unit_test(fault_pointer_behind_last_block_is_found),
        cmocka_unit_test(fault_overrun_into_used_neighbour_is_found),
        cmocka_unit_test(fault_overrun_into_free_neighbour_is_found),
        cmocka_unit_test(fault_interior_pointer_behind_text_is_no_block),
        cmocka_unit_test(fault_overrun_by_flags_alone_is_found),
        cmocka_unit_test(fault_neighbour_names_no_block_that_cannot_be),
        cmocka_unit_test(fault_overrun_by_size_below_a_block_is_found),
        cmocka_unit_test(fault_misaligned_pointer_to_what_looks_like_a_block_is_found),
        cmocka_unit_test(fault_block_before_outside_of_pools_is_not_looked_at),
        cmocka_unit_test(fault_pointer_that_slid_back_is_double_free),
        cmocka_unit_test(fault_header_behind_used_neighbour_is_looked_at),
        cmocka_unit_test(fault_header_of_impossible_size_is_no_block),
        cmocka_unit_test(fault_found_while_moving_has_no_effect),
        cmocka_unit_test(fault_link_read_as_header_is_found_before_a_move),
        cmocka_unit_test(fault_free_neighbour_of_wrong_size_is_found),
        cmocka_unit_test(fault_pointer_into_last_removed_pool_is_no_block),
        cmocka_unit_test(fault_pointer_beside_what_is_left_of_the_pools_is_not_looked_at),
        cmocka_unit_test(fault_pointer_with_invalid_alignment_is_not_looked_at),
        cmocka_unit_test(fault_underrun_into_free_neighbour_is_found),
        cmocka_unit_test(fault_neighbour_names_free_block_before),
        cmocka_unit_test(fault_hook_correct_calls_are_not_reported),
        cmocka_unit_test(fault_in_the_second_half_of_a_realloc_cuts_nothing_off),
        cmocka_unit_test(set_fault_hook_gives_hook_before),
        cmocka_unit_test(fault_hook_is_that_of_the_heap),
        cmocka_unit_test(fault_default_hook_stops_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
