/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Scenes: mistakes in the use of a heap, which the tool has to report, and correct uses, which it
 * must not report. Each scene runs in a process of its own.
 *
 * LIBRARY_TELLS 0: the library is built without the port of a tool. Then the tool reports no
 * mistake, which proves that the reports of the other cases come from the port.
 */
#define _DEFAULT_SOURCE /* fork */

#include "fmemory_pool.h"
#include "support/suite.h"
#include "tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAP_BYTES = 16384, REGION_BYTES = 4096, REPORTED = 66 };

static _Alignas(64) uint8_t memory[HEAP_BYTES];
static _Alignas(64) uint8_t more_memory[REGION_BYTES];
static tlsf_t t;
static FMemp memp;

#if !TOOL_IS_VALGRIND
/* The sanitizer calls this function for its options. */
const char *__asan_default_options(void) { return "exitcode=66:detect_leaks=0"; }
#endif

#ifndef LIBRARY_TELLS
#define LIBRARY_TELLS 1
#endif

/* ---- parts of the scenes ------------------------------------------------------------ */

#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not true: %s\n", __func__, __LINE__, #condition); \
            _exit(1); \
        } \
    } while (0)

/* Accesses whose array the compiler cannot see, so that it does not judge them itself. */
__attribute__((noinline)) static uint8_t get(const uint8_t *byte) {
    return *(const volatile uint8_t *)byte;
}

__attribute__((noinline)) static void put(uint8_t *byte) { *(volatile uint8_t *)byte = 1; }

static void decide_by(const uint8_t *byte) {
    if (get(byte) == 7) {
        (void)fputc('7', stderr);
    }
}

static void get_and_put_all(uint8_t *begin, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        put(begin + i);
        decide_by(begin + i);
    }
}

/* Allocates a block and fills every usable byte with 1. */
static uint8_t *block_of(size_t bytes) {
    uint8_t *block = tlsf_malloc(t, bytes);
    REQUIRE(block != NULL);
    memset(block, 1, tlsf_block_size(block));
    return block;
}

static uint8_t *end_of(uint8_t *block) { return block + tlsf_block_size(block); }

static pool_t add_pool(void) {
    const pool_t pool = tlsf_add_pool(t, more_memory, sizeof(more_memory));
    REQUIRE(pool != NULL);
    return pool;
}

/* ---- accesses to blocks ------------------------------------------------------------- */

static void read_after_free(void) {
    uint8_t *a = block_of(100);
    tlsf_free(t, a);
    (void)get(a);
}

static void write_after_free(void) {
    uint8_t *a = block_of(100);
    tlsf_free(t, a);
    put(a);
}

static void read_of_last_byte_after_free(void) {
    uint8_t *a = block_of(100), *end = end_of(a);
    tlsf_free(t, a);
    (void)get(end - 1);
}

static void read_after_realloc_to_nothing(void) {
    uint8_t *a = block_of(100);
    REQUIRE(tlsf_realloc(t, a, 0) == NULL);
    (void)get(a);
}

/* Allocates a block that begins with a whole word. The block behind it does, too, so the tool can
 * close its header. */
static uint8_t *block_of_whole_words(void) {
    uint8_t *block = tlsf_memalign(t, TOOL_WORD, 100);
    REQUIRE(block != NULL);
    return block;
}

static void read_behind_block(void) {
    uint8_t *a = block_of_whole_words();
    (void)block_of(100);
    (void)get(end_of(a));
}

static void write_behind_block(void) {
    uint8_t *a = block_of_whole_words();
    (void)block_of(100);
    put(end_of(a));
}

static void read_behind_last_block(void) { (void)get(end_of(block_of(tlsf_largest(t)))); }

static void read_before_block(void) { (void)get((uint8_t *)tlsf_memalign(t, 64, 100) - 1); }

static void write_before_block(void) { put((uint8_t *)tlsf_memalign(t, 64, 100) - 1); }

