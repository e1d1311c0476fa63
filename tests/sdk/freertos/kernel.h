/* SPDX-License-Identifier: BSD-3-Clause */
/* The processor and the kernel under the consumers of the FreeRTOS flavour. */
#ifndef KERNEL_H
#define KERNEL_H

/* From here on a task runs. */
void kernel_start(void);

/* Consumers of this flavour alone. */
int kernel_is_not_called(void);
int interrupts_before_scheduler(void);
int fatfs_volume_lock(void);
int interrupts_in_task(void);

#endif
