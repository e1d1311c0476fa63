/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_port.h as it is without any macro set: listing and faults go to stdout, and a fault
 * stops the program. And a heap of more than 4 GiB, where figures do not fit 32 bits.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmemory_pool.h"

static u8 buffer[9000];
static FMemp memp;

/* Runs `body` in a child process.
 * Returns  its exit status as waitpid gives it; what it printed is in `output`. */
static int run_apart(void (*body)(void), char *output, size_t room) {
    int ends[2];
    int status = 0;
    size_t length = 0;
    ssize_t got;

    assert_int_equal(pipe(ends), 0);
    (void)fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) >= 0) {
            body();
        }
        (void)fflush(stdout);
        _exit(0);
    }
    (void)close(ends[1]);
    while (length + 1 < room && (got = read(ends[0], output + length, room - 1 - length)) > 0) {
        length += (size_t)got;
    }
    output[length] = '\0';
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
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

static void fault_default_port_prints_to_stdout_and_stops(void **state) {
    (void)state;
    char output[4096];

    if (TLSF_HARDENING == 0) {
        skip(); /* the library looks for no mistakes */
    }
    const int status = run_apart(free_twice, output, sizeof output);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_non_null(strstr(output, "fmemp: fault: double free"));
}

static void list_all_default_port_prints_to_stdout(void **state) {
    (void)state;
    char output[4096];
    const int status = run_apart(list_one_block, output, sizeof output);

    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_non_null(strstr(output, " used "));
    assert_non_null(strstr(output, "fmemp: check: "));
}

static void default_port_is_ours_without_locks_and_tags(void **state) {
    (void)state;
    assert_int_equal(FMEMP_SDK, 0);
    assert_int_equal(FMEMP_LOCK, 0);
    assert_int_equal(FMEMP_TAG_DEBUG, 0);
    assert_int_equal(FMempLock(&memp), 0); /* an inline function that does nothing */
    FMempUnlock(&memp, 0);
}

static void probe_past_32_bits_reads_all_ones(void **state) {
    (void)state;
    if (sizeof(void *) == 4) {
        skip(); /* there are no such sizes */
    }
    const size_t bytes = (size_t)3 << 30; /* of each of two regions */
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
