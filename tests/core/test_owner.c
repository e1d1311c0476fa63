/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whose an address is: tlsf_owner, tlsf_looks_live and tlsf_locate.
 */
#include "support/populated.h"
#include "support/suite.h"

#include <string.h>

static const uint8_t *pool_end_address(pool_t pool) {
    return (const uint8_t *)(const void *)pool_end(pool) + header_bytes();
}

/* ---- tlsf_owner --------------------------------------------------------------------- */

/* Verifies T260. */
static void owner_each_address_of_a_pool_gives_the_pool(void **state) {
    (void)state;
    populated p = populated_make();
    const pool_t pools[] = {p.first, p.second};
    for (size_t i = 0; i < COUNT_OF(pools); i++) {
        const uint8_t *end = pool_end_address(pools[i]);
        for (const uint8_t *at = (const uint8_t *)pools[i]; at < end; at++) {
            assert_ptr_equal(tlsf_owner(p.t, at), pools[i]);
        }
        assert_ptr_not_equal(tlsf_owner(p.t, end), pools[i]);
    }
    populated_end(&p);
}

/* Verifies T259, T260. */
static void owner_addresses_outside_give_null(void **state) {
    (void)state;
    populated p = populated_make();
    int local = 0;
    assert_null(tlsf_owner(p.t, NULL));
    assert_null(tlsf_owner(p.t, &local));
    assert_null(tlsf_owner(p.t, p.t));
    assert_null(tlsf_owner(p.t, p.h.memory.begin + p.h.memory.bytes));
    assert_null(tlsf_owner(p.t, (const void *)UINTPTR_MAX));
    populated_end(&p);
}

/* Verifies T8, T260. */
static void owner_block_of_another_heap_gives_null(void **state) {
    (void)state;
    heap first = heap_make(1000);
    heap second = heap_make(1000);
    void *payload = tlsf_malloc(second.t, 10);
    assert_null(tlsf_owner(first.t, payload));
    assert_ptr_equal(tlsf_owner(second.t, payload), tlsf_get_pool(second.t));
    heap_end(&first);
    heap_end(&second);
}

/* Verifies T260. */
static void owner_removed_pool_gives_null(void **state) {
    (void)state;
    heap h = heap_make_empty(2000);
    pool_t pool = tlsf_add_pool(h.t, heap_spare(&h), 2000);
    assert_ptr_equal(tlsf_owner(h.t, pool), pool);
    assert_int_equal(tlsf_remove_pool(h.t, pool), 0);
    assert_null(tlsf_owner(h.t, pool));
    heap_end(&h);
}

/* ---- tlsf_looks_live ------------------------------------------------------------------ */

/* Verifies T259, T262, T263. */
static void looks_live_is_1_for_live_blocks_alone(void **state) {
    (void)state;
    populated p = populated_make();
    for (size_t i = 0; i < POPULATED_BLOCKS; i++) {
        uint8_t *payload = block_payload(p.blocks[i]);
        assert_int_equal(tlsf_looks_live(p.t, payload), i % 2 == 0);
        assert_int_equal(tlsf_looks_live(p.t, payload + 1), 0);
        assert_int_equal(tlsf_looks_live(p.t, payload + TLSF_GRANULE), 0);
    }
    assert_int_equal(tlsf_looks_live(p.t, NULL), 0);
    assert_int_equal(tlsf_looks_live(p.t, p.t), 0);
    assert_int_equal(tlsf_looks_live(p.t, pool_end_address(p.first)), 0);
    populated_end(&p);
}

/* An overrun of the block in front changes the header; a write behind it the next header. */
/* Verifies T262. */
static void looks_live_is_0_where_headers_disagree(void **state) {
    (void)state;
    populated p = populated_make();
    block *const used = p.blocks[2];
    header_word *const words[] = {&used->header, &block_next(used)->header,
                                  (header_word *)used - 1};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const header_word sound = *words[i];
        *words[i] = (header_word)0x41414141;
        assert_int_equal(tlsf_looks_live(p.t, block_payload(used)), 0);
        /* cppcheck-suppress redundantAssignment ; tlsf_looks_live has read it */
        *words[i] = sound;
        assert_int_equal(tlsf_looks_live(p.t, block_payload(used)), 1);
    }
    populated_end(&p);
}

/* The words of a block's content can be headers. No block begins where none is aligned. */
/* Verifies T262. */
static void looks_live_misaligned_pointer_is_0_whatever_the_words_say(void **state) {
    (void)state;
    heap h = heap_make(1000);
    const header_word header = BLOCK_MIN;
    uint8_t *payload = tlsf_malloc(h.t, 200);
    for (size_t shift = 1; shift < TLSF_GRANULE; shift++) {
        uint8_t *begin = payload + shift;
        memcpy(begin, &header, sizeof(header));
        memcpy(begin + size_bytes(BLOCK_MIN), &header, sizeof(header));
        const bool is_aligned_there = is_aligned(begin + sizeof(header), TLSF_GRANULE);
        assert_int_equal(tlsf_looks_live(h.t, begin + sizeof(header)), is_aligned_there);
    }
    heap_end(&h);
}

