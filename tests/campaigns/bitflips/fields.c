/* SPDX-License-Identifier: BSD-3-Clause */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/internals.h"

typedef struct {
    field *fields;
    size_t count;
} collection;

static void field_add(collection *c, const char *kind, const void *begin, size_t bytes) {
    if (c->count == FIELDS_MAX) {
        fprintf(stderr, "bitflips: FIELDS_MAX is too small\n");
        exit(2);
    }
    if (bytes != 0) {
        c->fields[c->count++] = (field){kind, (uint8_t *)(uintptr_t)begin, bytes};
    }
}

/* ---- the control structure ---------------------------------------------------------- */

#define MEMBER(kind, member) \
    { kind, offsetof(control, member), sizeof(((control *)0)->member) }

/* In the order of the structure. */
static const struct {
    const char *kind;
    size_t offset, bytes;
} members[] = {
    MEMBER("null block", null.header),
    MEMBER("null block's previous", null.previous),
    MEMBER("null block", null.next),
    MEMBER("pending", pending),
    MEMBER("pending", pending_header),
    MEMBER("first level", first_level),
    MEMBER("plan", class_end),
    MEMBER("plan", request_max),
    MEMBER("span", span_begin),
    MEMBER("span", span_end),
    MEMBER("pool bytes", pool_size),
    MEMBER("used bytes", used),
    MEMBER("peak", peak),
    MEMBER("allocations, frees", allocations),
    MEMBER("allocations, frees", frees),
    MEMBER("failures", failures),
    MEMBER("fault hook", fault_hook),
    MEMBER("pool list", pools.next),
    MEMBER("pool list", pools.previous),
    MEMBER("anchor's size", pools.size),
    MEMBER("second level", second_level),
};

/* Bytes that no member covers are padding. Padding is smaller than the member that it aligns. */
static void padding_add(collection *c, const specimen *s, size_t begin, size_t end) {
    if (end < begin || end - begin >= sizeof(uintptr_t)) {
        fprintf(stderr, "bitflips: offset %zu of the control structure has no name\n", begin);
        exit(2);
    }
    field_add(c, "padding", (const uint8_t *)s->t + begin, end - begin);
}

static void control_add(collection *c, const specimen *s) {
    size_t covered = 0;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        padding_add(c, s, covered, members[i].offset);
        field_add(c, members[i].kind, (const uint8_t *)s->t + members[i].offset, members[i].bytes);
        covered = members[i].offset + members[i].bytes;
    }
    padding_add(c, s, covered, offsetof(control, heads));
    for (size_t class = CLASS_FIRST; class < s->t->class_end; class ++) {
        field_add(c, list_is_empty(s->t, class) ? "empty list's head" : "list's head",
                  &list_slot(s->t, class)->next, sizeof(block_link));
    }
}

/* ---- pools -------------------------------------------------------------------------- */

/* Nobody uses these bytes. The first, the middle and the last one stand for all. */
static void free_memory_add(collection *c, const uint8_t *begin, size_t bytes) {
    const size_t places[] = {0, bytes / 2, bytes - 1};
    for (size_t i = 0; i < 3 && bytes > i; i++) {
        field_add(c, "free memory", begin + places[i], 1);
    }
}

static void free_block_add(collection *c, const block *b) {
    const uint8_t *footer = (const uint8_t *)block_next(b) - sizeof(header_word);
    const uint8_t *rest = (const uint8_t *)(b + 1);
    field_add(c, "free header", &b->header, sizeof(b->header));
    field_add(c, "previous link", &b->previous, sizeof(b->previous));
    field_add(c, "next link", &b->next, sizeof(b->next));
    free_memory_add(c, rest, (size_t)(footer - rest));
    field_add(c, "footer", footer, sizeof(header_word));
}

/* At hardening 3 the guard lies behind the user's bytes. */
static void used_block_add(collection *c, const block *b) {
    const uint8_t *guard = (const uint8_t *)block_payload(b) + tlsf_block_size(block_payload(b));
    field_add(c, "used header", &b->header, sizeof(b->header));
    field_add(c, "guard", guard, (size_t)((const uint8_t *)block_next(b) - guard));
}

static void pool_fields_add(collection *c, pool_t pool) {
    const pool_descriptor *descriptor = pool_describe(pool);
    field_add(c, "pool list", &descriptor->next, sizeof(descriptor->next));
    field_add(c, "pool list", &descriptor->previous, sizeof(descriptor->previous));
    field_add(c, "pool's size", &descriptor->size, sizeof(descriptor->size));
    const block *b = pool_first_block(pool);
    while (b != pool_end(pool)) {
        (block_is_free(b) ? free_block_add : used_block_add)(c, b);
        b = block_next(b);
    }
    field_add(c, "end marker", &b->header, sizeof(b->header));
}

size_t fields_of(const specimen *s, field fields[FIELDS_MAX]) {
    collection c = {fields, 0};
    control_add(&c, s);
    for (size_t i = 0; i < SPECIMEN_POOLS; i++) {
        pool_fields_add(&c, s->pools[i]);
    }
    return c.count;
}
