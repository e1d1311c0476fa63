/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* fmemory_pool.h of the FreeRTOS SDK: the one of fmemp, with a lock. Sources of the SDK expect that
 * it brings in these headers of the kernel. */
#ifndef FMEMORY_POOL_OF_SDK_H
#define FMEMORY_POOL_OF_SDK_H

#include "FreeRTOS.h"
#include "event_groups.h"
#include "semphr.h"

#define FMEMP_SDK 1
#define FMEMP_LOCK 1

#include "include/fmemory_pool.h"

#endif
