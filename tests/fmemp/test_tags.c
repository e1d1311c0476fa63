/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: the tagging macros, on a library with tags (FMEMP_TAG_DEBUG 1) and on one
 * without tags.
 */
#include "fmemp_support.h"
#include "support/fmemp_internals.h"

#include <stdio.h>

/* Returns what a listing prints after a block allocated in `line` of this file. */
static const char *tag_text(int line) {
    static char text[256];

    (void)snprintf(text, sizeof text, "  %s:%d %s", __FILE__, line,
                   "list_all_each_macro_prints_its_file_line_and_function");
    return text;
}

/* Verifies F93, F94, F95, P33, P34. */
static void list_all_each_macro_prints_its_file_line_and_function(void **state) {
    (void)state;
    const int line = __LINE__;
    void *first = FMEMP_MALLOC(&memp, 10);
    void *second = FMEMP_CALLOC(&memp, 3, 10);
    void *third = FMEMP_MALLOC_ALIGN(&memp, 10, 256);
    void *fourth = FMEMP_REALLOC(&memp, NULL, 10);
    void *fifth = FMEMP_REALLOC_ALIGN(&memp, NULL, 10, 128);

    assert_true(first != NULL && second != NULL && third != NULL && fourth != NULL);
    assert_true(is_aligned(third, 256) && is_aligned(fifth, 128));
    FMemListAll(&memp);
    assert_int_equal(printed_count(" used "), 5);
    for (int offset = 1; offset <= 5; offset++) {
        assert_int_equal(printed_count(tag_text(line + offset)), FMEMP_TAGS ? 1 : 0);
    }
    assert_int_equal(printed_count("overwritten"), 0);
}

/* Verifies F93, F110. */
static void free_macro_frees(void **state) {
    (void)state;
    const u64 largest = stats_now().largest;

    FMEMP_FREE(&memp, FMEMP_MALLOC(&memp, 100));
    FMempFree(&memp, FMEMP_MALLOC(&memp, 100));
    FMEMP_FREE(&memp, FMempMalloc(&memp, 100));
    FMEMP_FREE(&memp, NULL);
    assert_int_equal(stats_now().largest, largest);
}

/* Verifies F98, F100, F105. */
static void list_all_plain_block_names_no_file(void **state) {
    (void)state;
    assert_non_null(FMempMalloc(&memp, 10));
    FMemListAll(&memp);
    assert_int_equal(printed_count(" used "), 1);
    assert_int_equal(printed_count("fmemp_tags"), 0);
    assert_int_equal(printed_count(":0"), 0); /* nor a line number */
    assert_int_equal(printed_count("overwritten"), 0);
}

/* Sources of the vendor's SDK ask with #ifdef. Verifies P36, P37. */
static void tag_debug_is_defined_if_and_only_if_tags_are_on(void **state) {
    (void)state;
#ifdef FMEMP_TAG_DEBUG
    assert_int_equal(FMEMP_TAGS, 1);
    assert_int_equal(FMEMP_TAG_DEBUG, 1);
#else
    assert_int_equal(FMEMP_TAGS, 0);
#endif
}

#if FMEMP_TAGS

/* Writes to every requested byte: that would destroy a tag in them. */
static void *filled(void *block, size_t bytes) {
    assert_non_null(block);
    memset(block, 0xD7, bytes);
    return block;
}

/* Verifies F96, F106. */
static void tag_every_size_and_alignment_lies_behind_what_was_asked_for(void **state) {
    (void)state;
    size_t count = 0;

    for (size_t bytes = 0; bytes < 200; bytes++) {
        (void)filled(FMempMallocTag(&memp, bytes, "tagged", 1, "x"), bytes);
        (void)filled(FMempMallocAlignTag(&memp, bytes, (size_t)1 << bytes % 8, "tagged", 1, "x"),
                     bytes);
        count += 2;
        if (bytes % 50 == 49) {
            FMemListAll(&memp);
            assert_int_equal(printed_count("tagged:1 x"), count);
            mock_reset();
            FMempReset(&memp);
            count = 0;
        }
    }
}

/* Verifies F94, F106. */
static void tag_of_a_resized_block_is_of_the_last_call(void **state) {
    (void)state;
    void *block = filled(FMempMallocTag(&memp, 100, "first", 1, NULL), 100);

    block = filled(FMempReallocTag(&memp, block, 300, "second", 2, NULL), 300);
    FMemListAll(&memp);
    assert_int_equal(printed_count("first:1"), 0);
    assert_int_equal(printed_count("second:2"), 1);
    block = FMempReallocAlignTag(&memp, block, 20, 64, "third", 3, NULL);
    assert_true(is_filled(block, 0xD7, 20));
    FMemListAll(&memp);
    assert_int_equal(printed_count("second:2"), 1);
    assert_int_equal(printed_count("third:3"), 1);
}

