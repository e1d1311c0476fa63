/* SPDX-License-Identifier: BSD-3-Clause */
/* The format of loads, what reads them, and the recorder's table of addresses. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../record/address_table.h"
#include "../replay/load.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- format ----------------------------------------------------------------------------- */

static void varint_at_every_power_of_two_reads_as_written(void **state) {
    unsigned char bytes[LOAD_VARINT_BYTES_MAX];
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (uint64_t offset = 0; offset < 3; offset++) {
            uint64_t value = (UINT64_C(1) << bit) + offset - 1;
            uint64_t read = ~value;
            size_t written = varint_write(bytes, value);
            assert_in_range(written, 1, LOAD_VARINT_BYTES_MAX);
            assert_int_equal(varint_read(bytes, bytes + written, &read), written);
            assert_int_equal(read, value);
            assert_int_equal(varint_read(bytes, bytes + written - 1, &read), 0);
        }
    }
}

static void varint_below_128_takes_one_byte(void **state) {
    unsigned char bytes[LOAD_VARINT_BYTES_MAX];
    (void)state;
    assert_int_equal(varint_write(bytes, 127), 1);
    assert_int_equal(varint_write(bytes, 128), 2);
}

static void varint_of_more_than_64_bits_is_refused(void **state) {
    unsigned char bytes[12];
    uint64_t value;
    (void)state;
    memset(bytes, 0xff, sizeof bytes);
    bytes[9] = 0x01;
    assert_int_equal(varint_read(bytes, bytes + sizeof bytes, &value), 10);
    assert_int_equal(value, UINT64_MAX);
    bytes[9] = 0x02;
    assert_int_equal(varint_read(bytes, bytes + sizeof bytes, &value), 0);
    bytes[9] = 0x80;
    assert_int_equal(varint_read(bytes, bytes + sizeof bytes, &value), 0);
}

static void operation_of_every_kind_reads_as_written(void **state) {
    const uint64_t most = (UINT64_C(1) << 61) - 1;
    const load_operation operations[] = {
        {.kind = LOAD_END},
        {.kind = LOAD_MALLOC, .size = 0},
        {.kind = LOAD_MALLOC, .size = most},
        {.kind = LOAD_CALLOC, .size = 4096},
        {.kind = LOAD_MEMALIGN, .size = 100, .align_log2 = 12},
        {.kind = LOAD_MEMALIGN, .size = most, .align_log2 = 63},
        {.kind = LOAD_REALLOC, .size = 77, .age = 0},
        {.kind = LOAD_REALLOC, .size = most, .age = most},
        {.kind = LOAD_FREE, .age = 0},
        {.kind = LOAD_FREE, .age = most},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(operations); i++) {
        unsigned char bytes[LOAD_OPERATION_BYTES_MAX];
        load_operation read = {0};
        size_t written = load_operation_write(bytes, &operations[i]);
        assert_in_range(written, 1, LOAD_OPERATION_BYTES_MAX);
        assert_int_equal(load_operation_read(bytes, bytes + written, &read), written);
        assert_int_equal(read.kind, operations[i].kind);
        assert_int_equal(read.size, operations[i].size);
        assert_int_equal(read.age, operations[i].age);
        assert_int_equal(read.align_log2, operations[i].align_log2);
        assert_int_equal(load_operation_read(bytes, bytes + written - 1, &read), 0);
    }
}

static void operation_that_is_none_is_refused(void **state) {
    const unsigned char no_kind[] = {LOAD_FREE + 1, 0};
    const unsigned char end_with_a_value[] = {1 << LOAD_KIND_BITS, 0};
    const unsigned char alignment_too_large[] = {1 << LOAD_KIND_BITS | LOAD_MEMALIGN, 64};
    load_operation read;
    (void)state;
    assert_int_equal(load_operation_read(no_kind, no_kind + 2, &read), 0);
    assert_int_equal(load_operation_read(end_with_a_value, end_with_a_value + 2, &read), 0);
    assert_int_equal(load_operation_read(alignment_too_large, alignment_too_large + 2, &read), 0);
}

