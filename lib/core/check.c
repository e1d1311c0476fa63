/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check of a whole heap: tests the numbered invariants of tlsf.h. It follows a size or a link
 * only after it has found that the target lies inside a pool, and no walk meets a block twice. It
 * writes nothing.
 */
#include "places.h"

/* The free blocks that a walk over blocks or over lists met, as the sum of their squared
 * addresses. Sets with equal sums count as equal. */
typedef uintptr_t block_set;

/* The blocks that a walk over pools saw. */
typedef struct {
    block_set free;
    size_t used_count;
    size_t used; /* outer_size */
} census;

/* A check under way. */
typedef struct {
    const control *t;            /* NULL if the heap is not known */
    const pool_descriptor *pool; /* the pool that the walk is in; NULL outside */
    census seen;
    int broken;                     /* the lowest invariant that was found broken */
    const pool_descriptor *in_pool; /* and where: the pool, NULL for none */
    const block *at;                /* the block, NULL for none */
} heap_check;

static heap_check check_begin(const control *t) {
    heap_check c;
    memset(&c, 0, sizeof(c));
    c.t = t;
    return c;
}

/* Whether a note of this invariant would count: the lowest does, and the first place where it is
 * broken. */
static bool check_is_news(const heap_check *c, int invariant) {
    return c->broken == TLSF_SOUND || invariant < c->broken;
}

/* Notes that an invariant is broken at b, or at no single block if b is NULL. */
static void check_note(heap_check *c, int invariant, const block *b) {
    if (check_is_news(c, invariant)) {
        c->broken = invariant;
        c->in_pool = c->pool;
        c->at = b;
    }
}

static void block_set_add(block_set *set, const block *b) { *set += (uintptr_t)b * (uintptr_t)b; }

/* ---- blocks of a pool: invariants 3 to 7, 15 and 16 --------------------------------- */

static void census_add(census *seen, const block *b) {
    if (block_is_free(b)) {
        block_set_add(&seen->free, b);
    } else {
        seen->used_count++;
        seen->used += (size_t)block_size(b);
    }
}

/* b has a sound size. */
static void check_block(heap_check *c, const block *b, bool is_previous_free) {
    if (block_is_previous_free(b) != is_previous_free) {
        check_note(c, TLSF_BROKEN_PREVIOUS_FLAG, b);
    }
    if (block_is_free(b) && is_previous_free) {
        check_note(c, TLSF_BROKEN_COALESCING, b);
    }
    if (block_is_free(b) && block_footer_before(block_next(b)) != b->header) {
        check_note(c, TLSF_BROKEN_FOOTER, b);
    }
    if (block_is_free(b) && !fill_is_intact(b, block_size(b))) {
        check_note(c, TLSF_BROKEN_FILL, b);
    }
    if (!block_is_free(b) && !guard_is_intact(c->t, b)) {
        check_note(c, TLSF_BROKEN_GUARD, b);
    }
}

static void check_blocks(heap_check *c, const pool_descriptor *pool) {
    const block *b = descriptor_first_block(pool);
    outer_size left = pool->size;
    bool is_previous_free = false;
    c->pool = pool;
    while (left != 0) {
        if (block_size(b) < BLOCK_MIN || block_size(b) > left) {
            check_note(c, TLSF_BROKEN_BLOCK_SIZE, b);
            return;
        }
        check_block(c, b, is_previous_free);
        census_add(&c->seen, b);
        is_previous_free = block_is_free(b);
        left -= block_size(b);
        b = block_next(b);
    }
    if (!block_is_end(b)) {
        check_note(c, TLSF_BROKEN_POOL_END, NULL);
    }
    if (block_is_previous_free(b) != is_previous_free) {
        check_note(c, TLSF_BROKEN_PREVIOUS_FLAG, NULL);
    }
}

/* ---- lists: invariants 8 to 11 ------------------------------------------------------ */

/* Whether a walk meets free block b. It takes linear time, so a check asks only where its note
 * counts. */
static bool is_free_block(const control *t, const block *b) {
    const pool_descriptor *descriptor = pools_find(t, (uintptr_t)b);
    if (descriptor == NULL || !block_is_in_a_pool(t, b)) {
        return false;
    }
    const pool_view pool = pool_view_of(descriptor);
    return pool_find_block(&pool, (uintptr_t)b) == b && block_is_free(b);
}

/* Notes a link that is broken: in b, which does not name the block before it; or in that one, if b
 * is no free block. */
static void check_note_link(heap_check *c, const block *before, const block *b) {
    if (!check_is_news(c, TLSF_BROKEN_LIST_LINK)) {
        return;
    }
    const bool is_in_b = is_free_block(c->t, b);
    const bool is_in_head = !is_in_b && !is_free_block(c->t, before);
    check_note(c, TLSF_BROKEN_LIST_LINK, is_in_b ? b : is_in_head ? NULL : before);
}

/* Each block must name the one before it, so the loop meets none twice. */
static void check_list(heap_check *c, size_t size_class, block_set *listed) {
    const control *t = c->t;
    const block *before = list_slot(t, size_class);
    while (!link_is_null(t, before->next)) {
        const block *b = link_block(t, before->next);
        if (!block_is_in_a_pool(t, b) || link_block(t, b->previous) != before) {
            check_note_link(c, before, b);
            return;
        }
        const bool fits = block_is_free(b) && class_floor(block_size(b)) == size_class;
        if (!fits && check_is_news(c, TLSF_BROKEN_LIST_CLASS)) {
            check_note(c, TLSF_BROKEN_LIST_CLASS, is_free_block(t, b) ? b : NULL);
        }
        block_set_add(listed, b);
        before = b;
    }
}