/* Verifies F106. */
static void tag_survives_a_realloc_that_fails(void **state) {
    (void)state;
    void *block = filled(FMempMallocTag(&memp, 100, "first", 1, NULL), 100);

    assert_null(FMempReallocTag(&memp, block, ARENA_BYTES, "second", 2, NULL));
    assert_null(FMempReallocTag(&memp, block, SIZE_MAX, "second", 2, NULL));
    assert_null(FMempReallocAlignTag(&memp, block, 10, 3, "second", 2, NULL));
    assert_true(is_filled(block, 0xD7, 100));
    FMemListAll(&memp);
    assert_int_equal(printed_count("first:1"), 1);
    assert_int_equal(printed_count("second:2"), 0);
}

/* Verifies F106. */
static void tag_calloc_overflowing_product_fails(void **state) {
    (void)state;
    assert_null(FMempCallocTag(&memp, SIZE_MAX / 2 + 1, 2, "f", 1, NULL));
    assert_null(FMempCallocTag(&memp, 2, SIZE_MAX / 2 + 1, "f", 1, NULL));
    assert_null(FMempCallocTag(&memp, SIZE_MAX, SIZE_MAX, "f", 1, NULL));
    assert_null(FMempCallocTag(&memp, SIZE_MAX / 8, 8, "f", 1, NULL)); /* overflows with its tag */
    assert_non_null(FMempCallocTag(&memp, SIZE_MAX, 0, "f", 1, NULL));
}

/* Verifies F97, F103. */
static void tag_overwritten_by_an_overrun_is_said_and_not_followed(void **state) {
    (void)state;
    u8 *block = filled(FMempMallocTag(&memp, 100, "first", 1, NULL), 100);

    memset(block + 100, 0x41, tlsf_block_size(block) - 100);
    FMemListAll(&memp);
    assert_int_equal(printed_count("tag overwritten"), 1);
    assert_int_equal(printed_count("first:1"), 0);
}

/* Makes a tagged block look smaller than any tagged block can be. */
/* Verifies F101, F162. */
static void tag_of_a_block_of_corrupted_size_is_said_and_not_read(void **state) {
    (void)state;
    u8 *block = filled(FMempMallocTag(&memp, 100, "first", 1, "x"), 100);
    const u8 *smallest = tlsf_malloc(memp.tlsf_ptr, 0);
    const size_t header = tlsf_alloc_overhead() / (TLSF_HARDENING >= 3 ? 2 : 1);
    u8 sound[8];

    memcpy(sound, block - header, header);
    memcpy(block - header, smallest - header, header);
    if (tlsf_block_size(block) < TAG_ROOM) {
        FMemListAll(&memp);
        assert_int_equal(printed_count("too small for its tag"), 1);
        assert_int_equal(printed_count("first:1"), 0);
        assert_int_equal(FMempBlockSize(&memp, block), 0);
    }
    memcpy(block - header, sound, header);
}

/* FMemListAll follows the pointers of a tag only if the whole tag is intact. */
/* Verifies F102, F103. */
static void tag_with_any_bit_changed_is_said_and_not_followed(void **state) {
    (void)state;
    u8 *block = filled(FMempMallocTag(&memp, 100, "first", 1, "x"), 100);
    u8 *tag = (u8 *)tag_of(block, tlsf_block_size(block));

    assert_true(is_aligned(tag, _Alignof(struct tag)));
    for (size_t bit = 0; bit < 8 * offsetof(struct tag, seal) + 32; bit++) {
        tag[bit / 8] ^= (u8)(1u << bit % 8);
        FMemListAll(&memp);
        assert_int_equal(printed_count("tag overwritten"), 1);
        assert_int_equal(printed_count("first:1"), 0);
        mock_reset();
        tag[bit / 8] ^= (u8)(1u << bit % 8);
    }
    FMemListAll(&memp);
    assert_int_equal(printed_count("first:1 x"), 1);
}

/* Verifies F103. */
static void tag_copied_to_another_block_is_said(void **state) {
    (void)state;
    u8 *first = filled(FMempMallocTag(&memp, 100, "first", 1, "x"), 100);
    u8 *second = filled(FMempMallocTag(&memp, 100, "second", 2, "y"), 100);

    memcpy(tag_of(second, tlsf_block_size(second)), tag_of(first, tlsf_block_size(first)),
           sizeof(struct tag));
    FMemListAll(&memp);
    assert_int_equal(printed_count("tag overwritten"), 1);
    assert_int_equal(printed_count("first:1 x"), 1);
}

