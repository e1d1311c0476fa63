/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A task and an interrupt, or two interrupts, share an FMemp with the lock of ports/freertos. Each
 * public function runs instruction by instruction, in each state of an FMemp. At each point where
 * interrupts are not masked an interrupt calls FMemp, too. The outcome, with every byte of the
 * regions, has to be the same as if the two calls had run one after the other: the interrupt's call
 * first if the other call had not taken the lock yet, or else second. Each call takes the lock once
 * and leaves it as it was. A realloc that moves its block takes the lock twice: an interrupt
 * between its halves finds the same heap at every point, and the content is kept.
 *
 *   interrupt [stride [function]]   stride: try every stride-th pair of call and interrupt
 *                                   (default 1); function: try the calls of this function
 *                                   alone, and stop at the first failure
 *
 * The control takes the interrupt where the lock masks it: then some outcomes match neither order.
 * Last line: N passed, N failed.
 */
#define _GNU_SOURCE /* fork */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "processor.h"
#include "world.h"

enum { SECONDS_FOR_A_CONTROL = 20, SHOWN_FAILURES = 20, CONTROL_STRIDE = 8 };

static size_t passed, failed;
static bool is_first_failure_last;
static size_t calls_stepped, points_open, points_masked, interrupts_taken, interrupts_before,
    interrupts_between;
static size_t control_points, control_noticed;

static world start, call_first, interrupt_first, between;
static size_t locks_call_first, locks_interrupt_first; /* that the two calls take together */
static size_t locks_alone; /* that the call takes before the interrupt */

/* One case: a call in a state, and the interrupt. */
typedef struct {
    const world_state *state;
    const world_call *call, *interrupt;
    bool is_in_interrupt;
} pair;

static void check(bool holds, const pair *p, const char *what, size_t point) {
    passed += holds;
    failed += !holds;
    if (!holds && failed <= SHOWN_FAILURES) {
        printf("FAILED %s in %s, FMemp %s, %s by %s: point %zu: %s\n", p->call->name,
               p->is_in_interrupt ? "an interrupt" : "a task", p->state->name, "interrupted",
               p->interrupt == NULL ? "nothing" : p->interrupt->name, point, what);
    }
    if (!holds && is_first_failure_last) {
        exit(1);
    }
}

/* ---- outcomes ----------------------------------------------------------------------- */

static void world_make(const world_state *state) {
    memset(&the_world, 0, sizeof(the_world));
    memset(the_world.first, 0x5A, sizeof(the_world.first)); /* a content that does not look ready */
    state->make(&the_world);
    memcpy(&start, &the_world, sizeof(start));
}

static void world_restart(void) { memcpy(&the_world, &start, sizeof(start)); }

/* Compares bytes of padding, too: both worlds began as copies of the same world. */
static bool world_is(const world *expected) {
    return memcmp((const u8 *)&the_world, (const u8 *)expected, sizeof(the_world)) == 0;
}

/* Runs the two calls one after the other, in both orders. */
static void outcomes_find(const pair *p) {
    world_restart();
    locks_interrupt_first = processor_run_alone(p->interrupt->run, &the_world, true).locks;
    locks_interrupt_first +=
        processor_run_alone(p->call->run, &the_world, p->is_in_interrupt).locks;
    memcpy(&interrupt_first, &the_world, sizeof(the_world));
    world_restart();
    locks_alone = processor_run_alone(p->call->run, &the_world, p->is_in_interrupt).locks;
    locks_call_first = locks_alone + processor_run_alone(p->interrupt->run, &the_world, true).locks;
    memcpy(&call_first, &the_world, sizeof(the_world));
}

static processor_plan plan_for(const pair *p) {
    return (processor_plan){.call = p->call->run,
                            .interrupt = p->interrupt == NULL ? NULL : p->interrupt->run,
                            .argument = &the_world,
                            .is_in_interrupt = p->is_in_interrupt,
                            .at = NEVER};
}

/* ---- a call that nothing interrupts ------------------------------------------------- */

/* Checks that the call takes the lock once, twice if it is a realloc, and once a step if it is a
 * listing, and holds it for a part of the call. */
static void call_step_through(const pair *p) {
    processor_plan plan = plan_for(p);
    plan.sees_masked = true;
    world_restart();
    processor_run_alone(p->call->run, &the_world, p->is_in_interrupt);
    memcpy(&call_first, &the_world, sizeof(the_world));
    world_restart();
    const processor_run run = processor_step_through(&plan);
    check(world_is(&call_first), p, "single steps change the outcome", 0);
    const bool may_move = strncmp(p->call->name, "FMempRealloc", strlen("FMempRealloc")) == 0;
    const bool has_steps = strcmp(p->call->name, "FMemListAll") == 0;
    check(run.locks == 1 || (run.locks == 2 && may_move) || (run.locks > 1 && has_steps), p,
          "does not lock once", 0);
    check(!run.is_unbalanced, p, "does not unlock", 0);
    check(run.masked > 0 && run.open > 0, p, "no point is masked, or no point is open", 0);
    calls_stepped++;
    points_open += run.open;
    points_masked += run.masked;
}

/* ---- a call that is interrupted ----------------------------------------------------- */

/* An interrupt between the halves of a realloc. The first one says what the others have to find. */
static void check_between(const pair *p, const processor_run *run, size_t point, bool *is_known) {
    if (!*is_known) {
        memcpy(&between, &the_world, sizeof(the_world));
        *is_known = true;
        check(tlsf_check(the_world.memp.tlsf_ptr) == TLSF_SOUND, p, "the heap is broken", point);
    }
    check(world_is(&between), p, "the outcome depends on the point of the copy", point);
    check(run->locks > 2 && run->locks <= 4 && !run->is_unbalanced, p, "locks are not balanced",
          point);
    interrupts_between++;
}

