/* SPDX-License-Identifier: BSD-3-Clause */
/* What recipes/fatfs.c needs of FatFs, declared by ourselves. It is no FatFs. */
#ifndef FF_H
#define FF_H

#define FF_USE_LFN 3

typedef unsigned int UINT;

void *ff_memalloc(UINT msize);
void ff_memfree(void *mblock);

#endif
