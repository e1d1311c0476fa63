/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of FreeRTOS.h with the two macros of its heaps, as a recorder would define them. */
#ifndef FREERTOS_H
#define FREERTOS_H

#include "sink_calls.h"

#define traceMALLOC(pvAddress, uiSize) sink_called("malloc", NULL, (pvAddress), (uiSize))
#define traceFREE(pvAddress, uiSize) sink_called("free", NULL, (pvAddress), (uiSize))

#endif
