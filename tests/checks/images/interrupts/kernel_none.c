/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernel.h"

void kernel_scheduler_begin(void) {}
void kernel_section_begin(void) {}
void kernel_section_end(void) {}
uintptr_t kernel_depth(void) { return 0; }
const unsigned kernel_depth_max = 0;
