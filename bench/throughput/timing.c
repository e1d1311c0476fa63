/* SPDX-License-Identifier: BSD-3-Clause */
#include "timing.h"

#include <stdio.h>

#include "../support/isolate.h"
#include "../support/statistics.h"
#include "../support/timer.h"

typedef struct {
    const allocator *timed;
    const allocator *model; /* of the harness */
    const workload *work;
} task;

typedef struct {
    bool is_sound;
    double nanoseconds; /* of an operation */
} outcome;

/* Three times the peak: what is timed is not the search for the last hole. */
static size_t pool_bytes(const load *served) { return 3 * served->peak_bytes + 65536; }

static bool is_prepared(const task *given, void *region, size_t bytes) {
    return given->timed != &null_allocator ||
           null_prepare(given->model, &given->work->served, region, bytes);
}

static bool serve_and_free(const allocator *timed, const load *served, unsigned char **blocks) {
    bool has_served_all =
        timed->serve(served->operations, served->operations + served->count, blocks);
    timed->blocks_free(blocks, served->slots);
    return has_served_all;
}

static void workload_time(const void *input, void *result) {
    const task *given = input;
    outcome *measured = result;
    const allocator *timed = given->timed;
    const load *served = &given->work->served;
    const operation *begin = served->operations + given->work->begin;
    const operation *end = served->operations + served->count;
    size_t bytes = pool_bytes(served);
    void *region = memory_map(bytes);
    unsigned char **blocks = memory_map(served->slots * sizeof *blocks);
    measured->is_sound = region != NULL && blocks != NULL && is_prepared(given, region, bytes) &&
                         timed->begin(region, bytes) && serve_and_free(timed, served, blocks) &&
                         timed->begin(region, bytes) &&
                         timed->serve(served->operations, begin, blocks);
    if (measured->is_sound) {
        uint64_t start = time_now();
        measured->is_sound = timed->serve(begin, end, blocks);
        measured->nanoseconds = (double)(time_now() - start) / (double)(end - begin);
    }
}

/* Times one allocator once. Returns NULL, or what went wrong. */
static const char *allocator_time(const task *given, double *nanoseconds) {
    static char message[128];
    outcome result;
    bool has_ended = isolated_run(workload_time, given, &result, sizeof result);
    if (!has_ended || !result.is_sound) {
        snprintf(message, sizeof message, "%s %s", given->timed->name,
                 has_ended ? "refused a request" : "crashed");
        return message;
    }
    *nanoseconds = result.nanoseconds;
    return NULL;
}

const char *allocators_time(const allocator *const allocators[], size_t count,
                            const workload *timed, unsigned rounds, timings *result) {
    double harness[ROUNDS_MAX];
    const char *error = NULL;
    for (unsigned round = 0; round < rounds && error == NULL; round++) {
        for (size_t turn = 0; turn <= count && error == NULL; turn++) {
            size_t i = (turn + round) % (count + 1);
            bool is_harness = i == count;
            task given = {.timed = is_harness ? &null_allocator : allocators[i],
                          .model = allocators[0],
                          .work = timed};
            error = allocator_time(&given, is_harness ? &harness[round] : &result->times[i][round]);
        }
    }
    result->count = count;
    result->rounds = rounds;
    result->harness = error == NULL ? median(harness, rounds) : 0;
    return error;
}

static double time_of(const timings *measured, size_t i, unsigned round, timing_scope scope) {
    return measured->times[i][round] - (scope == NET ? measured->harness : 0);
}

double time_median(const timings *measured, size_t index, timing_scope scope) {
    double times[ROUNDS_MAX];
    for (unsigned round = 0; round < measured->rounds; round++) {
        times[round] = time_of(measured, index, round, scope);
    }
    return median(times, measured->rounds);
}

double ratio_median(const timings *measured, size_t index, size_t base, timing_scope scope) {
    double ratios[ROUNDS_MAX];
    for (unsigned round = 0; round < measured->rounds; round++) {
        ratios[round] =
            time_of(measured, index, round, scope) / time_of(measured, base, round, scope);
    }
    return median(ratios, measured->rounds);
}
