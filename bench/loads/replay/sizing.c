/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a load needs with the options that this program was compiled for: the engine of
 * tools/heap size and tools/heap replay, which compile one for each choice of options.
 *
 *     sizing check LOAD                      how many calls the load has, if it is valid
 *     sizing measure LOAD                    the load, its smallest pool, and the bound
 *     sizing time LOAD BYTES                 how long a call takes in a pool of this size
 *     sizing need LOAD BYTES                 a pool of at least BYTES that serves the load
 *     sizing vary LOAD BYTES COUNT SEED      the same, for COUNT variations one after the other
 *     sizing serve LOAD BYTES                what comes of the load in a pool of this size
 *     sizing keep BYTES                      what a heap keeps of a region of this size
 *
 * Each prints one JSON object. Status 1, and a sentence on stderr, if there is none.
 *
 * The library is compiled into this file's unit (tools/heap_sizing/engines.py), so that sizes of
 * blocks are those of the library, with tags and guards, by its own functions.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fmemory_pool.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../../lib/core/block.h"
#include "../../../lib/fmemp/fmemory_tag.h"
#include "../../support/isolate.h"
#include "../../worst_case/memory/bounds.h"
#include "measure.h"
#include "tlsf_bounded.h"
#include "vary.h"

enum { TIMED_REPLAYS = 3, CONTROL_ROOM = 65536 };

