/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "environment.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <tlsf_config.h>

#ifdef __clang__
#define COMPILER "clang"
#else
#define COMPILER "gcc"
#endif

/* The processor's name as the kernel knows it, else an empty text. */
static void processor_name(char *name, size_t bytes) {
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    *name = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            snprintf(name, bytes, ", %.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

void environment_print(void) {
    struct utsname kernel;
    char processor[256];
    processor_name(processor, sizeof processor);
    if (uname(&kernel) == 0) {
        printf("machine   %s%s, %s %s\n", kernel.machine, processor, kernel.sysname,
               kernel.release);
    }
    printf("compiler  " COMPILER " " __VERSION__ ", %s\n", BENCH_COMPILER_OPTIONS);
    printf("options   layout %s, granule %d, second-level bits %d, look-ahead %d, hardening %d, "
           "statistics %d\n",
           TLSF_LAYOUT == TLSF_WIDE ? "wide" : "compact", TLSF_GRANULE, TLSF_SL_BITS,
           TLSF_LOOK_AHEAD, TLSF_HARDENING, TLSF_STATISTICS);
}
