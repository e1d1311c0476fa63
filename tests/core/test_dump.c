/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_dump and tlsf_dump_memory: what a writer gets. tests/run inspect compares what tools/heap
 * reads from a dump with the other routes.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <string.h>

enum { BYTES_MAX = 40000, PIECES_MAX = 8, HEADER_BYTES = 16 };
enum { PIECE_END, PIECE_MEMORY, PIECE_HEAP, PIECE_CODE };

static unsigned char written[BYTES_MAX];
static size_t written_bytes;
static int calls_left; /* the writer stops when there are none */

static int writer(void *context, const void *bytes, size_t count) {
    assert_ptr_equal(context, written);
    assert_true(calls_left > 0);
    assert_true(count <= BYTES_MAX - written_bytes);
    memcpy(written + written_bytes, bytes, count);
    written_bytes += count;
    return --calls_left == 0 ? 42 : 0;
}

static void writer_begin(void) {
    written_bytes = 0;
    calls_left = 1000;
}

typedef struct {
    uint64_t kind, address, bytes;
    const unsigned char *memory;
} piece;

static piece pieces[PIECES_MAX];
static size_t piece_count;

/* Reads what was written, which is one dump. */
static void expect_pieces(size_t count) {
    size_t at = HEADER_BYTES;
    assert_memory_equal(written, "FMEMDUMP\1", 9);
    assert_int_equal(written[9], sizeof(void *));
    piece_count = 0;
    while (at < written_bytes) {
        piece *p = &pieces[piece_count++];
        assert_true(piece_count <= PIECES_MAX);
        memcpy(p, written + at, 3 * sizeof(uint64_t));
        at += 3 * sizeof(uint64_t);
        p->memory = written + at;
        at += (size_t)p->bytes;
    }
    assert_int_equal(at, written_bytes);
    assert_int_equal(piece_count, count);
    assert_int_equal(pieces[count - 1].kind, PIECE_END);
}

/* The piece holds the memory at the address, from there on. */
static void expect_piece_of_memory(size_t number, const void *begin, size_t least) {
    const piece *p = &pieces[number];
    assert_int_equal(p->kind, PIECE_MEMORY);
    assert_int_equal(p->address, (uintptr_t)begin);
    assert_true(p->bytes >= least);
    assert_memory_equal(p->memory, begin, (size_t)p->bytes);
}

/* Verifies T335, T337, T340, T341, T342. */
static void dump_has_control_structure_and_every_pool(void **state) {
    enum { WORDS = 1024 };
    static uint64_t whole[WORDS], more[WORDS]; /* near each other, as links reach 8 GiB */
    (void)state;
    tlsf_t t = tlsf_create_with_pool(whole, sizeof whole);
    assert_non_null(tlsf_malloc(t, 100));
    pool_t added = tlsf_add_pool(t, more, sizeof more);
    assert_non_null(added);
    writer_begin();
    assert_int_equal(tlsf_dump(t, writer, written), 0);
    expect_pieces(6);
    assert_int_equal(pieces[0].kind, PIECE_CODE);
    assert_int_equal(pieces[0].address, (uintptr_t)tlsf_dump);
    assert_int_equal(pieces[1].kind, PIECE_HEAP);
    assert_int_equal(pieces[1].address, (uintptr_t)t);
    expect_piece_of_memory(2, t, sizeof(control));
    expect_piece_of_memory(3, tlsf_get_pool(t), sizeof whole / 4);
    expect_piece_of_memory(4, added, sizeof more / 2);
}

/* Verifies T344. */
static void dump_of_broken_plan_keeps_to_what_every_heap_has(void **state) {
    heap h = heap_make(4096);
    control *t = control_of(h.t);
    (void)state;
    const uint32_t class_end = t->class_end;
    t->class_end = UINT32_MAX;
    writer_begin();
    assert_int_equal(tlsf_dump(h.t, writer, written), 0);
    expect_pieces(5);
    expect_piece_of_memory(2, h.t, sizeof(control));
    assert_int_equal(pieces[2].bytes, sizeof(control));
    t->class_end = class_end;
    heap_end(&h);
}

/* Verifies T336, T342. */
static void dump_ends_where_the_writer_stops_it(void **state) {
    heap h = heap_make(4096);
    (void)state;
    for (int calls = 1; calls <= 8; calls++) {
        writer_begin();
        calls_left = calls;
        assert_int_equal(tlsf_dump(h.t, writer, written), 42);
        assert_int_equal(calls_left, 0);
    }
    heap_end(&h);
}

/* Verifies T347, T348, T349. */
static void dump_memory_is_a_dump_of_its_own(void **state) {
    static const char text[] = "some memory";
    (void)state;
    writer_begin();
    assert_int_equal(tlsf_dump_memory(text, sizeof text, writer, written), 0);
    expect_pieces(2);
    expect_piece_of_memory(0, text, sizeof text);
    writer_begin();
    assert_int_equal(tlsf_dump_memory(text, 0, writer, written), 0);
    expect_pieces(1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dump_has_control_structure_and_every_pool),
        cmocka_unit_test(dump_of_broken_plan_keeps_to_what_every_heap_has),
        cmocka_unit_test(dump_ends_where_the_writer_stops_it),
        cmocka_unit_test(dump_memory_is_a_dump_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
