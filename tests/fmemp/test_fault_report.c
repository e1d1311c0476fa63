/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the default fault hook prints: kind, block, the likely culprit with its place in the source,
 * the bytes that are wrong, those expected, and the neighbours.
 */
#include "fmemp_support.h"

#include <stdio.h>

enum { BLOCKS = 4, BLOCK_BYTES = 100 };

static u8 *blocks[BLOCKS];
static unsigned long lines[BLOCKS];

static void allocate(void) {
    for (size_t i = 0; i < BLOCKS; i++) {
        lines[i] = __LINE__ + 1;
        blocks[i] = FMEMP_MALLOC(&memp, BLOCK_BYTES);
        assert_non_null(blocks[i]);
        memset(blocks[i], 0x11, BLOCK_BYTES);
    }
}

/* The heap is broken: keep the teardown from checking it. */
static void forget_heap(void) { memset(&memp, 0, sizeof memp); }

/* Frees what is no live block. Level 0 does not find that: the program has to, and passes it on. */
static void free_wrongly(void *ptr, tlsf_fault_kind kind) {
    if (TLSF_HARDENING >= 1) {
        FMempFree(&memp, ptr);
    } else {
        pass_fault_on(ptr, kind);
    }
}

/* The report has a line that begins so, and nothing but a place follows. */
static void expect_line(const char *begin, const void *payload, const char *use, size_t size,
                        size_t number_of_block) {
    char line[128];

    (void)snprintf(line, sizeof line, "fmemp: %s  %s %s %lu", begin, pointer_text(payload), use,
                   (unsigned long)size);
    if (printed_count(line) != 1) {
        fail_msg("no line \"%s\" in:\n%s", line, mock_printed);
    }
    if (FMEMP_TAGS && number_of_block < BLOCKS) {
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), "  %s:%lu ", __FILE__,
                       lines[number_of_block]);
        assert_int_equal(printed_count(line), 1);
    }
}

/* The inner size of the blocks, as a walk says it. */
static size_t inner_size(void) {
    tlsf_block_t found;

    assert_int_equal(tlsf_locate(memp.tlsf_ptr, blocks[0], &found), 1);
    return found.size;
}

/* A stray write to the header of block 2 alone: block 1 keeps its tag. */
/* Verifies F246, P28. */
static void fault_report_names_culprit_bytes_and_neighbours(void **state) {
    (void)state;
    allocate();
    const size_t size = inner_size();
    u8 *header = blocks[1] + (blocks[2] - blocks[1]) - tlsf_alloc_overhead();

    if (TLSF_HARDENING >= 3) {
        skip(); /* the guard between them shows more: see below */
    }
    const u8 overrun[] = {' ', '~', 0x7F, 0xFF};
    u8 expected[sizeof(size_t)];
    memcpy(expected, header, sizeof expected);
    memcpy(header, overrun, sizeof overrun);
    free_wrongly(blocks[2], TLSF_FAULT_NEIGHBOUR);
    assert_int_equal(mock_stops, 1);
    assert_int_equal(printed_count("fmemp: fault: "), 1);
    expect_line("likely overrun of", blocks[1], "used", size, 1);
    expect_line("before ", blocks[1], "used", size, 1);
    expect_line("here   ", blocks[2], "used", size, BLOCKS);
    expect_line("behind ", blocks[3], "used", size, 3);
    char line[160];
    (void)snprintf(line, sizeof line, "fmemp: wrong at %s: 20 7e 7f ff ", pointer_text(header));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count(" \" ~.."), 1);
    (void)snprintf(line, sizeof line, "fmemp: expected %02x %02x %02x %02x", expected[0],
                   expected[1], expected[2], expected[3]);
    assert_int_equal(printed_count(line), 1);
    forget_heap();
}

/* At level 3 the guard in front is intact: nobody wrote the header from there.
 * Verifies F246, P28. */
static void fault_report_of_a_broken_header_shows_the_expected_bytes(void **state) {
    (void)state;
    char line[96];
    u8 expected[sizeof(size_t)];

    allocate();
    const size_t size = inner_size();
    const size_t bytes = tlsf_alloc_overhead() / (TLSF_HARDENING >= 3 ? 2 : 1);
    u8 *header = blocks[2] - bytes;
    memcpy(expected, header, bytes);
    memset(header, 0x7E, bytes);
    free_wrongly(blocks[2], TLSF_FAULT_NEIGHBOUR);
    if (TLSF_HARDENING >= 3) {
        expect_line("likely underrun of", blocks[2], "used", size, BLOCKS);
    } else {
        expect_line("likely overrun of", blocks[1], "used", size, 1);
    }
    (void)snprintf(line, sizeof line, "fmemp: expected %02x %02x %02x %02x", expected[0],
                   expected[1], expected[2], expected[3]);
    assert_int_equal(printed_count(line), 1);
    forget_heap();
}

/* Verifies F246. */
static void fault_report_overrun_of_a_tag_says_so(void **state) {
    (void)state;
    allocate();

    memset(blocks[1] + BLOCK_BYTES, 'x', (size_t)(blocks[2] - blocks[1]) - BLOCK_BYTES);
    free_wrongly(blocks[2], TLSF_FAULT_NEIGHBOUR);
    char line[96];
    (void)snprintf(line, sizeof line, "fmemp: likely overrun of  %s used ",
                   pointer_text(blocks[1]));
    assert_int_equal(printed_count(line), 1);
    assert_int_not_equal(printed_count(" \"xxxx"), 0);
    /* At level 3 the overwritten guard says how small the block is. */
    assert_int_equal(printed_count("tag overwritten") + printed_count("too small for its tag") != 0,
                     FMEMP_TAGS);
    assert_int_equal(mock_stops, 1);
    forget_heap();
}

