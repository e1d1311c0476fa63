/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sinks for recorders of others: which of their functions are called, with which values. The
 * build compiles this suite and the library with the model of one recorder each. SINK_HAS_HEAPS:
 * whether the recorder knows several heaps. SystemView does; FreeRTOS's macros know one.
 *
 * Each case verifies C75, C80, C81.
 */
#include "mock/sink_calls.h"
#include "support/guarded_heap.h"
#include "support/suite.h"
#include <stdint.h>
#include <string.h>
#include <tlsf.h>

typedef struct {
    const char *what;
    const void *heap, *address;
    size_t size;
} call;

enum { CALLS_MAX = 16 };

static call calls[CALLS_MAX];
static size_t call_count;
static uint64_t memory[1024];

void sink_called(const char *what, const void *owner, const void *address, size_t size) {
    assert_true(call_count < CALLS_MAX);
    calls[call_count++] = (call){what, owner, address, size};
}

static tlsf_t heap_begin(void) {
    call_count = 0;
    tlsf_t t = tlsf_create_sized(memory, sizeof memory, 0);
    assert_non_null(t);
    return t;
}

/* The call with this number is this one. The size of a free is FreeRTOS's alone. */
static void expect_call(size_t number, const char *what, const void *owner, const void *address,
                        size_t size) {
    assert_true(number < call_count);
    assert_string_equal(calls[number].what, what);
    assert_ptr_equal(calls[number].heap, SINK_HAS_HEAPS ? owner : NULL);
    assert_ptr_equal(calls[number].address, address);
    if (!SINK_HAS_HEAPS || strcmp(what, "free") != 0) {
        assert_int_equal(calls[number].size, size);
    }
}

static void create_is_told_where_heaps_are(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    assert_non_null(t);
    if (SINK_HAS_HEAPS) {
        assert_int_equal(call_count, 1);
        assert_string_equal(calls[0].what, "define");
        assert_ptr_equal(calls[0].heap, t);
        assert_ptr_equal(calls[0].address, tlsf_get_pool(t));
        assert_true(calls[0].size > sizeof memory / 2 && calls[0].size < sizeof memory);
    } else {
        assert_int_equal(call_count, 0);
    }
}

static void malloc_and_free_are_told_with_the_whole_block(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    call_count = 0;
    void *ptr = tlsf_malloc(t, 100);
    const size_t bytes = outer_of(ptr);
    tlsf_free(t, ptr);
    assert_int_equal(call_count, 2);
    expect_call(0, "malloc", t, ptr, bytes);
    expect_call(1, "free", t, ptr, bytes);
}

static void realloc_in_place_is_told_as_free_and_malloc(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    const size_t before = outer_of(ptr);
    call_count = 0;
    assert_ptr_equal(tlsf_realloc(t, ptr, 300), ptr);
    assert_int_equal(call_count, 2);
    expect_call(0, "free", t, ptr, before);
    expect_call(1, "malloc", t, ptr, outer_of(ptr));
}

static void realloc_that_moves_is_told_as_malloc_and_free(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    const size_t before = outer_of(ptr);
    assert_non_null(tlsf_malloc(t, 10));
    call_count = 0;
    void *moved = tlsf_realloc(t, ptr, 300);
    assert_ptr_not_equal(moved, ptr);
    assert_int_equal(call_count, 2);
    expect_call(0, "malloc", t, moved, outer_of(moved));
    expect_call(1, "free", t, ptr, before);
}

static void failure_is_told_as_malloc_of_null_where_there_is_such_an_event(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    call_count = 0;
    assert_null(tlsf_malloc(t, sizeof memory));
    assert_int_equal(call_count, SINK_HAS_HEAPS ? 0 : 1);
    if (!SINK_HAS_HEAPS) {
        expect_call(0, "malloc", NULL, NULL, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_is_told_where_heaps_are),
        cmocka_unit_test(malloc_and_free_are_told_with_the_whole_block),
        cmocka_unit_test(realloc_in_place_is_told_as_free_and_malloc),
        cmocka_unit_test(realloc_that_moves_is_told_as_malloc_and_free),
        cmocka_unit_test(failure_is_told_as_malloc_of_null_where_there_is_such_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
