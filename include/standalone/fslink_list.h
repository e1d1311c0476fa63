/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A singly linked list, for builds outside the vendor's SDK. Inside it, the SDK's own fslink_list.h
 * is used: fmemory_port.h decides. A node is a member of the object that it links.
 *
 * A list is a head node, which is no element, and the nodes after it. No argument may be NULL.
 * Nothing is locked.
 *
 *     head            node            node
 *     [next] -------> [next] -------> [next] -------> NULL
 */
#ifndef FSLINK_LIST_H
#define FSLINK_LIST_H

#include <stddef.h>

typedef struct FSListNode {
    struct FSListNode *next; /* NULL in the last node */
} FSListNode;

/* The initial value of a list's head: the list is empty. */
#define FSLIST_OBJECT_INIT(head) \
    { NULL }

/* Makes `list` the head of an empty list. O(1). */
static inline void FSListInit(FSListNode *list) { list->next = NULL; }

/* Returns  the node after `node`; NULL if and only if it is the last. O(1). */
static inline FSListNode *FSListNext(FSListNode *node) { return node->next; }

/* Returns  the first node; NULL if and only if the list is empty. O(1). */
static inline FSListNode *FSListFirst(FSListNode *list) { return list->next; }

/* Returns  the last node; the head itself when the list is empty. Linear. */
static inline FSListNode *FSListTail(FSListNode *list) {
    while (list->next != NULL) {
        list = list->next;
    }
    return list;
}

/* Returns  1 when the list is empty, else 0. O(1). */
static inline int FSListIsEmpty(const FSListNode *list) { return list->next == NULL; }

/* Returns  the number of nodes; the head does not count. Linear. */
static inline unsigned int FSListLen(const FSListNode *list) {
    unsigned int length = 0;

    while (list->next != NULL) {
        list = list->next;
        length++;
    }
    return length;
}

/* Makes `node` the last node of the list. Linear. */
static inline void FSListAppend(FSListNode *list, FSListNode *node) {
    FSListTail(list)->next = node;
    node->next = NULL;
}

/* Puts `node` right after `list`, which is the head or any node. O(1). */
static inline void FSListInsert(FSListNode *list, FSListNode *node) {
    node->next = list->next;
    list->next = node;
}

/* Takes `node` out of the list. Nothing changes when the list does not hold it. Linear.
 * Returns  `list`. */
static inline FSListNode *FSListRemove(FSListNode *list, FSListNode *node) {
    FSListNode *previous = list;

    while (previous->next != NULL && previous->next != node) {
        previous = previous->next;
    }
    if (previous->next == node) {
        previous->next = node->next;
    }
    return list;
}

/* The object of type `type` that has the list node `node` as its member `member`. */
#define FSLIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* Loops over the nodes of a list; `node` (FSListNode *) is each in turn. The body must not
 * remove it. */
#define FSLIST_FOR_EACH(node, list) \
    for ((node) = FSListFirst(list); (node) != NULL; (node) = FSListNext(node))

/* As FSLIST_FOR_EACH, but the body may remove `node`: `following` (FSListNode *) keeps the next
 * one. */
#define FSLIST_FOR_EACH_SAFE(node, following, list) \
    for ((node) = FSListFirst(list); (node) != NULL && ((following) = FSListNext(node), 1); \
         (node) = (following))

#endif
