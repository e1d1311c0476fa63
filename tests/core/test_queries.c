/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Constants and their identities, tlsf_block_size, tlsf_largest, names of invariants and faults.
 */
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <string.h>

/* ---- constants ---------------------------------------------------------------------- */

/* Verifies T157, T162, C11, C13, C14, C43. */
static void constants_are_those_of_the_options(void **state) {
    (void)state;
    assert_int_equal(tlsf_align_size(), TLSF_GRANULE);
    const size_t header = TLSF_LAYOUT == TLSF_COMPACT ? 4 : sizeof(size_t);
    assert_int_equal(tlsf_alloc_overhead(), TLSF_HARDENING >= 3 ? 2 * header : header);
}

/* Verifies T158, T161, C16. */
static void constants_outer_sizes_are_multiples_of_granule(void **state) {
    (void)state;
    assert_int_equal(outer_min() % tlsf_align_size(), 0);
    assert_int_equal((tlsf_block_size_max() + tlsf_alloc_overhead()) % tlsf_align_size(), 0);
    assert_int_equal(tlsf_pool_overhead() % tlsf_align_size(), 0);
    assert_true(tlsf_block_size_min() < tlsf_block_size_max());
    assert_true(tlsf_block_size_min() > 0 && tlsf_pool_overhead() > 0 && tlsf_size() > 0);
}

/* Verifies T158, T162, C10, C14. */
static void constants_default_shape_has_4_byte_header_and_16_byte_block(void **state) {
    (void)state;
    if (TLSF_LAYOUT != TLSF_COMPACT || TLSF_GRANULE > 8) {
        SKIP_BECAUSE("the figures are promised for the compact layout with granule 8");
    }
    assert_int_equal(tlsf_alloc_overhead(), TLSF_HARDENING >= 3 ? 8 : 4);
    assert_int_equal(outer_min(), 16);
}

/* Verifies T158, T159, T160. */
static void constants_largest_block_is_that_of_the_layout(void **state) {
    (void)state;
    const uint64_t limit = sizeof(size_t) == 4           ? UINT64_C(1) << 32
                           : TLSF_LAYOUT == TLSF_COMPACT ? (UINT64_C(1) << 30) * TLSF_GRANULE
                                                         : (UINT64_C(1) << 34) * TLSF_GRANULE;
    assert_true(tlsf_block_size_max() == limit - TLSF_GRANULE - tlsf_alloc_overhead());
}

/* Verifies T158, T162, C13. */
static void constants_32_bit_layouts_are_equal(void **state) {
    (void)state;
    if (sizeof(void *) != 4) {
        SKIP_BECAUSE("both layouts are the same size on 32-bit machines only");
    }
    assert_int_equal(tlsf_alloc_overhead(), TLSF_HARDENING >= 3 ? 8 : 4);
    assert_int_equal(outer_min(), round_up(16, tlsf_align_size()));
}

/* ---- tlsf_block_size ---------------------------------------------------------------- */

/* Verifies T150. */
static void block_size_null_is_zero(void **state) {
    (void)state;
    assert_int_equal(tlsf_block_size(NULL), 0);
}