static void check_pending(heap_check *c, block_set *listed) {
    const control *t = c->t;
    const block *pending = link_block(t, t->pending);
    if (pending == &t->null) {
        if (t->pending_header != 0) {
            check_note(c, TLSF_BROKEN_PENDING, NULL);
        }
    } else if (!block_is_in_a_pool(t, pending)) {
        check_note(c, TLSF_BROKEN_PENDING, NULL);
    } else if (!pending_agrees(t, pending)) {
        check_note(c, TLSF_BROKEN_PENDING, is_free_block(t, pending) ? pending : NULL);
    } else {
        block_set_add(listed, pending);
    }
}

static void check_lists(heap_check *c) {
    block_set listed = 0;
    for (size_t size_class = CLASS_FIRST; size_class < c->t->class_end; size_class++) {
        check_list(c, size_class, &listed);
    }
    check_pending(c, &listed);
    if (listed != c->seen.free) {
        check_note(c, TLSF_BROKEN_LIST_SET, NULL);
    }
}

/* ---- bitmaps: invariants 12 and 13 -------------------------------------------------- */

static void check_bitmaps(heap_check *c) {
    const control *t = c->t;
    uint32_t rows = 0;
    for (size_t row = 0; row < ROW_COUNT; row++) {
        uint32_t columns = 0;
        for (unsigned column = 0; column < CLASSES_PER_ROW; column++) {
            const size_t size_class = row * CLASSES_PER_ROW + column;
            if (size_class >= CLASS_FIRST && size_class < t->class_end &&
                !list_is_empty(t, size_class)) {
                columns |= UINT32_C(1) << column;
            }
        }
        if (t->second_level[row] != columns) {
            check_note(c, TLSF_BROKEN_SECOND_LEVEL, NULL);
        }
        rows |= (uint32_t)(columns != 0) << row;
    }
    if (t->first_level != rows) {
        check_note(c, TLSF_BROKEN_FIRST_LEVEL, NULL);
    }
}

/* ---- statistics: invariant 14 ------------------------------------------------------- */

static void check_statistics(heap_check *c) {
    const control *t = c->t;
    if (TLSF_STATISTICS && (t->used != c->seen.used || t->used > t->peak ||
                            t->allocations - t->frees != c->seen.used_count)) {
        check_note(c, TLSF_BROKEN_STATISTICS, NULL);
    }
}

/* ---- the whole ---------------------------------------------------------------------- */

/* The pool whose record breaks the list: the one that a link leads to, or that a link leads out of.
 * NULL if the anchor or the sum is broken. */
static const pool_descriptor *pool_list_break(const control *t) {
    const pool_descriptor *last = &t->pools;
    for (const pool_descriptor *pool = last; pool != NULL; pool = pools_next(t, pool)) {
        last = pool;
    }
    const pool_descriptor *next = pool_linked(t, last->next);
    if (next == &t->pools) {
        return NULL;
    }
    if (block_is_in_span(t, descriptor_first_block(next))) {
        return next;
    }
    return last == &t->pools ? NULL : last;
}

/* The plan and the list of pools, which the rest relies on.
 * Returns false if one is broken. */
static bool check_structure(heap_check *c) {
    if (!control_is_sound(c->t)) {
        check_note(c, TLSF_BROKEN_CONTROL, NULL);
    } else if (!pool_list_is_sound(c->t)) {
        c->pool = pool_list_break(c->t);
        check_note(c, TLSF_BROKEN_POOL_LIST, NULL);
    }
    return c->broken == TLSF_SOUND;
}

static heap_check check_heap(const control *t) {
    heap_check c = check_begin(t);
    if (check_structure(&c)) {
        for (const pool_descriptor *pool = pools_next(t, &t->pools); pool != NULL;
             pool = pools_next(t, pool)) {
            check_blocks(&c, pool);
        }
        c.pool = NULL;
        check_lists(&c); /* does not depend on sound blocks */
        check_bitmaps(&c);
        check_statistics(&c);
    }
    return c;
}

int tlsf_check_pool(pool_t pool) {
    CHECKER_PAUSE();
    heap_check c = check_begin(NULL);
    if (pool == NULL) {
        return TLSF_BROKEN_POOL_LIST;
    }
    check_blocks(&c, pool_describe(pool));
    return c.broken;
}

int tlsf_check(tlsf_t handle) {
    CHECKER_PAUSE();
    return check_heap(control_of(handle)).broken;
}

int tlsf_check_report(tlsf_t handle, tlsf_report_t *report) {
    const control *t = control_of(handle);
    CHECKER_PAUSE();
    const heap_check c = check_heap(t);
    const pool_descriptor *pool =
        c.in_pool == NULL && c.at != NULL ? pools_find(t, (uintptr_t)c.at) : c.in_pool;
    report->broken = (tlsf_invariant)c.broken;
    report->pool = pool == NULL ? NULL : pool_of_descriptor(pool);
    report->block = c.at == NULL ? NULL : block_payload(c.at);
    return c.broken;
}

const char *tlsf_invariant_name(int invariant) {
    /* In the order of tlsf_invariant, from TLSF_SOUND on. */
    static const char *const names[] = {
        "sound",
        "control structure",
        "pool list",
        "block size",
        "pool end",
        "previous-free flag",
        "coalescing",
        "footer",
        "list link",
        "list class",
        "pending block",
        "set of free blocks",
        "second-level bitmap",
        "first-level bitmap",
        "statistics",
        "guard",
        "fill of free memory",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    return (size_t)invariant < count ? names[invariant] : "unknown";
}
