/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hardening 3. A block ends with the last byte that was asked for. The next call that takes the
 * block finds a write behind that byte, and so does the check. The check also finds a write into
 * free memory, and so does the call that would hand that memory out. Fresh memory has one pattern,
 * free memory another.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"

#include <string.h>

#define SKIP_BELOW_LEVEL_3() \
    do { \
        if (TLSF_HARDENING < 3) { \
            SKIP_BECAUSE("only hardening 3 fills and guards memory"); \
        } \
    } while (0)

static void expect_pattern(const uint8_t *bytes, size_t count, uint8_t pattern) {
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(bytes[i], pattern);
    }
}

/* ---- payloads ------------------------------------------------------------------------ */

/* Verifies T150, C42. */
static void debugging_block_size_is_what_was_asked_for(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    for (size_t bytes = 0; bytes < 300; bytes++) {
        uint8_t *p = tlsf_malloc(h.t, bytes);
        uint8_t *q = tlsf_memalign(h.t, 128, bytes);
        assert_int_equal(tlsf_block_size(p), bytes);
        assert_int_equal(tlsf_block_size(q), bytes);
        p = tlsf_realloc(h.t, p, 2 * bytes + 1);
        assert_int_equal(tlsf_block_size(p), 2 * bytes + 1);
        p = tlsf_realloc(h.t, p, bytes / 2 + 1);
        assert_int_equal(tlsf_block_size(p), bytes / 2 + 1);
        tlsf_free(h.t, p);
        tlsf_free(h.t, q);
    }
    heap_end(&h);
}

/* Verifies T103, C40. */
static void debugging_fresh_memory_has_its_pattern(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    uint8_t *p = tlsf_malloc(h.t, 100);
    expect_pattern(p, 100, FILL_ALLOCATED);
    memset(p, 0x11, 100);
    p = tlsf_realloc(h.t, p, 300);
    expect_pattern(p, 100, 0x11);
    expect_pattern(p + 100, 200, FILL_ALLOCATED);
    p = tlsf_realloc_aligned(h.t, p, 1024, 400);
    expect_pattern(p, 100, 0x11);
    expect_pattern(p + 300, 100, FILL_ALLOCATED);
    p = tlsf_realloc(h.t, p, 60);
    expect_pattern(p, 60, 0x11);
    p = tlsf_realloc(h.t, p, 90);
    expect_pattern(p, 60, 0x11);
    expect_pattern(p + 60, 30, FILL_ALLOCATED);
    expect_pattern(tlsf_calloc(h.t, 10, 10), 100, 0);
    expect_pattern(tlsf_memalign(h.t, 1024, 100), 100, FILL_ALLOCATED);
    heap_end(&h);
}

/* ---- writes behind a payload --------------------------------------------------------- */

/* Changes each byte between the payload and the next header, for every number of slack bytes. */
/* Verifies T239, T276, T277, T283, T284, C41. */
static void debugging_write_behind_payload_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    for (size_t bytes = 0; bytes < 150; bytes++) {
        uint8_t *p = tlsf_malloc(h.t, bytes);
        const uint8_t *end = (const uint8_t *)block_next(block_of_payload(p));
        for (uint8_t *byte = p + bytes; byte < end; byte++) {
            const uint8_t sound = *byte;
            if (sound == 0) {
                assert_ptr_equal(byte, end - 1); /* no slack: the only 0 of a guard */
                continue;
            }
            *byte = 0; /* as a string does that is one byte too long */
            assert_int_equal(tlsf_check(h.t), TLSF_BROKEN_GUARD);
            assert_int_equal(tlsf_check_pool(tlsf_get_pool(h.t)),
                             byte < end - GUARD_BYTES ? TLSF_BROKEN_GUARD : TLSF_SOUND);
            faults_watch(h.t);
            tlsf_free(h.t, p);
            assert_null(tlsf_realloc(h.t, p, 400));
            assert_int_equal(faults_seen(), 2);
            assert_int_equal(faults_last().kind, TLSF_FAULT_OVERRUN);
            assert_ptr_equal(faults_last().block, p);
            *byte = sound;
        }
        tlsf_free(h.t, p);
        assert_int_equal(faults_seen(), 2);
    }
    heap_end(&h);
}