/* Verifies F246, P28. */
static void fault_report_double_free_says_what_lies_there_now(void **state) {
    (void)state;
    allocate();
    const size_t size = inner_size();

    FMempFree(&memp, blocks[1]);
    free_wrongly(blocks[1], TLSF_FAULT_DOUBLE_FREE);
    expect_line("likely double free; there now", blocks[1], "free", size, BLOCKS);
    expect_line("before ", blocks[0], "used", size, 0);
    expect_line("behind ", blocks[2], "used", size, 2);
    assert_int_equal(printed_count("fmemp: wrong at"), 0);
    assert_int_equal(mock_stops, 1);
}

/* Verifies F246, F247. */
static void fault_report_interior_pointer_names_the_block(void **state) {
    (void)state;
    allocate();
    const size_t size = inner_size();

    memset(blocks[2], 0, BLOCK_BYTES);
    free_wrongly(blocks[2] + 8 * sizeof(void *), TLSF_FAULT_NOT_A_BLOCK);
    expect_line("likely interior pointer of", blocks[2], "used", size, 2);
    assert_int_equal(mock_stops, 1);
}

/* A block of unknown size has its tag at an unknown place. */
/* Verifies F246. */
static void fault_report_neighbour_with_a_broken_header_names_no_place(void **state) {
    (void)state;
    char line[96];

    allocate();
    const size_t size = inner_size();
    const size_t header = tlsf_alloc_overhead() / (TLSF_HARDENING >= 3 ? 2 : 1);
    memset(blocks[2] - header, 0, header);
    free_wrongly(blocks[1] + 1, TLSF_FAULT_MISALIGNED);
    expect_line("likely interior pointer of", blocks[1], "used", size, 1);
    (void)snprintf(line, sizeof line, "fmemp: behind   %s used 0\n", pointer_text(blocks[2]));
    assert_int_equal(printed_count(line), 1);
    forget_heap();
}

/* Verifies F246, F247. */
static void fault_report_foreign_pointer_names_no_block(void **state) {
    (void)state;
    static u64 elsewhere[8];

    free_wrongly(elsewhere, TLSF_FAULT_NOT_A_BLOCK);
    assert_int_equal(printed_count("fmemp: likely foreign pointer\n"), 1);
    assert_int_equal(printed_count("fmemp: here "), 0);
    assert_int_equal(mock_stops, 1);
}

/* Of a link nobody knows what it was. */
/* Verifies F246. */
static void fault_report_of_broken_links_expects_no_bytes(void **state) {
    (void)state;
    char line[96];

    allocate();
    const size_t size = inner_size();
    FMempFree(&memp, blocks[1]);
    FMempFree(&memp, blocks[3]); /* takes the pending place */
    memset(blocks[1], 0x41, sizeof(void *));
    free_wrongly(blocks[1], TLSF_FAULT_DOUBLE_FREE);
    expect_line("likely write after free of", blocks[1], "free", size, BLOCKS);
    (void)snprintf(line, sizeof line, "fmemp: wrong at %s: 41 41 41 41 ", pointer_text(blocks[1]));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("fmemp: expected"), 0);
    forget_heap();
}

/* Verifies F246. */
static void fault_report_of_a_broken_control_structure_names_no_block(void **state) {
    (void)state;
    char line[96];

    allocate();
    FMempFree(&memp, blocks[1]);
    memset(memp.tlsf_ptr, 0xFF, 4); /* is 0 in a sound control structure */
    free_wrongly(blocks[1], TLSF_FAULT_DOUBLE_FREE);
    assert_int_equal(printed_count("fmemp: likely control structure\n"), 1);
    (void)snprintf(line, sizeof line, "fmemp: wrong at %s\n", pointer_text(memp.tlsf_ptr));
    assert_int_equal(printed_count(line), 1);
    assert_int_equal(printed_count("fmemp: expected"), 0);
    assert_int_equal(printed_count("fmemp: before"), 0);
    assert_int_equal(printed_count("fmemp: here"), 0);
    forget_heap();
}

#define WITH_HEAP(case) cmocka_unit_test_setup_teardown(case, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(fault_report_names_culprit_bytes_and_neighbours),
        WITH_HEAP(fault_report_of_a_broken_header_shows_the_expected_bytes),
        WITH_HEAP(fault_report_overrun_of_a_tag_says_so),
        WITH_HEAP(fault_report_double_free_says_what_lies_there_now),
        WITH_HEAP(fault_report_interior_pointer_names_the_block),
        WITH_HEAP(fault_report_neighbour_with_a_broken_header_names_no_place),
        WITH_HEAP(fault_report_foreign_pointer_names_no_block),
        WITH_HEAP(fault_report_of_broken_links_expects_no_bytes),
        WITH_HEAP(fault_report_of_a_broken_control_structure_names_no_block),
    };
    return cmocka_run_group_tests_name("fmemp_fault_report", tests, NULL, NULL);
}
