/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a target on random loads of every profile in turn, with no fuzzer and no coverage: many
 * requests in little time.
 *
 *   soak_TARGET SEED REQUESTS SECONDS FOLDER
 *
 * It ends when the shared count (target.h) has reached REQUESTS, or after SECONDS. If an input
 * crashes the program, the program leaves that input in FOLDER for replay.
 */
#define _DEFAULT_SOURCE /* raise, alarm */

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/profiles.h"
#include "target.h"

enum { INPUT_BYTES = 1 << 14, SECONDS_PER_INPUT = 60 };

static uint8_t input[INPUT_BYTES];
static size_t input_bytes;
static char finding[4096]; /* where an input goes that crashes the program */

/* Async-signal-safe: the heap under test may be in any state. */
static void keep_input(int number) {
    const int file = open(finding, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file >= 0 && write(file, input, input_bytes) == (ssize_t)input_bytes) {
        close(file);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_ends(void) {
    const int ends[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGALRM};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        signal(ends[i], keep_input);
    }
}

/* Replaces some of the bytes, for requests that no profile makes. */
static void disturb(random_source *source) {
    const size_t count = random_below(source, 40);
    for (size_t i = 0; i < count; i++) {
        input[random_below(source, input_bytes)] = (uint8_t)(random_bits(source) & 0xFFu);
    }
}

static void run_one(random_source *source, size_t number) {
    const size_t most = random_below(source, 4) == 0 ? INPUT_BYTES : INPUT_BYTES / 16;
    input_bytes =
        profile_stream(source, &profiles[number % PROFILES], target_corrupting, input, most);
    disturb(source);
    alarm(SECONDS_PER_INPUT);
    LLVMFuzzerTestOneInput(input, input_bytes);
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "usage: soak SEED REQUESTS SECONDS FOLDER\n");
        return 2;
    }
    const uint64_t seed = strtoull(arguments[1], NULL, 0);
    const uint64_t requests = strtoull(arguments[2], NULL, 0);
    const time_t end = time(NULL) + (time_t)strtoull(arguments[3], NULL, 0);
    random_source source = random_from(seed);
    snprintf(finding, sizeof(finding), "%s/soak-%" PRIu64, arguments[4], seed);
    catch_ends();
    for (size_t number = 0; target_requests() < requests && time(NULL) < end; number++) {
        run_one(&source, number);
    }
    return 0;
}
