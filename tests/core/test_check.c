/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_check and tlsf_check_pool: each numbered invariant, broken alone in a populated heap,
 * gives its number.
 */
#include <time.h>

#include "support/internals.h"
#include "support/populated.h"
#include "support/space.h"
#include "support/suite.h"

/* The result for a pending block that is listed. From level 2 on, its links show it. */
static const int listed_pending = TLSF_HARDENING >= 2 ? TLSF_BROKEN_PENDING : TLSF_BROKEN_LIST_SET;

static block *slot_of(const control *t, size_t class) {
    return (block *)((uintptr_t)&t->heads[class - CLASS_FIRST] - offsetof(block, next));
}

static bool list_of_class_is_empty(const control *t, size_t class) {
    return link_block(t, slot_of(t, class)->next) == &t->null;
}

/* The class of the first list that is empty, or of the first that is not. */
static size_t list_where(const control *t, bool is_empty) {
    size_t class = CLASS_FIRST;
    while (class < t->class_end && list_of_class_is_empty(t, class) != is_empty) {
        class ++;
    }
    assert_true(class < t->class_end);
    return class;
}

static block *first_listed(const control *t) {
    return link_block(t, slot_of(t, list_where(t, false))->next);
}

static void put_alone_into_list(control *t, block *b, size_t class) {
    slot_of(t, class)->next = link_of(t, b);
    b->next = link_of(t, &t->null);
    b->previous = link_of(t, slot_of(t, class));
}

/* The second used block of the first pool: its neighbours on both sides are free. */
static block *used_block(const populated *p) { return p->blocks[2]; }

static block *free_block(const populated *p) { return p->blocks[3]; }

static block *end_of(pool_t pool) { return pool_end(pool); }

/* Verifies T224, T241, T243. */
static void check_populated_heap_is_sound(void **state) {
    populated p = populated_make();
    (void)state;
    populated_expect(&p, TLSF_SOUND);
    assert_int_equal(tlsf_check_pool(p.first), TLSF_SOUND);
    assert_int_equal(tlsf_check_pool(p.second), TLSF_SOUND);
    populated_end(&p);
}

/* Verifies T225, T243. */
static void check_broken_control_gives_1(void **state) {
    populated p = populated_make();
    (void)state;
    p.t->null.header = BLOCK_MIN;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    p.t->null.header = BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    p.t->null.next = link_of(p.t, free_block(&p));
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    p.t->class_end++;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    p.t->class_end--;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    p.t->class_end = UINT32_MAX;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    populated_end(&p);
}

/* Verifies T226, T243. */
static void check_broken_pool_list_gives_2(void **state) {
    populated p = populated_make();
    (void)state;
    pool_describe(p.first)->previous = pool_describe(p.second)->previous;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    pool_describe(p.first)->next = pool_describe(p.second)->next;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    pool_describe(p.second)->next = pool_describe(p.first)->next; /* a ring without the anchor */
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    pool_describe(p.second)->size--;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    pool_describe(p.second)->size = 0;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    p.t->pool_size++;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    p.t->pools.next = link_of(p.t, &p.t->null);
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    p.t->pools.previous = pool_describe(p.first)->previous;
    populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    populated_end(&p);
}

/* No memory follows the pool. The checker must not read the pool's last bytes as a block. */
/* Verifies T232, T248. */
static void check_list_that_names_last_bytes_of_pool_gives_8(void **state) {
    (void)state;
    const size_t bytes = 65536; /* a multiple of every page size */
    uint8_t *begin = space_map(2 * bytes);
    if (begin == NULL) {
        SKIP_BECAUSE("this machine does not map the address space");
    }
    space_unmap(begin + bytes, bytes);
    control *t = tlsf_create_sized(begin, bytes, 0);
    const pool_t pool = tlsf_get_pool(t);
    assert_int_equal(tlsf_check(t), TLSF_SOUND);
    const uintptr_t end = (uintptr_t)pool_end(pool);
    for (uintptr_t place = end - size_bytes(BLOCK_MIN) + GRANULE; place <= end; place += GRANULE) {
        const block *b = (const block *)place;
        slot_of(t, CLASS_FIRST + 1)->next = link_of(t, b);
        assert_int_equal(tlsf_check(t), TLSF_BROKEN_LIST_LINK);
    }
    space_unmap(begin, bytes);
}