/* ---- reading a load --------------------------------------------------------------------- */

/* Writes a file and reads it as a load. */
static const char *bytes_read_as_load(const unsigned char *bytes, size_t count, load *read) {
    char path[] = "/tmp/test_load.XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, count), count);
    close(file);
    const char *error = load_read(read, path);
    unlink(path);
    return error;
}

static size_t header_write(unsigned char *bytes) {
    memcpy(bytes, load_header, sizeof load_header);
    return sizeof load_header;
}

static const char *operations_read_as_load(const load_operation *operations, size_t count,
                                           load *read) {
    unsigned char bytes[1024] = {0};
    size_t used = header_write(bytes);
    for (size_t i = 0; i < count; i++) {
        used += load_operation_write(bytes + used, &operations[i]);
    }
    return bytes_read_as_load(bytes, used + 1, read); /* with a zero: the end */
}

static void load_blocks_share_slots_when_not_live_together(void **state) {
    const load_operation operations[] = {
        {.kind = LOAD_MALLOC, .size = 100},
        {.kind = LOAD_MALLOC, .size = 20},
        {.kind = LOAD_REALLOC, .size = 300, .age = 1},
        {.kind = LOAD_FREE, .age = 1},
        {.kind = LOAD_MEMALIGN, .size = 40, .align_log2 = 6},
        {.kind = LOAD_FREE, .age = 1},
    };
    const uint32_t slots[] = {0, 1, 0, 0, 0, 1};
    load read;
    (void)state;
    assert_null(operations_read_as_load(operations, COUNT(operations), &read));
    assert_int_equal(read.count, COUNT(operations));
    assert_int_equal(read.slots, 2);
    for (size_t i = 0; i < COUNT(operations); i++) {
        assert_int_equal(read.operations[i].kind, operations[i].kind);
        assert_int_equal(read.operations[i].size, operations[i].size);
        assert_int_equal(read.operations[i].slot, slots[i]);
        assert_int_equal(read.operations[i].align_log2, operations[i].align_log2);
    }
    load_release(&read);
}

static void load_peak_is_the_most_that_was_live(void **state) {
    const load_operation operations[] = {
        {.kind = LOAD_MALLOC, .size = 100},
        {.kind = LOAD_CALLOC, .size = 20},
        {.kind = LOAD_REALLOC, .size = 300, .age = 1},
        {.kind = LOAD_REALLOC, .size = 10, .age = 1},
        {.kind = LOAD_MALLOC, .size = 60},
        {.kind = LOAD_FREE, .age = 0},
        {.kind = LOAD_MALLOC, .size = 230},
    };
    load read;
    (void)state;
    assert_null(operations_read_as_load(operations, COUNT(operations), &read));
    assert_int_equal(read.peak_bytes, 320);
    load_release(&read);
}

static void load_naming_a_block_that_is_not_live_is_refused(void **state) {
    const load_operation freed_twice[] = {
        {.kind = LOAD_MALLOC, .size = 1}, {.kind = LOAD_FREE}, {.kind = LOAD_FREE}};
    const load_operation realloc_after_free[] = {
        {.kind = LOAD_MALLOC, .size = 1}, {.kind = LOAD_FREE}, {.kind = LOAD_REALLOC, .size = 2}};
    const load_operation never_allocated[] = {{.kind = LOAD_MALLOC, .size = 1},
                                              {.kind = LOAD_FREE, .age = 1}};
    load read;
    (void)state;
    assert_non_null(operations_read_as_load(freed_twice, COUNT(freed_twice), &read));
    assert_null(read.operations);
    assert_non_null(operations_read_as_load(realloc_after_free, COUNT(realloc_after_free), &read));
    assert_non_null(operations_read_as_load(never_allocated, COUNT(never_allocated), &read));
}

