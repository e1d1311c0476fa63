/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of lock ports need from a processor: its interrupt masks, and interrupts from a
 * timer. One file here for each processor.
 */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

/* Every bit that masks interrupts, of all registers that have one. */
uintptr_t masks_read(void);
void masks_write(uintptr_t masks);

/* What a program may have masked, each alone or with others. The first is: nothing. */
extern const uintptr_t masks_states[];
extern const unsigned masks_state_count;

/* Begins to interrupt this core: after `instructions`, which may be any small number, interrupt()
 * is called. It calls timer_set for the next one. */
void timer_begin(void);
void timer_set(uint32_t instructions);
void interrupt(void);

/* Lets interrupts in while interrupt() runs, and ends that. */
void interrupts_nest(void);
void interrupts_nest_end(void);

/* The second core, if the image is built for two, runs second_main(). */
unsigned core_number(void);
void core_begin(void);
void second_main(void);

/* ---- for the model of a kernel -------------------------------------------------------- */

/* The mask of the kernel: interrupts that may call it. */
uintptr_t kernel_mask_read(void);
void kernel_mask_raise(void);
void kernel_mask_write(uintptr_t mask);

#endif
