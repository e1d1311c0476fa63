/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The request stream's format, as stream.h documents it.
 *
 * No case verifies a promise: the format of the request streams.
 */
#include "drive.h"
#include "support/suite.h"

static request decode(const uint8_t bytes[STREAM_SHORT_BYTES]) {
    stream s = stream_of(bytes, STREAM_SHORT_BYTES);
    request r;
    assert_true(stream_next(&s, &r));
    return r;
}

static request decode_with_size(uint8_t low, uint8_t high) {
    const uint8_t bytes[STREAM_SHORT_BYTES] = {0, 0, low, high, 0, 0};
    return decode(bytes);
}

static request decode_with_align(uint8_t align) {
    const uint8_t bytes[STREAM_SHORT_BYTES] = {0, 0, 0, 0, align, 0};
    return decode(bytes);
}

static request decode_with_count(uint8_t count) {
    const uint8_t bytes[STREAM_SHORT_BYTES] = {0, 0, 0, 0, 0, count};
    return decode(bytes);
}

static void stream_incomplete_request_is_the_end(void **state) {
    const uint8_t bytes[2 * STREAM_SHORT_BYTES] = {0};
    (void)state;
    for (size_t count = 0; count < sizeof(bytes); count++) {
        stream s = stream_of(bytes, count);
        request r;
        size_t requests = 0;
        while (stream_next(&s, &r)) {
            requests++;
        }
        assert_int_equal(requests, count / STREAM_SHORT_BYTES);
    }
}

static void stream_every_kind_byte_decodes_to_its_kind(void **state) {
    (void)state;
    for (int kind = REQUEST_MALLOC; kind <= REQUEST_CORRUPT; kind++) {
        const uint8_t bytes[STREAM_SHORT_BYTES] = {stream_kind_byte((request_kind)kind), 7};
        assert_int_equal(decode(bytes).kind, kind);
        assert_int_equal(decode(bytes).slot, 7);
        assert_non_null(request_name((request_kind)kind));
    }
}

static void stream_size_forms_are_as_documented(void **state) {
    (void)state;
    assert_int_equal(decode_with_size(0x00, 0x00).size, 0);
    assert_int_equal(decode_with_size(0xFF, 0x3F).size, 1023);
    assert_int_equal(decode_with_size(0xFF, 0x7F).size, 0x3FFF * 8);
    assert_int_equal(decode_with_size(0x03, 0x80 | 10).size, 3 << 10);
    assert_int_equal(decode_with_size(0x00, 0xC0).size, SIZE_MAX);
    assert_int_equal(decode_with_size(0x02, 0xC1).size, SIZE_MAX - 0x102);
}

static void stream_align_forms_are_as_documented(void **state) {
    (void)state;
    assert_int_equal(decode_with_align(16).align, 65536);
    assert_int_equal(decode_with_align(0x40 | 3).align, 8);
    assert_true(decode_with_align(0x80 | (sizeof(size_t) * 8 - 1)).align == SIZE_MAX / 2 + 1);
    assert_int_equal(decode_with_align(0xC0).align, 0);
    assert_int_equal(decode_with_align(0xC0 | 3).align, 3);
}

static void stream_count_forms_are_as_documented(void **state) {
    (void)state;
    assert_int_equal(decode_with_count(0).count, 1);
    assert_int_equal(decode_with_count(7).count, 8);
    assert_true(decode_with_count(224).count == SIZE_MAX);
    assert_true(decode_with_count(225).count == SIZE_MAX >> 1);
}

/* ---- long requests ------------------------------------------------------------------ */

static void stream_long_request_says_every_number(void **state) {
    const size_t numbers[] = {0, 1, 4095, 12345, SIZE_MAX / 3, SIZE_MAX / 2 + 1, SIZE_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const request written = {REQUEST_REALLOC_ALIGNED, 200, numbers[i], SIZE_MAX - numbers[i],
                                 numbers[i] / 7};
        uint8_t bytes[STREAM_LONG_BYTES];
        stream_write_long(&written, bytes);
        stream s = stream_of(bytes, sizeof(bytes));
        request r;
        assert_true(stream_next(&s, &r));
        assert_int_equal(r.kind, written.kind);
        assert_int_equal(r.slot, written.slot);
        assert_true(r.size == written.size && r.align == written.align);
        assert_true(r.count == written.count);
        assert_false(stream_next(&s, &r));
    }
}

static void stream_incomplete_long_request_is_the_end(void **state) {
    uint8_t bytes[STREAM_LONG_BYTES + STREAM_SHORT_BYTES] = {0xE0};
    (void)state;
    for (size_t count = 0; count < sizeof(bytes); count++) {
        stream s = stream_of(bytes, count);
        request r;
        assert_int_equal(stream_next(&s, &r), count >= STREAM_LONG_BYTES);
        assert_false(stream_next(&s, &r));
    }
}