/* Verifies T150. */
static void block_size_is_at_least_what_was_asked(void **state) {
    heap h = heap_make(16384);
    (void)state;
    for (size_t bytes = 0; bytes < 1000; bytes++) {
        void *p = tlsf_malloc(h.t, bytes);
        assert_true(tlsf_block_size(p) >= bytes);
        assert_int_equal(tlsf_block_size(p), usable_for(inner_of(p), bytes));
        assert_true(inner_of(p) >= tlsf_block_size_min());
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* ---- tlsf_largest ------------------------------------------------------------------- */

/* Verifies T106, T152. */
static void largest_is_always_served(void **state) {
    heap h = heap_make(32768);
    void *blocks[64] = {NULL};
    (void)state;
    for (size_t i = 0; i < 2000; i++) {
        const size_t slot = i * 37 % 64;
        tlsf_free(h.t, blocks[slot]);
        blocks[slot] = tlsf_malloc(h.t, i * 131 % 700);
        const size_t largest = tlsf_largest(h.t);
        if (largest != 0) {
            void *p = tlsf_malloc(h.t, largest);
            assert_non_null(p);
            assert_true(tlsf_block_size(p) >= largest);
            tlsf_free(h.t, p);
        } else {
            assert_int_equal(pool_free_blocks(tlsf_get_pool(h.t)), 0);
        }
    }
    heap_end(&h);
}

/* Verifies T152. */
static void largest_full_heap_is_zero(void **state) {
    heap h = heap_make(4096);
    (void)state;
    void *p = tlsf_malloc(h.t, tlsf_largest(h.t));
    assert_int_equal(tlsf_largest(h.t), 0);
    tlsf_free(h.t, p);
    assert_int_equal(tlsf_largest(h.t), tlsf_block_size(p));
    heap_end(&h);
}

/* ---- names -------------------------------------------------------------------------- */

/* Verifies T256, T257. */
static void invariant_names_are_all_different(void **state) {
    (void)state;
    for (int i = TLSF_SOUND; i <= TLSF_BROKEN_FILL; i++) {
        assert_string_not_equal(tlsf_invariant_name(i), "unknown");
        assert_string_not_equal(tlsf_invariant_name(i), "");
        for (int j = TLSF_SOUND; j < i; j++) {
            assert_string_not_equal(tlsf_invariant_name(i), tlsf_invariant_name(j));
        }
    }
}

/* Verifies T256, T257. */
static void invariant_name_other_number_is_unknown(void **state) {
    (void)state;
    assert_string_equal(tlsf_invariant_name(-1), "unknown");
    assert_string_equal(tlsf_invariant_name(TLSF_BROKEN_FILL + 1), "unknown");
}

/* Verifies T308, T309. */
static void fault_names_are_all_different(void **state) {
    const tlsf_fault_kind kinds[] = {TLSF_FAULT_MISALIGNED,      TLSF_FAULT_DOUBLE_FREE,
                                     TLSF_FAULT_NOT_A_BLOCK,     TLSF_FAULT_NEIGHBOUR,
                                     TLSF_FAULT_CORRUPTION,      TLSF_FAULT_OVERRUN,
                                     TLSF_FAULT_WRITE_AFTER_FREE};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        assert_string_not_equal(tlsf_fault_name(kinds[i]), "unknown");
        assert_string_not_equal(tlsf_fault_name(kinds[i]), "");
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(tlsf_fault_name(kinds[i]), tlsf_fault_name(kinds[j]));
        }
    }
}

/* Verifies T308, T309. */
static void fault_name_other_number_is_unknown(void **state) {
    (void)state;
    assert_string_equal(tlsf_fault_name((tlsf_fault_kind)0), "unknown");
    assert_string_equal(tlsf_fault_name((tlsf_fault_kind)(TLSF_FAULT_WRITE_AFTER_FREE + 1)),
                        "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constants_are_those_of_the_options),
        cmocka_unit_test(constants_outer_sizes_are_multiples_of_granule),
        cmocka_unit_test(constants_default_shape_has_4_byte_header_and_16_byte_block),
        cmocka_unit_test(constants_largest_block_is_that_of_the_layout),
        cmocka_unit_test(constants_32_bit_layouts_are_equal),
        cmocka_unit_test(block_size_null_is_zero),
        cmocka_unit_test(block_size_is_at_least_what_was_asked),
        cmocka_unit_test(largest_is_always_served),
        cmocka_unit_test(largest_full_heap_is_zero),
        cmocka_unit_test(invariant_names_are_all_different),
        cmocka_unit_test(invariant_name_other_number_is_unknown),
        cmocka_unit_test(fault_names_are_all_different),
        cmocka_unit_test(fault_name_other_number_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
