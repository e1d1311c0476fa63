/* SPDX-License-Identifier: BSD-3-Clause */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t requests_told_with_effect, requests_told_late;

/* ---- records ------------------------------------------------------------------------ */

static void record_add(record *seen, uint64_t value) {
    if (seen->count < RECORD_MAX) {
        seen->values[seen->count] = value;
    }
    seen->count++;
}

static void record_address(record *seen, const void *ptr) { record_add(seen, (uintptr_t)ptr); }

bool records_are_equal(const record *a, const record *b) {
    return a->count == b->count && a->count <= RECORD_MAX &&
           memcmp(a->values, b->values, a->count * sizeof(a->values[0])) == 0;
}

/* ---- one call, watched -------------------------------------------------------------- */

static uint8_t before_call[SPECIMEN_BYTES];
static size_t faults_before;

static void watch(const specimen *s) {
    memcpy(before_call, s->begin, SPECIMEN_BYTES);
    faults_before = specimen_faults;
}

/* Returns whether the call reported twice, or reported a fault and changed the heap. */
static bool watched(const specimen *s) {
    const size_t told = specimen_faults - faults_before;
    const bool has_effect =
        told > 1 || (told == 1 && memcmp(before_call, s->begin, SPECIMEN_BYTES) != 0);
    requests_told_with_effect += has_effect;
    return has_effect;
}

/* ---- requests ----------------------------------------------------------------------- */

static void run_free(specimen *s, const request *r, record *seen) {
    (void)seen;
    watch(s);
    tlsf_free(s->t, s->live[r->which].ptr);
    (void)watched(s);
    s->live[r->which].ptr = NULL;
}

/* Keeps a block whose content does not matter. */
static void live_keep(specimen *s, void *ptr) {
    if (s->live_count < SPECIMEN_LIVE_MAX) {
        s->live[s->live_count++] = (live_block){ptr, 0};
    }
}

static void run_memalign(specimen *s, const request *r, record *seen) {
    watch(s);
    void *ptr = tlsf_memalign(s->t, r->align, r->bytes);
    (void)watched(s);
    live_keep(s, ptr);
    record_address(seen, ptr);
}

static void run_calloc(specimen *s, const request *r, record *seen) {
    watch(s);
    void *ptr = tlsf_calloc(s->t, 1, r->bytes);
    (void)watched(s);
    live_keep(s, ptr);
    record_address(seen, ptr);
}

static void run_realloc(specimen *s, const request *r, record *seen) {
    live_block *live = &s->live[r->which];
    watch(s);
    void *ptr = tlsf_realloc_aligned(s->t, live->ptr, r->align, r->bytes);
    if (watched(s) && !TLSF_PENDING && ptr == NULL && live_is_intact(s, live)) {
        requests_told_late++;
    }
    record_address(seen, ptr);
    if (ptr != NULL) {
        live->ptr = ptr;
        live->bytes = r->bytes < live->bytes ? r->bytes : live->bytes;
    }
}

static void run_figures(specimen *s, const request *r, record *seen) {
    tlsf_stats_t stats;
    (void)r;
    watch(s);
    record_add(seen, (uint64_t)tlsf_stats(s->t, &stats));
    (void)watched(s);
    const size_t figures[] = {stats.pool_bytes, stats.used_bytes,  stats.peak_bytes,
                              stats.free_bytes, stats.largest,     stats.live_blocks,
                              stats.frees,      stats.allocations, stats.failures};
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        record_add(seen, figures[i]);
    }
}

static void run_get_pool(specimen *s, const request *r, record *seen) {
    (void)r;
    watch(s);
    const pool_t pool = tlsf_get_pool(s->t);
    (void)watched(s);
    record_add(seen, pool == NULL ? 0 : (uint64_t)((uintptr_t)pool - (uintptr_t)s->t));
}

static void run_remove_pool(specimen *s, const request *r, record *seen) {
    watch(s);
    const int result = tlsf_remove_pool(s->t, s->pools[r->which]);
    (void)watched(s);
    record_add(seen, (uint64_t)result);
    if (result == 0) {
        s->pools[r->which] = NULL;
    }
}

static void run_add_pool(specimen *s, const request *r, record *seen) {
    watch(s);
    s->pools[r->which] =
        tlsf_add_pool(s->t, specimen_region(s, r->which), specimen_region_bytes(r->which));
    (void)watched(s);
    record_address(seen, s->pools[r->which]);
}

static void run_reset(specimen *s, const request *r, record *seen) {
    (void)r;
    (void)seen;
    watch(s);
    tlsf_reset(s->t);
    (void)watched(s);
    s->live_count = 0;
}

static void run_check(specimen *s, const request *r, record *seen) {
    (void)r;
    watch(s);
    record_add(seen, (uint64_t)tlsf_check(s->t));
    for (size_t i = 0; i < SPECIMEN_POOLS; i++) {
        record_add(seen, (uint64_t)tlsf_check_pool(s->pools[i]));
    }
    (void)watched(s);
}

