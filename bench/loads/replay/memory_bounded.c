/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The memory that recorded loads need of the bounded heap, beside that of the default heap: the
 * smallest region that serves each, and the region in which no program of these limits is refused.
 *
 *     memory_bounded LOAD...
 *
 * Exit status 0 if and only if each load was served by both, without damage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <tlsf_bounded.h>

#include "../../support/isolate.h"
#include "../../support/results.h"
#include "../../support/statistics.h"
#include "measure.h"
#include "serve_bounded.h"

enum { NAME_BYTES = 64 };

typedef struct {
    const char *error; /* NULL: the load was served */
    size_t peak_bytes;
    bounded_requests requests;
    size_t default_bytes, bounded_bytes; /* the smallest regions */
    size_t never_refused_bytes;          /* 0: no region is so large */
} outcome;

/* What the blocks of a load count as together at most, if each counts as its request. */
static size_t live_most(const load *served, bounded_requests plan) {
    const size_t header = tlsf_alloc_overhead(), granule = tlsf_align_size();
    const size_t smallest = (plan.smallest + header + granule - 1) / granule * granule;
    return blocks_peak_bytes(
        served, (block_shape){.header = header, .granule = granule, .smallest = smallest});
}

/* Looks further where four times the load's peak do not serve it. */
static smallest_pool smallest_region(serve_function *serve, const load *served) {
    smallest_pool found = smallest_pool_find(serve, served, served->peak_bytes, POOL_STEP);
    return found.bytes != 0 ? found
                            : smallest_pool_find(serve, served, 4 * served->peak_bytes, POOL_STEP);
}

static void load_measure(const void *input, void *result) {
    outcome *measured = result;
    load served;
    measured->error = load_read(&served, input);
    if (measured->error != NULL) {
        return;
    }
    const smallest_pool with_default = smallest_region(serve_with_fmemp, &served);
    const smallest_pool with_bounded = smallest_region(serve_with_bounded, &served);
    measured->peak_bytes = served.peak_bytes;
    measured->requests = bounded_requests_of(&served);
    measured->default_bytes = with_default.bytes;
    measured->bounded_bytes = with_bounded.bytes;
    measured->never_refused_bytes =
        tlsf_bounded_size_for(live_most(&served, measured->requests), measured->requests.smallest,
                              measured->requests.largest);
    if (with_default.bytes == 0 || with_bounded.bytes == 0) {
        measured->error = "a request failed in a region of sixteen times the peak";
    } else if (with_default.is_damaged || with_bounded.is_damaged) {
        measured->error = "the contents of a block were damaged";
    }
}

typedef struct {
    mean with_default;
    mean with_bounded;
} means;

static void outcome_print(const char *name, const outcome *o, means *sums) {
    const double peak = (double)o->peak_bytes;
    printf("%-10s %10.1f %8zu %9zu %9.3f %9.3f %13.1f\n", name, peak / 1024, o->requests.smallest,
           o->requests.largest, (double)o->default_bytes / peak, (double)o->bounded_bytes / peak,
           (double)o->never_refused_bytes / peak);
    mean_add(&sums->with_default, (double)o->default_bytes / peak);
    mean_add(&sums->with_bounded, (double)o->bounded_bytes / peak);
}

int main(int argc, char **argv) {
    means sums = {0};
    bool is_sound = argc > 1;
    environment_print();
    printf("\n%-10s %10s %8s %9s %9s %9s %13s\n", "load", "peak", "smallest", "largest", "default",
           "bounded", "never refused");
    printf("%-10s %10s %8s %9s %9s %9s %13s\n", "", "live KiB", "planned", "planned", "/ peak",
           "/ peak", "/ peak");
    for (int i = 1; i < argc; i++) {
        char name[NAME_BYTES];
        outcome measured = {0};
        if (!isolated_run(load_measure, argv[i], &measured, sizeof measured)) {
            measured.error = "the replay crashed";
        }
        (void)load_name(argv[i], name, sizeof name);
        if (measured.error == NULL) {
            outcome_print(name, &measured, &sums);
        } else {
            printf("%-10s FAILED: %s\n", name, measured.error);
            is_sound = false;
        }
        fflush(stdout);
    }
    printf("%-10s %10s %8s %9s %9.3f %9.3f\n", "geo. mean", "", "", "",
           mean_value(&sums.with_default), mean_value(&sums.with_bounded));
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
