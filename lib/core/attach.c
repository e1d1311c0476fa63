/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attach: a heap that survived a reset is verified and taken over.
 *
 * The memory can hold anything. So each word is checked before it is used, in this order: the
 * control structure lies in the first region; its plan agrees with its classes; all its list heads
 * lie there, too; each pool of the list lies in one region, apart from the heads and from all other
 * pools. From there on the check of the whole heap does the rest. Nothing is written before all of
 * this has passed.
 */
#include "places.h"

/* The regions that the caller names. */
typedef struct {
    tlsf_region_t first;
    const tlsf_region_t *added;
    size_t count;
} region_list;

/* ---- what lies where ---------------------------------------------------------------- */

/* Whether the bytes lie in the region, which may end where the address space does. */
static bool region_contains(const tlsf_region_t *region, uintptr_t begin, size_t bytes) {
    const uintptr_t region_begin = (uintptr_t)region->begin;
    const uintptr_t offset = begin - region_begin;
    return region_begin != 0 && region->bytes <= 0 - region_begin && offset <= region->bytes &&
           bytes <= region->bytes - offset;
}

static bool regions_contain(const region_list *given, uintptr_t begin, size_t bytes) {
    bool contain = region_contains(&given->first, begin, bytes);
    for (size_t i = 0; i < given->count && !contain; i++) {
        contain = region_contains(&given->added[i], begin, bytes);
    }
    return contain;
}

/* Whether [a, a + a_bytes) and [b, b + b_bytes) have no byte in common. */
static bool bytes_are_apart(uintptr_t a, size_t a_bytes, uintptr_t b, size_t b_bytes) {
    return a - b >= b_bytes && b - a >= a_bytes;
}

/* ---- the structure ------------------------------------------------------------------ */

static bool control_survived(const control *t, const tlsf_region_t *region) {
    return region_contains(region, (uintptr_t)t, offsetof(control, heads)) && control_is_sound(t) &&
           region_contains(region, (uintptr_t)t, control_bytes(t->class_end));
}

/* Whether a pool of a size that the plan allows can lie at the descriptor, of which nothing was
 * read yet. */
static bool pool_lies_inside(const control *t, const region_list *given,
                             const pool_descriptor *pool) {
    return (uintptr_t)pool % GRANULE == 0 &&
           regions_contain(given, (uintptr_t)pool, sizeof(pool_descriptor)) &&
           pool->size >= BLOCK_MIN && (pool->size & BLOCK_FLAGS) == 0 &&
           pool->size <= size_for_request(t->request_max) &&
           regions_contain(given, (uintptr_t)pool, pool_bytes(pool));
}

/* Whether the list of pools leads through the regions and back to its anchor. Each descriptor must
 * name the one before it, so the loop meets none twice. */
static bool pools_lie_inside(const control *t, const region_list *given) {
    const pool_descriptor *before = &t->pools;
    while (pool_linked(t, before->next) != &t->pools) {
        const pool_descriptor *pool = pool_linked(t, before->next);
        if (!pool_lies_inside(t, given, pool) || pool_linked(t, pool->previous) != before) {
            return false;
        }
        before = pool;
    }
    return true;
}

/* Whether the pool lies apart from the control structure and from the pools behind it in the
 * list. */
static bool pool_is_apart(const control *t, const pool_descriptor *pool) {
    const uintptr_t begin = (uintptr_t)pool;
    const size_t bytes = pool_bytes(pool);
    bool is_apart = bytes_are_apart(begin, bytes, (uintptr_t)t, control_bytes(t->class_end));
    for (const pool_descriptor *other = pool_linked(t, pool->next); other != &t->pools;
         other = pool_linked(t, other->next)) {
        is_apart = is_apart && bytes_are_apart(begin, bytes, (uintptr_t)other, pool_bytes(other));
    }
    return is_apart;
}

static bool pools_survived(const control *t, const region_list *given) {
    if (!pools_lie_inside(t, given)) {
        return false;
    }
    bool are_apart = true;
    for (const pool_descriptor *pool = pool_linked(t, t->pools.next); pool != &t->pools;
         pool = pool_linked(t, pool->next)) {
        are_apart = are_apart && pool_is_apart(t, pool);
    }
    return are_apart;
}

/* Fills *lost with the first invariant that is broken. */
static void heap_check_all(const control *t, const region_list *given, tlsf_report_t *lost) {
    memset(lost, 0, sizeof(*lost));
    if (!control_survived(t, &given->first)) {
        lost->broken = TLSF_BROKEN_CONTROL;
    } else if (!pools_survived(t, given)) {
        lost->broken = TLSF_BROKEN_POOL_LIST;
    } else {
        (void)tlsf_check_report((tlsf_t)(uintptr_t)t, lost);
    }
}

