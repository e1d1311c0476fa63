/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* fmemory_pool.h of the standalone SDK: the one of fmemp. FMempMallocAlign zeroes, as there. */
#ifndef FMEMORY_POOL_OF_SDK_H
#define FMEMORY_POOL_OF_SDK_H

#define FMEMP_SDK 1
#ifndef FMEMP_MALLOC_ALIGN_ZEROES
#define FMEMP_MALLOC_ALIGN_ZEROES 1
#endif

#include "include/fmemory_pool.h"

#endif
