/* SPDX-License-Identifier: BSD-3-Clause */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "processor.h"

world the_world;

/* Keeps the format alone. FMemp prints with the lock held, so nothing can interrupt the C library's
 * printf; but in single steps it would take long. */
int world_print(const char *format, ...) {
    world *w = &the_world;
    const size_t length = strlen(format);
    if (w->text_length + length <= sizeof(w->text)) {
        memcpy(w->text + w->text_length, format, length);
    }
    w->text_length += length;
    return 0;
}

static void ignore_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    the_world.faults += processor_is_masked(); /* FMemp calls the hook with the lock held */
}

static void count_failure(FMemp *memp, const FMempFailure *failure) {
    (void)memp;
    (void)failure;
    the_world.failures += !processor_is_masked(); /* FMemp calls the hook without the lock */
}

static int count_block(const FMempBlock *block, void *user) {
    world *w = user;
    (void)block;
    w->walked += processor_is_masked();
    return 1;
}

static int bytes_drop(void *context, const void *bytes, size_t count) {
    world *w = context;
    (void)bytes, (void)count;
    w->walked += processor_is_masked();
    return 0;
}

/* ---- states ------------------------------------------------------------------------- */

static void make_ready(world *w) {
    FMemp *memp = &w->memp;
    const fsize_t sizes[] = {40, 100, 24, 200};
    w->shared = memp;
    (void)FMempInit(memp, w->first, w->first + sizeof(w->first));
    (void)FMempSetFaultHook(memp, ignore_fault);
    (void)FMempAddRegion(memp, w->used, w->used + sizeof(w->used));
    for (size_t i = 0; i < WORLD_BLOCKS; i++) {
        w->blocks[i] = FMempMalloc(memp, sizes[i % 4]);
        (void)FMempMalloc(memp, i % 3 == 0 ? 60 : 0);
    }
    for (size_t i = 8; i < WORLD_BLOCKS; i++) { /* leaves free blocks in several lists */
        FMempFree(memp, w->blocks[i]);
        w->blocks[i] = FMempMalloc(memp, i % 2 == 0 ? 300 : 20);
    }
    (void)FMempAddRegion(memp, w->added, w->added + sizeof(w->added));
}

static void make_full(world *w) {
    make_ready(w);
    (void)FMempRemoveRegion(&w->memp, w->added);
    while (FMempMalloc(&w->memp, 0) != NULL) {
    }
}

static void make_not_ready(world *w) { w->shared = &w->memp; }

static void make_removed(world *w) {
    make_ready(w);
    FMempRemove(&w->memp);
    memset(w->blocks, 0, sizeof(w->blocks));
}

static void make_null(world *w) { w->shared = NULL; }

const world_state world_states[] = {{"ready", make_ready},
                                    {"full", make_full},
                                    {"not ready", make_not_ready},
                                    {"removed", make_removed},
                                    {"NULL", make_null}};
const size_t world_state_count = sizeof(world_states) / sizeof(world_states[0]);

/* ---- calls -------------------------------------------------------------------------- */

/* CALL(name, member, call): defines a function on world *w that stores the result of the call. */
#define CALL(name, member, call) \
    static void name(void *argument) { \
        world *w = argument; \
        w->of_call.member = call; \
    }
#define CALL_OF_NOTHING(name, call) \
    static void name(void *argument) { \
        world *w = argument; \
        call; \
    }
#define END_OF(region) ((region) + sizeof(region))

CALL(init, error, FMempInit(w->shared, w->first, END_OF(w->first)))
CALL(init_null, error, FMempInit(w->shared, NULL, END_OF(w->first)))
CALL(init_reversed, error, FMempInit(w->shared, END_OF(w->first), w->first))
CALL(init_too_small, error, FMempInit(w->shared, w->spare[0], w->spare[0] + 8))
CALL(init_no_heap, error, FMempInit(w->shared, w->spare[0], w->spare[0] + 100))
CALL(init_sized, error, FMempInitSized(w->shared, w->first, END_OF(w->first), 9000))
CALL(init_sized_null, error, FMempInitSized(w->shared, NULL, NULL, 9000))
CALL(attach, error, FMempAttach(w->shared, w->first, END_OF(w->first), &w->of_call.report))
CALL(attach_regions, error,
     FMempAttachRegions(w->shared, w->first, END_OF(w->first), NULL, 0, &w->of_call.report))