/* Data that agrees with the list in everything but its address. */
/* Verifies T232. */
static void check_list_that_names_misaligned_place_gives_8(void **state) {
    populated p = populated_make();
    (void)state;
    if (GRANULE < 8) {
        SKIP_BECAUSE("no link names a place between granules");
    }
    uint8_t *payload = tlsf_malloc(p.t, 200);
    assert_non_null(payload);
    block *b = (block *)(void *)((uint8_t *)block_of_payload(payload) + 64 + GRANULE / 2);
    free_blocks_list(p.t, b, BLOCK_MIN | BLOCK_FREE);
    assert_int_equal(tlsf_check(p.t), TLSF_BROKEN_LIST_LINK);
    list_remove(p.t, b);
    populated_end(&p);
}

/* The pending block replaces another block in a list. So the number of blocks is right. */
/* Verifies T234, T235. */
static void check_pending_listed_in_place_of_another_gives_11_or_10(void **state) {
    (void)state;
    if (!TLSF_PENDING) {
        SKIP_BECAUSE("no block is ever pending");
    }
    heap h = heap_make((size_t)1000 * TLSF_GRANULE);
    void *p[6];
    for (size_t i = 0; i < COUNT_OF(p); i++) {
        p[i] = tlsf_malloc(h.t, (size_t)100 * TLSF_GRANULE); /* no lists of exact sizes */
    }
    assert_non_null(tlsf_malloc(h.t, tlsf_largest(h.t)));
    tlsf_free(h.t, p[0]);
    tlsf_free(h.t, p[2]);
    tlsf_free(h.t, p[4]);
    control *t = h.t;
    block *pending = link_block(t, t->pending);
    assert_ptr_equal(block_payload(pending), p[4]);
    list_remove(t, block_of_payload(p[0]));
    list_insert(t, pending, t->pending, class_floor(pending->header));
    assert_int_equal(tlsf_check(t), listed_pending);
    region_free(&h.memory);
}

/* A size that no pool can have, and a sum of pools that agrees with it. */
/* Verifies T226. */
static void check_impossible_pool_size_gives_2(void **state) {
    populated p = populated_make();
    (void)state;
    const outer_size size = pool_describe(p.second)->size;
    const outer_size impossible[] = {0, BLOCK_MIN - GRANULE_SIZE, BLOCK_MIN - 1, size + (1 << 20)};
    for (size_t i = 0; i < COUNT_OF(impossible); i++) {
        pool_describe(p.second)->size = impossible[i];
        p.t->pool_size += impossible[i] - size;
        populated_expect(&p, TLSF_BROKEN_POOL_LIST);
    }
    populated_end(&p);
}

/* Verifies T227. */
static void check_broken_block_size_gives_3(void **state) {
    populated p = populated_make();
    (void)state;
    used_block(&p)->header = BLOCK_PREVIOUS_FREE;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    used_block(&p)->header = (BLOCK_MIN - GRANULE_SIZE) | BLOCK_PREVIOUS_FREE;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    free_block(&p)->header = BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    free_block(&p)->header = OUTER_SIZE_MAX | BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    p.blocks[0]->header = pool_describe(p.first)->size + GRANULE_SIZE;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    populated_end(&p);
}

/* Verifies T227. */
static void check_block_below_smallest_gives_3(void **state) {
    populated p = populated_make();
    block *b = used_block(&p);
    const outer_size whole = block_size(b), little = BLOCK_MIN - GRANULE_SIZE;
    (void)state;
    if (little != 0) { /* all sizes add up */
        b->header = little | BLOCK_PREVIOUS_FREE;
        block_at(b, little)->header = whole - little;
        populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    }
    populated_end(&p);
}