/* The last byte of a guard holds the number of slack bytes. */
/* Verifies T277, T283. */
static void debugging_last_byte_of_guard_every_value_is_found(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    for (size_t bytes = 0; bytes < 2 * tlsf_align_size(); bytes++) {
        uint8_t *p = tlsf_malloc(h.t, bytes);
        uint8_t *last = (uint8_t *)block_next(block_of_payload(p)) - 1;
        faults_watch(h.t);
        for (unsigned other = 1; other < 256; other++) {
            *last ^= (uint8_t)other;
            tlsf_free(h.t, p);
            assert_int_equal(faults_seen(), other);
            assert_int_equal(faults_last().kind, TLSF_FAULT_OVERRUN);
            *last ^= (uint8_t)other;
        }
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* The key: the bytes behind the slack, without the last one. */
enum { KEY_BYTES = GUARD_BYTES == 0 ? 0 : GUARD_BYTES - 1 };

static const uint8_t *key_of(void *payload) {
    return (const uint8_t *)block_next(block_of_payload(payload)) - GUARD_BYTES;
}

/* A string that overruns its block writes a 0, which must change a byte of the key. */
/* Verifies T283. */
static void debugging_key_of_guard_has_no_byte_of_0(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(200000);
    for (void *p = tlsf_malloc(h.t, 10); p != NULL; p = tlsf_malloc(h.t, 10)) {
        assert_null(memchr(key_of(p), 0, KEY_BYTES));
    }
    heap_end(&h);
}

/* What is left of an old guard must not pass for the new one. */
/* Verifies T283, C40. */
static void debugging_key_of_guard_differs_between_blocks_and_slacks(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    uint8_t before[GUARD_BYTES + 1] = {0};
    size_t blocks = 0;
    for (size_t slack = 0; slack < tlsf_align_size(); slack++) {
        void *p = tlsf_malloc(h.t, inner_for(4 * tlsf_align_size()) - slack);
        const uint8_t *key = key_of(p), *end = key + KEY_BYTES;
        for (const uint8_t *old = before; key < end && slack != 0; key++, old++) {
            assert_int_not_equal(*key, *old);
        }
        memcpy(before, key_of(p), GUARD_BYTES);
        tlsf_free(h.t, p);
    }
    for (size_t i = 0; i < 8; i++) {
        void *p = tlsf_malloc(h.t, 10);
        blocks += i != 0 && memcmp(key_of(p), before, GUARD_BYTES) != 0;
        memcpy(before, key_of(p), GUARD_BYTES);
    }
    assert_int_equal(blocks, 7);
    heap_end(&h);
}

/* The library ignores a number of slack bytes that is larger than the block. */
/* Verifies T150. */
static void debugging_block_size_of_overwritten_guard_is_no_more_than_the_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(4096);
    uint8_t *p = tlsf_malloc(h.t, 10);
    uint8_t *last = (uint8_t *)block_next(block_of_payload(p)) - 1;
    const uint8_t sound = *last;
    for (unsigned value = 0; value < 256; value++) {
        *last = (uint8_t)value;
        assert_true(tlsf_block_size(p) <= inner_of(p));
    }
    *last = sound;
    heap_end(&h);
}

/* ---- writes into free memory --------------------------------------------------------- */

static uint8_t *fill_begin(void *payload) { return (uint8_t *)(block_of_payload(payload) + 1); }

static uint8_t *fill_end(void *payload) {
    return (uint8_t *)block_next(block_of_payload(payload)) - sizeof(header_word);
}

/* Verifies C40. */
static void debugging_free_memory_has_its_pattern(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(16384);
    uint8_t *p = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, 100));
    memset(p, 0x11, 200);
    tlsf_free(h.t, p);
    expect_pattern(fill_begin(p), (size_t)(fill_end(p) - fill_begin(p)), FILL_FREED);
    heap_end(&h);
}

