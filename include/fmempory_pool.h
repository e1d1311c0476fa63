/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* fmempory_pool.h: the name that some of the vendor's documents give to fmemory_pool.h. */
#ifndef FMEMPORY_POOL_H
#define FMEMPORY_POOL_H

#include "fmemory_pool.h"

#endif
