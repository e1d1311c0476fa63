/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_pool.h: the walk over all regions, whose an address is, the survey, and the reset of the
 * peak.
 */
#include "fmemp_support.h"
#include "support/fmemp_internals.h"

#define VISITS_MAX 64

static FMempBlock visited[VISITS_MAX];
static size_t visits;
static size_t visits_max; /* the walker stops after so many */

static int visit(const FMempBlock *block, void *user) {
    assert_ptr_equal(user, visited);
    assert_true(mock_lock_is_held);
    assert_in_range(visits, 0, VISITS_MAX - 1);
    visited[visits++] = *block;
    return visits < visits_max ? -1 : 0;
}

static void walk(void) {
    visits = 0;
    visits_max = VISITS_MAX;
    assert_int_equal(FMempWalk(&memp, visit, visited), FMEMP_SUCCESS);
    assert_false(mock_lock_is_held);
}

/* The block that a walk has met at this address. */
static const FMempBlock *visited_at(const void *ptr) {
    const FMempBlock *found = NULL;

    for (size_t i = 0; i < visits; i++) {
        if (visited[i].ptr == ptr) {
            assert_null(found);
            found = &visited[i];
        }
    }
    assert_non_null(found);
    return found;
}

/* ---- two regions with blocks ----------------------------------------------------------- */

#define BLOCKS 20
#define BLOCK_BYTES 6100

static void *blocks[BLOCKS];

static bool is_freed(size_t i) { return i == 7 || i == 9; }

static void fill_two_regions(void) {
    assert_int_equal(FMempAddRegion(&memp, arena_middle, arena_middle + 40000), FMEMP_SUCCESS);
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = FMempMalloc(&memp, BLOCK_BYTES);
        assert_non_null(blocks[i]);
    }
    FMempFree(&memp, blocks[7]);
    FMempFree(&memp, blocks[9]);
}

/* The node at the begin of the region that the address is in. */
static void *node_of(const void *address) {
    return (const u8 *)address < arena_middle
               ? (void *)memp.pools_list
               : (void *)((u8 *)FSListNext(&memp.pools_list->list) - offsetof(FMempPoolList, list));
}

/* ---- the walk -------------------------------------------------------------------------- */

/* Verifies F165, F166, F167, F171, F173. */
static void walk_meets_each_block_of_each_region_once_in_order(void **state) {
    (void)state;
    size_t used = 0;

    fill_two_regions();
    walk();
    for (size_t i = 0; i < BLOCKS; i++) {
        const FMempBlock *block = visited_at(blocks[i]);
        assert_int_equal(block->used, !is_freed(i));
        if (!is_freed(i)) {
            assert_int_equal(block->size, FMempBlockSize(&memp, blocks[i]));
        }
    }
    for (size_t i = 0; i < visits; i++) {
        assert_ptr_equal(visited[i].region, node_of(visited[i].ptr));
        used += visited[i].used != 0;
        if (i > 0 && visited[i].region == visited[i - 1].region) {
            assert_true((u8 *)visited[i - 1].ptr + visited[i - 1].size < (u8 *)visited[i].ptr);
        }
    }
    assert_int_equal(used, BLOCKS - 2);
    assert_int_equal(visits, BLOCKS + 2); /* what is left in each region is free */
    assert_ptr_equal(visited[0].region, memp.pools_list);
    assert_ptr_equal(visited[visits - 1].region, node_of(arena_middle));
}

/* Verifies F170, F172, F174. */
static void walk_stops_where_the_walker_says_so(void **state) {
    (void)state;
    fill_two_regions();
    for (size_t stop = 1; stop < BLOCKS + 2; stop++) {
        visits = 0;
        visits_max = stop;
        assert_int_equal(FMempWalk(&memp, visit, visited), FMEMP_SUCCESS);
        assert_int_equal(visits, stop);
        assert_false(mock_lock_is_held);
    }
}

