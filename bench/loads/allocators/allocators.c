/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocator.h"

const allocator *const all_allocators[] = {&fmemp_compact,      &fmemp_wide,
                                           &glibc_allocator,    &jemalloc_allocator,
                                           &mimalloc_allocator, &tcmalloc_allocator};

/* The loader reserves little room for thread-local variables of libraries that are loaded late.
 * It reads the setting for more at the start of a program only. */
static void loader_room_make(char **argv) {
    static const char wish[] = "glibc.rtld.optional_static_tls=65536";
    const char *wishes = getenv("GLIBC_TUNABLES");
    if (wishes == NULL || strcmp(wishes, wish) != 0) {
        setenv("GLIBC_TUNABLES", wish, 1);
        execv("/proc/self/exe", argv);
    }
}

const char *allocators_load(char **argv) {
    loader_room_make(argv);
    for (size_t i = 0; i < ALL_ALLOCATORS; i++) {
        const char *error = all_allocators[i]->load == NULL ? NULL : all_allocators[i]->load();
        if (error != NULL) {
            return error;
        }
    }
    return NULL;
}
