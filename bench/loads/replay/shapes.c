/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Estimates what blocks of other layouts would take: the most bytes that the live blocks of each
 * load take together, divided by the load's peak of live bytes. Fragmentation and control structure
 * are left out.
 *
 *     shapes LOAD...
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../support/statistics.h"
#include "measure.h"

static const struct {
    const char *name;
    block_shape shape;
} shapes[] = {
    {"granule 8, today", {.header = 4, .granule = 8, .smallest = 16}},
    {"granule 8, narrow", {.header = 2, .granule = 8, .smallest = 8}},
    {"granule 4, today", {.header = 4, .granule = 4, .smallest = 16}},
    {"granule 4, narrow", {.header = 2, .granule = 4, .smallest = 8}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Adds the ratios of one load to the means. Returns false, and says why, if it cannot be read. */
static bool load_add(const char *path, mean sums[SHAPES]) {
    char name[64];
    load read;
    const char *const error = load_read(&read, path);
    if (error != NULL) {
        fprintf(stderr, "shapes: %s: %s\n", path, error);
        return false;
    }
    printf("%-12s", load_name(path, name, sizeof name));
    for (size_t i = 0; i < SHAPES; i++) {
        const double ratio =
            (double)blocks_peak_bytes(&read, shapes[i].shape) / (double)read.peak_bytes;
        printf(" %18.3f", ratio);
        mean_add(&sums[i], ratio);
    }
    printf("\n");
    load_release(&read);
    return true;
}

int main(int argc, char **argv) {
    mean sums[SHAPES] = {0};
    bool is_sound = argc > 1;
    printf("%-12s", "load");
    for (size_t i = 0; i < SHAPES; i++) {
        printf(" %18s", shapes[i].name);
    }
    printf("\n");
    for (int i = 1; i < argc; i++) {
        is_sound = load_add(argv[i], sums) && is_sound;
    }
    printf("%-12s", "geo. mean");
    for (size_t i = 0; i < SHAPES; i++) {
        printf(" %18.3f", mean_value(&sums[i]));
    }
    printf("\n");
    return is_sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