/* Verifies F168, F169. */
static void walk_tells_who_asked_for_a_block(void **state) {
    (void)state;
    const int line = __LINE__ + 1;
    void *tagged = FMEMP_MALLOC(&memp, 100);
    void *sited = FMempSetCallSite(&memp, FMempMalloc(&memp, 100), arena);
    void *freed = FMEMP_MALLOC(&memp, 100);

    assert_non_null(FMempMalloc(&memp, 100));
    FMempFree(&memp, freed);
    walk();
    assert_non_null(visited_at(tagged));
    if (FMEMP_TAGS) {
        assert_int_equal(visited_at(tagged)->tag.status, FMEMP_TAG_INTACT);
        assert_string_equal(visited_at(tagged)->tag.file, __FILE__);
        assert_int_equal(visited_at(tagged)->tag.line, line);
        assert_string_equal(visited_at(tagged)->tag.msg, __func__);
        assert_int_equal(visited_at(sited)->tag.status, FMEMP_TAG_INTACT);
    }
    assert_null(visited_at(sited)->tag.file);
    assert_ptr_equal(visited_at(sited)->caller, FMEMP_CALL_SITES ? arena : NULL);
    assert_null(visited_at(freed)->tag.file);
    assert_null(visited_at(freed)->caller);
}

/* Zeros in a header are no size of a block. */
/* Verifies F176. */
static void walk_goes_on_with_the_next_region_behind_a_corrupted_size(void **state) {
    (void)state;
    u8 sound[16];
    const size_t header = tlsf_alloc_overhead() / (TLSF_HARDENING >= 3 ? 2 : 1);

    fill_two_regions();
    u8 *broken = blocks[BLOCKS - 3]; /* the added region is full before */
    assert_ptr_equal(node_of(broken), memp.pools_list);
    memcpy(sound, broken - header, header);
    memset(broken - header, 0, header);
    walk();
    memcpy(broken - header, sound, header);
    for (size_t i = 0; i < visits; i++) {
        assert_true(visited[i].region != memp.pools_list || (u8 *)visited[i].ptr < broken);
    }
    assert_ptr_equal(visited[visits - 1].region, node_of(arena_middle));
    (void)visited_at(blocks[BLOCKS - 4]);
}

