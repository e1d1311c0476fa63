/* SPDX-License-Identifier: BSD-3-Clause */
#include "step.h"

#include <string.h>

#include "finding.h"
#include "support/internals.h"

const char *outcome_name(outcome result) {
    static const char *const names[OUTCOMES] = {
        [OUTCOME_SERVED] = "served", [OUTCOME_NO_ROOM] = "no_room", [OUTCOME_GROWN] = "grown",
        [OUTCOME_SHRUNK] = "shrunk", [OUTCOME_KEPT] = "kept",       [OUTCOME_SLID] = "slid",
        [OUTCOME_MOVED] = "moved",
    };
    return names[result];
}

static tlsf_stats_t stats_now(void) {
    tlsf_stats_t stats;
    REQUIRE(tlsf_stats(heap, &stats) == TLSF_STATISTICS);
    return stats;
}

void moment_take(moment *m, const uint8_t *saved) {
    m->saved = saved;
    survey_take(&m->blocks);
    m->stats = stats_now();
}

/* ---- what the caller knows ---------------------------------------------------------- */

static size_t offset_of(const void *ptr) {
    const size_t offset = (size_t)((uintptr_t)ptr - (uintptr_t)arena);
    REQUIRE(offset < arena_bytes);
    return offset;
}

/* Sets or clears the ghost bits of the granules in [begin, begin + bytes). */
static void mark_ghosts(size_t begin, size_t bytes, bool is_ghost) {
    const unsigned pool = world_pool_at(begin);
    const size_t first = (begin - pools[pool].first) / tlsf_align_size();
    for (size_t i = first; i < first + bytes / tlsf_align_size(); i++) {
        uint64_t *word = &known.ghosts[pool][i / 64];
        *word = (*word & ~(UINT64_C(1) << i % 64)) | (uint64_t)is_ghost << i % 64;
    }
}

static void forget(unsigned i) {
    mark_ghosts(known.live[i].begin, tlsf_align_size(), true);
    known.live_count--;
    for (unsigned j = i; j < known.live_count; j++) {
        known.live[j] = known.live[j + 1];
    }
    memset(&known.live[known.live_count], 0, sizeof(known.live[0]));
}

static void learn(live_block b) {
    unsigned i = known.live_count++;
    REQUIRE(known.live_count <= LIVE_MAX);
    for (; i > 0 && known.live[i - 1].begin > b.begin; i--) {
        known.live[i] = known.live[i - 1];
    }
    known.live[i] = b;
    mark_ghosts(b.begin, b.outer, false);
}

static bool holds_pattern(size_t begin, size_t bytes, size_t pattern_begin) {
    return memcmp(arena + begin, pattern + pattern_begin, bytes) == 0;
}

/* ---- what holds after every step ---------------------------------------------------- */

static void check_live_blocks(const survey *now) {
    unsigned i = 0;
    for (unsigned j = 0; j < now->count; j++) {
        const surveyed_block *b = &now->blocks[j];
        if (b->used) {
            REQUIRE(i < known.live_count && known.live[i].begin == b->begin);
            REQUIRE(known.live[i].outer == b->outer);
            REQUIRE(holds_pattern(b->begin, known.live[i].usable, b->begin));
            REQUIRE(tlsf_block_size(arena + b->begin) == known.live[i].usable);
            i++;
        }
    }
    REQUIRE(i == known.live_count);
}

static bool is_without_statistics(const tlsf_stats_t *s) {
    return s->used_bytes == 0 && s->peak_bytes == 0 && s->free_bytes == 0 && s->live_blocks == 0 &&
           s->allocations == 0 && s->frees == 0 && s->failures == 0;
}

static void check_statistics(const tlsf_stats_t *expected) {
    const tlsf_stats_t now = stats_now();
    REQUIRE(now.pool_bytes == expected->pool_bytes);
    if (!TLSF_STATISTICS) {
        REQUIRE(is_without_statistics(&now));
        return;
    }
    REQUIRE(now.used_bytes == expected->used_bytes);
    REQUIRE(now.peak_bytes == expected->peak_bytes);
    REQUIRE(now.free_bytes == expected->pool_bytes - expected->used_bytes);
    REQUIRE(now.live_blocks == known.live_count);
    REQUIRE(now.allocations == expected->allocations);
    REQUIRE(now.frees == expected->frees);
    REQUIRE(now.failures == expected->failures);
}

