/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * FatFs's working buffers on a pool of yours, for FF_USE_LFN 3: it takes the place of ffsystem.c's
 * two functions. Unverified: FatFs itself was not run.
 */
#include <ff.h>
#include <fmemory_pool.h>

#if FF_USE_LFN != 3
#error "FatFs allocates only with FF_USE_LFN 3"
#endif

/* The program defines it, and initialises it before it mounts. */
extern FMemp ff_memp;

void *ff_memalloc(UINT msize) { return FMempMalloc(&ff_memp, msize); }

void ff_memfree(void *mblock) { FMempFree(&ff_memp, mblock); }