/* There is a gap before the second block, wherever the first one lies. */
static void read_in_gap_of_memalign(void) {
    REQUIRE(tlsf_memalign(t, 1024, 100) != NULL);
    (void)get((uint8_t *)tlsf_memalign(t, 1024, 100) - 100);
}

static void read_of_memory_never_handed_out(void) {
    (void)block_of(100);
    (void)get(memory + HEAP_BYTES - 300);
}

static void write_to_memory_never_handed_out(void) {
    (void)block_of(100);
    put(memory + HEAP_BYTES - 300);
}

static void write_to_control_structure(void) { put((uint8_t *)t); }

static void write_to_pool_descriptor(void) { put((uint8_t *)tlsf_get_pool(t)); }

/* ---- realloc ------------------------------------------------------------------------ */

static void read_behind_shrunk_block(void) {
    uint8_t *a = tlsf_realloc(t, block_of(400), 100);
    (void)get(a + 300);
}

static void read_behind_grown_block(void) {
    (void)get(end_of(tlsf_realloc(t, block_of(100), 300)));
}

static void read_where_moved_block_was(void) {
    uint8_t *a = block_of(100);
    (void)block_of(100);
    REQUIRE(tlsf_realloc(t, a, 300) != a);
    (void)get(a);
}

/* Returns a block that grew from 100 to `bytes` bytes. It slid into the 600 free bytes before it,
 * because there are no others. *old is its old place. */
static uint8_t *slid_block(size_t bytes, uint8_t **old) {
    uint8_t *front = block_of(600);
    *old = block_of(100);
    (void)block_of(tlsf_largest(t));
    tlsf_free(t, front);
    uint8_t *slid = tlsf_realloc(t, *old, bytes);
    REQUIRE(slid == front);
    return slid;
}

static void read_where_slid_block_was(void) {
    uint8_t *old = NULL;
    (void)slid_block(610, &old);
    (void)get(old + 90);
}

static void read_behind_slid_block(void) {
    uint8_t *old = NULL;
    (void)get(end_of(slid_block(620, &old)));
}

/* ---- heaps and pools ---------------------------------------------------------------- */

static void read_after_reset(void) {
    uint8_t *a = block_of(100);
    tlsf_reset(t);
    (void)get(a);
}

static void read_of_added_pool(void) {
    (void)add_pool();
    (void)get(more_memory + REGION_BYTES / 2);
}

static void read_of_pool_that_was_not_removed(void) {
    (void)block_of(100);
    REQUIRE(tlsf_remove_pool(t, tlsf_get_pool(t)) != 0);
    (void)get(memory + HEAP_BYTES - 300);
}

static void read_of_pool_added_again(void) {
    REQUIRE(tlsf_remove_pool(t, add_pool()) == 0);
    read_of_added_pool();
}

/* ---- functions of the user, called by the library ----------------------------------- */

static void touch_free_block(void *ptr, size_t size, int used, void *user) {
    (void)size, (void)user;
    if (!used) {
        (void)get(ptr);
    }
}

static void read_by_walker(void) { tlsf_walk_pool(tlsf_get_pool(t), touch_free_block, NULL); }

#if TLSF_HARDENING >= 1

static void touch_heap(tlsf_t heap, const tlsf_fault_t *fault) {
    (void)fault;
    (void)get((const uint8_t *)heap);
}

static void read_by_fault_hook(void) {
    uint8_t *a = block_of(100);
    (void)tlsf_set_fault_hook(t, touch_heap);
    tlsf_free(t, a);
    tlsf_free(t, a);
}

#endif

/* ---- FMemp -------------------------------------------------------------------------- */

static uint8_t *block_of_memp(void) {
    tlsf_destroy(t);
    REQUIRE(FMempInit(&memp, memory, memory + HEAP_BYTES) == FMEMP_SUCCESS);
    REQUIRE(FMempAddRegion(&memp, more_memory, more_memory + REGION_BYTES) == FMEMP_SUCCESS);
    uint8_t *block = FMempMalloc(&memp, 100);
    REQUIRE(block != NULL);
    memset(block, 1, 100);
    return block;
}