/* Checks that the state is valid, and that the figures are as expected. */
static void check_world(const survey *now, const tlsf_stats_t *expected) {
    const int broken = tlsf_check(heap);
    if (broken != TLSF_SOUND) {
        finding("tlsf_check gives %d: %s", broken, tlsf_invariant_name(broken));
    }
    check_live_blocks(now);
    check_statistics(expected);
    survey_check_largest(now, tlsf_largest(heap));
    REQUIRE(world_is_guarded());
}

/* Checks that nothing changed, except the count of failures. */
static void check_unchanged(const moment *before, size_t failures) {
    REQUIRE(tlsf_check(heap) == TLSF_SOUND);
    if (TLSF_STATISTICS) {
        heap->failures -= failures;
    }
    REQUIRE(memcmp(arena, before->saved + sizeof(known), arena_bytes) == 0);
    if (TLSF_STATISTICS) {
        heap->failures += failures;
    }
}

static void account_used(tlsf_stats_t *expected, size_t more, size_t less) {
    expected->used_bytes = expected->used_bytes + more - less;
    if (expected->used_bytes > expected->peak_bytes) {
        expected->peak_bytes = expected->used_bytes;
    }
}

/* ---- new blocks --------------------------------------------------------------------- */

/* Checks and notes the block that a request returned. Returns its outer size. */
static size_t accept_block(const survey *now, void *ptr, size_t align, size_t bytes) {
    const size_t begin = offset_of(ptr);
    const size_t usable = tlsf_block_size(ptr);
    const surveyed_block *b = survey_find(now, begin);
    REQUIRE(b != NULL && b->used);
    REQUIRE((uintptr_t)ptr % align == 0 && (uintptr_t)ptr % tlsf_align_size() == 0);
    REQUIRE(usable >= bytes && usable + tlsf_alloc_overhead() <= b->outer);
    REQUIRE(TLSF_HARDENING < 3 || usable == bytes);
    REQUIRE(b->outer < outer_needed(bytes) + tlsf_block_size_min() + tlsf_alloc_overhead());
    memcpy(ptr, pattern + begin, usable);
    learn((live_block){b->begin, b->outer, (uint16_t)usable});
    return b->outer;
}

static outcome finish_request(const moment *before, void *ptr, size_t align, size_t bytes) {
    if (ptr == NULL) {
        check_unchanged(before, 1);
        return OUTCOME_NO_ROOM;
    }
    survey now;
    survey_take(&now);
    tlsf_stats_t expected = before->stats;
    account_used(&expected, accept_block(&now, ptr, align, bytes), 0);
    expected.allocations++;
    check_world(&now, &expected);
    return OUTCOME_SERVED;
}

static outcome take_malloc(const moment *before, size_t bytes) {
    const bool must = survey_must_serve(&before->blocks, bytes) ||
                      (before->stats.largest != 0 && bytes <= before->stats.largest);
    void *ptr = tlsf_malloc(heap, bytes);
    REQUIRE(ptr != NULL || !must);
    REQUIRE(ptr == NULL || survey_can_serve(&before->blocks, bytes));
    return finish_request(before, ptr, 1, bytes);
}

static outcome take_memalign(const moment *before, size_t align, size_t bytes) {
    const bool must = survey_must_serve_aligned(&before->blocks, align, bytes);
    void *ptr = tlsf_memalign(heap, align, bytes);
    REQUIRE(ptr != NULL || !must);
    REQUIRE(ptr == NULL || survey_can_serve(&before->blocks, bytes));
    return finish_request(before, ptr, align, bytes);
}

/* ---- free --------------------------------------------------------------------------- */

