/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the models of recorders note what they are told. */
#ifndef SINK_CALLS_H
#define SINK_CALLS_H

#include <stddef.h>

void sink_called(const char *what, const void *owner, const void *address, size_t size);

#endif
