/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drives a model heap by a request stream.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "model.h"
#include "stream.h"

/* Does one request, and verifies the heap after it. A request for a new block in a slot that
 * has one frees that first. */
void drive_request(model *m, const request *r);

/* Does all requests that the bytes decode to. */
void drive_bytes(model *m, const uint8_t *bytes, size_t count);

#endif
