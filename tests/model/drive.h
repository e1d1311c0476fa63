/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drives a model heap by a request stream.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "model.h"
#include "stream.h"

/* How much is verified. After each request always: its result, the answers of O(1) calls, and
 * both ends of its block. */
typedef struct {
    size_t steps_between_walks;   /* tlsf_check, and a walk compared with the model */
    size_t steps_between_content; /* every byte of every live block */
    size_t always_walked;         /* walks heaps of up to so many blocks after each request */
} drive_care;

extern const drive_care drive_walks_always; /* and compares the content every 64 steps */
extern const drive_care drive_walks_rarely; /* every 64 and 256 steps; always for up to 16 blocks */

/* Makes one request, and verifies the heap after it. A request for a new block first frees the
 * block of its slot. */
void drive_request(model *m, const request *r, const drive_care *care);

/* Makes all requests of the bytes, and verifies everything after each. */
void drive_bytes(model *m, const uint8_t *bytes, size_t count);

/* Makes the heap that the bytes describe, makes their requests, and ends the heap. Returns the
 * number of requests. */
size_t drive_stream(const model_calls *calls, void *user, const drive_care *care,
                    const uint8_t *bytes, size_t count);

#endif