static void check_order(const pair *p, const processor_run *run, size_t point) {
    const bool is_first = run->locks_first != 0;
    check(world_is(is_first ? &call_first : &interrupt_first), p,
          "the outcome matches neither order", point);
    check(run->locks == (is_first ? locks_call_first : locks_interrupt_first) &&
              !run->is_unbalanced,
          p, "locks are not balanced", point);
    interrupts_before += !is_first;
}

/* Interrupts the call at each open point in turn. The last run ends without an interrupt. */
static void pair_step_through(const pair *p) {
    processor_plan plan = plan_for(p);
    bool is_between_known = false;
    outcomes_find(p);
    for (plan.at = 0;; plan.at++) {
        world_restart();
        const processor_run run = processor_step_through(&plan);
        if (!run.is_taken) {
            break;
        }
        if (run.locks_first != 0 && run.locks_first < locks_alone) {
            check_between(p, &run, plan.at, &is_between_known);
        } else {
            check_order(p, &run, plan.at);
        }
        interrupts_taken++;
    }
    check(plan.at > 0, p, "was never interrupted", 0);
}

/* ---- the control -------------------------------------------------------------------- */

/* Returns whether an interrupt at a masked point shows: the outcome matches neither order, or the
 * run does not end. */
static bool control_is_noticed(processor_plan *plan, bool *was_taken) {
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS_FOR_A_CONTROL);
        world_restart();
        const processor_run run = processor_step_through(plan);
        _exit(!run.is_taken ? 2 : !world_is(&call_first) && !world_is(&interrupt_first));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        abort();
    }
    *was_taken = !WIFEXITED(status) || WEXITSTATUS(status) != 2;
    return !WIFEXITED(status) || WEXITSTATUS(status) == 1;
}

/* Takes the interrupt at every stride-th masked point. Returns at how many of them it shows. */
static size_t control_step_by(processor_plan *plan, size_t stride) {
    size_t noticed = 0;
    for (plan->at = 0;; plan->at += stride) {
        bool was_taken;
        noticed += control_is_noticed(plan, &was_taken);
        if (!was_taken) {
            return noticed;
        }
        control_points++;
    }
}

/* Takes more interrupts if none shows, as only some instructions are critical. */
static void control_step_through(const pair *p, size_t stride) {
    processor_plan plan = plan_for(p);
    plan.sees_masked = plan.ignores_masks = true;
    outcomes_find(p);
    size_t noticed = 0;
    for (; noticed == 0 && stride != 0; stride /= 2) {
        noticed = control_step_by(&plan, stride);
    }
    check(noticed > 0, p, "an interrupt while the lock is held does not show", plan.at);
    control_noticed += noticed;
}

/* ---- the whole ---------------------------------------------------------------------- */

static void pairs_of_call(pair *p, size_t stride, size_t *number) {
    for (size_t i = 0; i < world_interrupt_count; i++) {
        if ((*number)++ % stride == 0) {
            p->interrupt = &world_interrupts[i];
            pair_step_through(p);
        }
    }
    p->interrupt = NULL;
}

/* Returns whether the call is one of this function. NULL stands for any function. */
static bool call_is_of(const world_call *call, const char *function) {
    const size_t length = function == NULL ? 0 : strlen(function);
    return function == NULL || (strncmp(call->name, function, length) == 0 &&
                                (call->name[length] == '\0' || call->name[length] == ' '));
}

static void every_pair(size_t stride, const char *function) {
    size_t number = 0;
    for (size_t state = 0; state < world_state_count; state++) {
        pair p = {.state = &world_states[state]};
        world_make(p.state);
        for (size_t call = 0; call < 2 * world_call_count; call++) {
            p.call = &world_calls[call / 2];
            p.is_in_interrupt = call % 2 != 0;
            if (call_is_of(p.call, function)) {
                call_step_through(&p);
                pairs_of_call(&p, stride, &number);
            }
        }
    }
}

static const world_call *named(const world_call *table, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    abort();
}

static void every_control(size_t stride) {
    const char *const pairs[][2] = {{"FMempMalloc", "FMempMalloc"},
                                    {"FMempFree", "FMempFree"},
                                    {"FMempRealloc elsewhere", "FMempFree"},
                                    {"FMempAddRegion", "FMempAddRegion"}};
    world_make(&world_states[0]);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const pair p = {.state = &world_states[0],
                        .call = named(world_calls, world_call_count, pairs[i][0]),
                        .interrupt = named(world_interrupts, world_interrupt_count, pairs[i][1])};
        control_step_through(&p, stride);
    }
}

int main(int count, char **arguments) {
    const size_t stride = count > 1 ? strtoul(arguments[1], NULL, 10) : 1;
    if (stride == 0) {
        fprintf(stderr, "usage: interrupt [stride [function]]\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF,
                  BUFSIZ); /* an interrupt in the wrong place can end the program */
    is_first_failure_last = count > 2;
    every_pair(stride, count > 2 ? arguments[2] : NULL);
    if (count <= 2) {
        every_control(stride == 1 ? 1 : CONTROL_STRIDE);
    }
    printf("%zu calls in single steps: %zu points open, %zu masked by the lock\n", calls_stepped,
           points_open, points_masked);
    printf("%zu interrupts taken: %zu before the lock, %zu between the halves of a realloc, "
           "%zu after the lock; each outcome fits its order\n",
           interrupts_taken, interrupts_before, interrupts_between,
           interrupts_taken - interrupts_before - interrupts_between);
    printf("control, interrupts in spite of the lock: %zu taken, %zu noticed\n", control_points,
           control_noticed);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed != 0 || passed == 0;
}