/* Verifies F174. */
static void walk_without_walker_or_memp_does_nothing(void **state) {
    (void)state;
    FMemp zeroed = {0};

    visits = 0;
    assert_int_equal(FMempWalk(&memp, NULL, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempWalk(&zeroed, visit, visited), FMEMP_ERR_NOT_READY);
    assert_int_equal(FMempWalk(NULL, visit, visited), FMEMP_ERR_NOT_READY);
    assert_int_equal(visits, 0);
}

/* ---- survey and peak ------------------------------------------------------------------- */

/* Verifies F144, F145, F146, F147, F148, F149. */
static void survey_agrees_with_the_walk(void **state) {
    (void)state;
    FMempSurvey survey;
    size_t free_blocks = 0, smallest = SIZE_MAX, largest = 0;

    fill_two_regions();
    walk();
    for (size_t i = 0; i < visits; i++) {
        if (!visited[i].used) {
            free_blocks++;
            largest = visited[i].size > largest ? visited[i].size : largest;
            smallest = visited[i].size < smallest ? visited[i].size : smallest;
        }
    }
    assert_int_equal(FMempGetSurvey(&memp, &survey), FMEMP_SUCCESS);
    assert_int_equal(survey.regions, 2);
    assert_int_equal(survey.used_blocks, BLOCKS - 2);
    assert_int_equal(survey.free_blocks, free_blocks);
    assert_int_equal(survey.used_bytes + survey.free_bytes, stats_now().total_bytes);
    assert_true(!TLSF_STATISTICS || survey.used_bytes == stats_now().used_bytes);
    assert_int_equal(survey.largest_free, largest_without_tag(largest));
    assert_int_equal(survey.smallest_free, largest_without_tag(smallest));
    assert_true(survey.largest_free >= stats_now().largest);
}

/* The figures are those of what the walk has met before. */
/* Verifies F150, F23. */
static void survey_of_a_broken_heap_says_so(void **state) {
    (void)state;
    FMempSurvey survey;

    fill_two_regions();
    memset((u8 *)blocks[4] - tlsf_alloc_overhead(), 0xFF, tlsf_alloc_overhead());
    assert_int_equal(FMempGetSurvey(&memp, &survey), FMEMP_ERR_BROKEN);
    assert_int_equal(survey.regions, 2);
    assert_in_range(survey.used_blocks, 4, BLOCKS - 3);
    memset(&memp, 0, sizeof memp); /* the heap is broken: keep the teardown from checking it */
}

/* Verifies F147, F148, F150. */
static void survey_of_a_full_or_missing_heap_has_no_free_block(void **state) {
    (void)state;
    FMempSurvey survey;
    FMemp zeroed = {0};

    assert_non_null(FMempMalloc(&memp, (fsize_t)stats_now().largest));
    assert_int_equal(FMempGetSurvey(&memp, &survey), FMEMP_SUCCESS);
    assert_int_equal(survey.free_blocks, 0);
    assert_int_equal(survey.largest_free, 0);
    assert_int_equal(survey.smallest_free, 0);
    assert_int_equal(FMempGetSurvey(&memp, NULL), FMEMP_ERR_INVALID_BUF);
    assert_int_equal(FMempGetSurvey(&zeroed, &survey), FMEMP_ERR_NOT_READY);
    assert_int_equal(survey.used_blocks + survey.used_bytes + survey.regions, 0);
}

/* Verifies F142. */
static void reset_peak_makes_what_is_in_use_the_peak(void **state) {
    (void)state;
    void *kept = FMempMalloc(&memp, 1000);

    FMempFree(&memp, FMempMalloc(&memp, 50000));
    FMempResetPeak(&memp);
    FMempResetPeak(NULL);
    assert_int_equal(stats_now().max_used_bytes, stats_now().used_bytes);
    FMempFree(&memp, kept);
    assert_true(!TLSF_STATISTICS || stats_now().max_used_bytes > stats_now().used_bytes);
}

/* ---- whose an address is --------------------------------------------------------------- */

/* Verifies F204, F205. */
static void owns_exactly_what_blocks_come_from(void **state) {
    (void)state;
    static u8 elsewhere[64];

    fill_two_regions();
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_int_equal(FMempOwns(&memp, blocks[i]), 1);
        assert_int_equal(FMempOwns(&memp, (u8 *)blocks[i] + BLOCK_BYTES - 1), 1);
    }
    assert_int_equal(FMempOwns(&memp, NULL), 0);
    assert_int_equal(FMempOwns(&memp, elsewhere), 0);
    assert_int_equal(FMempOwns(&memp, memp.pools_list), 0);
    assert_int_equal(FMempOwns(&memp, memp.tlsf_ptr), 0);
    assert_int_equal(FMempOwns(&memp, arena_begin - 1), 0);
    assert_int_equal(FMempOwns(&memp, arena_middle), 0); /* a node */
    assert_int_equal(FMempOwns(&memp, arena_middle + 40000), 0);
    FMempReset(&memp);
    assert_int_equal(FMempOwns(&memp, arena_middle + 20000), 1);
    assert_int_equal(FMempRemoveRegion(&memp, arena_middle), FMEMP_SUCCESS);
    assert_int_equal(FMempOwns(&memp, arena_middle + 20000), 0);
    assert_int_equal(FMempOwns(NULL, blocks[0]), 0);
}

/* Verifies F204, F207. */
static void looks_live_tells_live_blocks_from_freed_ones(void **state) {
    (void)state;
    static u8 elsewhere[64];
    FMemp zeroed = {0};

    fill_two_regions();
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_int_equal(FMempLooksLive(&memp, blocks[i]), !is_freed(i));
        assert_int_equal(FMempLooksLive(&memp, (u8 *)blocks[i] + 1), 0);
    }
    assert_int_equal(FMempLooksLive(&memp, NULL), 0);
    assert_int_equal(FMempLooksLive(&memp, elsewhere + 32), 0);
    assert_int_equal(FMempLooksLive(&zeroed, blocks[0]), 0);
}

