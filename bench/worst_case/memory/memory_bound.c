/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bound on memory, and what adversaries reach of it: bench/memory-bound.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adversaries.h"
#include "bounds.h"
#include "opponents.h"
#include "tlsf.h"

enum { RANDOM_TRIES = 500, CLIMBING_TRIES = 400 };

typedef struct {
    limits limits;
    uint64_t seed;
} wanted;

/* ---- the command line --------------------------------------------------------------- */

static const char usage[] =
    "usage: bench/memory-bound M m n [--blocks B] [--align A] [--seed N]\n"
    "  M  the most bytes that are live at once; m, n: the smallest and the largest request;\n"
    "     all three with header and rounding: outer sizes\n"
    "  B  the most blocks that are live at once; default: M / m\n"
    "  A  the widest alignment, a power of two; default: that of every block\n"
    "Prints the memory that never refuses such a program, and what adversaries reach of it.\n";

static void usage_fail(void) {
    fputs(usage, stderr);
    exit(2);
}

static size_t number_read(const char *text) {
    char *end;
    const unsigned long long number = text == NULL ? 0 : strtoull(text, &end, 0);
    if (number == 0 || *end != '\0' || number > SIZE_MAX / 64) {
        usage_fail();
    }
    return (size_t)number;
}

static void option_read(const char *name, const char *value, wanted *w) {
    if (strcmp(name, "--blocks") == 0) {
        w->limits.blocks = number_read(value);
    } else if (strcmp(name, "--align") == 0) {
        w->limits.align = number_read(value);
    } else if (strcmp(name, "--seed") == 0) {
        w->seed = number_read(value);
    } else {
        usage_fail();
    }
}

static wanted wanted_read(int count, char **arguments) {
    wanted w = {{0, 0, 0, 0, 0}, 1};
    size_t *numbers[] = {&w.limits.live, &w.limits.smallest, &w.limits.largest};
    size_t found = 0;
    for (int i = 1; i < count; i++) {
        if (strncmp(arguments[i], "--", 2) == 0) {
            option_read(arguments[i], arguments[i + 1], &w);
            i++;
        } else if (found < 3) {
            *numbers[found++] = number_read(arguments[i]);
        } else {
            usage_fail();
        }
    }
    limits *l = &w.limits;
    l->smallest = bound_outer(l->smallest);
    l->largest = bound_outer(l->largest);
    if (found != 3 || l->smallest > l->largest || l->largest > l->live ||
        (l->align & (l->align - 1)) != 0) {
        usage_fail();
    }
    const size_t most = l->live / l->smallest;
    l->blocks = l->blocks == 0 || l->blocks > most ? most : l->blocks;
    return w;
}

/* ---- the adversaries ---------------------------------------------------------------- */

static size_t row_print(const contest *c, const char *name, size_t reached) {
    printf("  %-34s %12zu  %5.1f %%\n", name, reached, 100.0 * (double)reached / (double)c->bound);
    fflush(stdout);
    return reached > c->bound ? 1 : 0;
}

/* Returns  how many adversaries exceed the bound. */
static size_t adversaries_play(const contest *c, uint64_t seed) {
    rounds best;
    size_t exceeding = 0;
    printf("  %-34s %12zu\n", "bound", c->bound);
    exceeding += row_print(c, "rounds that leave holes", rounds_reach(c));
    exceeding += row_print(c, "blocks that shrink", shrinking_reach(c));
    exceeding += row_print(c, "Robson's program", robson_reach(c));
    exceeding += row_print(c, "stairs of rounds", stairs_reach(c));
    size_t reached = random_reach(c, seed, RANDOM_TRIES, &best);
    exceeding += row_print(c, "the best of random rounds", reached);
    reached = climbing_reach(c, seed, CLIMBING_TRIES, &best, reached);
    exceeding += row_print(c, "and after climbing", reached);
    return exceeding;
}

/* ---- the heaps ---------------------------------------------------------------------- */

/* Bytes that the default heap keeps for itself, planned for a region of this size. */
static size_t default_kept(size_t bytes) {
    const size_t region = bytes + tlsf_size() + tlsf_pool_overhead();
    void *memory = malloc(region);
    tlsf_t t = tlsf_create_sized(memory, region, 0);
    tlsf_stats_t stats = {0};
    if (t != NULL) {
        tlsf_stats(t, &stats);
    }
    free(memory);
    return region - stats.pool_bytes;
}

static size_t default_attack(const wanted *w) {
    const contest c = {&default_heap, w->limits, bound_of_default(&w->limits, 1)};
    printf("\nThe default heap, bytes of blocks in one pool; it keeps %zu more for itself\n",
           default_kept(c.bound));
    return adversaries_play(&c, w->seed);
}

static size_t bounded_attack(const wanted *w) {
    const contest c = {&bounded_heap_kind, w->limits, bound_of_bounded(&w->limits)};
    if (c.bound == 0) {
        printf("\nThe bounded heap has no plan for such sizes\n");
        return 0;
    }
    printf("\nThe bounded heap, bytes of the region, all that it keeps included\n");
    return adversaries_play(&c, w->seed);
}

int main(int count, char **arguments) {
    const wanted w = wanted_read(count, arguments);
    printf("M = %zu, m = %zu, n = %zu, B = %zu", w.limits.live, w.limits.smallest, w.limits.largest,
           w.limits.blocks);
    printf(", A = %zu; outer sizes. Seed %llu.\n", w.limits.align, (unsigned long long)w.seed);
    const size_t exceeding = default_attack(&w) + bounded_attack(&w);
    if (exceeding > 0) {
        printf("\nFAILED: %zu adversaries exceed a bound\n", exceeding);
    }
    return exceeding > 0 ? 1 : 0;
}
