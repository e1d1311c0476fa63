/* SPDX-License-Identifier: BSD-3-Clause */
/* What a test sees of the kernel's model, and sets. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "FreeRTOS.h"

typedef struct {
    const void *block;
    size_t size;
    bool was_locked;
} kernel_event;

struct kernel {
    UBaseType_t mask;         /* of interrupts; 0 is open */
    unsigned suspensions;     /* vTaskSuspendAll that were not resumed */
    unsigned masked_times;    /* how often interrupts were masked, */
    unsigned suspended_times; /* and the scheduler suspended */
    unsigned assertions;      /* that were false */
    unsigned failures;        /* calls of the failure hook, */
    unsigned locked_failures; /* and of these with something locked */
    unsigned mallocs, frees;  /* traced, and the last of each */
    kernel_event malloc, free;
    void (*interrupt)(void); /* runs whenever interrupts are open again; NULL: none comes */
};
extern struct kernel kernel;

#define KERNEL_MASK 0x50U

/* Nothing is locked, counted or set. */
void kernel_reset(void);

/* Whether the heap's lock is held: whatever of the two it takes. */
bool kernel_is_locked(void);

#endif