/* ---- shapes ------------------------------------------------------------------------- */

static void stream_shape_is_as_documented(void **state) {
    const uint8_t bytes[] = {2 | 63 << 2, 0x01, 0xC0 | 0x3F, 0x02, 0x21, 128, 0, 1, 2, 3, 4, 5};
    stream s;
    request r;
    (void)state;
    const stream_shape shape = stream_begin(&s, bytes, sizeof(bytes));
    assert_int_equal(shape.creation, CREATION_WITH_POOL);
    assert_int_equal(shape.misalignment, 63);
    assert_int_equal(shape.first_bytes, 0x3F01 << 3);
    assert_int_equal(shape.region_bytes, 0x2102);
    assert_true(shape.planned == SIZE_MAX);
    assert_true(stream_next(&s, &r));
    assert_int_equal(r.slot, 1);
    assert_false(stream_next(&s, &r));
}

static void stream_shape_plans_for_regions_or_the_first_pool(void **state) {
    uint8_t bytes[STREAM_SHAPE_BYTES] = {0, 0, 0, 0x34, 0xD2, 127};
    stream s;
    (void)state;
    assert_int_equal(stream_begin(&s, bytes, sizeof(bytes)).planned, 0x1234);
    bytes[5] = 192;
    assert_int_equal(stream_begin(&s, bytes, sizeof(bytes)).planned, 0);
}

static void stream_short_shape_counts_as_zeros(void **state) {
    const uint8_t bytes[STREAM_SHAPE_BYTES] = {3, 9, 0, 0, 0, 0};
    stream s;
    (void)state;
    assert_int_equal(stream_begin(&s, bytes, 0).creation, CREATION_SIZED);
    assert_int_equal(stream_begin(&s, bytes, 1).creation, CREATION_EMPTY);
    assert_int_equal(stream_begin(&s, bytes, 1).first_bytes, 0);
    assert_int_equal(stream_begin(&s, bytes, 2).first_bytes, 9);
    assert_true(s.next == s.end);
}

/* ---- driving ------------------------------------------------------------------------ */

/* The driver sends what a short stream says. */
static void stream_driven_heap_serves_and_frees(void **state) {
    static model m;
    const uint8_t bytes[] = {
        0, 1, 100, 0, 0, 0, /* malloc into slot 1 */
        0, 2, 50,  0, 0, 0, /* malloc into slot 2 */
        0, 1, 20,  0, 0, 0, /* frees slot 1 first */
    };
    uint8_t freeing[STREAM_SHORT_BYTES] = {stream_kind_byte(REQUEST_FREE), 2};
    (void)state;
    model_make(&m, 4096, 4096, 0);
    drive_bytes(&m, bytes, sizeof(bytes));
    assert_int_equal(m.step, 3);
    assert_int_equal(m.allocations, 3);
    assert_int_equal(m.frees, 1);
    assert_non_null(m.blocks[1].begin);
    drive_bytes(&m, freeing, sizeof(freeing));
    assert_null(m.blocks[2].begin);
    assert_int_equal(m.survey.used_blocks, 1);
    model_end(&m);
}

/* Each way of making a heap that a stream can begin with gives a heap that serves requests. */
static void stream_driven_heap_of_each_creation_serves(void **state) {
    (void)state;
    for (int creation = 0; creation < CREATIONS; creation++) {
        const uint8_t bytes[] = {
            (uint8_t)creation,
            0,
            1,
            0,
            1,
            0, /* a first pool of 256 bytes, regions of 256 bytes */
            0,
            1,
            9,
            0,
            0,
            0, /* malloc into slot 1 */
            0,
            2,
            9,
            0,
            0,
            0, /* malloc into slot 2 */
        };
        assert_int_equal(
            drive_stream(&model_core_calls, NULL, &drive_walks_always, bytes, sizeof(bytes)), 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_incomplete_request_is_the_end),
        cmocka_unit_test(stream_every_kind_byte_decodes_to_its_kind),
        cmocka_unit_test(stream_size_forms_are_as_documented),
        cmocka_unit_test(stream_align_forms_are_as_documented),
        cmocka_unit_test(stream_count_forms_are_as_documented),
        cmocka_unit_test(stream_long_request_says_every_number),
        cmocka_unit_test(stream_incomplete_long_request_is_the_end),
        cmocka_unit_test(stream_shape_is_as_documented),
        cmocka_unit_test(stream_shape_plans_for_regions_or_the_first_pool),
        cmocka_unit_test(stream_short_shape_counts_as_zeros),
        cmocka_unit_test(stream_driven_heap_serves_and_frees),
        cmocka_unit_test(stream_driven_heap_of_each_creation_serves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
