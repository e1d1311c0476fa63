/* SPDX-License-Identifier: BSD-3-Clause */
/* What the README's lines need of the kernel. */
#ifndef FREERTOS_H
#define FREERTOS_H

#include <stddef.h>

typedef long BaseType_t;

void *pvPortMalloc(size_t bytes);
void vPortFree(void *ptr);

#endif
