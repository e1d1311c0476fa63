/* SPDX-License-Identifier: BSD-3-Clause */
/* An allocator that is loaded as a shared library, beside others. Compiled once for each.
 *   LOADED_ALLOCATOR  the allocator's identifier
 *   LOADED_NAME       its name in reports
 *   LOADED_LIBRARY    the library
 *   LOADED_PREFIX     the prefix of the name of its malloc */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "process_calls.h"

/* Stores the address of a function in *pointer. Returns false when the library has none of that
 * name. */
static bool function_find(void *library, const char *name, void *pointer) {
    void *address = dlsym(library, name);
    memcpy(pointer, &address, sizeof address);
    return address != NULL;
}

/* Returns NULL, or the reason for failing. */
static const char *library_load(void) {
    static char message[256];
    void *library = dlopen(LOADED_LIBRARY, RTLD_LOCAL | RTLD_NOW);
    if (library != NULL && function_find(library, LOADED_PREFIX "malloc", &calls.malloc) &&
        function_find(library, LOADED_PREFIX "calloc", &calls.calloc) &&
        function_find(library, LOADED_PREFIX "memalign", &calls.memalign) &&
        function_find(library, LOADED_PREFIX "realloc", &calls.realloc) &&
        function_find(library, LOADED_PREFIX "free", &calls.free)) {
        return NULL;
    }
    snprintf(message, sizeof message, "%s (tools/install bench gets it)", dlerror());
    return message;
}

static bool begin(void *region, size_t bytes) {
    (void)region;
    (void)bytes;
    return calls.free != NULL;
}

const allocator LOADED_ALLOCATOR = {
    .name = LOADED_NAME, .load = library_load, .begin = begin, TIMED_CALLS};
