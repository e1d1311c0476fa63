/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Existing firmware, unchanged: the memory-pool example of the vendor's documents. It spells the
 * header as the documents do, uses static byte buffers without any alignment, and links the library
 * as built.
 */
#include "fmempory_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define POOL_BYTES (sizeof(void *) == 8 ? 9000U : 5000U)

static u8 buffer[16 + 9000];
static FMemp memp;

static int is_filled(const u8 *block, u8 value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != value) {
            return 0;
        }
    }
    return 1;
}

/* ---- the firmware ------------------------------------------------------------------- */

static FError example_run(u8 *begin, u8 *end) {
    static const size_t aligns[] = {128, 64, 32};
    FError result = FMEMP_SUCCESS;
    u8 *aligned[3];
    u32 total = 0;
    u32 used = 0;
    u32 max_used = 0;

    if (FT_COMPONENT_IS_READY != memp.is_ready) {
        result = FMempInit(&memp, begin, end);
        if (FMEMP_SUCCESS != result) {
            return result;
        }
    }
    u8 *block = FMempMalloc(&memp, 100);
    if (NULL == block) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    memset(block, 0xAA, 100);
    for (size_t i = 0; i < 3; i++) {
        aligned[i] = FMempMallocAlign(&memp, aligns[i], aligns[i]);
        if (NULL == aligned[i] || (uintptr_t)aligned[i] % aligns[i] != 0) {
            return FMEMP_ERR_BAD_MALLOC;
        }
        memset(aligned[i], (int)i, aligns[i]);
    }
    u16 *words = FMempCalloc(&memp, 4, sizeof(u16));
    if (NULL == words || words[0] != 0 || words[1] != 0 || words[2] != 0 || words[3] != 0) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    block = FMempRealloc(&memp, block, 200);
    if (NULL == block || !is_filled(block, 0xAA, 100)) {
        return FMEMP_ERR_BAD_MALLOC;
    }
    FMemListAll(&memp);
    for (size_t i = 0; i < 3; i++) {
        if (!is_filled(aligned[i], (u8)i, aligns[i])) {
            return FMEMP_ERR_BAD_MALLOC;
        }
        FMempFree(&memp, aligned[i]);
    }
    FMempFree(&memp, words);
    FMempFree(&memp, block);
    FMemListAll(&memp);
    FMemProbe(&memp, &total, &used, &max_used);
    printf("total %lu, used %lu, most used %lu\n", (unsigned long)total, (unsigned long)used,
           (unsigned long)max_used);
    return result;
}

/* ---- the tests ---------------------------------------------------------------------- */

/* Verifies F26, F29, F30. */
static void example_any_misalignment_runs_in_9000_or_5000_bytes(void **state) {
    (void)state;
    for (size_t misalignment = 0; misalignment < 16; misalignment++) {
        u8 *const begin = buffer + misalignment;

        memset(buffer, 0x5A, sizeof buffer);
        assert_int_equal(example_run(begin, begin + POOL_BYTES), FMEMP_SUCCESS);
        assert_int_equal(memp.is_ready, FT_COMPONENT_IS_READY);
        assert_int_equal(FMempInit(&memp, begin, begin + POOL_BYTES), FMEMP_ERR_ALREADY_INIT);
        assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
        if (misalignment % 2 == 0) {
            FMempRemove(&memp);
        } else {
            FMempDeinit(&memp);
        }
        assert_int_equal(memp.is_ready, 0);
        assert_true(is_filled(buffer, 0x5A, misalignment));
        assert_true(is_filled(begin + POOL_BYTES, 0x5A, sizeof buffer - misalignment - POOL_BYTES));
    }
}

/* Verifies F18, F19, F30. */
static void example_buffer_too_small_is_an_error(void **state) {
    (void)state;
    assert_int_equal(example_run(buffer + 1, buffer + 100), FMEMP_ERR_INIT_TLFS);
    assert_int_equal(example_run(buffer + 1, buffer + 1), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(memp.is_ready, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(example_any_misalignment_runs_in_9000_or_5000_bytes),
        cmocka_unit_test(example_buffer_too_small_is_an_error),
    };

    return cmocka_run_group_tests_name("fmemp_example", tests, NULL, NULL);
}