static void fmemp_read_after_free(void) {
    uint8_t *a = block_of_memp();
    FMempFree(&memp, a);
    (void)get(a);
}

static void fmemp_write_behind_block(void) { put(end_of(block_of_memp())); }

static void fmemp_read_of_region(void) {
    (void)block_of_memp();
    (void)get(more_memory + REGION_BYTES / 2);
}

static void fmemp_read_after_reset(void) {
    uint8_t *a = block_of_memp();
    FMempReset(&memp);
    (void)get(a);
}

/* ---- undefined bytes: valgrind alone ------------------------------------------------ */

#if TOOL_IS_VALGRIND

static void decision_by_new_block(void) { decide_by(tlsf_malloc(t, 100)); }

static void decision_by_aligned_block(void) { decide_by(tlsf_memalign(t, 256, 100)); }

static void decision_by_what_a_block_grew_by(void) {
    decide_by((uint8_t *)tlsf_realloc(t, block_of(100), 300) + 290);
}

/* A move makes no undefined byte defined, and no defined byte undefined. */
static void decision_by_undefined_byte_that_slid(void) {
    uint8_t *front = block_of(600), *b = tlsf_malloc(t, 100);
    put(b + 50);
    (void)block_of(tlsf_largest(t));
    tlsf_free(t, front);
    b = tlsf_realloc(t, b, 620);
    REQUIRE(b == front);
    decide_by(b + 50);
    REQUIRE(tool_reports() == 0);
    decide_by(b + 51);
}

static void decision_by_memory_of_ended_heap(void) {
    tlsf_destroy(t);
    decide_by(memory + HEAP_BYTES / 2);
}

#if TLSF_HARDENING == 0

static void double_free(void) {
    uint8_t *a = block_of(100);
    tlsf_free(t, a);
    tlsf_free(t, a);
}

static void end_quietly(int signal) {
    (void)signal;
    _exit(0);
}

/* The words in the block lead the free out of all memory. The report has to come before. */
static void free_of_interior_pointer(void) {
    uint8_t *a = block_of(100);
    memset(a, 0xFF, 100);
    (void)signal(SIGSEGV, end_quietly);
    tlsf_free(t, a + 2 * (size_t)TLSF_GRANULE);
}

#endif

/* ---- leaks -------------------------------------------------------------------------- */

/* Enough blocks that it does not matter if a register or the stack still points to one or two. */
enum { LOST_BLOCKS = 16 };

static uint8_t *volatile kept[LOST_BLOCKS];

static void leave_nothing_of_pointers_behind(void) {
    volatile uint8_t stack[4096];
    for (size_t i = 0; i < sizeof(stack); i++) {
        stack[i] = 0;
    }
}

/* Returns the bytes that the tool calls definitely or possibly lost in this process. */
static size_t lost_bytes(void) {
    size_t lost = 0, perhaps = 0, reachable = 0, suppressed = 0;
    VALGRIND_DO_LEAK_CHECK;
    VALGRIND_COUNT_LEAKS(lost, perhaps, reachable, suppressed);
    (void)VALGRIND_MAKE_MEM_DEFINED(&lost, sizeof(lost));
    (void)VALGRIND_MAKE_MEM_DEFINED(&perhaps, sizeof(perhaps));
    (void)reachable, (void)suppressed;
    return lost + perhaps;
}

static void blocks_that_are_lost(void) {
    for (size_t i = 0; i < LOST_BLOCKS; i++) {
        kept[i] = block_of(100);
    }
    const size_t before = lost_bytes();
    for (size_t i = 0; i < LOST_BLOCKS; i++) {
        kept[i] = NULL;
    }
    leave_nothing_of_pointers_behind();
    const size_t bytes = lost_bytes() - before;
    REQUIRE(bytes == 0 || bytes >= LOST_BLOCKS / 2 * 100);
    _exit(bytes != 0 ? REPORTED : 0);
}

