/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one thing that the model asks the inside of the library, and not its interface.
 */
#ifndef MODEL_OUTER_H
#define MODEL_OUTER_H

#include <stddef.h>

/* The outer size of live block `ptr` in bytes. */
size_t model_outer_of(const void *ptr);

#endif
