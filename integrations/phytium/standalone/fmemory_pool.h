/* SPDX-License-Identifier: BSD-3-Clause */
/* fmemory_pool.h of the standalone SDK: the one of fmemp. */
#ifndef FMEMORY_POOL_OF_SDK_H
#define FMEMORY_POOL_OF_SDK_H

#define FMEMP_SDK 1

#include "include/fmemory_pool.h"

#endif
