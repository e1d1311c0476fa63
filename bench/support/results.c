/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "results.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <tlsf_config.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* The kernel's name of the processor; an empty text when there is none. */
static const char *processor_name(void) {
    static char name[256];
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    name[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
            snprintf(name, sizeof name, "%.*s", (int)strcspn(colon + 2, "\"\\\n"), colon + 2);
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return name;
}

static const char *layout_name(void) { return TLSF_LAYOUT == TLSF_WIDE ? "wide" : "compact"; }

void environment_print(void) {
    struct utsname kernel = {0};
    uname(&kernel);
    printf("commit    %s\n", commit_name);
    printf("machine   %s, %s, %s %s\n", kernel.machine, processor_name(), kernel.sysname,
           kernel.release);
    printf("compiler  " COMPILER ", %s\n", BENCH_COMPILER_OPTIONS);
    printf("options   layout %s, granule %d, second-level bits %d, look-ahead %d, pending %d, "
           "hardening %d, "
           "statistics %d\n",
           layout_name(), TLSF_GRANULE, TLSF_SL_BITS, TLSF_LOOK_AHEAD, TLSF_PENDING, TLSF_HARDENING,
           TLSF_STATISTICS);
}

FILE *results_open(const char *path) {
    struct utsname kernel = {0};
    FILE *results = fopen(path, "w");
    if (results == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return NULL;
    }
    uname(&kernel);
    fprintf(results,
            "{\"schema\": 1,\n\"machine\": {\"architecture\": \"%s\", \"processor\": \"%s\", "
            "\"kernel\": \"%s %s\"},\n\"compiler\": \"%s, %s\",\n\"commit\": \"%s\",\n",
            kernel.machine, processor_name(), kernel.sysname, kernel.release, COMPILER,
            BENCH_COMPILER_OPTIONS, commit_name);
    fprintf(results,
            "\"options\": {\"layout\": \"%s\", \"granule\": %d, \"sl_bits\": %d, "
            "\"look_ahead\": %d, \"pending\": %d, \"hardening\": %d, \"statistics\": "
            "%d},\n\"records\": [",
            layout_name(), TLSF_GRANULE, TLSF_SL_BITS, TLSF_LOOK_AHEAD, TLSF_PENDING,
            TLSF_HARDENING, TLSF_STATISTICS);
    return results;
}

void record_begin(FILE *results) {
    static FILE *begun;
    fputs(begun == results ? ",\n" : "\n", results);
    begun = results;
}

bool results_close(FILE *results, const char *path) {
    if (results == NULL) {
        return true;
    }
    fputs("\n]}\n", results);
    bool is_written = ferror(results) == 0;
    is_written &= fclose(results) == 0;
    if (!is_written) {
        fprintf(stderr, "%s: could not be written\n", path);
    }
    return is_written;
}

void progress_print(const char *program, size_t number, size_t count, const char *what) {
    fprintf(stderr, "%s %zu/%zu %s\n", program, number, count, what);
}
