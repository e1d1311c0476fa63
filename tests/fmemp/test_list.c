/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * standalone/fslink_list.h: every function and macro.
 *
 * Each case verifies F17.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "standalone/fslink_list.h"

struct item {
    int number;
    FSListNode node;
};

static FSListNode list;
static struct item items[4];

/* Makes the list 0, 1, 2, 3. */
static int list_setup(void **state) {
    (void)state;
    FSListInit(&list);
    for (int i = 0; i < 4; i++) {
        items[i].number = i;
        FSListAppend(&list, &items[i].node);
    }
    return 0;
}

/* Returns the list as a decimal number: a 9, then one digit an item. */
static int list_digits(void) {
    FSListNode *node;
    int digits = 9;

    FSLIST_FOR_EACH(node, &list) {
        digits = digits * 10 + FSLIST_ENTRY(node, struct item, node)->number;
    }
    return digits;
}

static void init_makes_an_empty_list(void **state) {
    (void)state;
    FSListNode empty = FSLIST_OBJECT_INIT(empty);

    assert_true(FSListIsEmpty(&empty));
    assert_false(FSListIsEmpty(&list));
    FSListInit(&list);
    assert_true(FSListIsEmpty(&list));
    assert_int_equal(FSListLen(&list), 0);
    assert_null(FSListFirst(&list));
    assert_ptr_equal(FSListTail(&list), &list);
    assert_int_equal(list_digits(), 9);
}

static void append_goes_last(void **state) {
    (void)state;
    assert_int_equal(list_digits(), 90123);
    assert_int_equal(FSListLen(&list), 4);
    assert_ptr_equal(FSListFirst(&list), &items[0].node);
    assert_ptr_equal(FSListTail(&list), &items[3].node);
}

static void insert_goes_right_behind(void **state) {
    (void)state;
    struct item first = {7, {NULL}};
    struct item middle = {8, {NULL}};

    FSListInsert(&list, &first.node);
    FSListInsert(&items[1].node, &middle.node);
    assert_int_equal(list_digits(), 9701823);
}

static void next_follows_to_null(void **state) {
    (void)state;
    assert_ptr_equal(FSListNext(&items[0].node), &items[1].node);
    assert_null(FSListNext(&items[3].node));
}

static void remove_first_middle_last_leaves_the_rest(void **state) {
    (void)state;
    assert_ptr_equal(FSListRemove(&list, &items[1].node), &list);
    assert_int_equal(list_digits(), 9023);
    FSListRemove(&list, &items[3].node);
    assert_int_equal(list_digits(), 902);
    FSListRemove(&list, &items[0].node);
    assert_int_equal(list_digits(), 92);
    FSListRemove(&list, &items[2].node);
    assert_true(FSListIsEmpty(&list));
}

static void remove_node_that_is_not_listed_changes_nothing(void **state) {
    (void)state;
    struct item other = {5, {NULL}};

    FSListRemove(&list, &other.node);
    assert_int_equal(list_digits(), 90123);
}

static void for_each_safe_allows_removal(void **state) {
    (void)state;
    FSListNode *node;
    FSListNode *following;
    int count = 0;

    FSLIST_FOR_EACH_SAFE(node, following, &list) {
        FSListRemove(&list, node);
        node->next = NULL;
        count++;
    }
    assert_int_equal(count, 4);
    assert_true(FSListIsEmpty(&list));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(init_makes_an_empty_list, list_setup),
        cmocka_unit_test_setup(append_goes_last, list_setup),
        cmocka_unit_test_setup(insert_goes_right_behind, list_setup),
        cmocka_unit_test_setup(next_follows_to_null, list_setup),
        cmocka_unit_test_setup(remove_first_middle_last_leaves_the_rest, list_setup),
        cmocka_unit_test_setup(remove_node_that_is_not_listed_changes_nothing, list_setup),
        cmocka_unit_test_setup(for_each_safe_allows_removal, list_setup),
    };

    return cmocka_run_group_tests_name("fmemp_list", tests, NULL, NULL);
}
