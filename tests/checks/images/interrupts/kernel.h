/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernel that the program runs under: a model (kernel/FreeRTOS.h), or none. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

/* The scheduler begins: what ran so far is a task from here on. */
void kernel_scheduler_begin(void);

/* A critical section of a task. */
void kernel_section_begin(void);
void kernel_section_end(void);

/* The depth of sections of this core. */
uintptr_t kernel_depth(void);

/* How many sections may be nested in each other; 0: there is no kernel. */
extern const unsigned kernel_depth_max;

#endif
