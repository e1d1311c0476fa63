/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of the FreeRTOS interface that ports/freertos uses. A test plays the kernel. */
#ifndef MOCK_FREERTOS_H
#define MOCK_FREERTOS_H

typedef long BaseType_t;
typedef unsigned long UBaseType_t;

#endif
