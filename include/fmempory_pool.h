/* SPDX-License-Identifier: BSD-3-Clause */
/* The spelling of fmemory_pool.h that some of the vendor's documents use. */
#ifndef FMEMPORY_POOL_H
#define FMEMPORY_POOL_H

#include "fmemory_pool.h"

#endif
