/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SERVE_BOUNDED_H
#define SERVE_BOUNDED_H

#include "server.h"

/* The bytes of the smallest and the largest request that a bounded heap is planned for. */
typedef struct {
    size_t smallest;
    size_t largest;
} bounded_requests;

bounded_requests bounded_requests_of(const load *served);

extern serve_function serve_with_bounded;

#endif