/* Verifies F109. */
static void tag_line_of_32_bits_is_printed_whole(void **state) {
    (void)state;
    (void)filled(FMempMallocTag(&memp, 100, "last", 4294967295u, "x"), 100);
    FMemListAll(&memp);
    assert_int_equal(printed_count("last:4294967295 x"), 1);
}

/* Verifies F106, F133. */
static void tag_largest_is_what_a_caller_can_ask_for(void **state) {
    (void)state;
    const fsize_t largest = (fsize_t)stats_now().largest;

    assert_null(FMempMallocTag(&memp, largest + 1, "f", 1, NULL));
    (void)filled(FMempMallocTag(&memp, largest, "f", 1, NULL), largest);
}

/* Verifies F104, F103. */
static void tag_that_is_not_intact_has_no_other_members(void **state) {
    (void)state;
    FMempBlock found;
    u8 *block = filled(FMempMallocTag(&memp, 100, "first", 1, "x"), 100);

    memset(block + 100, 0x41, tlsf_block_size(block) - 100);
    assert_int_equal(FMempLocate(&memp, block, &found), 1);
    assert_int_equal(found.tag.status, FMEMP_TAG_OVERWRITTEN);
    assert_null(found.tag.file);
    assert_int_equal(found.tag.line, 0);
    assert_null(found.tag.msg);
}

/* Verifies F102, F107, F108. */
static void tag_keeps_its_strings_uncopied_and_takes_null(void **state) {
    static const char file[] = "file", msg[] = "msg";
    FMempBlock found;
    (void)state;

    assert_int_equal(FMempLocate(&memp, FMempMallocTag(&memp, 9, file, 7, msg), &found), 1);
    assert_int_equal(found.tag.status, FMEMP_TAG_INTACT);
    assert_ptr_equal(found.tag.file, file);
    assert_ptr_equal(found.tag.msg, msg);
    assert_int_equal(FMempLocate(&memp, FMempMallocTag(&memp, 9, NULL, 7, NULL), &found), 1);
    assert_int_equal(found.tag.status, FMEMP_TAG_INTACT);
    assert_null(found.tag.file);
    assert_null(found.tag.msg);
    FMemListAll(&memp);
    assert_int_equal(printed_count(" used "), 2);
}

/* Of a 64-bit machine: three words. Verifies P35. */
static void tag_costs_some_24_bytes(void **state) {
    (void)state;
    assert_in_range(sizeof(struct tag), 12, 32);
    const size_t plain = 104 - tlsf_alloc_overhead();
    void *block = tlsf_malloc(memp.tlsf_ptr, plain);
    void *tagged = FMempMallocTag(&memp, plain, "f", 1, "x");
    const size_t most = TLSF_GRANULE > 40 ? TLSF_GRANULE : 40;
    assert_in_range(tlsf_block_size(tagged) - tlsf_block_size(block), 12, most);
}

#endif

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(list_all_each_macro_prints_its_file_line_and_function),
        WITH_HEAP(free_macro_frees),
        cmocka_unit_test(tag_debug_is_defined_if_and_only_if_tags_are_on),
        WITH_HEAP(list_all_plain_block_names_no_file),
#if FMEMP_TAGS
        WITH_HEAP(tag_every_size_and_alignment_lies_behind_what_was_asked_for),
        WITH_HEAP(tag_of_a_resized_block_is_of_the_last_call),
        WITH_HEAP(tag_survives_a_realloc_that_fails),
        WITH_HEAP(tag_calloc_overflowing_product_fails),
        WITH_HEAP(tag_overwritten_by_an_overrun_is_said_and_not_followed),
        WITH_HEAP(tag_of_a_block_of_corrupted_size_is_said_and_not_read),
        WITH_HEAP(tag_with_any_bit_changed_is_said_and_not_followed),
        WITH_HEAP(tag_copied_to_another_block_is_said),
        WITH_HEAP(tag_line_of_32_bits_is_printed_whole),
        WITH_HEAP(tag_largest_is_what_a_caller_can_ask_for),
        WITH_HEAP(tag_that_is_not_intact_has_no_other_members),
        WITH_HEAP(tag_keeps_its_strings_uncopied_and_takes_null),
        WITH_HEAP(tag_costs_some_24_bytes),
#endif
    };

    return cmocka_run_group_tests_name("fmemp_tags", tests, NULL, NULL);
}
