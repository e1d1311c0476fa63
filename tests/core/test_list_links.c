/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether the links of a listed block agree with those of its neighbours: the predicate by itself,
 * for each block of a list and each wrong value of each link. With TLSF_LOOK_AHEAD 1 and below
 * hardening 2 the library asks it of first blocks alone.
 *
 * Each case verifies T13, T14, T232.
 */
#include "support/internals.h"
#include "support/suite.h"

#include <string.h>

enum { BLOCKS = 3, PER_BLOCK = 4 * BLOCK_MIN, LARGEST = 16 * PER_BLOCK };

static _Alignas(64) uint8_t memory[16384];

typedef struct {
    control *t;
    size_t size_class;
    block *blocks[BLOCKS];
} list;

/* A heap with one list. Behind the heads lies the span; between its blocks and around them is room
 * for others. */
static list list_make(void) {
    list l;
    memset(memory, 0, sizeof(memory));
    l.t = control_at(memory);
    l.t->class_end = (uint32_t)class_floor(LARGEST) + 1;
    l.size_class = class_floor(PER_BLOCK);
    const uintptr_t end = (uintptr_t)l.t + control_bytes(l.t->class_end);
    const uintptr_t first = align_up(end, GRANULE) + GRANULE - BLOCK_OVERHEAD;
    l.t->span_begin = first;
    l.t->span_end = (uintptr_t)block_at((block *)first, LARGEST);
    assert_true(l.t->span_end < (uintptr_t)memory + sizeof(memory));
    l.t->null.next = link_null(l.t);
    block *before = list_slot(l.t, l.size_class);
    block_link link = list_slot_link(l.t, l.size_class);
    for (size_t i = 0; i < BLOCKS; i++) {
        block *b = block_at((block *)first, (outer_size)((2 * i + 1) * PER_BLOCK));
        b->header = PER_BLOCK | BLOCK_FREE;
        b->previous = link;
        b->next = link_null(l.t);
        link = link_of(l.t, b);
        before->next = link;
        before = b;
        l.blocks[i] = b;
    }
    return l;
}

static void links_of_each_block_are_sound(void **state) {
    (void)state;
    const list l = list_make();
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_true(list_links_are_sound(l.t, l.blocks[i]));
    }
}

/* Of each block: its own links, and those of its neighbours that name it. */
static void each_wrong_link_is_found(void **state) {
    (void)state;
    const list l = list_make();
    const block *last = (const block *)l.t->span_end;
    const block_link wrong[] = {
        list_slot_link(l.t, l.size_class + 1),
        list_slot_link(l.t, l.t->class_end - 1),
        link_null(l.t),
        link_of(l.t, block_at(l.blocks[0], PER_BLOCK)), /* nobody */
        link_of(l.t, (const block *)((uintptr_t)last - GRANULE)),
        link_of(l.t, last),
        link_of(l.t, (const block *)((uintptr_t)last + GRANULE)),
        link_of(l.t, l.blocks[0]),
        link_of(l.t, l.blocks[1]),
        link_of(l.t, l.blocks[2]),
        link_of(l.t, l.blocks[1]) + 1,
        (block_link)0x41414141,
    };
    size_t found = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        block *before = i == 0 ? list_slot(l.t, l.size_class) : l.blocks[i - 1];
        block_link *const links[] = {&l.blocks[i]->previous, &l.blocks[i]->next, &before->next,
                                     i + 1 < BLOCKS ? &l.blocks[i + 1]->previous : NULL};
        for (size_t k = 0; k < COUNT_OF(links) * COUNT_OF(wrong); k++) {
            block_link *const link = links[k % COUNT_OF(links)];
            const block_link value = wrong[k / COUNT_OF(links)];
            const bool ends_list = link == &l.blocks[i]->next && link_is_null(l.t, value);
            if (link == NULL || *link == value || ends_list) {
                continue;
            }
            const block_link sound = *link;
            *link = value;
            assert_false(list_links_are_sound(l.t, l.blocks[i]));
            *link = sound;
            assert_true(list_links_are_sound(l.t, l.blocks[i]));
            found++;
        }
    }
    assert_true(found > 100);
}

/* The first block of a list has the size of its class. */
static void first_block_of_another_class_is_found(void **state) {
    (void)state;
    const list l = list_make();
    for (outer_size n = BLOCK_MIN; n <= LARGEST; n += GRANULE_SIZE) {
        l.blocks[0]->header = n | BLOCK_FREE;
        assert_int_equal(list_links_are_sound(l.t, l.blocks[0]), class_floor(n) == l.size_class);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_of_each_block_are_sound),
        cmocka_unit_test(each_wrong_link_is_found),
        cmocka_unit_test(first_block_of_another_class_is_found),
    };
    return cmocka_run_group_tests_name("list_links", tests, NULL, NULL);
}