/* Verifies T228. */
static void check_broken_pool_end_gives_4(void **state) {
    populated p = populated_make();
    (void)state;
    end_of(p.first)->header += GRANULE_SIZE;
    populated_expect(&p, TLSF_BROKEN_POOL_END);
    end_of(p.second)->header |= BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_POOL_END);
    populated_end(&p);
}

/* Verifies T229. */
static void check_broken_previous_flag_gives_5(void **state) {
    populated p = populated_make();
    (void)state;
    block *const headers[] = {p.blocks[0],
                              used_block(&p),
                              free_block(&p),
                              p.blocks[4],
                              end_of(p.first),
                              end_of(p.second),
                              pool_first_block(p.second)};
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        headers[i]->header ^= BLOCK_PREVIOUS_FREE;
        if (headers[i] == free_block(&p)) {
            block_write_free(headers[i], block_size(headers[i]) | BLOCK_FREE);
            headers[i]->header |= BLOCK_PREVIOUS_FREE;
        }
        populated_expect(&p, TLSF_BROKEN_PREVIOUS_FLAG);
    }
    populated_end(&p);
}

/* A used block between two free ones becomes free. All flags and its footer agree with that. */
/* Verifies T230. */
static void check_broken_coalescing_gives_6(void **state) {
    populated p = populated_make();
    (void)state;
    block *b = used_block(&p);
    const outer_size n = block_size(b);
    block_write_free(b, n | BLOCK_FREE);
    b->header |= BLOCK_PREVIOUS_FREE;
    *(header_word *)((uintptr_t)block_at(b, n) - sizeof(header_word)) = b->header;
    block_at(b, n)->header |= BLOCK_PREVIOUS_FREE;
    populated_expect(&p, TLSF_BROKEN_COALESCING);
    populated_end(&p);
}

/* Verifies T231. */
static void check_broken_footer_gives_7(void **state) {
    populated p = populated_make();
    (void)state;
    for (size_t i = 2; i < POPULATED_BLOCKS; i += 2) {
        header_word *footer = (header_word *)((uintptr_t)p.blocks[i] - sizeof(header_word));
        *footer ^= (header_word)GRANULE_SIZE;
        populated_expect(&p, TLSF_BROKEN_FOOTER);
        *footer ^= BLOCK_FREE;
        populated_expect(&p, TLSF_BROKEN_FOOTER);
    }
    populated_end(&p);
}

/* Verifies T232. */
static void check_broken_list_link_gives_8(void **state) {
    populated p = populated_make();
    (void)state;
    const size_t listed = list_where(p.t, false);
    const size_t empty = list_where(p.t, true);
    first_listed(p.t)->previous = link_of(p.t, &p.t->null);
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    first_listed(p.t)->previous = link_of(p.t, slot_of(p.t, empty));
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    first_listed(p.t)->next = link_of(p.t, slot_of(p.t, empty)); /* not in a pool */
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    first_listed(p.t)->next = link_of(p.t, first_listed(p.t)); /* a ring */
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    slot_of(p.t, listed)->next = link_of(p.t, end_of(p.first));
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    slot_of(p.t, listed)->next = link_of(p.t, used_block(&p));
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    slot_of(p.t, empty)->next = link_of(p.t, free_block(&p));
    populated_expect(&p, TLSF_BROKEN_LIST_LINK);
    populated_end(&p);
}