static outcome take_free(const moment *before, unsigned i, bool by_realloc) {
    void *ptr = world_address(known.live[i].begin);
    tlsf_stats_t expected = before->stats;
    survey now;
    account_used(&expected, 0, known.live[i].outer);
    expected.frees++;
    if (by_realloc) {
        REQUIRE(tlsf_realloc(heap, ptr, 0) == NULL);
    } else {
        tlsf_free(heap, ptr);
    }
    forget(i);
    survey_take(&now);
    check_world(&now, &expected);
    return OUTCOME_SERVED;
}

/* ---- realloc ------------------------------------------------------------------------ */

/* The possible outcomes of a realloc. */
typedef struct {
    live_block old;
    size_t need;
    size_t before; /* outer size of the free block before it, or 0 */
    bool stays, slides, must;
} resize_plan;

static resize_plan plan_resize(const survey *s, live_block old, size_t align, size_t bytes) {
    const surveyed_block *b = survey_find(s, old.begin);
    const bool is_aligned = (uintptr_t)world_address(old.begin) % align == 0;
    resize_plan plan = {.old = old, .need = outer_needed(bytes)};
    plan.before = survey_free_before(s, b);
    const size_t room = old.outer + survey_free_after(s, b);
    plan.stays = is_aligned && plan.need <= room;
    plan.slides = align <= tlsf_align_size() && plan.before != 0 && plan.need <= room + plan.before;
    plan.must = survey_must_serve_aligned(s, align, bytes);
    return plan;
}

/* Returns whether the block slid into the free block before it, and did not move there as a new
 * block. If that free block alone was large enough, only the statistics can tell. */
static bool has_slid(const moment *before, const resize_plan *plan, size_t begin) {
    return begin == (size_t)plan->old.begin - plan->before && plan->before != 0 &&
           (plan->before < plan->need || stats_now().allocations == before->stats.allocations);
}

static outcome outcome_in_place(size_t outer_before, size_t outer) {
    return outer > outer_before   ? OUTCOME_GROWN
           : outer < outer_before ? OUTCOME_SHRUNK
                                  : OUTCOME_KEPT;
}

static outcome finish_resize(const moment *before, const resize_plan *plan, unsigned i, void *ptr,
                             size_t align, size_t bytes) {
    const size_t old_usable = plan->old.usable;
    const bool is_slid = !plan->stays && has_slid(before, plan, offset_of(ptr));
    const bool is_moved = !plan->stays && !is_slid;
    tlsf_stats_t expected = before->stats;
    survey now;
    REQUIRE(
        holds_pattern(offset_of(ptr), bytes < old_usable ? bytes : old_usable, plan->old.begin));
    survey_take(&now);
    forget(i);
    const size_t outer = accept_block(&now, ptr, align, bytes);
    if (is_moved) {
        account_used(&expected, outer, 0);
        account_used(&expected, 0, plan->old.outer);
        expected.allocations++;
        expected.frees++;
    } else {
        account_used(&expected, outer, plan->old.outer);
    }
    check_world(&now, &expected);
    return is_moved  ? OUTCOME_MOVED
           : is_slid ? OUTCOME_SLID
                     : outcome_in_place(plan->old.outer, outer);
}

static outcome take_realloc(const moment *before, unsigned i, size_t align, size_t bytes) {
    const resize_plan plan = plan_resize(&before->blocks, known.live[i], align, bytes);
    uint8_t *old = world_address(plan.old.begin);
    uint8_t *ptr =
        align == 1 ? tlsf_realloc(heap, old, bytes) : tlsf_realloc_aligned(heap, old, align, bytes);
    if (ptr == NULL) {
        REQUIRE(!plan.stays && !plan.slides && !plan.must);
        check_unchanged(before, 1);
        return OUTCOME_NO_ROOM;
    }
    REQUIRE(plan.stays == (ptr == old));
    REQUIRE(plan.stays || plan.slides || survey_can_serve(&before->blocks, bytes));
    return finish_resize(before, &plan, i, ptr, align, bytes);
}

/* ---- pools and reset ---------------------------------------------------------------- */

