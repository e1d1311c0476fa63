/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ring of events: what the core records, what a reader gets, and what is lost. An interrupt is
 * a call from test_time, which each event asks in the middle of its recording.
 *
 * Each case verifies C75, C78.
 */
#include "support/guarded_heap.h"
#include "support/random.h"
#include "support/suite.h"
#include <fmemory_pool.h>
#include <string.h>
#include <trace_ring.h>

enum { EVENTS_MAX = TRACE_RING_EVENTS };

static uint64_t memory[2048], other_memory[256];
static trace_event events[EVENTS_MAX];
static trace_reader reader;
static unsigned now;
static void (*interrupt)(void);

/* An interrupt does not interrupt itself. */
unsigned test_time(void) {
    void (*handler)(void) = interrupt;
    interrupt = NULL;
    if (handler != NULL) {
        handler();
    }
    return ++now;
}

/* ---- support ------------------------------------------------------------------------- */

static void forget(void) { reader = (trace_reader){tlsf_trace_ring.latest, 0}; }

static tlsf_t heap_begin(void) {
    interrupt = NULL;
    tlsf_t t = tlsf_create_sized(memory, sizeof memory, 0);
    assert_non_null(t);
    forget();
    return t;
}

/* Reads all events. There are `count` of them. */
static void expect_events(size_t count) {
    assert_int_equal(tlsf_trace_read(&reader, events, EVENTS_MAX), count);
    assert_int_equal(reader.lost, 0);
}

static void expect_event(size_t number, trace_kind kind, const void *address, const void *other,
                         size_t outer, size_t size) {
    const trace_event *event = &events[number];
    assert_int_equal(trace_kind_of(event), kind);
    assert_int_equal(event->address, (uintptr_t)address);
    assert_int_equal(event->other, (uintptr_t)other);
    assert_int_equal(event->outer, outer);
    assert_int_equal(event->size, size);
    assert_int_equal(event->task, 7);
}

/* ---- what the core records ------------------------------------------------------------- */

static void create_records_heap_and_pool(void **state) {
    (void)state;
    forget();
    tlsf_t t = tlsf_create_sized(memory, sizeof memory, 0);
    expect_events(2);
    expect_event(0, TRACE_CREATED, t, NULL, 0, 0);
    expect_event(1, TRACE_POOL, tlsf_get_pool(t), t, events[1].outer, 0);
    assert_in_range(events[1].outer, sizeof memory / 2, sizeof memory);
}

static void malloc_records_block_and_request(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    expect_events(1);
    expect_event(0, TRACE_ALLOCATED, ptr, NULL, outer_of(ptr), 100);
}

static void memalign_records_alignment(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_memalign(t, 256, 100);
    expect_events(1);
    expect_event(0, TRACE_ALLOCATED, ptr, (void *)256, outer_of(ptr), 100);
}

static void free_records_block(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    const size_t outer = outer_of(ptr);
    forget();
    tlsf_free(t, ptr);
    tlsf_free(t, NULL);
    expect_events(1);
    expect_event(0, TRACE_FREED, ptr, t, outer, 0);
}

static void failures_record_size_and_alignment(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 8);
    forget();
    assert_null(tlsf_malloc(t, sizeof memory));
    assert_null(tlsf_memalign(t, 512, sizeof memory));
    assert_null(tlsf_memalign(t, 3, 10));
    assert_null(tlsf_calloc(t, SIZE_MAX, 2));
    assert_null(tlsf_realloc(t, ptr, sizeof memory));
    assert_null(tlsf_realloc_aligned(t, ptr, 24, 10));
    expect_events(6);
    expect_event(0, TRACE_FAILED, t, NULL, 0, sizeof memory);
    expect_event(1, TRACE_FAILED, t, (void *)512, 0, sizeof memory);
    expect_event(2, TRACE_FAILED, t, (void *)3, 0, 10);
    expect_event(3, TRACE_FAILED, t, NULL, 0, SIZE_MAX);
    assert_int_equal(events[4].size, sizeof memory);
    expect_event(5, TRACE_FAILED, t, (void *)24, 0, 10);
}

static void realloc_in_place_records_new_size(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    forget();
    assert_ptr_equal(tlsf_realloc(t, ptr, 500), ptr);
    expect_events(1);
    expect_event(0, TRACE_RESIZED, ptr, ptr, outer_of(ptr), 500);
}

