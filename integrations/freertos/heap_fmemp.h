/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * heap_fmemp.h: FreeRTOS's heap as an FMemp. The functions of the heap are those of portable.h.
 */
#ifndef HEAP_FMEMP_H
#define HEAP_FMEMP_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined FMEMP_CALL_SITES && FMEMP_CALL_SITES
/* Only with FMEMP_CALL_SITES 1: compile lib/core, lib/fmemp and heap_fmemp.c with it. The heap, for
 * FMemListAll, FMempWalk and FMempCheck of fmemory_pool.h. They name who called pvPortMalloc for
 * each block.
 * Returns  the FMemp; not ready until the first allocation, or vPortDefineHeapRegions.
 *          Its functions do not take this heap's lock, but FMempLock: with FMEMP_LOCK=1 and
 *          ports/freertos they keep out tasks and interrupts as the heap does.
 * Time     O(1). */
struct FMemp *fmemp_freertos_pool(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