static bool pool_is_empty(unsigned i) {
    unsigned j = 0;
    while (j < known.live_count && world_pool_at(known.live[j].begin) != i) {
        j++;
    }
    return j == known.live_count;
}

static outcome take_remove_pool(const moment *before, unsigned i) {
    const bool is_empty = pool_is_empty(i);
    tlsf_stats_t expected = before->stats;
    survey now;
    REQUIRE(world_detach(i) == is_empty);
    if (!is_empty) {
        check_unchanged(before, 0);
        return OUTCOME_NO_ROOM;
    }
    expected.pool_bytes -= pools[i].outer;
    survey_take(&now);
    check_world(&now, &expected);
    return OUTCOME_SERVED;
}

static outcome take_add_pool(const moment *before, unsigned i) {
    tlsf_stats_t expected = before->stats;
    survey now;
    REQUIRE(world_attach(i));
    expected.pool_bytes += pools[i].outer;
    survey_take(&now);
    check_world(&now, &expected);
    return OUTCOME_SERVED;
}

static outcome take_reset(const moment *before) {
    tlsf_stats_t expected = before->stats;
    survey now;
    tlsf_reset(heap);
    expected.used_bytes = 0;
    expected.frees = expected.allocations;
    while (known.live_count > 0) {
        forget(known.live_count - 1);
    }
    memset(known.ghosts, 0, sizeof(known.ghosts)); /* tlsf.h: a reset forgets them */
    survey_take(&now);
    check_world(&now, &expected);
    return OUTCOME_SERVED;
}

/* ---- requests that no heap can serve ------------------------------------------------ */

static outcome take_refused(const moment *before, unsigned which) {
    void *live = known.live_count == 0 ? NULL : world_address(known.live[0].begin);
    const size_t most = SIZE_MAX / 2 + 1; /* a power of two */
    void *ptr = NULL;
    switch (which) {
    case 0:
        ptr = tlsf_malloc(heap, SIZE_MAX);
        break;
    case 1:
        ptr = tlsf_malloc(heap, SIZE_MAX - tlsf_alloc_overhead() - tlsf_align_size() + 2);
        break;
    case 2:
        ptr = tlsf_calloc(heap, most, 2);
        break;
    case 3:
        ptr = tlsf_memalign(heap, 3, 1);
        break;
    case 4:
        ptr = tlsf_memalign(heap, most, 1);
        break;
    case 5:
        ptr = tlsf_memalign(heap, 64, SIZE_MAX - 64);
        break;
    case 6:
        ptr = tlsf_realloc(heap, live, SIZE_MAX);
        break;
    case 7:
        ptr = tlsf_realloc_aligned(heap, live, 3, 1);
        break;
    default:
        ptr = tlsf_realloc_aligned(heap, live, most, 1);
        break;
    }
    REQUIRE(ptr == NULL);
    check_unchanged(before, 1);
    return OUTCOME_NO_ROOM;
}

/* ---- any operation ------------------------------------------------------------------ */

outcome step_take(const moment *before, const operation *o) {
    switch ((operation_kind)o->kind) {
    case OPERATION_MALLOC:
        return take_malloc(before, operation_size(o));
    case OPERATION_MALLOC_LARGEST:
        return take_malloc(before, before->stats.largest);
    case OPERATION_MEMALIGN:
        return take_memalign(before, operation_align(o), operation_size(o));
    case OPERATION_REALLOC:
        return take_realloc(before, o->block, 1, operation_size(o));
    case OPERATION_REALLOC_ALIGNED:
        return take_realloc(before, o->block, operation_align(o), operation_size(o));
    case OPERATION_FREE:
        return take_free(before, o->block, false);
    case OPERATION_FREE_BY_REALLOC:
        return take_free(before, o->block, true);
    case OPERATION_ADD_POOL:
        return take_add_pool(before, o->block);
    case OPERATION_REMOVE_POOL:
        return take_remove_pool(before, o->block);
    case OPERATION_RESET:
        return take_reset(before);
    case OPERATION_REFUSED:
    case OPERATION_KINDS:
        break;
    }
    return take_refused(before, o->block);
}