/* Verifies T233. */
static void check_broken_list_class_gives_9(void **state) {
    populated p = populated_make();
    (void)state;
    const size_t listed = list_where(p.t, false);
    block *b = first_listed(p.t);
    put_alone_into_list(p.t, b, list_where(p.t, true));
    slot_of(p.t, listed)->next = link_of(p.t, &p.t->null);
    populated_expect(&p, TLSF_BROKEN_LIST_CLASS);
    /* A used block, in the list of its size. */
    b = used_block(&p);
    const size_t class = class_floor(block_size(b));
    assert_true(list_of_class_is_empty(p.t, class));
    put_alone_into_list(p.t, b, class);
    populated_expect(&p, TLSF_BROKEN_LIST_CLASS);
    populated_end(&p);
}

/* Frees every other block of a pool that is full of smallest ones: half of them are in one list. */
static void fill_and_free_every_other(control *t, pool_t pool) {
    tlsf_block_t b = {NULL, 0, 0};
    while (tlsf_malloc(t, 0) != NULL) {
    }
    bool is_found = tlsf_next_block(pool, NULL, &b) != 0;
    while (is_found) {
        tlsf_free(t, (void *)(uintptr_t)b.block);
        const bool has_next = tlsf_next_block(pool, b.block, &b) != 0;
        is_found = has_next && tlsf_next_block(pool, b.block, &b);
    }
}

static clock_t time_of_check(control *t, int expected) {
    const clock_t begin = clock();
    assert_int_equal(tlsf_check(t), expected);
    return clock() - begin;
}

/* A list that begins in the wrong slot has all its blocks in the wrong class. A check that looked
 * for each of them in the pool would take thousands of times as long as that of the sound heap. */
/* Verifies T246. */
static void check_long_list_of_wrong_class_takes_linear_time(void **state) {
    enum { BYTES = 1 << 20, LIMIT = 200 };
    uint8_t *memory = space_map(BYTES);
    (void)state;
    if (memory == NULL) {
        SKIP_BECAUSE("this machine does not map the address space");
    }
    control *t = control_of(tlsf_create_with_pool(memory, BYTES));
    fill_and_free_every_other(t, tlsf_get_pool(t));
    const clock_t sound = time_of_check(t, TLSF_SOUND);
    const size_t listed = list_where(t, false);
    block *slot = slot_of(t, list_where(t, true));
    block *b = first_listed(t);
    slot->next = link_of(t, b);
    b->previous = link_of(t, slot);
    slot_of(t, listed)->next = link_of(t, &t->null);
    assert_true(time_of_check(t, TLSF_BROKEN_LIST_CLASS) <= LIMIT * (sound + 1));
    space_unmap(memory, BYTES);
}

/* A build without pending blocks has the fields, too. They must say that there is none. */
/* Verifies T234. */
static void check_broken_pending_gives_10(void **state) {
    (void)state;
    populated p = populated_make();
    p.t->pending_header++;
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, used_block(&p));
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, &p.t->null); /* no pending block, but a size */
    p.t->pending_header = BLOCK_MIN | BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, &p.t->null); /* no pending block, but a victim */
    p.t->pending_header = PENDING_VICTIM;
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, first_listed(p.t)); /* a free block of another size */
    p.t->pending_header = first_listed(p.t)->header + GRANULE_SIZE;
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, slot_of(p.t, CLASS_FIRST)); /* not in a pool */
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->pending = link_of(p.t, end_of(p.first));
    populated_expect(&p, TLSF_BROKEN_PENDING);
    populated_end(&p);
}

/* Verifies T234. */
static void check_pending_with_a_link_gives_10_from_level_2_on(void **state) {
    (void)state;
    if (!TLSF_PENDING || TLSF_HARDENING < 2) {
        SKIP_BECAUSE("nothing checks the links of a pending block");
    }
    populated p = populated_make();
    link_block(p.t, p.t->pending)->next = link_of(p.t, first_listed(p.t));
    populated_expect(&p, TLSF_BROKEN_PENDING);
    link_block(p.t, p.t->pending)->previous = link_of(p.t, first_listed(p.t));
    populated_expect(&p, TLSF_BROKEN_PENDING);
    populated_end(&p);
}