CALL_OF_NOTHING(remove_all, FMempRemove(w->shared))
CALL_OF_NOTHING(deinit, FMempDeinit(w->shared))
CALL_OF_NOTHING(reset, FMempReset(w->shared))
CALL(add_region, error, FMempAddRegion(w->shared, w->spare[0], END_OF(w->spare[0])))
CALL(add_region_null, error, FMempAddRegion(w->shared, NULL, END_OF(w->spare[0])))
CALL(add_region_too_small, error, FMempAddRegion(w->shared, w->spare[0], w->spare[0] + 8))
CALL(add_region_no_block, error, FMempAddRegion(w->shared, w->spare[0], w->spare[0] + 30))
CALL(remove_region, error, FMempRemoveRegion(w->shared, w->added))
CALL(remove_region_used, error, FMempRemoveRegion(w->shared, w->used))
CALL(remove_region_first, error, FMempRemoveRegion(w->shared, w->first))
CALL(remove_region_unknown, error, FMempRemoveRegion(w->shared, w->spare[0]))
CALL(malloc_some, block, FMempMalloc(w->shared, 50))
CALL(malloc_nothing, block, FMempMalloc(w->shared, 0))
CALL(malloc_too_much, block, FMempMalloc(w->shared, SIZE_MAX))
CALL(calloc_some, block, FMempCalloc(w->shared, 5, 10))
CALL(calloc_overflow, block, FMempCalloc(w->shared, SIZE_MAX, 2))
CALL(malloc_align_some, block, FMempMallocAlign(w->shared, 50, 64))
CALL(malloc_align_wrong, block, FMempMallocAlign(w->shared, 50, 3))
CALL(malloc_align_too_much, block, FMempMallocAlign(w->shared, SIZE_MAX, 64))
CALL(realloc_null, block, FMempRealloc(w->shared, NULL, 30))
CALL(realloc_smaller, block, FMempRealloc(w->shared, w->blocks[6], 10))
CALL(realloc_larger, block, FMempRealloc(w->shared, w->blocks[8], 700))
CALL(realloc_moving, block, FMempRealloc(w->shared, w->blocks[0], 350))
CALL(realloc_too_much, block, FMempRealloc(w->shared, w->blocks[0], SIZE_MAX))
CALL(realloc_to_nothing, block, FMempRealloc(w->shared, w->blocks[2], 0))
CALL(realloc_align_some, block, FMempReallocAlign(w->shared, w->blocks[4], 90, 64))
CALL(realloc_align_wrong, block, FMempReallocAlign(w->shared, w->blocks[4], 90, 3))
CALL(realloc_align_too_much, block, FMempReallocAlign(w->shared, w->blocks[4], SIZE_MAX, 64))
CALL_OF_NOTHING(free_some, FMempFree(w->shared, w->blocks[2]))
CALL_OF_NOTHING(free_null, FMempFree(w->shared, NULL))
CALL_OF_NOTHING(probe_all,
                FMemProbe(w->shared, &w->of_call.total, &w->of_call.used, &w->of_call.max_used))
CALL_OF_NOTHING(probe_none, FMemProbe(w->shared, NULL, NULL, NULL))
CALL(get_stats, error, FMempGetStats(w->shared, &w->of_call.stats))
CALL(get_stats_null, error, FMempGetStats(w->shared, NULL))
CALL_OF_NOTHING(reset_peak, FMempResetPeak(w->shared))
CALL(get_survey, error, FMempGetSurvey(w->shared, &w->of_call.survey))
CALL(walk, error, FMempWalk(w->shared, count_block, w))
CALL(walk_null, error, FMempWalk(w->shared, NULL, NULL))
CALL(check_all, error, FMempCheck(w->shared, &w->of_call.report))
CALL(dump, error, FMempDump(w->shared, bytes_drop, w))
CALL(dump_null, error, FMempDump(w->shared, NULL, NULL))
CALL(owns, answer, FMempOwns(w->shared, w->blocks[4]))
CALL(looks_live, answer, FMempLooksLive(w->shared, w->blocks[4]))
CALL(locate, answer, FMempLocate(w->shared, w->blocks[4], &w->of_call.found))
CALL(block_size, size, FMempBlockSize(w->shared, w->blocks[4]))
#if FMEMP_CALL_SITES
CALL(set_call_site, block, FMempSetCallSite(w->shared, w->blocks[4], w))
#endif
CALL_OF_NOTHING(list_all, FMemListAll(w->shared))
CALL(set_fault_hook, hook, FMempSetFaultHook(w->shared, ignore_fault))
CALL(set_fault_hook_null, hook, FMempSetFaultHook(w->shared, NULL))
CALL(set_failure_hook, failure_hook, FMempSetFailureHook(w->shared, count_failure))

