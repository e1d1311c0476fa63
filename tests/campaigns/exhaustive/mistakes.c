/* SPDX-License-Identifier: BSD-3-Clause */
#include "mistakes.h"

#include <string.h>

#include "finding.h"

static bool is_expected;
static unsigned reported;
static tlsf_fault_kind reported_kind;

static void note_fault(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    if (!is_expected) {
        finding("%s reported, %zu bytes above the first block", tlsf_fault_name(fault->kind),
                (size_t)((uintptr_t)fault->block - (uintptr_t)arena - pools[0].first));
    }
    reported++;
    reported_kind = fault->kind;
}

void mistakes_watch(void) { tlsf_set_fault_hook(heap, note_fault); }

/* ---- one mistake -------------------------------------------------------------------- */

typedef enum { FREE, REALLOC, REALLOC_ALIGNED, WAYS } way;

static const char *const way_names[WAYS] = {"free", "realloc", "realloc_aligned"};

static void *make_mistake(void *ptr, way how) {
    switch (how) {
    case FREE:
        tlsf_free(heap, ptr);
        break;
    case REALLOC:
        return tlsf_realloc(heap, ptr, 1);
    case REALLOC_ALIGNED:
    case WAYS:
        return tlsf_realloc_aligned(heap, ptr, 2 * tlsf_align_size(), tlsf_block_size_min());
    }
    return NULL;
}

static void check_mistake(size_t offset, way how, const char *what) {
    reported = 0;
    is_expected = true;
    const void *result = make_mistake(world_address(offset), how);
    is_expected = false;
    if (reported != 1 || result != NULL) {
        finding("%s of a %s pointer, %zu bytes above the first block: reported %u times",
                way_names[how], what, offset - pools[0].first, reported);
    }
}

/* Checks all mistakes of one kind together, because a comparison takes as long as many calls. */
static void check_nothing_changed(const moment *before, const char *what) {
    if (memcmp(arena, before->saved + sizeof(known), arena_bytes) != 0) {
        finding("a %s pointer was reported, and still changed the heap", what);
    }
}

/* ---- all of a state ----------------------------------------------------------------- */

static unsigned long long take_ghosts(const moment *before) {
    unsigned long long taken = 0;
    for (unsigned i = 0; i < pool_count; i++) {
        for (size_t granule = 0; granule < POOL_GRANULES_MAX; granule++) {
            if (ghost_is_at(i, granule)) {
                const size_t offset = pools[i].first + granule * tlsf_align_size();
                for (way how = FREE; how < WAYS; how++) {
                    check_mistake(offset, how, "freed");
                    taken++;
                }
            }
        }
    }
    check_nothing_changed(before, "freed");
    return taken;
}

/* Tries every misaligned pointer into each pool and into a granule around it. */
static unsigned long long take_misaligned(const moment *before) {
    const size_t granule = tlsf_align_size();
    unsigned long long taken = 0;
    for (unsigned i = 0; i < pool_count; i++) {
        const size_t end = pools[i].first + pools[i].outer + granule;
        for (size_t offset = pools[i].first - granule; offset < end; offset++) {
            if (offset % granule != 0) {
                check_mistake(offset, (way)(offset % WAYS), "misaligned");
                REQUIRE(reported_kind == TLSF_FAULT_MISALIGNED);
                taken++;
            }
        }
    }
    check_nothing_changed(before, "misaligned");
    return taken;
}

unsigned long long mistakes_take(const moment *before, const scope *s) {
    if (TLSF_HARDENING < 1) {
        return 0;
    }
    return (s->ghosts ? take_ghosts(before) : 0) + take_misaligned(before);
}