/* Verifies T235. */
static void check_broken_list_set_gives_11(void **state) {
    (void)state;
    populated p = populated_make();
    const size_t listed = list_where(p.t, false);
    slot_of(p.t, listed)->next = link_of(p.t, &p.t->null);
    populated_expect(&p, TLSF_BROKEN_LIST_SET);
    /* A listed block is the pending one as well. */
    p.t->pending = link_of(p.t, first_listed(p.t));
    p.t->pending_header = first_listed(p.t)->header;
    populated_expect(&p, listed_pending);
    populated_end(&p);
}

/* Verifies T235. */
static void check_free_block_neither_listed_nor_pending_gives_11(void **state) {
    (void)state;
    if (!TLSF_PENDING) {
        SKIP_BECAUSE("no block is ever pending");
    }
    populated p = populated_make();
    p.t->pending = link_of(p.t, &p.t->null);
    p.t->pending_header = 0;
    populated_expect(&p, TLSF_BROKEN_LIST_SET);
    populated_end(&p);
}

/* Writes header and links of a free block at b, over whatever is there. */
static void forge_listed(control *t, block *b, block *previous, block *next, header_word header) {
    b->header = header;
    b->previous = link_of(t, previous);
    b->next = link_of(t, next);
}

/* Forged blocks replace two free blocks in a list. Their addresses have the same sum. */
/* Verifies T235. */
static void check_list_set_of_equal_sum_gives_11(void **state) {
    heap h = heap_make(8192);
    control *t = h.t;
    const size_t bytes = inner_for(4 * outer_min());
    (void)state;
    block *x = block_of_payload(tlsf_malloc(t, bytes));
    assert_non_null(tlsf_malloc(t, 2 * bytes));
    assert_non_null(tlsf_malloc(t, 2 * bytes));
    block *y = block_of_payload(tlsf_malloc(t, bytes));
    assert_non_null(tlsf_malloc(t, bytes));
    tlsf_free(t, block_payload(x));
    tlsf_free(t, block_payload(y));
    tlsf_free(t, tlsf_malloc(t, 4 * bytes)); /* makes another block pending */
    block *slot = slot_of(t, class_floor(x->header));
    assert_ptr_equal(link_block(t, slot->next), y);
    const outer_size distance = block_size(x) + BLOCK_MIN;
    block *above_x = block_at(x, distance);
    block *below_y = (block *)((uintptr_t)y - size_bytes(distance));
    forge_listed(t, below_y, slot, above_x, x->header);
    forge_listed(t, above_x, below_y, &t->null, x->header);
    slot->next = link_of(t, below_y);
    assert_int_equal(tlsf_check(t), TLSF_BROKEN_LIST_SET);
    forge_listed(t, y, slot, x, y->header);
    forge_listed(t, x, y, &t->null, x->header);
    slot->next = link_of(t, y);
    heap_end(&h);
}

/* Verifies T236. */
static void check_broken_second_level_gives_12(void **state) {
    populated p = populated_make();
    (void)state;
    for (unsigned row = 0; row < ROW_COUNT; row++) {
        for (unsigned bit = 0; bit < 32; bit++) {
            p.t->second_level[row] ^= UINT32_C(1) << bit;
            populated_expect(&p, TLSF_BROKEN_SECOND_LEVEL);
        }
    }
    populated_end(&p);
}

/* Verifies T237. */
static void check_broken_first_level_gives_13(void **state) {
    populated p = populated_make();
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        p.t->first_level ^= UINT32_C(1) << bit;
        populated_expect(&p, TLSF_BROKEN_FIRST_LEVEL);
    }
    populated_end(&p);
}