static void realloc_that_moves_records_both_places(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = tlsf_malloc(t, 100);
    const size_t outer = outer_of(ptr);
    assert_non_null(tlsf_malloc(t, 8));
    forget();
    void *moved = tlsf_realloc(t, ptr, 500);
    expect_events(3);
    assert_int_equal(trace_kind_of(&events[0]), TRACE_ALLOCATED);
    assert_int_equal(events[0].address, (uintptr_t)moved);
    expect_event(1, TRACE_MOVES, moved, ptr, 0, 0);
    expect_event(2, TRACE_FREED, ptr, t, outer, 0);
}

/* Returns a block with room before it, and none behind. */
static void *block_with_room_before(tlsf_t t) {
    void *before = tlsf_malloc(t, 2000);
    void *ptr = tlsf_malloc(t, 1000);
    assert_non_null(tlsf_malloc(t, tlsf_largest(t)));
    tlsf_free(t, before);
    forget();
    return ptr;
}

static void realloc_that_slides_down_records_both_places(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = block_with_room_before(t);
    void *slid = tlsf_realloc(t, ptr, 2500);
    assert_true(slid != NULL && (char *)slid < (char *)ptr);
    expect_events(1);
    expect_event(0, TRACE_RESIZED, slid, ptr, outer_of(slid), 2500);
}

static void realloc_in_halves_that_slides_records_both_halves(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr = block_with_room_before(t);
    tlsf_move_t move;
    void *slid = tlsf_realloc_begin(t, ptr, 0, 2500, &move);
    assert_true(slid != NULL && (char *)slid < (char *)ptr);
    const size_t joined = outer_of(slid);
    memmove(move.to, move.from, move.bytes);
    tlsf_realloc_end(t, &move);
    expect_events(2);
    expect_event(0, TRACE_JOINED, slid, ptr, joined, 0);
    expect_event(1, TRACE_RESIZED, slid, slid, outer_of(slid), 2500);
}

static void pools_and_reset_are_recorded(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    pool_t pool = tlsf_add_pool(t, other_memory, sizeof other_memory / 2);
    const size_t bytes = tlsf_extend_pool(t, pool, sizeof other_memory / 2, sizeof other_memory);
    assert_int_equal(bytes, sizeof other_memory);
    assert_int_equal(tlsf_remove_pool(t, pool), 0);
    tlsf_reset(t);
    expect_events(4);
    expect_event(0, TRACE_POOL, pool, t, events[0].outer, 0);
    expect_event(1, TRACE_POOL, pool, t, events[2].outer, 0);
    expect_event(2, TRACE_POOL_REMOVED, pool, t, events[2].outer, 0);
    expect_event(3, TRACE_RESET, t, NULL, 0, 0);
    assert_int_equal(events[1].outer - events[0].outer, sizeof other_memory / 2);
}

/* ---- the blocks that events tell of are those of the heap ---------------------------------- */

enum { SLOTS = 24 };

typedef struct {
    uintptr_t address;
    size_t outer;
} seen;

static seen live[SLOTS + 2];
static size_t live_count;

static void live_remove(uintptr_t address) {
    size_t i = 0;
    while (i < live_count && live[i].address != address) {
        i++;
    }
    assert_true(i < live_count);
    live[i] = live[--live_count];
}

static void live_add(uintptr_t address, size_t outer) {
    assert_true(live_count < COUNT_OF(live));
    live[live_count++] = (seen){address, outer};
}

static void event_follow(const trace_event *event) {
    switch (trace_kind_of(event)) {
    case TRACE_ALLOCATED:
        live_add(event->address, event->outer);
        break;
    case TRACE_RESIZED:
    case TRACE_JOINED:
        live_remove(event->other);
        live_add(event->address, event->outer);
        break;
    case TRACE_FREED:
        live_remove(event->address);
        break;
    case TRACE_RESET:
        live_count = 0;
        break;
    default:
        break;
    }
}

static void block_compare(void *ptr, size_t size, int used, void *user) {
    size_t *count = user;
    (void)size;
    if (used) {
        size_t i = 0;
        while (i < live_count && live[i].address != (uintptr_t)ptr) {
            i++;
        }
        assert_true(i < live_count);
        assert_int_equal(live[i].outer, outer_of(ptr));
        ++*count;
    }
}

static void random_step(tlsf_t t, random_source *source, void **slot) {
    const size_t bytes = random_below(source, random_below(source, 4) == 0 ? 3000 : 100);
    tlsf_move_t move;
    void *ptr;
    switch (random_below(source, 6)) {
    case 0:
        tlsf_free(t, *slot);
        *slot = NULL;
        break;
    case 1:
        ptr = tlsf_realloc(t, *slot, bytes + 1);
        *slot = ptr == NULL ? *slot : ptr;
        break;
    case 2:
        ptr = tlsf_realloc_begin(t, *slot, 0, bytes + 1, &move);
        if (*slot != NULL && ptr != NULL && ptr != *slot) {
            memmove(move.to, move.from, move.bytes);
            ptr = tlsf_realloc_end(t, &move);
        }
        *slot = ptr == NULL ? *slot : ptr;
        break;
    default:
        if (*slot == NULL) {
            *slot = tlsf_memalign(t, (size_t)1 << random_below(source, 9), bytes);
        }
    }
}

