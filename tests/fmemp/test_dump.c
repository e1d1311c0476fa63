/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: FMempDump. tests/core/test_dump.c has what the core writes.
 */
#include "fmemp_support.h"

static size_t calls_left;
static const void *seen[64]; /* what the writer got */
static size_t seen_count;

static int writer(void *context, const void *bytes, size_t count) {
    assert_ptr_equal(context, seen);
    assert_true(mock_lock_is_held);
    assert_true(count > 0 && calls_left > 0);
    if (seen_count < sizeof seen / sizeof seen[0]) {
        seen[seen_count++] = bytes;
    }
    return --calls_left == 0 ? -1 : 0;
}

static void expect_dump(FMemp *dumped, size_t calls, FError result) {
    calls_left = calls;
    seen_count = 0;
    assert_int_equal(FMempDump(dumped, writer, seen), result);
    assert_false(mock_lock_is_held);
}

static bool was_seen(const void *begin) {
    for (size_t i = 0; i < seen_count; i++) {
        if (seen[i] == begin) {
            return true;
        }
    }
    return false;
}

/* Verifies F251, F253. */
static void dump_has_heap_nodes_and_fmemp(void **state) {
    (void)state;
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena + ARENA_BYTES), FMEMP_SUCCESS);
    expect_dump(&memp, 1000, FMEMP_SUCCESS);
    assert_true(was_seen(memp.tlsf_ptr));
    assert_true(was_seen(&memp));
    assert_true(was_seen(memp.pools_list));
    assert_true(was_seen(memp.pools_list->pool_addr));
    assert_int_equal(FMempRemoveRegion(&memp, arena_middle), FMEMP_SUCCESS);
}

/* Verifies F254. */
static void dump_without_writer_is_refused(void **state) {
    (void)state;
    assert_int_equal(FMempDump(&memp, NULL, NULL), FMEMP_ERR_INVALID_BUF);
}

/* Verifies F254. */
static void dump_that_the_writer_stops_says_so(void **state) {
    (void)state;
    for (size_t calls = 1; calls < 10; calls++) {
        expect_dump(&memp, calls, FMEMP_ERR_INVALID_BUF);
        assert_int_equal(calls_left, 0);
    }
}

/* Verifies F254. */
static void dump_not_ready_writes_nothing(void **state) {
    FMemp other;
    (void)state;
    memset(&other, 0, sizeof other);
    expect_dump(&other, 1000, FMEMP_ERR_NOT_READY);
    assert_int_equal(seen_count, 0);
    expect_dump(NULL, 1000, FMEMP_ERR_NOT_READY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(dump_has_heap_nodes_and_fmemp, heap_setup, heap_teardown),
        cmocka_unit_test_setup_teardown(dump_without_writer_is_refused, heap_setup, heap_teardown),
        cmocka_unit_test_setup_teardown(dump_that_the_writer_stops_says_so, heap_setup,
                                        heap_teardown),
        cmocka_unit_test_setup_teardown(dump_not_ready_writes_nothing, heap_setup, heap_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
