/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A fuzz target: one function that takes any bytes, behind the entry that libFuzzer and AFL++
 * call. Random loads (soak.c) and replay (replay.c) call the same entry.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

/* FUZZ_CARE: how much the model verifies, see drive.h. */
#ifndef FUZZ_CARE
#define FUZZ_CARE drive_walks_always
#endif

/* Decodes the bytes and does what they say, each target in its own way. Ends the program when
 * something happens that must not.
 * Returns the number of requests. */
size_t target_run(const uint8_t *bytes, size_t count);

/* Percent of a random load's requests that overwrite metadata: more than 0 where the target does. */
extern const unsigned target_corrupting;

/* The entry. Adds the requests to the count. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* The requests done since the count was made, by all processes that share it: the file that the
 * environment variable FMEMP_FUZZ_COUNT names, or else this process alone. */
uint64_t target_requests(void);

#endif