static void random_calls_events_tell_all_live_blocks(void **state) {
    (void)state;
    random_source source = random_from(random_seed("trace", 1));
    void *slots[SLOTS] = {NULL};
    tlsf_t t = heap_begin();
    live_count = 0;
    for (size_t steps = random_steps(3000); steps > 0; steps--) {
        if (random_below(&source, 500) == 0) {
            tlsf_reset(t);
            memset(slots, 0, sizeof slots);
        }
        random_step(t, &source, &slots[random_below(&source, SLOTS)]);
        const size_t count = tlsf_trace_read(&reader, events, EVENTS_MAX);
        for (size_t i = 0; i < count; i++) {
            event_follow(&events[i]);
        }
        size_t used = 0;
        tlsf_walk_pool(tlsf_get_pool(t), block_compare, &used);
        assert_int_equal(used, live_count);
    }
    assert_int_equal(reader.lost, 0);
}

/* ---- readers ---------------------------------------------------------------------------- */

static void events_have_time_in_order(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    tlsf_free(t, tlsf_malloc(t, 1));
    expect_events(2);
    assert_int_equal(events[0].time + 1, events[1].time);
    assert_int_equal(tlsf_trace_ring.ticks_per_second, 1000);
}

static void read_gives_each_event_once(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    void *ptr[5];
    for (size_t i = 0; i < COUNT_OF(ptr); i++) {
        ptr[i] = tlsf_malloc(t, i);
    }
    for (size_t i = 0; i < COUNT_OF(ptr); i++) {
        assert_int_equal(tlsf_trace_read(&reader, events, 1), 1);
        assert_int_equal(events[0].address, (uintptr_t)ptr[i]);
    }
    expect_events(0);
}

static void read_too_late_counts_what_is_lost(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    for (size_t i = 0; i < EVENTS_MAX + 5; i++) {
        tlsf_malloc(t, i);
    }
    assert_int_equal(tlsf_trace_read(&reader, events, EVENTS_MAX), EVENTS_MAX);
    assert_int_equal(reader.lost, 5);
    assert_int_equal(events[0].size, 5);
    assert_int_equal(events[EVENTS_MAX - 1].size, EVENTS_MAX + 4);
}

static void read_numbers_that_wrap_loses_nothing(void **state) {
    (void)state;
    tlsf_trace_ring.latest = 0u - 3 * TRACE_NUMBER_STEP;
    tlsf_t t = heap_begin();
    for (size_t i = 0; i < 10; i++) {
        tlsf_malloc(t, i);
    }
    expect_events(10);
    assert_int_equal(events[9].size, 9);
    assert_true(tlsf_trace_ring.latest < 100 * TRACE_NUMBER_STEP);
}

static void read_of_an_event_that_is_not_whole_waits(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    tlsf_malloc(t, 1);
    const uint32_t taken = tlsf_trace_ring.latest += TRACE_NUMBER_STEP; /* and no more yet */
    tlsf_malloc(t, 2);
    expect_events(1);
    trace_place(taken)->stamp = taken + TRACE_RESET;
    expect_events(2);
    assert_int_equal(trace_kind_of(&events[0]), TRACE_RESET);
    assert_int_equal(events[1].size, 2);
}

/* ---- interrupts ------------------------------------------------------------------------- */

static tlsf_t other_heap;
static size_t read_in_interrupt;

static void interrupt_allocates(void) { tlsf_malloc(other_heap, 33); }

static void interrupt_reads(void) {
    read_in_interrupt = tlsf_trace_read(&reader, events, EVENTS_MAX);
}

static void interrupt_within_an_event_keeps_both_whole(void **state) {
    (void)state;
    other_heap = tlsf_create_sized(other_memory, sizeof other_memory, 0);
    tlsf_t t = heap_begin();
    interrupt = interrupt_allocates;
    void *ptr = tlsf_malloc(t, 100);
    expect_events(2);
    expect_event(0, TRACE_ALLOCATED, ptr, NULL, outer_of(ptr), 100);
    assert_int_equal(events[1].size, 33);
}

