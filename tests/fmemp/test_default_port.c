/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_port.h with no macro set: the listing and the faults go to stdout, and a fault stops the
 * program. One case makes a heap of more than 4 GiB, whose figures do not fit in 32 bits.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmemory_pool.h"

static u8 buffer[9000];
static FMemp memp;

/* The signals that a trap instruction can raise. */
static const int trap_signals[] = {SIGTRAP, SIGILL, SIGABRT, SIGBUS, SIGSEGV};

#define TRAP_SIGNALS (sizeof trap_signals / sizeof trap_signals[0])

static sigjmp_buf trap_target;

static void trap_caught(int signal_number) {
    (void)signal_number;
    siglongjmp(trap_target, 1);
}

/* Runs `body` and stores what it prints in `output`.
 * Returns  whether a trap stopped it. */
static bool is_trapped(void (*body)(void), char *output, size_t room) {
    struct sigaction catch = {.sa_handler = trap_caught};
    struct sigaction before[TRAP_SIGNALS];
    volatile bool trapped = false;
    FILE *captured = tmpfile();
    const int console = dup(STDOUT_FILENO);

    assert_non_null(captured);
    (void)fflush(stdout);
    assert_true(dup2(fileno(captured), STDOUT_FILENO) >= 0);
    for (size_t i = 0; i < TRAP_SIGNALS; i++) {
        (void)sigaction(trap_signals[i], &catch, &before[i]);
    }
    if (sigsetjmp(trap_target, 1) == 0) {
        body();
        (void)fflush(stdout);
    } else {
        trapped = true; /* ignores output that `body` did not flush */
    }
    for (size_t i = 0; i < TRAP_SIGNALS; i++) {
        (void)sigaction(trap_signals[i], &before[i], NULL);
    }
    (void)lseek(fileno(captured), 0, SEEK_SET);
    const ssize_t length = read(fileno(captured), output, room - 1);
    assert_true(length >= 0);
    output[length] = '\0';
    (void)fflush(stdout);
    assert_true(dup2(console, STDOUT_FILENO) >= 0);
    (void)close(console);
    (void)fclose(captured);
    return trapped;
}

static void free_twice(void) {
    void *block = FMempMalloc(&memp, 100);

    FMempFree(&memp, block);
    FMempFree(&memp, block);
}

static void list_one_block(void) {
    (void)FMempMalloc(&memp, 100);
    FMemListAll(&memp);
}

static int heap_setup(void **state) {
    (void)state;
    memset(&memp, 0, sizeof memp);
    return FMempInit(&memp, buffer + 1, buffer + sizeof buffer) == FMEMP_SUCCESS ? 0 : -1;
}

/* Verifies C55, F245, F247, P21, P32. */
static void fault_default_port_prints_to_stdout_and_stops(void **state) {
    (void)state;
    char output[4096];

    if (TLSF_HARDENING == 0) {
        skip(); /* the library does not check for mistakes */
    }
    assert_true(is_trapped(free_twice, output, sizeof output));
    assert_non_null(strstr(output, "fmemp: fault: double free"));
}

/* Verifies C55, C56, F152, P21. */
static void list_all_default_port_prints_to_stdout(void **state) {
    (void)state;
    char output[4096];

    assert_false(is_trapped(list_one_block, output, sizeof output));
    assert_non_null(strstr(output, " used "));
    assert_non_null(strstr(output, "fmemp: check: "));
}

/* Verifies F17, P3, P4, P5, P34, P37. */
static void default_port_is_ours_without_locks_and_tags(void **state) {
    (void)state;
    assert_int_equal(FMEMP_SDK, 0);
    assert_int_equal(FMEMP_LOCK, 0);
    assert_int_equal(FMEMP_TAGS, 0);
    assert_int_equal(FMempLock(&memp), 0); /* an inline function that does nothing */
    FMempUnlock(&memp, 0);
}

/* Verifies F125. */
static void probe_past_32_bits_reads_all_ones(void **state) {
    (void)state;
    if (sizeof(void *) == 4) {
        skip(); /* no size exceeds 32 bits */
    }
    if (TLSF_LAYOUT == TLSF_COMPACT && TLSF_GRANULE == 4) {
        skip(); /* links reach only 4 GiB */
    }
    if (TLSF_HARDENING >= 3) {
        skip(); /* the library fills every region: that takes too much memory */
    }
    const size_t bytes = (size_t)3 << 30; /* size of each of two regions */
    FMemp large = {0};
    FMempStats stats;
    u32 total = 0;
    u32 used = 0;
    u32 max_used = 0;
    u8 *region = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    assert_ptr_not_equal(region, MAP_FAILED);
    assert_int_equal(FMempInit(&large, region, region + bytes), FMEMP_SUCCESS);
    assert_int_equal(FMempAddRegion(&large, region + bytes, region + 2 * bytes - 1), FMEMP_SUCCESS);
    assert_non_null(FMempMalloc(&large, (size_t)5 << 29));
    assert_non_null(FMempMalloc(&large, (size_t)5 << 29));
    FMemProbe(&large, &total, &used, &max_used);
    assert_int_equal(total, UINT32_MAX);
    assert_int_equal(used, UINT32_MAX);
    assert_int_equal(max_used, UINT32_MAX);
    assert_int_equal(FMempGetStats(&large, &stats), FMEMP_SUCCESS);
    assert_in_range(stats.total_bytes, (u64)11 << 29, 2 * bytes);
    if (TLSF_STATISTICS) {
        assert_in_range(stats.used_bytes, (u64)5 << 30, stats.total_bytes);
        assert_int_equal(stats.max_used_bytes, stats.used_bytes);
    }
    FMempRemove(&large);
    assert_int_equal(munmap(region, 2 * bytes), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fault_default_port_prints_to_stdout_and_stops, heap_setup),
        cmocka_unit_test_setup(list_all_default_port_prints_to_stdout, heap_setup),
        cmocka_unit_test_setup(default_port_is_ours_without_locks_and_tags, heap_setup),
        cmocka_unit_test(probe_past_32_bits_reads_all_ones),
    };

    return cmocka_run_group_tests_name("fmemp_default_port", tests, NULL, NULL);
}