/* When p shrinks, slides or moves, its old content must not stay in free memory. */
/* Verifies T289, C40. */
static void debugging_what_realloc_leaves_is_filled(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    for (unsigned around = 0; around < 4; around++) {
        for (size_t bytes = 1; bytes < 900; bytes += 7) {
            heap h = heap_make(4096);
            void *before = tlsf_malloc(h.t, 300);
            uint8_t *p = tlsf_malloc(h.t, 300);
            void *after = tlsf_malloc(h.t, 300);
            assert_non_null(tlsf_malloc(h.t, 10));
            memset(p, 0x11, 300);
            if (around & 1u) {
                tlsf_free(h.t, before);
            }
            if (around & 2u) {
                tlsf_free(h.t, after);
            }
            assert_non_null(tlsf_realloc(h.t, p, bytes));
            heap_end(&h); /* checks that free memory is filled */
        }
    }
}

/* Verifies T240, T289, C41. */
static void debugging_write_into_free_memory_is_found_by_check(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(4096);
    uint8_t *p = tlsf_malloc(h.t, 200);
    assert_non_null(tlsf_malloc(h.t, 100));
    tlsf_free(h.t, p);
    for (uint8_t *byte = fill_begin(p); byte < fill_end(p); byte++) {
        *byte ^= 1;
        assert_int_equal(tlsf_check(h.t), TLSF_BROKEN_FILL);
        assert_int_equal(tlsf_check_pool(tlsf_get_pool(h.t)), TLSF_BROKEN_FILL);
        *byte ^= 1;
    }
    heap_end(&h);
}

/* A free fills the freed block, and of its free neighbours only what were their ends. So a write
 * into a neighbour is still found. */
/* Verifies T289. */
static void debugging_write_into_free_memory_is_found_after_its_neighbour_is_freed(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    for (unsigned side = 0; side < 2; side++) {
        for (size_t i = 0;; i++) {
            heap h = heap_make(4096);
            void *blocks[3];
            for (size_t j = 0; j < COUNT_OF(blocks); j++) {
                blocks[j] = tlsf_malloc(h.t, 100);
            }
            assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
            tlsf_free(h.t, blocks[2 * side]);
            uint8_t *byte = fill_begin(blocks[2 * side]) + i;
            const bool is_fill = byte < fill_end(blocks[2 * side]);
            if (is_fill) {
                *byte ^= 1;
                tlsf_free(h.t, blocks[1]);
                assert_int_equal(tlsf_check(h.t), TLSF_BROKEN_FILL);
                *byte ^= 1;
            }
            heap_end(&h);
            if (!is_fill) {
                break;
            }
        }
    }
}

/* Growth into a free block checks what it takes, and what becomes header and links of the rest. */
/* Verifies T278, T288. */
static void debugging_growth_looks_at_what_it_takes(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    for (size_t i = 0;; i++) {
        heap h = heap_make(4096);
        void *live = tlsf_malloc(h.t, 100);
        uint8_t *p = tlsf_malloc(h.t, 500);
        assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
        tlsf_free(h.t, p);
        uint8_t *byte = fill_begin(p) + i;
        if (byte >= fill_end(p)) {
            heap_end(&h);
            break;
        }
        const uint8_t *rest = (uint8_t *)block_of_payload(live) + outer_for(300);
        const bool is_taken = byte < rest + sizeof(block);
        *byte ^= 1;
        faults_watch(h.t);
        assert_ptr_equal(tlsf_realloc(h.t, live, 60), live); /* takes nothing */
        assert_int_equal(faults_seen(), 0);
        assert_ptr_equal(tlsf_realloc(h.t, live, 300), is_taken ? NULL : live);
        assert_int_equal(faults_seen(), is_taken);
        *byte ^= 1;
        heap_end(&h);
    }
}

typedef void *(*request)(tlsf_t t, void *live);

static void *by_malloc(tlsf_t t, void *live) {
    (void)live;
    return tlsf_malloc(t, 200);
}

static void *by_calloc(tlsf_t t, void *live) {
    (void)live;
    return tlsf_calloc(t, 2, 100);
}

static void *by_memalign(tlsf_t t, void *live) {
    (void)live;
    return tlsf_memalign(t, 2 * tlsf_align_size(), 150);
}