static void load_that_is_cut_off_is_refused(void **state) {
    unsigned char bytes[64] = {0};
    load read;
    (void)state;
    size_t used = header_write(bytes);
    used += load_operation_write(bytes + used, &(load_operation){.kind = LOAD_MALLOC, .size = 9});
    assert_null(bytes_read_as_load(bytes, used + 1, &read));
    load_release(&read);
    for (size_t count = 0; count <= used; count++) {
        assert_non_null(bytes_read_as_load(bytes, count, &read));
    }
}

static void load_of_another_format_is_refused(void **state) {
    unsigned char bytes[64] = {0};
    load read;
    (void)state;
    size_t used = header_write(bytes);
    used += load_operation_write(bytes + used, &(load_operation){.kind = LOAD_MALLOC, .size = 9});
    for (size_t i = 0; i < sizeof load_header; i++) {
        bytes[i] ^= 1;
        assert_non_null(bytes_read_as_load(bytes, used + 1, &read));
        bytes[i] ^= 1;
    }
    assert_null(bytes_read_as_load(bytes, used + 1, &read));
    load_release(&read);
}

/* ---- address table ---------------------------------------------------------------------- */

enum { ADDRESSES = 60000, STEPS = 600000 };

/* The numbers of addresses 16, 32, ... in the table; 0: not in it. */
static uint64_t expected_numbers[ADDRESSES];

static const void *address_of(size_t index) { return (const void *)((uintptr_t)(index + 1) * 16); }

static uint64_t random_next(uint64_t *random) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 33;
}

/* FMEMP_TEST_SEED repeats a run. */
static uint64_t seed_choose(void) {
    const char *given = getenv("FMEMP_TEST_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)getpid() * 2654435761u;
    printf("FMEMP_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void table_random_puts_and_takes_equal_an_array(void **state) {
    address_table table = {0};
    uint64_t random = seed_choose();
    uint64_t number;
    (void)state;
    for (uint64_t step = 1; step <= STEPS; step++) {
        size_t index = (size_t)(random_next(&random) % ADDRESSES);
        if (random_next(&random) % 8 < 5) {
            assert_true(address_table_put(&table, address_of(index), step));
            expected_numbers[index] = step;
        } else {
            bool is_there = expected_numbers[index] != 0;
            assert_int_equal(address_table_take(&table, address_of(index), &number), is_there);
            assert_true(!is_there || number == expected_numbers[index]);
            expected_numbers[index] = 0;
        }
    }
    for (size_t index = 0; index < ADDRESSES; index++) {
        bool is_there = expected_numbers[index] != 0;
        assert_int_equal(address_table_take(&table, address_of(index), &number), is_there);
        assert_true(!is_there || number == expected_numbers[index]);
    }
    assert_int_equal(table.used, 0);
}

static void table_without_entries_finds_nothing(void **state) {
    address_table table = {0};
    uint64_t number;
    (void)state;
    assert_false(address_table_take(&table, &table, &number));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varint_at_every_power_of_two_reads_as_written),
        cmocka_unit_test(varint_below_128_takes_one_byte),
        cmocka_unit_test(varint_of_more_than_64_bits_is_refused),
        cmocka_unit_test(operation_of_every_kind_reads_as_written),
        cmocka_unit_test(operation_that_is_none_is_refused),
        cmocka_unit_test(load_blocks_share_slots_when_not_live_together),
        cmocka_unit_test(load_peak_is_the_most_that_was_live),
        cmocka_unit_test(load_naming_a_block_that_is_not_live_is_refused),
        cmocka_unit_test(load_that_is_cut_off_is_refused),
        cmocka_unit_test(load_of_another_format_is_refused),
        cmocka_unit_test(table_random_puts_and_takes_equal_an_array),
        cmocka_unit_test(table_without_entries_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
