/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of SEGGER_SYSVIEW.h with the heap events, which have the parameters of the original. */
#ifndef SEGGER_SYSVIEW_H
#define SEGGER_SYSVIEW_H

#include "sink_calls.h"

static inline void SEGGER_SYSVIEW_HeapDefine(void *pHeap, void *pBase, unsigned HeapSize,
                                             unsigned MetadataSize) {
    (void)MetadataSize;
    sink_called("define", pHeap, pBase, HeapSize);
}

static inline void SEGGER_SYSVIEW_HeapAlloc(void *pHeap, void *pUserData, unsigned UserDataLen) {
    sink_called("malloc", pHeap, pUserData, UserDataLen);
}

static inline void SEGGER_SYSVIEW_HeapFree(void *pHeap, void *pUserData) {
    sink_called("free", pHeap, pUserData, 0);
}

#endif
