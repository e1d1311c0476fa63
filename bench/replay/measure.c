/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "measure.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STEP_BYTES = 8 };

uint64_t time_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Memory that is no part of the C library's heap; NULL when there is none. */
static void *memory_map(size_t bytes) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* The memory of a measurement: the table of live blocks, and a region for the heap. */
typedef struct {
    block *blocks;
    size_t blocks_bytes;
    void *region;
    size_t region_bytes;
} workspace;

static bool workspace_make(workspace *made, const load *served, size_t region_bytes) {
    made->blocks_bytes = served->slots * sizeof(block);
    made->blocks = memory_map(made->blocks_bytes);
    made->region_bytes = region_bytes;
    made->region = memory_map(region_bytes);
    return made->blocks != NULL && made->region != NULL;
}

static void workspace_release(workspace *released) {
    if (released->blocks != NULL) {
        munmap(released->blocks, released->blocks_bytes);
    }
    if (released->region != NULL) {
        munmap(released->region, released->region_bytes);
    }
}

/* ---- smallest pool -------------------------------------------------------------------- */

smallest_pool smallest_pool_find(serve_function *serve, const load *served) {
    size_t steps_high = (4 * served->peak_bytes + 65536) / STEP_BYTES; /* serves, to be seen */
    size_t steps_low = served->peak_bytes / STEP_BYTES; /* too small: headers have no room */
    smallest_pool found = {0};
    workspace space;
    if (!workspace_make(&space, served, steps_high * STEP_BYTES)) {
        workspace_release(&space);
        return found;
    }
    for (size_t steps = steps_high; steps_high - steps_low > 1;
         steps = steps_low + (steps_high - steps_low) / 2) {
        size_t bytes = steps * STEP_BYTES;
        serve_result result = serve(served, space.blocks, space.region, bytes);
        found.is_damaged |= result.is_damaged;
        if (result.has_served_all) {
            steps_high = steps;
            found.bytes = bytes;
            found.free_bytes = result.free_bytes;
            found.largest_free = result.largest_free;
        } else if (steps == steps_high) {
            break;
        } else {
            steps_low = steps;
        }
    }
    workspace_release(&space);
    return found;
}

static size_t outer_size(block_shape shape, size_t size) {
    size_t outer = (size + shape.header + shape.granule - 1) / shape.granule * shape.granule;
    return outer < shape.smallest ? shape.smallest : outer;
}

size_t blocks_peak_bytes(const load *served, block_shape shape) {
    size_t *outer_of_slot = calloc(served->slots, sizeof *outer_of_slot);
    size_t live = 0;
    size_t peak = 0;
    for (size_t i = 0; outer_of_slot != NULL && i < served->count; i++) {
        const operation *next = &served->operations[i];
        size_t outer = next->kind == LOAD_FREE ? 0 : outer_size(shape, next->size);
        live += outer - outer_of_slot[next->slot];
        outer_of_slot[next->slot] = outer;
        peak = live > peak ? live : peak;
    }
    free(outer_of_slot);
    return peak;
}

/* ---- time ----------------------------------------------------------------------------- */

size_t timing_pool_bytes(const load *served, size_t smallest_bytes) {
    size_t twice_peak = 2 * served->peak_bytes;
    return twice_peak > smallest_bytes ? twice_peak : smallest_bytes;
}

static int time_compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *times, unsigned count) {
    qsort(times, count, sizeof *times, time_compare);
    return count % 2 == 1 ? times[count / 2] : (times[count / 2 - 1] + times[count / 2]) / 2;
}

bool servers_time(serve_function *const servers[], size_t count, const load *served,
                  size_t pool_bytes, unsigned rounds, double medians[]) {
    double times[SERVERS_MAX][ROUNDS_MAX];
    bool is_sound = true;
    workspace space;
    bool has_memory = workspace_make(&space, served, pool_bytes);
    for (unsigned round = 0; has_memory && is_sound && round <= rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            serve_result result = servers[i](served, space.blocks, space.region, pool_bytes);
            is_sound &= result.has_served_all && !result.is_damaged;
            if (round > 0) {
                times[i][round - 1] = (double)result.nanoseconds / (double)served->count;
            }
        }
    }
    workspace_release(&space);
    if (!has_memory || !is_sound) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        medians[i] = median(times[i], rounds);
    }
    return true;
}

/* ---- the run -------------------------------------------------------------------------- */

static void processor_pin(void) {
    cpu_set_t one;
    int current = sched_getcpu();
    if (current >= 0) {
        CPU_ZERO(&one);
        CPU_SET((size_t)current, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
}

bool isolated_run(void (*job)(const void *input, void *result), const void *input, void *result,
                  size_t result_bytes) {
    int status = 0;
    void *shared =
        mmap(NULL, result_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return false;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        processor_pin();
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
        job(input, shared);
        _exit(0);
    }
    bool has_ended = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    memcpy(result, shared, result_bytes);
    munmap(shared, result_bytes);
    return has_ended;
}

const char *load_name(const char *path, char *name, size_t name_bytes) {
    const char *slash = strrchr(path, '/');
    snprintf(name, name_bytes, "%s", slash == NULL ? path : slash + 1);
    char *suffix = strstr(name, ".load");
    if (suffix != NULL) {
        *suffix = '\0';
    }
    return name;
}

void mean_add(mean *sum, double ratio) {
    sum->logarithms += log(ratio);
    sum->count++;
}

double mean_value(const mean *sum) {
    return sum->count == 0 ? 0 : exp(sum->logarithms / sum->count);
}