static void lost_blocks_in_a_region_of_malloc(void) {
    void *region = malloc(HEAP_BYTES);
    tlsf_destroy(t);
    t = tlsf_create_sized(region, HEAP_BYTES, 0);
    blocks_that_are_lost();
}

#endif

/* ---- correct uses ------------------------------------------------------------------- */

static void use_of_whole_blocks(void) {
    uint8_t *a = block_of(100), *b = tlsf_memalign(t, 512, 33), *c = tlsf_calloc(t, 3, 7);
    decide_by(c + 20);
    get_and_put_all(a, tlsf_block_size(a));
    get_and_put_all(b, tlsf_block_size(b));
    get_and_put_all(c, tlsf_block_size(c));
    a = tlsf_realloc(t, a, 1000);
    decide_by(a + 99);
    get_and_put_all(a, tlsf_block_size(a));
    a = tlsf_realloc(t, a, 50);
    get_and_put_all(a, tlsf_block_size(a));
}

static void use_of_slid_block(void) {
    uint8_t *old = NULL, *a = slid_block(620, &old);
    decide_by(a + 99);
    get_and_put_all(a, tlsf_block_size(a));
}

static void count_block(void *ptr, size_t size, int used, void *user) {
    (void)ptr, (void)size, (void)used;
    ++*(size_t *)user;
}

static void questions(void) {
    tlsf_stats_t stats;
    size_t blocks = 0;
    (void)block_of(100);
    (void)tlsf_stats(t, &stats);
    tlsf_walk_pool(tlsf_get_pool(t), count_block, &blocks);
    REQUIRE(blocks == 2);
    REQUIRE(tlsf_check(t) == TLSF_SOUND);
    REQUIRE(tlsf_check_pool(tlsf_get_pool(t)) == TLSF_SOUND);
    REQUIRE(tlsf_largest(t) != 0);
    REQUIRE(tlsf_calloc(t, SIZE_MAX, SIZE_MAX) == NULL);
    REQUIRE(tlsf_realloc_aligned(t, memory, 3, 100) == NULL);
}

static void use_of_removed_pool(void) {
    const pool_t pool = add_pool();
    REQUIRE(tlsf_remove_pool(t, pool) == 0);
    REQUIRE(tlsf_remove_pool(t, pool) != 0);
    get_and_put_all(more_memory, sizeof(more_memory));
}

static void use_of_memory_of_ended_heap(void) {
    (void)add_pool();
    (void)block_of(100);
    tlsf_destroy(t);
    get_and_put_all(memory, sizeof(memory));
    get_and_put_all(more_memory, sizeof(more_memory));
}

/* Firmware often creates a heap again in the same buffer, without tlsf_destroy. */
static void new_heap_over_one_without_end(void) {
    (void)block_of(100);
    t = tlsf_create_sized(memory + 8, sizeof(memory) - 8, 0);
    use_of_whole_blocks();
}

static void use_of_owners_memory_around_heap(void) {
    tlsf_destroy(t);
    t = tlsf_create_sized(memory + 64, sizeof(memory) - 128, 0);
    get_and_put_all(memory, 64);
    get_and_put_all(memory + sizeof(memory) - 64, 64);
}

static void fmemp_use_of_all_that_is_given(void) {
    uint8_t *a = FMempRealloc(&memp, block_of_memp(), 1000), *b = FMempCalloc(&memp, 5, 5);
    u32 total = 0, used = 0, peak = 0;
    decide_by(a + 99);
    decide_by(b + 24);
    get_and_put_all(a, 1000);
    FMemProbe(&memp, &total, &used, &peak);
    FMemListAll(&memp);
    FMempFree(&memp, b);
    FMempFree(&memp, a);
    REQUIRE(FMempRemoveRegion(&memp, more_memory) == FMEMP_SUCCESS);
    get_and_put_all(more_memory, sizeof(more_memory));
    FMempRemove(&memp);
    get_and_put_all(memory, sizeof(memory));
}