static int failed(const char *why) {
    fprintf(stderr, "%s\n", why);
    return EXIT_FAILURE;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* ---- what blocks take ----------------------------------------------------------------- */

/* The outer size of a request, with its tag and its guard. */
static size_t request_outer(size_t bytes) {
    return size_bytes(size_for_request(tag_request(bytes)));
}

typedef struct {
    limits limits; /* of the bound: a realloc counts both of its blocks */
    size_t blocks_bytes;
    size_t largest_request;
} demand;

/* Adds a request to the demand, while `live` bytes in `blocks` blocks are live beside it. */
static void demand_add(demand *d, const operation *o, size_t live, size_t blocks) {
    const size_t outer = request_outer(o->size);
    const size_t align = (size_t)1 << o->align_log2;
    d->limits.live = larger(d->limits.live, live + outer);
    d->limits.blocks = larger(d->limits.blocks, blocks + 1);
    d->limits.largest = larger(d->limits.largest, outer);
    d->limits.align = larger(d->limits.align, align > tlsf_align_size() ? align : 0);
    d->largest_request = larger(d->largest_request, o->size);
}

/* Returns  false if there is no memory. */
static bool demand_of(demand *d, const load *l) {
    size_t *outer_of = calloc(l->slots + 1, sizeof *outer_of);
    size_t live = 0;
    size_t blocks = 0;
    *d = (demand){0};
    for (size_t i = 0; outer_of != NULL && i < l->count; i++) {
        const operation *o = &l->operations[i];
        const size_t before = outer_of[o->slot];
        outer_of[o->slot] = o->kind == LOAD_FREE ? 0 : request_outer(o->size);
        if (o->kind != LOAD_FREE) {
            demand_add(d, o, live, blocks);
        }
        live += outer_of[o->slot] - before;
        blocks += (outer_of[o->slot] > 0) - (size_t)(before > 0);
        d->blocks_bytes = larger(d->blocks_bytes, live);
    }
    free(outer_of);
    return outer_of != NULL;
}

/* What FMempInit keeps of a region of this size; 0 if that is too large. A small one is planned for
 * as large a region. */
static size_t region_kept(size_t bytes) {
    static _Alignas(64) unsigned char region[CONTROL_ROOM];
    const size_t room = bytes < sizeof region ? bytes : sizeof region;
    FMemp kept;
    FMempStats stats;
    memset(&kept, 0, sizeof kept);
    if (FMempInitSized(&kept, region, region + room, bytes) != FMEMP_SUCCESS) {
        return 0;
    }
    FMempGetStats(&kept, &stats);
    FMempRemove(&kept);
    return room - (size_t)stats.total_bytes;
}

/* The region that never refuses a program within these limits; 0 if there is none. */
static size_t region_bound(const limits *l) {
    const size_t a_block = bound_hole(bound_searched(l)) + bound_unsplit();
    if ((SIZE_MAX / 2 - l->live) / a_block <= l->blocks) {
        return 0; /* the formula would overflow */
    }
    const size_t bound = bound_of_default(l, 1);
    const size_t kept = region_kept(bound);
    return kept == 0 ? 0 : bound + kept;
}

/* ---- the bounded heap ----------------------------------------------------------------- */

/* What a request counts as (tlsf_bounded.h). */
static size_t bounded_counted(const operation *o) {
    const size_t align = (size_t)1 << o->align_log2;
    const size_t least = tlsf_block_size_min();
    const size_t room = align > tlsf_align_size()
                            ? larger(o->size, least) + align + least + tlsf_alloc_overhead()
                            : o->size;
    return bound_outer(room + tlsf_alloc_overhead());
}

/* The region of a bounded heap that never refuses a program like the load; 0 if there is none, or
 * no memory. A block that shrinks goes on counting as before: it may. */
static size_t bounded_region(const load *l) {
    size_t *counted_of = calloc(l->slots + 1, sizeof *counted_of);
    size_t live = 0;
    size_t most = 0;
    size_t smallest = SIZE_MAX;
    size_t largest = 0;
    for (size_t i = 0; counted_of != NULL && i < l->count; i++) {
        const operation *o = &l->operations[i];
        const size_t before = counted_of[o->slot];
        if (o->kind == LOAD_FREE) {
            counted_of[o->slot] = 0;
        } else {
            const size_t counted = bounded_counted(o);
            most = larger(most, live + counted); /* both places of a block that moves */
            smallest = o->size < smallest ? o->size : smallest;
            largest = larger(largest, counted - tlsf_alloc_overhead());
            counted_of[o->slot] = larger(before, counted);
        }
        live += counted_of[o->slot] - before;
    }
    free(counted_of);
    return tlsf_bounded_size_for(most, larger(smallest, 1), largest);
}

/* ---- commands ------------------------------------------------------------------------- */

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static serve_result load_serve(const load *l, size_t bytes, double *seconds) {
    serve_result result = {0};
    live_block *blocks = memory_map(l->slots * sizeof(live_block));
    void *region = memory_map(bytes);
    if (blocks != NULL && region != NULL) {
        const double begin = seconds_now();
        result = serve_with_fmemp(l, blocks, region, bytes);
        *seconds = seconds_now() - begin;
    }
    memory_unmap(blocks, l->slots * sizeof(live_block));
    memory_unmap(region, bytes);
    return result;
}

static int time_print(const load *l, size_t bytes) {
    double shortest = 1e9;
    for (int i = 0; i < TIMED_REPLAYS; i++) {
        double seconds = 0;
        (void)load_serve(l, bytes, &seconds);
        shortest = seconds < shortest ? seconds : shortest;
    }
    printf("{\"nanoseconds_per_call\": %.1f}\n", shortest * 1e9 / (double)l->count);
    return EXIT_SUCCESS;
}

static size_t first_half_pool(const load *l) {
    load half = *l;
    demand d;
    half.count = (l->count + 1) / 2;
    return demand_of(&d, &half)
               ? smallest_pool_find(serve_with_fmemp, &half, d.blocks_bytes, TLSF_GRANULE).bytes
               : 0;
}

static int measure(const load *l) {
    demand d;
    if (!demand_of(&d, l)) {
        return failed("there is not enough memory to measure it");
    }
    const smallest_pool found =
        smallest_pool_find(serve_with_fmemp, l, d.blocks_bytes, TLSF_GRANULE);
    if (found.bytes == 0) {
        return failed("no pool that this machine can try serves it");
    }
    if (found.is_damaged) {
        return failed("FAILED: a replay damaged a block, or its heap is not sound");
    }
    printf("{\"calls\": %zu, \"peak_bytes\": %zu, \"peak_blocks\": %zu, \"largest_request\": %zu, "
           "\"widest_align\": %zu, \"blocks_bytes\": %zu, \"smallest_pool\": %zu, "
           "\"first_half_pool\": %zu, \"kept\": %zu, \"bound\": %zu, "
           "\"bounded_heap\": %zu}\n",
           l->count, l->peak_bytes, d.limits.blocks, d.largest_request, d.limits.align,
           d.blocks_bytes, found.bytes, first_half_pool(l), region_kept(found.bytes),
           region_bound(&d.limits), bounded_region(l));
    return EXIT_SUCCESS;
}

/* A pool of at least `bytes` that serves the load; 0: there is no memory to find it. What is
 * smaller than `bytes` is not asked for, though it might serve: pools that serve are not always
 * those above the smallest. */
static size_t pool_needed(const load *l, size_t bytes) {
    double seconds;
    return load_serve(l, bytes, &seconds).has_served_all
               ? bytes
               : smallest_pool_find(serve_with_fmemp, l, bytes, TLSF_GRANULE).bytes;
}

static int pool_print(size_t bytes) {
    if (bytes == 0) {
        return failed("no pool that this machine can try serves it");
    }
    printf("{\"pool\": %zu}\n", bytes);
    return EXIT_SUCCESS;
}

static int vary(const load *l, size_t bytes, size_t count, uint64_t seed) {
    for (size_t i = 0; i < count && bytes > 0; i++) {
        load varied;
        if (!load_vary(&varied, l, seed + i)) {
            return failed("there is not enough memory to vary it");
        }
        bytes = pool_needed(&varied, bytes);
        load_release(&varied);
    }
    return pool_print(bytes);
}

static int serve(const load *l, size_t bytes) {
    double seconds = 0;
    const serve_result result = load_serve(l, bytes, &seconds);
    printf("{\"pool\": %zu, \"calls\": %zu, \"served_calls\": %zu, \"served\": %s, \"sound\": %s, "
           "\"free_bytes\": %zu, \"largest\": %zu}\n",
           bytes, l->count, result.served_calls, result.has_served_all ? "true" : "false",
           result.is_damaged ? "false" : "true", result.free_bytes, result.largest_free);
    return EXIT_SUCCESS;
}

/* ---- the command line ----------------------------------------------------------------- */

static int command_run(const load *l, const char *name, size_t numbers, const uint64_t *number) {
    if (strcmp(name, "check") == 0 && numbers == 0) {
        printf("{\"calls\": %zu}\n", l->count);
        return EXIT_SUCCESS;
    }
    if (strcmp(name, "measure") == 0 && numbers == 0) {
        return measure(l);
    }
    if (strcmp(name, "time") == 0 && numbers == 1) {
        return time_print(l, (size_t)number[0]);
    }
    if (strcmp(name, "need") == 0 && numbers == 1) {
        return pool_print(pool_needed(l, (size_t)number[0]));
    }
    if (strcmp(name, "vary") == 0 && numbers == 3) {
        return vary(l, (size_t)number[0], (size_t)number[1], number[2]);
    }
    if (strcmp(name, "serve") == 0 && numbers == 1) {
        return serve(l, (size_t)number[0]);
    }
    return failed("usage: sizing check LOAD | measure LOAD | time LOAD BYTES | need LOAD BYTES | "
                  "vary LOAD BYTES COUNT SEED | serve LOAD BYTES | keep BYTES");
}

int main(int argc, char **argv) {
    uint64_t number[3] = {0};
    size_t numbers = 0;
    load l;
    if (argc == 3 && strcmp(argv[1], "keep") == 0) {
        printf("{\"kept\": %zu}\n", region_kept((size_t)strtoull(argv[2], NULL, 10)));
        return EXIT_SUCCESS;
    }
    if (argc < 3 || argc > 6) {
        return command_run(NULL, "", 0, number);
    }
    for (int i = 3; i < argc; i++) {
        number[numbers++] = strtoull(argv[i], NULL, 10);
    }
    const char *const error = load_read(&l, argv[2]);
    if (error != NULL) {
        return failed(error);
    }
    const int status = command_run(&l, argv[1], numbers, number);
    load_release(&l);
    return status;
}
