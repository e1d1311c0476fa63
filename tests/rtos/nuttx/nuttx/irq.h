/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NUTTX_IRQ_H
#define NUTTX_IRQ_H

typedef unsigned irqstate_t;
irqstate_t enter_critical_section(void);
void leave_critical_section(irqstate_t flags);

#endif
