/* SPDX-License-Identifier: BSD-3-Clause */
#include "vary.h"

#include <stdlib.h>
#include <string.h>

#include "../../support/random.h"

static bool is_allocation(const operation *o) {
    return o->kind != LOAD_FREE && o->kind != LOAD_REALLOC;
}

/* ---- numbers -------------------------------------------------------------------------- */

/* Slots are used again. So each block gets a number of its own, and its slot at the end. Replaces
 * slots by numbers; slots: room for one number a slot. */
static void operations_number(load *l, uint32_t *slots) {
    uint32_t number = 0;
    for (size_t i = 0; i < l->count; i++) {
        operation *o = &l->operations[i];
        if (is_allocation(o)) {
            slots[o->slot] = number++;
        }
        o->slot = slots[o->slot];
    }
}

/* ---- another block of the size -------------------------------------------------------- */

/* The live blocks of each size. Each size has a part of `members`, as long as the size occurs. */
typedef struct {
    size_t *sizes; /* those that occur, ascending, each as often as it occurs */
    size_t count;
    size_t *live;      /* by the first place of a size: how many are live */
    uint32_t *members; /* from the first place of a size on: the roles that are live */
    uint32_t *place;   /* by role: where in members */
    size_t *size_of;   /* by role */
    uint32_t *actual;  /* by role: the block that plays it */
} sizes_table;

static int sizes_compare(const void *a, const void *b) {
    const size_t left = *(const size_t *)a;
    const size_t right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

static size_t size_first(const sizes_table *t, size_t size) {
    size_t low = 0;
    size_t high = t->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->sizes[middle] < size) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void role_enter(sizes_table *t, uint32_t role, size_t size) {
    const size_t first = size_first(t, size);
    t->size_of[role] = size;
    t->place[role] = (uint32_t)(first + t->live[first]++);
    t->members[t->place[role]] = role;
}

static void role_leave(sizes_table *t, uint32_t role) {
    const size_t first = size_first(t, t->size_of[role]);
    const uint32_t last = t->members[first + --t->live[first]];
    t->members[t->place[role]] = last;
    t->place[last] = t->place[role];
}

/* Two roles of one size, one of them given: their blocks change places. */
static void role_exchange(sizes_table *t, uint32_t role, random_stream *random) {
    const size_t first = size_first(t, t->size_of[role]);
    const uint32_t other = t->members[first + random_below(random, t->live[first])];
    const uint32_t block = t->actual[role];
    t->actual[role] = t->actual[other];
    t->actual[other] = block;
}

static void blocks_exchange(load *l, sizes_table *t, random_stream *random) {
    for (size_t i = 0; i < l->count; i++) {
        operation *o = &l->operations[i];
        const uint32_t role = o->slot;
        if (is_allocation(o)) {
            t->actual[role] = role;
        } else {
            role_exchange(t, role, random);
            role_leave(t, role);
        }
        if (o->kind != LOAD_FREE) {
            role_enter(t, role, o->size);
        }
        o->slot = t->actual[role];
    }
}

static void sizes_table_release(sizes_table *t) {
    free(t->sizes);
    free(t->live);
    free(t->members);
    free(t->place);
    free(t->size_of);
    free(t->actual);
}

static bool sizes_table_make(sizes_table *t, const load *l) {
    *t = (sizes_table){.sizes = calloc(l->count + 1, sizeof(size_t)),
                       .live = calloc(l->count + 1, sizeof(size_t)),
                       .members = calloc(l->count + 1, sizeof(uint32_t)),
                       .place = calloc(l->count + 1, sizeof(uint32_t)),
                       .size_of = calloc(l->count + 1, sizeof(size_t)),
                       .actual = calloc(l->count + 1, sizeof(uint32_t))};
    if (t->sizes == NULL || t->live == NULL || t->members == NULL || t->place == NULL ||
        t->size_of == NULL || t->actual == NULL) {
        return false;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (l->operations[i].kind != LOAD_FREE) {
            t->sizes[t->count++] = l->operations[i].size;
        }
    }
    qsort(t->sizes, t->count, sizeof(size_t), sizes_compare);
    return true;
}

/* ---- another order -------------------------------------------------------------------- */

static void neighbours_exchange(load *l, random_stream *random) {
    for (size_t i = 0; i + 1 < l->count; i++) {
        operation *pair = &l->operations[i];
        if (pair[0].slot != pair[1].slot && random_below(random, 2) == 0) {
            const operation first = pair[0];
            pair[0] = pair[1];
            pair[1] = first;
        }
    }
}

/* ---- slots ---------------------------------------------------------------------------- */

typedef struct {
    uint32_t *slot_of; /* by number */
    uint32_t *free_slots;
    size_t *size_of; /* by slot */
    size_t free_count;
    size_t live_bytes;
} slots_table;

static void slots_table_release(slots_table *t) {
    free(t->slot_of);
    free(t->free_slots);
    free(t->size_of);
}

static bool slots_table_make(slots_table *t, size_t numbers) {
    *t = (slots_table){.slot_of = calloc(numbers + 1, sizeof(uint32_t)),
                       .free_slots = calloc(numbers + 1, sizeof(uint32_t)),
                       .size_of = calloc(numbers + 1, sizeof(size_t))};
    return t->slot_of != NULL && t->free_slots != NULL && t->size_of != NULL;
}

/* Replaces numbers by slots, and counts slots and the peak. */
static void operations_settle(load *l, slots_table *t) {
    l->slots = 0;
    l->peak_bytes = 0;
    for (size_t i = 0; i < l->count; i++) {
        operation *o = &l->operations[i];
        const uint32_t number = o->slot;
        if (is_allocation(o)) {
            t->slot_of[number] =
                t->free_count > 0 ? t->free_slots[--t->free_count] : (uint32_t)l->slots++;
        }
        o->slot = t->slot_of[number];
        t->live_bytes += o->size - t->size_of[o->slot]; /* a free has size 0 */
        t->size_of[o->slot] = o->size;
        l->peak_bytes = t->live_bytes > l->peak_bytes ? t->live_bytes : l->peak_bytes;
        if (o->kind == LOAD_FREE) {
            t->free_slots[t->free_count++] = o->slot;
        }
    }
}

bool load_vary(load *varied, const load *original, uint64_t seed) {
    random_stream random = random_start(seed);
    sizes_table sizes;
    slots_table slots;
    *varied = (load){.operations = calloc(original->count + 1, sizeof(operation)),
                     .count = original->count};
    /* A load has at least as many calls as it has blocks, and blocks as slots. */
    const bool has_sizes = sizes_table_make(&sizes, original);
    const bool has_slots = slots_table_make(&slots, original->count);
    const bool has_memory = has_sizes && has_slots && varied->operations != NULL;
    if (has_memory) {
        memcpy(varied->operations, original->operations, original->count * sizeof(operation));
        operations_number(varied, slots.slot_of);
        blocks_exchange(varied, &sizes, &random);
        neighbours_exchange(varied, &random);
        operations_settle(varied, &slots);
    } else {
        load_release(varied);
    }
    sizes_table_release(&sizes);
    slots_table_release(&slots);
    return has_memory;
}
