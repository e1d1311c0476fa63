/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drives a model heap with a request stream.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "model.h"
#include "stream.h"

/* How much is verified. Each request verifies its result, what all O(1) calls return, and both ends
 * of its block. */
typedef struct {
    size_t steps_between_walks;   /* tlsf_check, and a comparison of a walk with the model */
    size_t steps_between_content; /* every byte of every live block */
    size_t always_walked;         /* up to this many blocks: a walk after each request */
} drive_care;

extern const drive_care drive_walks_always; /* and verifies the content every 64 steps */
extern const drive_care drive_walks_rarely; /* every 64 and 256 steps; up to 16 blocks always */

/* Sends one request, and verifies the heap after it. A request for a new block in a slot that has a
 * block frees that block first. */
void drive_request(model *m, const request *r, const drive_care *care);

/* Sends all requests that the bytes decode to, and verifies everything after each. */
void drive_bytes(model *m, const uint8_t *bytes, size_t count);

/* Makes the heap that the bytes begin with, sends their requests, and ends the heap.
 * Returns the number of requests. */
size_t drive_stream(const model_calls *calls, void *user, const drive_care *care,
                    const uint8_t *bytes, size_t count);

#endif