/* Mistakes of the caller, with a fault hook that returns. Without a live block the pointer is NULL,
 * which is no mistake. */
static u8 *inside(const world *w) { return w->blocks[2] == NULL ? NULL : w->blocks[2] + 1; }
CALL_OF_NOTHING(free_misaligned, FMempFree(w->shared, inside(w)))
CALL(realloc_misaligned, block, FMempRealloc(w->shared, inside(w), 10))
CALL(realloc_align_misaligned, block, FMempReallocAlign(w->shared, inside(w), 10, 64))

#if FMEMP_TAGS
CALL(malloc_tag, block, FMempMallocTag(w->shared, 50, "file", 1, "msg"))
CALL(malloc_tag_too_much, block, FMempMallocTag(w->shared, SIZE_MAX, "file", 1, "msg"))
CALL(calloc_tag, block, FMempCallocTag(w->shared, 5, 10, "file", 2, "msg"))
CALL(calloc_tag_overflow, block, FMempCallocTag(w->shared, SIZE_MAX, 2, "file", 2, "msg"))
CALL(malloc_align_tag, block, FMempMallocAlignTag(w->shared, 50, 64, "file", 3, "msg"))
CALL(malloc_align_tag_wrong, block, FMempMallocAlignTag(w->shared, 50, 3, "file", 3, "msg"))
CALL(realloc_tag, block, FMempReallocTag(w->shared, w->blocks[0], 350, "file", 4, "msg"))
CALL(realloc_tag_too_much, block,
     FMempReallocTag(w->shared, w->blocks[0], SIZE_MAX, "file", 4, "msg"))
CALL(realloc_align_tag, block,
     FMempReallocAlignTag(w->shared, w->blocks[4], 90, 64, "file", 5, "msg"))
CALL(realloc_align_tag_wrong, block,
     FMempReallocAlignTag(w->shared, w->blocks[4], 90, 3, "file", 5, "msg"))
CALL_OF_NOTHING(free_tag, FMempFreeTag(w->shared, w->blocks[2]))
#endif

