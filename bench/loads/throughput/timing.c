/* SPDX-License-Identifier: BSD-3-Clause */
#include "timing.h"

#include <stdio.h>

#include "../../support/isolate.h"
#include "../../support/timer.h"

enum { ATTEMPTS = 5 }; /* to measure on a busy machine */

typedef struct {
    const allocator *timed;
    const workload *work;
} task;

typedef struct {
    bool is_sound;
    double nanoseconds; /* of an operation */
} outcome;

/* Three times the peak, so that no time goes into the search for the last hole. */
static size_t pool_bytes(const load *served) { return 3 * served->peak_bytes + 65536; }

typedef struct {
    void *region;
    size_t region_bytes;
    unsigned char **blocks;
} workspace;

static bool workspace_make(workspace *made, const load *served) {
    made->region_bytes = pool_bytes(served);
    made->region = memory_map(made->region_bytes);
    made->blocks = memory_map(served->slots * sizeof *made->blocks);
    return made->region != NULL && made->blocks != NULL;
}

/* Serves the workload once and frees all blocks. Returns false if and only if a request failed. */
static bool serve_once(const task *given, const workspace *space, uint64_t *nanoseconds) {
    const allocator *timed = given->timed;
    const load *served = &given->work->served;
    const operation *begin = served->operations + given->work->begin;
    const operation *end = served->operations + served->count;
    bool is_filled = timed->begin(space->region, space->region_bytes) &&
                     timed->serve(served->operations, begin, space->blocks);
    uint64_t start = thread_time();
    bool has_served_all = is_filled && timed->serve(begin, end, space->blocks);
    *nanoseconds = thread_time() - start;
    timed->blocks_free(space->blocks, served->slots);
    return has_served_all;
}

/* Serves the workload twice and measures the second time. The first time gets memory from the
 * kernel and fills caches. */
static void workload_time(const void *input, void *result) {
    const task *given = input;
    outcome *measured = result;
    workspace space;
    uint64_t nanoseconds = 0;
    measured->is_sound = workspace_make(&space, &given->work->served) &&
                         serve_once(given, &space, &nanoseconds) &&
                         serve_once(given, &space, &nanoseconds);
    measured->nanoseconds =
        (double)nanoseconds / (double)(given->work->served.count - given->work->begin);
}

/* Times one allocator once. Returns NULL, or what went wrong. */
static const char *allocator_time(const task *given, double *nanoseconds) {
    outcome result;
    bool has_ended = isolated_run(workload_time, given, &result, sizeof result);
    if (!has_ended || !result.is_sound) {
        static char message[128];
        snprintf(message, sizeof message, "%s %s", given->timed->name,
                 has_ended ? "refused a request" : "crashed");
        return message;
    }
    *nanoseconds = result.nanoseconds;
    return NULL;
}

static const char *rounds_time(const allocator *const allocators[], const workload *timed,
                               timings *result) {
    const char *error = NULL;
    for (unsigned round = 0; round < result->rounds && error == NULL; round++) {
        processor_pin(round);
        for (size_t turn = 0; turn <= result->count && error == NULL; turn++) {
            size_t i = (turn + round) % (result->count + 1);
            bool is_harness = i == result->count;
            task given = {.timed = is_harness ? &null_allocator : allocators[i], .work = timed};
            error = allocator_time(&given,
                                   is_harness ? &result->harness[round] : &result->times[i][round]);
        }
    }
    return error;
}

const char *allocators_time(const allocator *const allocators[], size_t count,
                            const workload *timed, unsigned rounds, timings *result) {
    result->count = count;
    result->rounds = rounds;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        const char *error = rounds_time(allocators, timed, result);
        if (error != NULL || timings_are_credible(result)) {
            return error;
        }
    }
    return "an allocator was as fast as none: the machine is too busy to measure";
}