/* The next header no longer says that the block before it is free. */
/* Verifies T262. */
static void looks_live_is_0_for_a_free_block_that_the_next_takes_for_used(void **state) {
    (void)state;
    populated p = populated_make();
    block_next(p.blocks[1])->header &= ~(header_word)BLOCK_PREVIOUS_FREE;
    assert_int_equal(tlsf_looks_live(p.t, block_payload(p.blocks[1])), 0);
    populated_restore(&p);
    populated_end(&p);
}

/* Nothing lies in front of the first block, whatever its header says. */
/* Verifies T258, T262. */
static void looks_live_is_0_where_the_first_block_has_one_before_it(void **state) {
    (void)state;
    populated p = populated_make();
    for (uint32_t word = 0; word < 64; word += GRANULE_SIZE) {
        const header_word footer = word | BLOCK_FREE;
        assert_int_equal(tlsf_looks_live(p.t, block_payload(p.blocks[0])), 1);
        memcpy((uint8_t *)p.blocks[0] - sizeof(footer), &footer, sizeof(footer));
        p.blocks[0]->header |= BLOCK_PREVIOUS_FREE;
        assert_int_equal(tlsf_looks_live(p.t, block_payload(p.blocks[0])), 0);
        populated_restore(&p);
    }
    populated_end(&p);
}

/* ---- tlsf_locate ---------------------------------------------------------------------- */

/* Verifies T265, T267, T268. */
static void locate_each_address_of_a_block_gives_the_block(void **state) {
    (void)state;
    populated p = populated_make();
    for (size_t i = 0; i < POPULATED_BLOCKS; i++) {
        const uint8_t *begin = (const uint8_t *)(const void *)p.blocks[i];
        const size_t outer = size_bytes(block_size(p.blocks[i]));
        for (size_t at = 0; at < outer; at++) {
            tlsf_block_t found;
            assert_int_equal(tlsf_locate(p.t, begin + at, &found), 1);
            assert_ptr_equal(found.block, block_payload(p.blocks[i]));
            assert_int_equal(found.size, outer - tlsf_alloc_overhead());
            assert_int_equal(found.used, i % 2 == 0);
        }
    }
    populated_end(&p);
}

/* Verifies T259, T266, T267. */
static void locate_addresses_outside_of_blocks_give_zeros(void **state) {
    (void)state;
    populated p = populated_make();
    const void *const outside[] = {NULL, p.t, pool_describe(p.first), pool_end(p.first)};
    for (size_t i = 0; i < COUNT_OF(outside); i++) {
        tlsf_block_t found;
        memset(&found, 0xFF, sizeof(found));
        assert_int_equal(tlsf_locate(p.t, outside[i], &found), 0);
        assert_null(found.block);
        assert_int_equal(found.size, 0);
        assert_int_equal(found.used, 0);
    }
    populated_end(&p);
}

/* Verifies T258, T267. */
static void locate_behind_a_broken_size_finds_nothing(void **state) {
    (void)state;
    populated p = populated_make();
    tlsf_block_t found;
    p.blocks[2]->header = BLOCK_END;
    assert_int_equal(tlsf_locate(p.t, block_payload(p.blocks[1]), &found), 1);
    assert_int_equal(tlsf_locate(p.t, block_payload(p.blocks[3]), &found), 0);
    populated_restore(&p);
    populated_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owner_each_address_of_a_pool_gives_the_pool),
        cmocka_unit_test(owner_addresses_outside_give_null),
        cmocka_unit_test(owner_block_of_another_heap_gives_null),
        cmocka_unit_test(owner_removed_pool_gives_null),
        cmocka_unit_test(looks_live_is_1_for_live_blocks_alone),
        cmocka_unit_test(looks_live_is_0_where_headers_disagree),
        cmocka_unit_test(looks_live_misaligned_pointer_is_0_whatever_the_words_say),
        cmocka_unit_test(looks_live_is_0_for_a_free_block_that_the_next_takes_for_used),
        cmocka_unit_test(looks_live_is_0_where_the_first_block_has_one_before_it),
        cmocka_unit_test(locate_each_address_of_a_block_gives_the_block),
        cmocka_unit_test(locate_addresses_outside_of_blocks_give_zeros),
        cmocka_unit_test(locate_behind_a_broken_size_finds_nothing),
    };
    return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