/* Padding between the members may differ. */
static void expect_same_block(const FMempBlock *a, const FMempBlock *b) {
    assert_ptr_equal(a->ptr, b->ptr);
    assert_int_equal(a->size, b->size);
    assert_int_equal(a->used, b->used);
    assert_ptr_equal(a->region, b->region);
    assert_int_equal(a->tag.status, b->tag.status);
    assert_ptr_equal(a->tag.file, b->tag.file);
    assert_int_equal(a->tag.line, b->tag.line);
    assert_ptr_equal(a->tag.msg, b->tag.msg);
    assert_ptr_equal(a->caller, b->caller);
}

/* Verifies F204, F209, F210, F211, F212, F213. */
static void locate_finds_the_block_around_any_address(void **state) {
    (void)state;
    FMempBlock block;
    FMemp zeroed = {0};

    fill_two_regions();
    walk();
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t offset = 0; offset < BLOCK_BYTES; offset += BLOCK_BYTES / 6) {
            assert_int_equal(FMempLocate(&memp, (u8 *)blocks[i] + offset, &block), 1);
            expect_same_block(&block, visited_at(blocks[i]));
        }
    }
    assert_int_equal(FMempLocate(&memp, memp.tlsf_ptr, &block), 0);
    assert_null(block.ptr);
    assert_int_equal(block.size, 0);
    assert_int_equal(FMempLocate(&memp, NULL, &block), 0);
    assert_int_equal(FMempLocate(&memp, blocks[0], NULL), 0);
    assert_int_equal(FMempLocate(&zeroed, blocks[0], &block), 0);
    assert_null(block.ptr);
}

static size_t hook_calls;

static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    hook_calls++;
}

/* Verifies F203. */
static void questions_about_an_address_write_nothing_and_call_no_hook(void **state) {
    static u8 copy[ARENA_BYTES];
    FMempBlock block;
    (void)state;

    fill_two_regions();
    memset((u8 *)blocks[4] - tlsf_alloc_overhead(), 0xFF, tlsf_alloc_overhead());
    (void)FMempSetFaultHook(&memp, count_fault);
    hook_calls = 0;
    memcpy(copy, arena, sizeof copy);
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t offset = 0; offset < 3; offset++) {
            const u8 *at = (const u8 *)blocks[i] + offset;
            (void)FMempOwns(&memp, at);
            (void)FMempLooksLive(&memp, at);
            (void)FMempLocate(&memp, at, &block);
        }
    }
    assert_int_equal(hook_calls, 0);
    assert_memory_equal(copy, arena, sizeof copy);
    memset(&memp, 0, sizeof memp); /* the heap is broken */
}

#define WITH_HEAP(test) cmocka_unit_test_setup_teardown(test, heap_setup, heap_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_HEAP(walk_meets_each_block_of_each_region_once_in_order),
        WITH_HEAP(walk_stops_where_the_walker_says_so),
        WITH_HEAP(walk_tells_who_asked_for_a_block),
        WITH_HEAP(walk_goes_on_with_the_next_region_behind_a_corrupted_size),
        WITH_HEAP(walk_without_walker_or_memp_does_nothing),
        WITH_HEAP(survey_agrees_with_the_walk),
        WITH_HEAP(survey_of_a_broken_heap_says_so),
        WITH_HEAP(survey_of_a_full_or_missing_heap_has_no_free_block),
        WITH_HEAP(reset_peak_makes_what_is_in_use_the_peak),
        WITH_HEAP(owns_exactly_what_blocks_come_from),
        WITH_HEAP(looks_live_tells_live_blocks_from_freed_ones),
        WITH_HEAP(locate_finds_the_block_around_any_address),
        WITH_HEAP(questions_about_an_address_write_nothing_and_call_no_hook),
    };

    return cmocka_run_group_tests_name("fmemp_walk", tests, NULL, NULL);
}