static void *by_growth(tlsf_t t, void *live) { return tlsf_realloc(t, live, 300); }

/* The only free block lies behind the live one. */
/* Verifies T15, T276, T278, T288, C41. */
static void debugging_written_free_memory_is_not_handed_out(void **state) {
    static const request requests[] = {by_malloc, by_calloc, by_memalign, by_growth};
    (void)state;
    SKIP_BELOW_LEVEL_3();
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        heap h = heap_make(4096);
        void *live = tlsf_malloc(h.t, 100);
        uint8_t *p = tlsf_malloc(h.t, 300);
        assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
        tlsf_free(h.t, p);
        uint8_t *byte = fill_begin(p) + 100;
        *byte ^= 1;
        snapshot before = snapshot_take(&h);
        faults_watch(h.t);
        assert_null(requests[i](h.t, live));
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_WRITE_AFTER_FREE);
        assert_ptr_equal(faults_last().block, p);
        *byte ^= 1;
        ((uint8_t *)before.pool)[(size_t)(byte - (uint8_t *)(void *)tlsf_get_pool(h.t))] ^= 1;
        snapshot_expect_unchanged(&h, &before, 0);
        assert_non_null(requests[i](h.t, live));
        heap_end(&h);
    }
}

/* There are free blocks on both sides of the live one, which slides into the first of them. */
/* Verifies T278, T288. */
static void debugging_written_free_memory_is_not_slid_into(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    for (unsigned which = 0; which < 2; which++) {
        heap h = heap_make(4096);
        uint8_t *sides[2];
        sides[0] = tlsf_malloc(h.t, 300);
        void *live = tlsf_malloc(h.t, 100);
        sides[1] = tlsf_malloc(h.t, 300);
        assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
        tlsf_free(h.t, sides[0]);
        tlsf_free(h.t, sides[1]);
        uint8_t *byte = fill_begin(sides[which]) + 100;
        *byte ^= 1;
        faults_watch(h.t);
        assert_null(tlsf_realloc(h.t, live, 650));
        assert_int_equal(faults_seen(), 1);
        assert_int_equal(faults_last().kind, TLSF_FAULT_WRITE_AFTER_FREE);
        assert_ptr_equal(faults_last().block, sides[which]);
        *byte ^= 1;
        assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
        assert_ptr_equal(tlsf_realloc(h.t, live, 650), sides[0]);
        heap_end(&h);
    }
}

/* Verifies T50, C40. */
static void debugging_reset_fills_every_pool(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(4096);
    for (size_t i = 0; i < 10; i++) {
        memset(tlsf_malloc(h.t, 200), 0x11, 200);
    }
    tlsf_reset(h.t);
    heap_end(&h); /* checks that free memory is filled */
}

/* ---- pointers ------------------------------------------------------------------------ */

/* Memory between two pools that looks like blocks. */
/* Verifies T18, D1. */
static void debugging_pointer_between_pools_is_no_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make_empty(3 * 2048);
    uint8_t *hole = heap_spare(&h) + 2048;
    assert_non_null(tlsf_add_pool(h.t, heap_spare(&h), 2048));
    assert_non_null(tlsf_add_pool(h.t, hole + 2048, 2048));
    block *b = block_of_payload(hole + TLSF_GRANULE);
    for (size_t i = 0; i < 4; i++) {
        block_at(b, (outer_size)(i * BLOCK_MIN))->header = BLOCK_MIN;
    }
    guard_write(h.t, b, 0, 1); /* its guard */
    faults_watch(h.t);
    tlsf_free(h.t, block_payload(b));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* A user's data has the pattern of freed memory. */
/* Verifies T273. */
static void debugging_interior_pointer_before_fill_is_no_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(4096);
    uint8_t *p = tlsf_malloc(h.t, 300);
    memset(p, FILL_FREED, 300);
    block *b = block_at(block_of_payload(p), 2 * BLOCK_MIN);
    b->header = 0;
    faults_watch(h.t);
    tlsf_free(h.t, block_payload(b));
    assert_int_equal(faults_seen(), 1);
    assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
    heap_end(&h);
}

