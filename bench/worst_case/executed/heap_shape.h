/* SPDX-License-Identifier: BSD-3-Clause */
/* The heaps among which a maximum must be the same. */
#ifndef HEAP_SHAPE_H
#define HEAP_SHAPE_H

#include <stddef.h>

typedef struct {
    size_t pool_bytes;  /* control structure included */
    size_t live_blocks; /* beside the few that a call is made among */
} heap_shape;

#endif
