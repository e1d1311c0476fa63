/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check of a whole heap: tests the numbered invariants of tlsf.h. It follows a size or a link
 * only after it has found that the target lies inside a pool, and no walk meets a block twice. It
 * writes nothing.
 */
#include "hardening_2_corruption.h"

/* The free blocks that a walk over blocks or over lists met, as the sum of their squared
 * addresses. Sets with equal sums count as equal. */
typedef uintptr_t block_set;

/* The blocks that a walk over pools saw. */
typedef struct {
    block_set free;
    size_t used_count;
    size_t used; /* outer_size */
} census;

/* The lower of two results; 0 means that nothing is broken. */
static int first_broken(int a, int b) { return a == 0 || (b != 0 && b < a) ? b : a; }

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

/* b has a sound size. t is NULL if the caller does not know the heap. */
static int check_block(const control *t, const block *b, bool is_previous_free) {
    int broken = TLSF_SOUND;
    if (block_is_previous_free(b) != is_previous_free) {
        broken = TLSF_BROKEN_PREVIOUS_FLAG;
    }
    if (block_is_free(b) && is_previous_free) {
        broken = first_broken(broken, TLSF_BROKEN_COALESCING);
    }
    if (block_is_free(b) && block_footer_before(block_next(b)) != b->header) {
        broken = first_broken(broken, TLSF_BROKEN_FOOTER);
    }
    if (block_is_free(b) && !fill_is_intact(b, block_size(b))) {
        broken = first_broken(broken, TLSF_BROKEN_FILL);
    }
    if (!block_is_free(b) && !guard_is_intact(t, b)) {
        broken = first_broken(broken, TLSF_BROKEN_GUARD);
    }
    return broken;
}

static int check_blocks(const control *t, pool_t pool, census *seen) {
    const block *b = pool_first_block(pool);
    outer_size left = pool_describe(pool)->size;
    bool is_previous_free = false;
    int broken = TLSF_SOUND;
    while (left != 0) {
        if (block_size(b) < BLOCK_MIN || block_size(b) > left) {
            return TLSF_BROKEN_BLOCK_SIZE;
        }
        broken = first_broken(broken, check_block(t, b, is_previous_free));
        census_add(seen, b);
        is_previous_free = block_is_free(b);
        left -= block_size(b);
        b = block_next(b);
    }
    if (!block_is_end(b)) {
        broken = first_broken(broken, TLSF_BROKEN_POOL_END);
    }
    if (block_is_previous_free(b) != is_previous_free) {
        broken = first_broken(broken, TLSF_BROKEN_PREVIOUS_FLAG);
    }
    return broken;
}

/* ---- lists: invariants 8 to 11 ------------------------------------------------------ */

/* Each block must name the one before it, so the loop meets none twice. */
static int check_list(const control *t, size_t size_class, block_set *listed) {
    int broken = TLSF_SOUND;
    const block *before = list_slot(t, size_class);
    while (!link_is_null(t, before->next)) {
        const block *b = link_block(t, before->next);
        if (!block_is_in_a_pool(t, b) || link_block(t, b->previous) != before) {
            return TLSF_BROKEN_LIST_LINK;
        }
        if (!block_is_free(b) || class_floor(block_size(b)) != size_class) {
            broken = TLSF_BROKEN_LIST_CLASS;
        }
        block_set_add(listed, b);
        before = b;
    }
    return broken;
}

static int check_pending(const control *t, block_set *listed) {
    const block *pending = link_block(t, t->pending);
    if (pending == &t->null) {
        return t->pending_header == 0 && t->pending_class == 0 ? TLSF_SOUND : TLSF_BROKEN_PENDING;
    }
    if (!block_is_in_a_pool(t, pending) || !pending_agrees(t, pending)) {
        return TLSF_BROKEN_PENDING;
    }
    block_set_add(listed, pending);
    return TLSF_SOUND;
}

static int check_lists(const control *t, block_set free) {
    block_set listed = 0;
    int broken = TLSF_SOUND;
    for (size_t c = CLASS_FIRST; c < t->class_end; c++) {
        broken = first_broken(broken, check_list(t, c, &listed));
    }
    broken = first_broken(broken, check_pending(t, &listed));
    return broken == TLSF_SOUND && listed != free ? TLSF_BROKEN_LIST_SET : broken;
}

/* ---- bitmaps: invariants 12 and 13 -------------------------------------------------- */

static int check_bitmaps(const control *t) {
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
            return TLSF_BROKEN_SECOND_LEVEL;
        }
        rows |= (uint32_t)(columns != 0) << row;
    }
    return t->first_level == rows ? TLSF_SOUND : TLSF_BROKEN_FIRST_LEVEL;
}

/* ---- statistics: invariant 14 ------------------------------------------------------- */

static int check_statistics(const control *t, const census *seen) {
    const bool is_sound = !TLSF_STATISTICS || (t->used == seen->used && t->used <= t->peak &&
                                               t->allocations - t->frees == seen->used_count);
    return is_sound ? TLSF_SOUND : TLSF_BROKEN_STATISTICS;
}

/* ---- the whole ---------------------------------------------------------------------- */

static int check_all_pools(const control *t, census *seen) {
    int broken = TLSF_SOUND;
    for (block_link link = t->pools.next; pool_linked(t, link) != &t->pools;) {
        const pool_descriptor *descriptor = pool_linked(t, link);
        broken = first_broken(broken, check_blocks(t, pool_of_descriptor(descriptor), seen));
        link = descriptor->next;
    }
    return broken;
}

static int check_lists_and_counts(const control *t, const census *seen) {
    int broken = check_lists(t, seen->free);
    if (broken == TLSF_SOUND) {
        broken = check_bitmaps(t);
    }
    return broken != TLSF_SOUND ? broken : check_statistics(t, seen);
}

int tlsf_check_pool(pool_t pool) {
    CHECKER_PAUSE();
    census seen = {0, 0, 0};
    return pool == NULL ? TLSF_BROKEN_POOL_LIST : check_blocks(NULL, pool, &seen);
}

int tlsf_check(tlsf_t handle) {
    control *t = control_of(handle);
    CHECKER_PAUSE();
    census seen = {0, 0, 0};
    if (!control_is_sound(t)) {
        return TLSF_BROKEN_CONTROL;
    }
    if (!pool_list_is_sound(t)) {
        return TLSF_BROKEN_POOL_LIST;
    }
    /* The check of lists does not depend on sound blocks, so both checks can run. */
    const int broken = check_all_pools(t, &seen);
    return first_broken(broken, check_lists_and_counts(t, &seen));
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
