/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RT_HW_H
#define RT_HW_H

#include "rtthread.h"

rt_base_t rt_hw_interrupt_disable(void);
void rt_hw_interrupt_enable(rt_base_t level);

#endif