/* Verifies T275. */
static void debugging_broken_pool_list_is_corruption(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make(4096);
    void *p = tlsf_malloc(h.t, 100);
    control *t = h.t;
    faults_watch(h.t);
    t->pools.next = pool_link(t, &t->pools);
    tlsf_free(h.t, p);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    tlsf_reset(h.t);
    assert_int_equal(faults_seen(), 2);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    t->pools.next = t->pools.previous;
    t->pools.previous = pool_link(t, &t->pools); /* the search for p does not use it */
    faults_watch(h.t);
    tlsf_free(h.t, p);
    assert_null(tlsf_realloc(h.t, p, 200));
    assert_int_equal(faults_seen(), 2);
    assert_int_equal(faults_last().kind, TLSF_FAULT_CORRUPTION);
    t->pools.previous = t->pools.next;
    tlsf_free(h.t, p);
    assert_int_equal(faults_seen(), 2);
    heap_end(&h);
}

/* The pool of one heap lies between two pools of another. Its blocks have headers that agree, so
 * only the list of pools and the key of the guard tell whose they are. */
/* Verifies T18, T277, D1. */
static void debugging_block_of_another_heap_between_two_pools_is_found(void **state) {
    enum { POOL_BYTES = 2048 };
    (void)state;
    SKIP_BELOW_LEVEL_3();
    heap h = heap_make_empty(3 * POOL_BYTES);
    heap other = heap_make_empty(64);
    assert_non_null(tlsf_add_pool(h.t, heap_spare(&h), POOL_BYTES));
    assert_non_null(tlsf_add_pool(h.t, heap_spare(&h) + 2 * POOL_BYTES, POOL_BYTES));
    assert_non_null(tlsf_add_pool(other.t, heap_spare(&h) + POOL_BYTES, POOL_BYTES));
    assert_non_null(tlsf_malloc(other.t, 100));
    void *p = tlsf_malloc(other.t, 100);
    assert_non_null(tlsf_malloc(other.t, 100));
    faults_watch(h.t);
    tlsf_free(h.t, p);
    assert_null(tlsf_realloc(h.t, p, 200));
    assert_int_equal(faults_seen(), 2);
    assert_int_equal(faults_last().kind, TLSF_FAULT_NOT_A_BLOCK);
    assert_int_equal(tlsf_check(h.t), TLSF_SOUND);
    assert_int_equal(tlsf_check(other.t), TLSF_SOUND);
    tlsf_free(other.t, p);
    heap_end(&other);
    heap_end(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debugging_block_of_another_heap_between_two_pools_is_found),
        cmocka_unit_test(debugging_block_size_is_what_was_asked_for),
        cmocka_unit_test(debugging_fresh_memory_has_its_pattern),
        cmocka_unit_test(debugging_write_behind_payload_is_found),
        cmocka_unit_test(debugging_last_byte_of_guard_every_value_is_found),
        cmocka_unit_test(debugging_key_of_guard_has_no_byte_of_0),
        cmocka_unit_test(debugging_key_of_guard_differs_between_blocks_and_slacks),
        cmocka_unit_test(debugging_block_size_of_overwritten_guard_is_no_more_than_the_block),
        cmocka_unit_test(debugging_free_memory_has_its_pattern),
        cmocka_unit_test(debugging_what_realloc_leaves_is_filled),
        cmocka_unit_test(debugging_write_into_free_memory_is_found_by_check),
        cmocka_unit_test(debugging_write_into_free_memory_is_found_after_its_neighbour_is_freed),
        cmocka_unit_test(debugging_growth_looks_at_what_it_takes),
        cmocka_unit_test(debugging_written_free_memory_is_not_handed_out),
        cmocka_unit_test(debugging_written_free_memory_is_not_slid_into),
        cmocka_unit_test(debugging_reset_fills_every_pool),
        cmocka_unit_test(debugging_pointer_between_pools_is_no_block),
        cmocka_unit_test(debugging_interior_pointer_before_fill_is_no_block),
        cmocka_unit_test(debugging_broken_pool_list_is_corruption),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