static void walker(void *ptr, size_t size, int used, void *user) {
    record *seen = user;
    record_address(seen, ptr);
    record_add(seen, size);
    record_add(seen, (uint64_t)used);
}

static void run_walk(specimen *s, const request *r, record *seen) {
    (void)r;
    for (size_t i = 0; i < SPECIMEN_POOLS; i++) {
        tlsf_walk_pool(s->pools[i], walker, seen);
    }
}

void request_run(specimen *s, const request *r, record *seen) { r->run(s, r, seen); }

/* ---- all requests ------------------------------------------------------------------- */

typedef struct {
    request *requests;
    size_t count;
} collection;

static void request_add(collection *c, request r) {
    if (c->count == REQUESTS_MAX) {
        fprintf(stderr, "bitflips: REQUESTS_MAX is too small\n");
        exit(2);
    }
    c->requests[c->count++] = r;
}

static void requests_of_block(collection *c, const specimen *s, size_t i) {
    const size_t bytes = s->live[i].bytes;
    const struct {
        size_t align, bytes;
    } sizes[] = {{1, 1}, {1, bytes + 24}, {1, bytes + 100}, {1, 500}, {64, bytes}};
    request_add(c, (request){.kind = "free", .run = run_free, .which = i});
    for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
        request_add(c, (request){.kind = "realloc",
                                 .run = run_realloc,
                                 .which = i,
                                 .align = sizes[size].align,
                                 .bytes = sizes[size].bytes});
    }
}

size_t requests_on(const specimen *s, request requests[REQUESTS_MAX]) {
    const size_t sizes[] = {0, 24, 60, 90, 130, 200, 400, 700, 3000, SIZE_MAX};
    collection c = {requests, 0};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        request_add(&c, (request){.kind = "malloc", .run = run_memalign, .bytes = sizes[i]});
        request_add(&c, (request){.kind = "memalign",
                                  .run = run_memalign,
                                  .align = (size_t)32 << i % 4,
                                  .bytes = sizes[i]});
    }
    for (size_t i = 0; i < s->live_count; i++) {
        if (s->live[i].ptr != NULL) {
            requests_of_block(&c, s, i);
        }
    }
    for (size_t i = 0; i < SPECIMEN_POOLS; i++) {
        request_add(&c, (request){.kind = "remove_pool", .run = run_remove_pool, .which = i});
    }
    request_add(&c, (request){.kind = "reset", .run = run_reset});
    request_add(&c, (request){.kind = "stats", .run = run_figures});
    request_add(&c, (request){.kind = "get_pool", .run = run_get_pool, .is_read_only = true});
    request_add(&c, (request){.kind = "check", .run = run_check, .is_read_only = true});
    request_add(&c, (request){.kind = "walk", .run = run_walk, .is_read_only = true});
    return c.count;
}

/* ---- a whole program ---------------------------------------------------------------- */

static void contents_record(const specimen *s, record *seen) {
    for (size_t i = 0; i < s->live_count; i++) {
        record_add(seen, live_is_intact(s, &s->live[i]));
    }
}

/* Runs a request for every stride-th live block, from `first` on. */
static void live_run(specimen *s, request r, size_t first, size_t stride, record *seen) {
    const size_t count = s->live_count;
    for (r.which = first; r.which < count; r.which += stride) {
        if (s->live[r.which].ptr != NULL) {
            r.run(s, &r, seen);
        }
    }
}

static void allocate_some(specimen *s, record *seen) {
    const size_t sizes[] = {24, 0, 90, 24, 200, 60, 450, 24, 130, 2000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const request r = {.align = i % 3 == 0 ? 64 : 0, .bytes = sizes[i]};
        (i == 5 ? run_calloc : run_memalign)(s, &r, seen);
    }
}

/* Removes the pool that holds no block any more, and adds it again. */
static void renew_pool(specimen *s, record *seen) {
    const request r = {.which = SPECIMEN_ALL_FREE};
    if (s->pools[r.which] != NULL) {
        run_remove_pool(s, &r, seen);
    }
    if (s->pools[r.which] == NULL) {
        run_add_pool(s, &r, seen);
    }
}

void program_go_on(specimen *s, record *seen) {
    const request r = {.bytes = 0};
    contents_record(s, seen);
    run_figures(s, &r, seen);
    allocate_some(s, seen);
    live_run(s, (request){.run = run_realloc, .bytes = 1}, 0, 7, seen);
    live_run(s, (request){.run = run_realloc, .bytes = 70}, 1, 7, seen);
    live_run(s, (request){.run = run_free}, 2, 5, seen);
    live_run(s, (request){.run = run_realloc, .bytes = 150}, 3, 7, seen);
    contents_record(s, seen);
    run_figures(s, &r, seen);
    live_run(s, (request){.run = run_free}, 0, 1, seen);
    renew_pool(s, seen);
    run_check(s, &r, seen);
    run_walk(s, &r, seen);
    run_figures(s, &r, seen);
}