/* Verifies T238. */
static void check_broken_statistics_gives_14(void **state) {
    populated p = populated_make();
    const int expected = TLSF_STATISTICS ? TLSF_BROKEN_STATISTICS : TLSF_SOUND;
    (void)state;
    p.t->used++;
    populated_expect(&p, expected);
    p.t->used--;
    populated_expect(&p, expected);
    p.t->peak = p.t->used - 1;
    populated_expect(&p, expected);
    p.t->allocations++;
    populated_expect(&p, expected);
    p.t->frees++;
    populated_expect(&p, expected);
    p.t->peak = p.t->used; /* not broken */
    populated_expect(&p, TLSF_SOUND);
    p.t->failures++;
    populated_expect(&p, TLSF_SOUND);
    populated_end(&p);
}

/* Verifies T224, T243. */
static void check_two_broken_gives_lower(void **state) {
    populated p = populated_make();
    (void)state;
    p.t->first_level ^= 1;
    p.t->pending_header++;
    populated_expect(&p, TLSF_BROKEN_PENDING);
    p.t->second_level[0] ^= 1;
    end_of(p.second)->header |= BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_POOL_END);
    *(uint8_t *)(p.blocks[1] + 1) ^= 1; /* fill, which hardening 3 checks */
    *(header_word *)((uintptr_t)p.blocks[2] - sizeof(header_word)) = 0;
    populated_expect(&p, TLSF_BROKEN_FOOTER);
    p.blocks[4]->header ^= BLOCK_PREVIOUS_FREE;
    end_of(p.second)->header |= BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_POOL_END);
    p.blocks[0]->header = 0;
    p.t->null.header = 4;
    populated_expect(&p, TLSF_BROKEN_CONTROL);
    end_of(p.first)->header |= BLOCK_FREE; /* the lower number wins, not the first pool */
    pool_first_block(p.second)->header = 0;
    populated_expect(&p, TLSF_BROKEN_BLOCK_SIZE);
    populated_end(&p);
}

/* ---- tlsf_check_pool ---------------------------------------------------------------- */

/* Verifies T224, T243. */
static void check_two_broken_of_one_block_gives_lower(void **state) {
    populated p = populated_make();
    (void)state;
    used_block(&p)->header ^= BLOCK_PREVIOUS_FREE | BLOCK_FREE;
    populated_expect(&p, TLSF_BROKEN_PREVIOUS_FLAG);
    used_block(&p)->header ^= BLOCK_PREVIOUS_FREE;
    ((uint8_t *)block_next(used_block(&p)))[-1] ^= 1; /* at hardening 3 a byte of the guard */
    populated_expect(&p, TLSF_BROKEN_PREVIOUS_FLAG);
    end_of(p.first)->header = (end_of(p.first)->header ^ BLOCK_PREVIOUS_FREE) - GRANULE_SIZE;
    populated_expect(&p, TLSF_BROKEN_POOL_END);
    populated_end(&p);
}

/* The invariants of hardening 3 have the highest numbers. */
/* Verifies T224, T243. */
static void check_broken_guard_and_first_level_gives_13(void **state) {
    populated p = populated_make();
    (void)state;
    ((uint8_t *)block_next(used_block(&p)))[-1] ^= 1;
    p.t->first_level ^= 1;
    populated_expect(&p, TLSF_BROKEN_FIRST_LEVEL);
    populated_end(&p);
}

/* Verifies T255. */
static void check_pool_null_gives_2(void **state) {
    (void)state;
    assert_int_equal(tlsf_check_pool(NULL), TLSF_BROKEN_POOL_LIST);
}

/* Verifies T254, T255. */
static void check_pool_sees_its_pool_alone(void **state) {
    populated p = populated_make();
    (void)state;
    end_of(p.first)->header |= BLOCK_FREE;
    p.t->pending_header++;
    assert_int_equal(tlsf_check_pool(p.first), TLSF_BROKEN_POOL_END);
    assert_int_equal(tlsf_check_pool(p.second), TLSF_SOUND);
    populated_restore(&p);
    used_block(&p)->header = 0;
    assert_int_equal(tlsf_check_pool(p.first), TLSF_BROKEN_BLOCK_SIZE);
    populated_restore(&p);
    used_block(&p)->header ^= BLOCK_PREVIOUS_FREE;
    assert_int_equal(tlsf_check_pool(p.first), TLSF_BROKEN_PREVIOUS_FLAG);
    populated_restore(&p);
    *(header_word *)((uintptr_t)p.blocks[2] - sizeof(header_word)) = 0;
    assert_int_equal(tlsf_check_pool(p.first), TLSF_BROKEN_FOOTER);
    populated_restore(&p);
    populated_end(&p);
}

