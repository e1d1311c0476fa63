/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The time bounds of tlsf_bounded.h: instructions are counted, and compared with those of the core
 * or with those in a heap of another size.
 */
#include "../lib/bounded/bounded_heap.h"
#include "support/guarded_heap.h"
#include "support/stepping.h"
#include "support/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 16, LARGEST = 3000, FEW = 10, FOUR_TIMES = 4, MANY = FOUR_TIMES * FEW };
enum { PER_STEP = 60 }; /* instructions, at most, of a step over lanes or places */

static region memory;
static tlsf_bounded_t t;
static void *last;
static size_t asked = 200; /* bytes of a request */

/* ---- heaps and calls ---------------------------------------------------------------- */

static void heap_of(size_t blocks) {
    const size_t bytes = tlsf_bounded_size_for((size_t)MANY * 4096, SMALLEST, LARGEST);
    memory = region_make(bytes, 0);
    t = tlsf_bounded_create(memory.begin, bytes, SMALLEST, LARGEST);
    assert_non_null(t);
    for (size_t i = 0; i < blocks; i++) {
        last = tlsf_bounded_malloc(t, i % 2 == 0 ? SMALLEST : 200);
        assert_non_null(last);
    }
}

static void call_nothing(void *unused) { (void)unused; }

static void call_malloc(void *unused) {
    (void)unused;
    last = tlsf_bounded_malloc(t, asked);
}

static void call_calloc(void *unused) {
    (void)unused;
    last = tlsf_bounded_calloc(t, 1, asked);
}

static void call_memalign(void *unused) {
    (void)unused;
    last = tlsf_bounded_memalign(t, 64, asked);
}

static void call_realloc(void *unused) {
    (void)unused;
    last = tlsf_bounded_realloc(t, last, 190);
}

static void call_free(void *unused) {
    (void)unused;
    tlsf_bounded_free(t, last);
}

static void call_stats(void *unused) {
    tlsf_bounded_stats_t stats;
    (void)unused;
    tlsf_bounded_stats(t, &stats);
}

static void call_set_hook(void *unused) {
    (void)unused;
    tlsf_bounded_set_fault_hook(t, NULL);
}

static void call_check(void *unused) {
    (void)unused;
    (void)tlsf_bounded_check(t);
}

static void call_size_for(void *unused) {
    (void)unused;
    (void)tlsf_bounded_size_for(100000, SMALLEST, LARGEST);
}

static void call_create(void *unused) {
    (void)unused;
    t = tlsf_bounded_create(memory.begin, memory.bytes, SMALLEST, LARGEST);
}

static void skip_where_nothing_counts(void) {
    if (instructions_of(call_nothing, NULL) == 0) {
        SKIP_BECAUSE("instructions are counted on x86-64 alone");
    }
}

static size_t count_in(size_t blocks, void (*call)(void *)) {
    heap_of(blocks);
    const size_t instructions = instructions_of(call, NULL);
    region_free(&memory);
    return instructions;
}

/* ---- the cases ---------------------------------------------------------------------- */

/* However many blocks there are: two requests of the core, and the steps over lanes and places.
 * Verifies B2, B8, B23, B30, B38, B44, B54, B71. */
static void time_of_calls_does_not_depend_on_blocks(void **state) {
    void (*const calls[])(void *) = {call_malloc, call_memalign, call_realloc,
                                     call_free,   call_stats,    call_set_hook};
    enum { TWO_REQUESTS = 2 * 1600, STEPS = 8 * PER_STEP };
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        SKIP_BECAUSE("at hardening 3 calls fill memory");
    }
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        for (size_t blocks = 1; blocks <= MANY; blocks++) {
            assert_true(count_in(blocks, calls[i]) < TWO_REQUESTS + STEPS);
        }
    }
}

/* A calloc is a malloc and one memset of what was asked for. Verifies B26. */
static void time_of_calloc_is_malloc_and_the_bytes(void **state) {
    (void)state;
    skip_where_nothing_counts();
    assert_true(count_in(FEW, call_calloc) < count_in(FEW, call_malloc) + asked + 200);
}

/* Verifies B64. */
static void time_of_check_is_at_most_free_blocks_times_chunks(void **state) {
    (void)state;
    skip_where_nothing_counts();
    assert_true(count_in(MANY, call_check) <= FOUR_TIMES * FOUR_TIMES * count_in(FEW, call_check));
}

/* Verifies B20. */
static void time_of_size_for_is_some_hundreds_of_steps(void **state) {
    (void)state;
    skip_where_nothing_counts();
    assert_in_range(instructions_of(call_size_for, NULL), 10, 20000);
}

/* A byte of the map for each chunk, and the classes of 8 lanes. Verifies B16. */
static void time_of_create_is_linear_in_chunks(void **state) {
    size_t instructions[2];
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        SKIP_BECAUSE("at hardening 3 memory is filled");
    }
    for (size_t i = 0; i < 2; i++) {
        memory = region_make((size_t)65536 << 2 * i, 0);
        instructions[i] = instructions_of(call_create, NULL);
        assert_non_null(t);
        region_free(&memory);
    }
    assert_true(instructions[1] <= FOUR_TIMES * instructions[0] + instructions[0] / 8);
}

/* A free that gives back a chunk joins four places at each of at most 7 levels.
 * Verifies B42, B45. */
static void time_of_a_chunk_that_is_given_back_is_bounded(void **state) {
    (void)state;
    skip_where_nothing_counts();
    if (TLSF_HARDENING >= 3) {
        SKIP_BECAUSE("at hardening 3 a free fills memory");
    }
    heap_of(0);
    last = tlsf_bounded_malloc(t, SMALLEST);
    assert_non_null(last);
    assert_true(instructions_of(call_free, NULL) < 2500);
    assert_int_equal(bounded_of(t)->free_places[0] == NULL, 1); /* all parts are one again */
    region_free(&memory);
}

/* ---- the default hook --------------------------------------------------------------- */

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>

/* Verifies B70. */
static void null_means_the_default_hook_which_stops(void **state) {
    int status = 0;
    (void)state;
    SKIP_WITHOUT_CHECKS();
    heap_of(FEW);
    const pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGILL, SIG_DFL); /* cmocka has handlers for what a trap raises */
        (void)signal(SIGTRAP, SIG_DFL);
        (void)signal(SIGABRT, SIG_DFL);
        tlsf_bounded_set_fault_hook(t, NULL);
        tlsf_bounded_free(t, (void *)(uintptr_t)TLSF_GRANULE);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    region_free(&memory);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_of_calls_does_not_depend_on_blocks),
        cmocka_unit_test(time_of_calloc_is_malloc_and_the_bytes),
        cmocka_unit_test(time_of_check_is_at_most_free_blocks_times_chunks),
        cmocka_unit_test(time_of_size_for_is_some_hundreds_of_steps),
        cmocka_unit_test(time_of_create_is_linear_in_chunks),
        cmocka_unit_test(time_of_a_chunk_that_is_given_back_is_bounded),
#if defined(__unix__)
        cmocka_unit_test(null_means_the_default_hook_which_stops),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
