/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tries every sequence of operations on a tiny heap: each operation in each state, and each state
 * once (world.h). It goes breadth first, so that it reports a finding by a shortest sequence.
 *
 * Without a limit of depth the run ends when no operation leads to a new state. Then it has tried
 * every sequence of any length.
 *
 * Last line: figures as name=value. Status 0: nothing found; 1: a finding; 2: wrong arguments.
 * With --smallest alone, it prints the granules of the smallest block.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "mistakes.h"
#include "states.h"
#include "world.h"

enum { PROGRESS_STEPS = 1 << 18 };

static uint32_t current_state = STATES_START;
static const operation *current_operation;

static uint64_t steps, mistakes;
static uint64_t reached[OPERATION_KINDS][OUTCOMES];
static uint32_t deepest;

/* ---- findings ----------------------------------------------------------------------- */

void finding(const char *format, ...) {
    va_list arguments;
    unsigned before = 0;
    printf("FINDING: ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    if (current_state != STATES_START) {
        before = states_print_path(stdout, current_state);
    }
    if (current_operation != NULL) {
        printf("  %2u  ", before + 1);
        operation_print(stdout, current_operation);
        printf("\n");
    }
    exit(1);
}

/* ---- exploring ---------------------------------------------------------------------- */

static void meet(const scope *s, uint8_t *buffer, operation by, uint32_t depth) {
    world_normalise(s);
    world_save(buffer);
    states_meet(buffer, current_state, by, depth);
}

static void try_operations(const scope *s, const moment *before, uint8_t *buffer, uint32_t depth) {
    static operation operations[OPERATIONS_MAX];
    const unsigned count = operations_list(s, operations);
    for (unsigned i = 0; i < count; i++) {
        world_load(before->saved);
        current_operation = &operations[i];
        reached[operations[i].kind][step_take(before, &operations[i])]++;
        meet(s, buffer, operations[i], depth + 1);
        current_operation = NULL;
        if (++steps % PROGRESS_STEPS == 0) {
            printf("progress steps=%" PRIu64 " states=%" PRIu32 "\n", steps, states_count());
            fflush(stdout);
        }
    }
}

/* Returns whether the run ended before it reached the limit of depth. */
static bool explore(const scope *s) {
    const operation none = {OPERATION_KINDS, 0, 0, 0};
    uint8_t *saved = malloc(world_bytes());
    uint8_t *buffer = malloc(world_bytes());
    static moment before;
    uint32_t depth = 0;
    bool is_closed = true;
    REQUIRE(saved != NULL && buffer != NULL);
    states_prepare(world_bytes());
    meet(s, buffer, none, 0);
    while (states_next(saved, &current_state, &depth)) {
        world_load(saved);
        moment_take(&before, saved);
        mistakes += mistakes_take(&before, s);
        deepest = depth;
        if (depth < s->depth) {
            try_operations(s, &before, buffer, depth);
        } else {
            is_closed = false;
        }
    }
    free(saved);
    free(buffer);
    return is_closed;
}

static void print_figures(bool is_closed) {
    printf("figures steps=%" PRIu64 " states=%" PRIu32 " depth=%" PRIu32
           " closed=%d mistakes=%" PRIu64,
           steps, states_count(), deepest, is_closed, mistakes);
    for (unsigned kind = 0; kind < OPERATION_KINDS; kind++) {
        for (unsigned i = 0; i < OUTCOMES; i++) {
            if (reached[kind][i] != 0) {
                printf(" %s.%s=%" PRIu64, operation_name(kind), outcome_name(i), reached[kind][i]);
            }
        }
    }
    printf("\n");
}

int main(int count, char **arguments) {
    if (count == 2 && strcmp(arguments[1], "--smallest") == 0) {
        printf("%zu\n", outer_needed(0) / tlsf_align_size());
        return 0;
    }
    const scope s = scope_of_arguments(count, arguments);
    world_make(&s);
    mistakes_watch();
    operations_prepare(&s);
    print_figures(explore(&s));
    return 0;
}
