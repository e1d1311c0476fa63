/* SPDX-License-Identifier: BSD-3-Clause */
/* The allocators of a process: the C library's, and those of Debian's packages, loaded beside
 * each other. One is called at a time, through the table `calls`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    void *(*malloc)(size_t size);
    void *(*calloc)(size_t count, size_t size);
    void *(*memalign)(size_t align, size_t size);
    void *(*realloc)(void *ptr, size_t size);
    void (*free)(void *ptr);
} process_calls;

static process_calls calls;

static inline void *call_malloc(size_t size) { return calls.malloc(size); }

static inline void *call_calloc(size_t size) { return calls.calloc(1, size); }

static inline void *call_memalign(size_t align, size_t size) { return calls.memalign(align, size); }

static inline void *call_realloc(void *ptr, size_t size) { return calls.realloc(ptr, size); }

static inline void call_free(void *ptr) { calls.free(ptr); }

#include "timed_calls.h"

/* The C library keeps the memory that it has once had from the kernel, as a pool does, so that
 * page faults count for neither. */
static bool libc_begin(void *region, size_t bytes) {
    static bool is_set;
    (void)region;
    (void)bytes;
    if (!is_set) {
        is_set = mallopt(M_MMAP_MAX, 0) == 1 && mallopt(M_TRIM_THRESHOLD, -1) == 1;
    }
    calls = (process_calls){malloc, calloc, memalign, realloc, free};
    return is_set;
}

typedef struct {
    const char *library;
    const char *prefix; /* of its functions */
    process_calls calls;
} loaded_library;

static loaded_library jemalloc = {.library = "libjemalloc.so.2", .prefix = ""};
static loaded_library mimalloc = {.library = "libmimalloc.so.2", .prefix = "mi_"};
static loaded_library tcmalloc = {.library = "libtcmalloc_minimal.so.4", .prefix = "tc_"};

static bool loaded_begin(const loaded_library *chosen) {
    calls = chosen->calls;
    return calls.malloc != NULL;
}

static bool jemalloc_begin(void *region, size_t bytes) {
    (void)region;
    (void)bytes;
    return loaded_begin(&jemalloc);
}

static bool mimalloc_begin(void *region, size_t bytes) {
    (void)region;
    (void)bytes;
    return loaded_begin(&mimalloc);
}

static bool tcmalloc_begin(void *region, size_t bytes) {
    (void)region;
    (void)bytes;
    return loaded_begin(&tcmalloc);
}

const allocator libc_allocator = {.name = "glibc", .begin = libc_begin, TIMED_CALLS};
const allocator jemalloc_allocator = {.name = "jemalloc", .begin = jemalloc_begin, TIMED_CALLS};
const allocator mimalloc_allocator = {.name = "mimalloc", .begin = mimalloc_begin, TIMED_CALLS};
const allocator tcmalloc_allocator = {.name = "tcmalloc", .begin = tcmalloc_begin, TIMED_CALLS};

/* ---- loading ------------------------------------------------------------------------------ */

/* Copies the address of a function to a pointer to it. Returns false when there is none. */
static bool function_find(void *handle, const char *prefix, const char *name, void *pointer) {
    char symbol[32];
    snprintf(symbol, sizeof symbol, "%s%s", prefix, name);
    void *address = dlsym(handle, symbol);
    memcpy(pointer, &address, sizeof address);
    return address != NULL;
}

static bool library_load(loaded_library *loaded) {
    void *handle = dlopen(loaded->library, RTLD_LOCAL | RTLD_NOW);
    const char *prefix = loaded->prefix;
    return handle != NULL && function_find(handle, prefix, "malloc", &loaded->calls.malloc) &&
           function_find(handle, prefix, "calloc", &loaded->calls.calloc) &&
           function_find(handle, prefix, "memalign", &loaded->calls.memalign) &&
           function_find(handle, prefix, "realloc", &loaded->calls.realloc) &&
           function_find(handle, prefix, "free", &loaded->calls.free);
}

/* The loader keeps little room for the thread-local variables of libraries that are loaded late,
 * and takes notice of a wish for more at the start of a program alone. */
static void loader_room_make(char **argv) {
    static const char wish[] = "glibc.rtld.optional_static_tls=65536";
    const char *wishes = getenv("GLIBC_TUNABLES");
    if (wishes == NULL || strcmp(wishes, wish) != 0) {
        setenv("GLIBC_TUNABLES", wish, 1);
        execv("/proc/self/exe", argv);
    }
}

const char *allocators_load(char **argv) {
    static loaded_library *const libraries[] = {&jemalloc, &mimalloc, &tcmalloc};
    static char message[256];
    loader_room_make(argv);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        if (!library_load(libraries[i])) {
            snprintf(message, sizeof message, "%s cannot be loaded: %s (tools/install bench)",
                     libraries[i]->library, dlerror());
            return message;
        }
    }
    return NULL;
}
