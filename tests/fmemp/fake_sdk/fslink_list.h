/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the vendor's header of this name. The functions have the same names, and return
 * void where ours return a result. */
#ifndef SDK_FSLINK_LIST_H
#define SDK_FSLINK_LIST_H

#define SDK_FSLINK_LIST_USED 1

typedef struct sdk_slist_node {
    struct sdk_slist_node *next;
} FSListNode;

static inline void FSListInit(FSListNode *list) { list->next = (void *)0; }

static inline FSListNode *FSListNext(FSListNode *node) { return node->next; }

static inline void FSListInsert(FSListNode *list, FSListNode *node) {
    node->next = list->next;
    list->next = node;
}

static inline unsigned int FSListLen(const FSListNode *list) {
    unsigned int length = 0;

    while (list->next) {
        list = list->next;
        length++;
    }
    return length;
}

static inline void FSListRemove(FSListNode *list, FSListNode *node) {
    while (list->next && list->next != node) {
        list = list->next;
    }
    if (list->next) {
        list->next = node->next;
    }
}

#endif
