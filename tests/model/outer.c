/* SPDX-License-Identifier: BSD-3-Clause */
#include "outer.h"

#include "support/internals.h"

size_t model_outer_of(const void *ptr) { return size_bytes(block_size(block_of_payload(ptr))); }