/* ---- the cases ---------------------------------------------------------------------- */

typedef struct {
    const char *name;
    void (*act)(void);
    bool is_mistake;
} scene;

#define MISTAKE(act) \
    { #act "_is_reported", act, true }
#define FINE(act) \
    { #act "_is_not_reported", act, false }

static const scene scenes[] = {
    MISTAKE(read_after_free),
    MISTAKE(write_after_free),
    MISTAKE(read_of_last_byte_after_free),
    MISTAKE(read_after_realloc_to_nothing),
    MISTAKE(read_behind_block),
    MISTAKE(write_behind_block),
    MISTAKE(read_behind_last_block),
    MISTAKE(read_before_block),
    MISTAKE(write_before_block),
    MISTAKE(read_in_gap_of_memalign),
    MISTAKE(read_of_memory_never_handed_out),
    MISTAKE(write_to_memory_never_handed_out),
    MISTAKE(write_to_control_structure),
    MISTAKE(write_to_pool_descriptor),
    MISTAKE(read_behind_shrunk_block),
    MISTAKE(read_behind_grown_block),
    MISTAKE(read_where_moved_block_was),
    MISTAKE(read_where_slid_block_was),
    MISTAKE(read_behind_slid_block),
    MISTAKE(read_after_reset),
    MISTAKE(read_of_added_pool),
    MISTAKE(read_of_pool_that_was_not_removed),
    MISTAKE(read_of_pool_added_again),
    MISTAKE(read_by_walker),
#if TLSF_HARDENING >= 1
    MISTAKE(read_by_fault_hook),
#endif
    MISTAKE(fmemp_read_after_free),
    MISTAKE(fmemp_write_behind_block),
    MISTAKE(fmemp_read_of_region),
    MISTAKE(fmemp_read_after_reset),
#if TOOL_IS_VALGRIND
    MISTAKE(decision_by_new_block),
    MISTAKE(decision_by_aligned_block),
    MISTAKE(decision_by_what_a_block_grew_by),
    MISTAKE(decision_by_undefined_byte_that_slid),
    MISTAKE(decision_by_memory_of_ended_heap),
#if TLSF_HARDENING == 0
    MISTAKE(double_free),
    MISTAKE(free_of_interior_pointer),
#endif
    MISTAKE(blocks_that_are_lost),
    MISTAKE(lost_blocks_in_a_region_of_malloc),
#endif
    FINE(use_of_whole_blocks),
    FINE(use_of_slid_block),
    FINE(questions),
    FINE(use_of_removed_pool),
    FINE(use_of_memory_of_ended_heap),
    FINE(new_heap_over_one_without_end),
    FINE(use_of_owners_memory_around_heap),
    FINE(fmemp_use_of_all_that_is_given),
};

/* Runs a scene in a process of its own, with a new heap.
 * Returns  whether the tool reported anything. */
static bool is_reported(const scene *s) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
        t = tlsf_create_sized(memory, sizeof(memory), 0);
        s->act();
        /* cppcheck-suppress knownConditionTrueFalse ; address sanitizer ends the program */
        _exit(tool_reports() != 0 ? REPORTED : 0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == REPORTED);
    return WEXITSTATUS(status) == REPORTED;
}

static void scene_is_reported_as_it_ought_to(void **state) {
    const scene *s = *state;
    assert_int_equal(is_reported(s), s->is_mistake && LIBRARY_TELLS);
}

int main(void) {
    struct CMUnitTest tests[COUNT_OF(scenes)];
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        tests[i] = (struct CMUnitTest){.name = scenes[i].name,
                                       .test_func = scene_is_reported_as_it_ought_to,
                                       .initial_state = (void *)(uintptr_t)&scenes[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
