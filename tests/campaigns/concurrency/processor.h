/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A processor with interrupts, simulated: a function is run one x86-64 instruction at a time, and
 * before each of them an interrupt can be taken, unless interrupts are masked. The masks are those
 * of the mocked FreeRTOS, which processor.c plays: the critical section of tasks, and the mask that
 * interrupts set and restore.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

#define NEVER ((size_t)-1)

typedef struct {
    size_t open;        /* points at which an interrupt could be taken */
    size_t masked;      /* points at which it was held off; counted by a run that looks at all */
    size_t locks;       /* critical sections that were entered */
    bool is_taken;      /* the interrupt was */
    bool was_locked;    /* a critical section had been entered before it was */
    bool is_unbalanced; /* a critical section was left that was not entered, or entered twice, or
                           not left at the end */
} processor_run;

typedef struct {
    void (*call)(void *argument);
    void (*interrupt)(void *argument);
    void *argument;
    bool is_in_interrupt; /* `call` is one of an interrupt, which another one can interrupt */
    bool sees_masked;     /* steps where interrupts are masked, too, so as to count those points */
    bool ignores_masks;   /* the control: takes the interrupt even where it is masked */
    size_t at;            /* the point before which the interrupt is taken: its number among the
                             open ones, or with ignores_masks among the masked ones; or NEVER */
} processor_plan;

/* Runs plan->call, interrupted once at most. */
processor_run processor_step_through(const processor_plan *plan);

/* Runs `call` without interrupts; counts its locks. */
processor_run processor_run_alone(void (*call)(void *), void *argument, bool is_in_interrupt);

/* Whether interrupts are masked now. */
bool processor_is_masked(void);

#endif