const world_call world_calls[] = {
    {"FMempInit", init},
    {"FMempInit of NULL", init_null},
    {"FMempInit of end before begin", init_reversed},
    {"FMempInit of too few bytes for a node", init_too_small},
    {"FMempInit of too few bytes for a heap", init_no_heap},
    {"FMempInitSized", init_sized},
    {"FMempInitSized of NULL", init_sized_null},
    {"FMempAttach", attach},
    {"FMempAttachRegions", attach_regions},
    {"FMempRemove", remove_all},
    {"FMempDeinit", deinit},
    {"FMempReset", reset},
    {"FMempAddRegion", add_region},
    {"FMempAddRegion of NULL", add_region_null},
    {"FMempAddRegion of too few bytes for a node", add_region_too_small},
    {"FMempAddRegion of too few bytes for a block", add_region_no_block},
    {"FMempRemoveRegion", remove_region},
    {"FMempRemoveRegion with live blocks", remove_region_used},
    {"FMempRemoveRegion of the init's", remove_region_first},
    {"FMempRemoveRegion of an unknown one", remove_region_unknown},
    {"FMempMalloc", malloc_some},
    {"FMempMalloc of 0", malloc_nothing},
    {"FMempMalloc of too much", malloc_too_much},
    {"FMempCalloc", calloc_some},
    {"FMempCalloc that overflows", calloc_overflow},
    {"FMempMallocAlign", malloc_align_some},
    {"FMempMallocAlign to 3", malloc_align_wrong},
    {"FMempMallocAlign of too much", malloc_align_too_much},
    {"FMempRealloc of NULL", realloc_null},
    {"FMempRealloc to less", realloc_smaller},
    {"FMempRealloc to more", realloc_larger},
    {"FMempRealloc elsewhere", realloc_moving},
    {"FMempRealloc to too much", realloc_too_much},
    {"FMempRealloc to 0", realloc_to_nothing},
    {"FMempReallocAlign", realloc_align_some},
    {"FMempReallocAlign to 3", realloc_align_wrong},
    {"FMempReallocAlign to too much", realloc_align_too_much},
    {"FMempFree", free_some},
    {"FMempFree of NULL", free_null},
    {"FMemProbe", probe_all},
    {"FMemProbe of nothing", probe_none},
    {"FMempGetStats", get_stats},
    {"FMempGetStats of NULL", get_stats_null},
    {"FMempResetPeak", reset_peak},
    {"FMempGetSurvey", get_survey},
    {"FMempWalk", walk},
    {"FMempWalk of NULL", walk_null},
    {"FMempCheck", check_all},
    {"FMempDump", dump},
    {"FMempDump to NULL", dump_null},
    {"FMempOwns", owns},
    {"FMempLooksLive", looks_live},
    {"FMempLocate", locate},
    {"FMempBlockSize", block_size},
#if FMEMP_CALL_SITES
    {"FMempSetCallSite", set_call_site},
#endif
    {"FMemListAll", list_all},
    {"FMempSetFaultHook", set_fault_hook},
    {"FMempSetFaultHook to the default", set_fault_hook_null},
    {"FMempSetFailureHook", set_failure_hook},
#if TLSF_HARDENING >= 1
    {"FMempFree of a misaligned pointer", free_misaligned},
    {"FMempRealloc of a misaligned pointer", realloc_misaligned},
    {"FMempReallocAlign of a misaligned pointer", realloc_align_misaligned},
#endif
#if FMEMP_TAGS
    {"FMempMallocTag", malloc_tag},
    {"FMempMallocTag of too much", malloc_tag_too_much},
    {"FMempCallocTag", calloc_tag},
    {"FMempCallocTag that overflows", calloc_tag_overflow},
    {"FMempMallocAlignTag", malloc_align_tag},
    {"FMempMallocAlignTag to 3", malloc_align_tag_wrong},
    {"FMempReallocTag", realloc_tag},
    {"FMempReallocTag to too much", realloc_tag_too_much},
    {"FMempReallocAlignTag", realloc_align_tag},
    {"FMempReallocAlignTag to 3", realloc_align_tag_wrong},
    {"FMempFreeTag", free_tag},
#endif
};
const size_t world_call_count = sizeof(world_calls) / sizeof(world_calls[0]);

/* ---- interrupts --------------------------------------------------------------------- */

#define INTERRUPT(name, member, call) \
    static void name(void *argument) { \
        world *w = argument; \
        w->of_interrupt.member = call; \
    }

INTERRUPT(interrupt_malloc, block, FMempMalloc(w->shared, 50))
INTERRUPT(interrupt_realloc, block, FMempRealloc(w->shared, w->blocks[3], 400))
INTERRUPT(interrupt_align, block, FMempMallocAlign(w->shared, 30, 128))
INTERRUPT(interrupt_add, error, FMempAddRegion(w->shared, w->spare[1], END_OF(w->spare[1])))
INTERRUPT(interrupt_init, error, FMempInit(w->shared, w->first, END_OF(w->first)))
INTERRUPT(interrupt_stats, error, FMempGetStats(w->shared, &w->of_interrupt.stats))

/* Frees blocks next to the one that the call frees. */
static void interrupt_free(void *argument) {
    world *w = argument;
    FMempFree(w->shared, w->blocks[3]);
    FMempFree(w->shared, w->blocks[1]);
}

const world_call world_interrupts[] = {
    {"FMempMalloc", interrupt_malloc},   {"FMempFree", interrupt_free},
    {"FMempRealloc", interrupt_realloc}, {"FMempMallocAlign", interrupt_align},
    {"FMempAddRegion", interrupt_add},   {"FMempInit", interrupt_init},
    {"FMempGetStats", interrupt_stats},
};
const size_t world_interrupt_count = sizeof(world_interrupts) / sizeof(world_interrupts[0]);