/* ---- statistics --------------------------------------------------------------------- */

/* Counts anew what the blocks show. A library without statistics keeps none. */
static void statistics_renew(control *t) {
    tlsf_survey_t survey;
    (void)tlsf_survey(t, &survey);
    t->used = TLSF_STATISTICS ? survey.used_bytes / SIZE_UNIT : 0;
    t->peak = t->used;
    t->allocations = TLSF_STATISTICS ? survey.used_blocks : 0;
    t->frees = 0;
    t->failures = 0;
}

/* Statistics that do not agree are counted again. The check looks at them last, but for what
 * hardening 3 writes: they hide a broken guard or fill.
 * Returns whether the rest of the heap is sound. If not, nothing is changed. */
static bool statistics_mend(control *t, tlsf_report_t *lost) {
    if (!HARDENING_DEBUGGING) {
        statistics_renew(t);
        return true;
    }
    const control before = *t;
    tlsf_report_t rest;
    statistics_renew(t);
    if (tlsf_check_report(t, &rest) == TLSF_SOUND) {
        return true;
    }
    *lost = rest;
    t->used = before.used;
    t->peak = before.peak;
    t->allocations = before.allocations;
    t->frees = before.frees;
    t->failures = before.failures;
    return false;
}

/* ---- taking over -------------------------------------------------------------------- */

/* The span is exact again: it may have kept pools that were removed. */
static void span_renew(control *t) {
    t->span_begin = UINTPTR_MAX;
    t->span_end = 0;
    for (const pool_descriptor *descriptor = pool_linked(t, t->pools.next); descriptor != &t->pools;
         descriptor = pool_linked(t, descriptor->next)) {
        const pool_view pool = pool_view_of(descriptor);
        if ((uintptr_t)pool.first < t->span_begin) {
            t->span_begin = (uintptr_t)pool.first;
        }
        if ((uintptr_t)pool.end > t->span_end) {
            t->span_end = (uintptr_t)pool.end;
        }
    }
}

/* A library without a pending place takes over the block of one that has it. */
static void pending_renew(control *t) {
    if (!TLSF_PENDING && pending_exists(t)) {
        list_insert(t, link_block(t, t->pending), t->pending, class_floor(t->pending_header));
        pending_clear(t);
    }
}

/* Tells the memory checker who owns each byte of a pool. */
static void checker_learn_pool(const control *t, const pool_view *pool) {
    const block *b = pool->first;
    memory_take(pool->descriptor, POOL_FRONT - BLOCK_OVERHEAD);
    for (; b != pool->end; b = block_next(b)) {
        if (block_is_free(b)) {
            memory_take(b, size_bytes(block_size(b)));
        } else {
            memory_take(b, BLOCK_OVERHEAD);
            payload_survived(t, block_payload(b), block_payload_bytes(b));
        }
    }
    memory_take(b, BLOCK_OVERHEAD);
    (void)t;
}

static void checker_learn_heap(const control *t) {
    if (TLSF_MEMORY_CHECKER) {
        checker_begin_heap(t);
        memory_take(t, control_bytes(t->class_end));
        for (const pool_descriptor *pool = pools_next(t, &t->pools); pool != NULL;
             pool = pools_next(t, pool)) {
            const pool_view view = pool_view_of(pool);
            checker_learn_pool(t, &view);
        }
    }
}

/* ---- the calls ---------------------------------------------------------------------- */

/* Whether nothing but the statistics is broken. Then they are right now. */
static bool heap_can_be_used(control *t, tlsf_report_t *lost) {
    return lost->broken == TLSF_SOUND ||
           (TLSF_STATISTICS && lost->broken == TLSF_BROKEN_STATISTICS && statistics_mend(t, lost));
}

tlsf_t tlsf_attach_regions(void *mem, size_t bytes, const tlsf_region_t *added, size_t count,
                           tlsf_report_t *lost) {
    CHECKER_PAUSE();
    region_list given;
    tlsf_report_t unwanted;
    tlsf_report_t *report = lost;
    control *const t = control_at(mem);
    if (report == NULL) {
        report = &unwanted;
    }
    given.first.begin = mem;
    given.first.bytes = bytes;
    given.added = added;
    given.count = added == NULL ? 0 : count;
    heap_check_all(t, &given, report);
    if (!heap_can_be_used(t, report)) {
        return NULL;
    }
    t->fault_hook = NULL; /* the program that set it is gone */
    span_renew(t);
    pending_renew(t);
    if (!TLSF_STATISTICS) {
        statistics_renew(t);
    }
    checker_learn_heap(t);
    return t;
}

tlsf_t tlsf_attach(void *mem, size_t bytes, tlsf_report_t *lost) {
    return tlsf_attach_regions(mem, bytes, NULL, 0, lost);
}
