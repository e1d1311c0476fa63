/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A fuzz target: one function that takes any bytes, behind the entry that libFuzzer and AFL++
 * call. Random loads (soak.c) and replay (replay.c) call the same entry.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stddef.h>
#include <stdint.h>

/* FUZZ_CARE: how much the model verifies. See drive.h. */
#ifndef FUZZ_CARE
#define FUZZ_CARE drive_walks_always
#endif

/* Decodes the bytes and makes their requests, each target in its own way. Ends the program if
 * something forbidden happens.
 * Returns  the number of requests. */
size_t target_run(const uint8_t *bytes, size_t count);

/* Percent of requests in a random load that overwrite metadata; 0 if the target never does. */
extern const unsigned target_corrupting;

/* The entry of a fuzzer. Adds the requests to the count. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* Returns the number of requests in the count. All processes share it that map the file which the
 * environment variable FMEMP_FUZZ_COUNT names. Without that variable this process counts alone. */
uint64_t target_requests(void);

#endif