static void interrupt_that_reads_gets_whole_events_alone(void **state) {
    (void)state;
    tlsf_t t = heap_begin();
    tlsf_malloc(t, 1);
    interrupt = interrupt_reads;
    tlsf_malloc(t, 2);
    assert_int_equal(read_in_interrupt, 1);
    assert_int_equal(events[0].size, 1);
    expect_events(1);
    assert_int_equal(events[0].size, 2);
}

/* ---- FMemp --------------------------------------------------------------------------------- */

static FMemp memp;

static __attribute__((noinline)) void *memp_request(size_t bytes) {
    void *ptr = FMempMalloc(&memp, bytes);
    __asm__ volatile("" : "+r"(ptr)); /* no tail call */
    return ptr;
}

static void expect_caller(size_t number, uintptr_t function) {
    assert_in_range(events[number].caller - function, 1, 200);
}

static void fmemp_records_call_sites_of_served_and_failed_requests(void **state) {
    (void)state;
    interrupt = NULL;
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory, memory + COUNT_OF(memory)), FMEMP_SUCCESS);
    forget();
    void *ptr = memp_request(100);
    assert_null(memp_request(sizeof memory));
    FMempFree(&memp, NULL);
    FMempFree(&memp, ptr);
    expect_events(3);
    for (size_t i = 0; i < 2; i++) {
        expect_caller(i, (uintptr_t)memp_request);
    }
    assert_int_equal(trace_kind_of(&events[1]), TRACE_FAILED);
    assert_int_equal(trace_kind_of(&events[2]), TRACE_FREED);
    assert_int_not_equal(events[2].caller, 0);
    FMempRemove(&memp);
}

/* As malloc does in integrations/c_library. */
static __attribute__((noinline)) void *wrapped_request(size_t bytes) {
    return FMempSetCallSite(&memp, memp_request(bytes), __builtin_return_address(0));
}

static __attribute__((noinline)) void *wrapper_called(size_t bytes) {
    void *ptr = wrapped_request(bytes);
    __asm__ volatile("" : "+r"(ptr)); /* no tail call */
    return ptr;
}

static void fmemp_wrapper_that_names_its_caller_is_recorded_with_it(void **state) {
    (void)state;
    interrupt = NULL;
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory, memory + COUNT_OF(memory)), FMEMP_SUCCESS);
    forget();
    assert_non_null(wrapper_called(100));
    assert_null(wrapper_called(sizeof memory));
    expect_events(2);
    expect_caller(0, (uintptr_t)wrapper_called);
    expect_caller(1, (uintptr_t)wrapper_called);
    FMempRemove(&memp);
}

static void fmemp_interrupt_by_another_heap_leaves_its_caller_alone(void **state) {
    (void)state;
    other_heap = tlsf_create_sized(other_memory, sizeof other_memory, 0);
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory, memory + COUNT_OF(memory)), FMEMP_SUCCESS);
    forget();
    interrupt = interrupt_allocates;
    void *ptr = memp_request(100);
    expect_events(2);
    assert_int_equal(events[0].address, (uintptr_t)ptr);
    assert_int_equal(events[1].size, 33);
    assert_int_equal(events[1].caller, 0);
    FMempRemove(&memp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_records_heap_and_pool),
        cmocka_unit_test(malloc_records_block_and_request),
        cmocka_unit_test(memalign_records_alignment),
        cmocka_unit_test(free_records_block),
        cmocka_unit_test(failures_record_size_and_alignment),
        cmocka_unit_test(realloc_in_place_records_new_size),
        cmocka_unit_test(realloc_that_moves_records_both_places),
        cmocka_unit_test(realloc_that_slides_down_records_both_places),
        cmocka_unit_test(realloc_in_halves_that_slides_records_both_halves),
        cmocka_unit_test(pools_and_reset_are_recorded),
        cmocka_unit_test(random_calls_events_tell_all_live_blocks),
        cmocka_unit_test(events_have_time_in_order),
        cmocka_unit_test(read_gives_each_event_once),
        cmocka_unit_test(read_too_late_counts_what_is_lost),
        cmocka_unit_test(read_numbers_that_wrap_loses_nothing),
        cmocka_unit_test(read_of_an_event_that_is_not_whole_waits),
        cmocka_unit_test(interrupt_within_an_event_keeps_both_whole),
        cmocka_unit_test(interrupt_that_reads_gets_whole_events_alone),
        cmocka_unit_test(fmemp_records_call_sites_of_served_and_failed_requests),
        cmocka_unit_test(fmemp_wrapper_that_names_its_caller_is_recorded_with_it),
        cmocka_unit_test(fmemp_interrupt_by_another_heap_leaves_its_caller_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
