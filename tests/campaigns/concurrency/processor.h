/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulated processor with interrupts. It runs a function one x86-64 instruction at a time.
 * Before each instruction it can take an interrupt, unless interrupts are masked. The masks are
 * those of the mocked FreeRTOS, which processor.c plays: the critical section of tasks, and the
 * mask that interrupts set and restore.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdbool.h>
#include <stddef.h>

#define NEVER ((size_t)-1)

typedef struct {
    size_t open;        /* points at which the run can take an interrupt */
    size_t masked;      /* points at which interrupts are masked; counted if the plan sees_masked */
    size_t locks;       /* critical sections entered */
    bool is_taken;      /* the run took its interrupt */
    size_t locks_first; /* of `locks`, those before the run took the interrupt */
    bool is_unbalanced; /* a critical section was left but not entered, or entered twice,
                           or not left at the end */
} processor_run;

typedef struct {
    void (*call)(void *argument);
    void (*interrupt)(void *argument);
    void *argument;
    bool is_in_interrupt; /* `call` runs in an interrupt, which another interrupt can interrupt */
    bool sees_masked;     /* also steps where interrupts are masked, and counts those points */
    bool ignores_masks;   /* the control: takes the interrupt where interrupts are masked */
    size_t at;            /* takes the interrupt before the point of this number, counted among
                             the open points, or with ignores_masks among the masked; or NEVER */
} processor_plan;

/* Runs plan->call in single steps, with at most one interrupt. */
processor_run processor_step_through(const processor_plan *plan);

/* Runs `call` without interrupts, and counts its locks. */
processor_run processor_run_alone(void (*call)(void *), void *argument, bool is_in_interrupt);

/* Returns whether interrupts are masked now. */
bool processor_is_masked(void);

#endif
