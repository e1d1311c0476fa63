/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * littlefs's buffers on a pool of yours. Compile littlefs with -DLFS_DEFINES=lfs_fmemp.h (2.11).
 * Unverified: littlefs itself was not run.
 */
#ifndef LFS_FMEMP_H
#define LFS_FMEMP_H

#include <fmemory_pool.h>

/* The program defines it, and initialises it before littlefs mounts. */
extern FMemp lfs_memp;

/* littlefs wants its buffers at multiples of 8. */
_Static_assert(TLSF_GRANULE >= 8, "compile with TLSF_GRANULE 8 or more");

#define LFS_MALLOC(sz) FMempMalloc(&lfs_memp, sz)
#define LFS_FREE(p) FMempFree(&lfs_memp, p)

#endif