/* Verifies T249, T250, T251, T252, T253. */
static void check_report_names_the_first_pool_and_block(void **state) {
    populated p = populated_make();
    tlsf_report_t report;
    (void)state;
    assert_int_equal(tlsf_check_report(p.t, &report), TLSF_SOUND);
    assert_int_equal(report.broken, TLSF_SOUND);
    assert_null(report.pool);
    assert_null(report.block);
    used_block(&p)->header = 0;
    assert_int_equal(tlsf_check_report(p.t, &report), tlsf_check(p.t));
    assert_int_equal(report.broken, TLSF_BROKEN_BLOCK_SIZE);
    assert_ptr_equal(report.pool, p.first);
    assert_ptr_equal(report.block, block_payload(used_block(&p)));
    populated_restore(&p);
    end_of(p.second)->header |= BLOCK_FREE;
    assert_int_equal(tlsf_check_report(p.t, &report), TLSF_BROKEN_POOL_END);
    assert_ptr_equal(report.pool, p.second);
    populated_restore(&p);
    p.t->class_end++;
    assert_int_equal(tlsf_check_report(p.t, &report), TLSF_BROKEN_CONTROL);
    assert_int_equal(report.broken, TLSF_BROKEN_CONTROL);
    assert_null(report.pool);
    assert_null(report.block);
    populated_restore(&p);
    populated_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_populated_heap_is_sound),
        cmocka_unit_test(check_broken_control_gives_1),
        cmocka_unit_test(check_broken_pool_list_gives_2),
        cmocka_unit_test(check_list_that_names_last_bytes_of_pool_gives_8),
        cmocka_unit_test(check_list_that_names_misaligned_place_gives_8),
        cmocka_unit_test(check_pending_listed_in_place_of_another_gives_11_or_10),
        cmocka_unit_test(check_impossible_pool_size_gives_2),
        cmocka_unit_test(check_broken_block_size_gives_3),
        cmocka_unit_test(check_block_below_smallest_gives_3),
        cmocka_unit_test(check_broken_pool_end_gives_4),
        cmocka_unit_test(check_broken_previous_flag_gives_5),
        cmocka_unit_test(check_broken_coalescing_gives_6),
        cmocka_unit_test(check_broken_footer_gives_7),
        cmocka_unit_test(check_broken_list_link_gives_8),
        cmocka_unit_test(check_broken_list_class_gives_9),
        cmocka_unit_test(check_long_list_of_wrong_class_takes_linear_time),
        cmocka_unit_test(check_broken_pending_gives_10),
        cmocka_unit_test(check_pending_with_a_link_gives_10_from_level_2_on),
        cmocka_unit_test(check_broken_list_set_gives_11),
        cmocka_unit_test(check_free_block_neither_listed_nor_pending_gives_11),
        cmocka_unit_test(check_list_set_of_equal_sum_gives_11),
        cmocka_unit_test(check_broken_second_level_gives_12),
        cmocka_unit_test(check_broken_first_level_gives_13),
        cmocka_unit_test(check_broken_statistics_gives_14),
        cmocka_unit_test(check_two_broken_gives_lower),
        cmocka_unit_test(check_two_broken_of_one_block_gives_lower),
        cmocka_unit_test(check_broken_guard_and_first_level_gives_13),
        cmocka_unit_test(check_pool_null_gives_2),
        cmocka_unit_test(check_pool_sees_its_pool_alone),
        cmocka_unit_test(check_report_names_the_first_pool_and_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
