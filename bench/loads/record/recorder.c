/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Records the heap calls of an unmodified program into a load (load_format.h):
 *
 *     FMEMP_RECORD=loads/jq LD_PRELOAD=.../libfmemp_record.so jq . file.json
 *
 * writes loads/jq.<program>.<process id>, and one more file for every program that this one
 * starts. Without FMEMP_RECORD nothing is recorded.
 *
 * Order     One lock is held over the real call and the record of it, so the file's order is
 *           an order in which the calls of all threads did happen.
 * Start     The C library exports its allocator under second names too (__libc_malloc), so
 *           nothing has to be looked up, and a call before the first constructor is served
 *           like any other. Recording begins as soon as there is an environment to read.
 * End       The file is written through a shared mapping, so a process may end in any way,
 *           and calls made while it ends are recorded. The rest of the last window is zeros.
 * Fork      The child of a fork stops recording and touches nothing of its parent's file. A
 *           program started by exec writes a file of its own.
 * Unseen    The free of a block that was never recorded is left out; its realloc is recorded
 *           as a malloc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../load_format.h"
#include "address_table.h"

/* The C library's allocator under its second names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_memalign(size_t align, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
extern void __libc_free(void *ptr);

enum { WINDOW_BYTES = 1 << 18, PATH_BYTES = 4096 };

typedef enum { NOT_STARTED, RECORDING, STOPPED } recorder_state;

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static recorder_state state = NOT_STARTED;
static char path[PATH_BYTES];
static unsigned char *window;   /* the part of the file that is mapped */
static size_t window_used;      /* bytes of it that are written */
static off_t window_offset;     /* where it begins in the file */
static uint64_t blocks_counted; /* the number of the next block */
static address_table live_blocks;

static void recording_stop(const char *why) {
    state = STOPPED;
    dprintf(STDERR_FILENO, "fmemp recorder: %s: %s; recording stops\n", path, why);
}

/* Maps the window of the file that begins at `offset`. The file is opened for this alone: a
 * program may close every descriptor it did not open. */
static bool window_map(off_t offset, int flags) {
    int file = open(path, O_RDWR | O_CLOEXEC | flags, 0644);
    if (file < 0) {
        return false;
    }
    void *memory = MAP_FAILED;
    errno = posix_fallocate(file, offset, WINDOW_BYTES);
    if (errno == 0) {
        memory = mmap(NULL, WINDOW_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, offset);
    }
    close(file);
    if (memory == MAP_FAILED) {
        return false;
    }
    window = memory;
    window_offset = offset;
    return true;
}

/* Moves the window on, so that it begins with the page of the file that is written next. */
static bool window_advance(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t whole_pages = window_used & ~(page - 1);
    munmap(window, WINDOW_BYTES);
    window_used -= whole_pages;
    return window_map(window_offset + (off_t)whole_pages, 0);
}

/* The name of the file: prefix, program, process id. After exec of the same program in the same
 * process, a digit follows. */
static bool file_create(const char *prefix) {
    char program[PATH_BYTES] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    const char *name = length > 0 ? strrchr(program, '/') + 1 : "unknown";
    for (int attempt = 0; attempt < 10; attempt++) {
        const char more[] = {'.', (char)('0' + attempt), '\0'};
        int bytes = snprintf(path, sizeof path, "%s.%s.%d%s", prefix, name, (int)getpid(),
                             attempt == 0 ? "" : more);
        if (bytes >= (int)sizeof path) {
            errno = ENAMETOOLONG;
            return false;
        }
        if (window_map(0, O_CREAT | O_EXCL)) {
            return true;
        }
        if (errno != EEXIST) {
            return false;
        }
    }
    return false;
}

static void recording_start(void) {
    const char *prefix = getenv("FMEMP_RECORD");
    if (prefix == NULL || *prefix == '\0') {
        state = STOPPED;
    } else if (!file_create(prefix)) {
        recording_stop(strerror(errno));
    } else {
        memcpy(window, load_header, sizeof load_header);
        window_used = sizeof load_header;
        state = RECORDING;
    }
}

/* Without an environment there is no name of a file yet. */
static bool is_recording(void) {
    if (state == NOT_STARTED && environ != NULL) {
        recording_start();
    }
    return state == RECORDING;
}

static void operation_record(load_operation operation) {
    bool has_room = window_used + LOAD_OPERATION_BYTES_MAX < WINDOW_BYTES; /* and for LOAD_END */
    if (!has_room && !window_advance()) {
        recording_stop(strerror(errno));
        return;
    }
    window_used += load_operation_write(window + window_used, &operation);
}

static void block_enter(void *ptr, uint64_t number) {
    if (!address_table_put(&live_blocks, ptr, number)) {
        recording_stop("no memory for the table of live blocks");
    }
}

static void allocation_record(void *ptr, load_operation operation) {
    if (ptr != NULL && is_recording()) {
        int saved_errno = errno;
        operation_record(operation);
        block_enter(ptr, blocks_counted++);
        errno = saved_errno;
    }
}

static void free_record(void *ptr) {
    uint64_t number;
    if (ptr != NULL && is_recording() && address_table_take(&live_blocks, ptr, &number)) {
        int saved_errno = errno;
        operation_record((load_operation){.kind = LOAD_FREE, .age = blocks_counted - 1 - number});
        errno = saved_errno;
    }
}

static void realloc_record(void *old, void *ptr, size_t size) {
    uint64_t number;
    if (address_table_take(&live_blocks, old, &number)) {
        uint64_t age = blocks_counted - 1 - number;
        operation_record((load_operation){.kind = LOAD_REALLOC, .size = size, .age = age});
        block_enter(ptr, number);
    } else {
        allocation_record(ptr, (load_operation){.kind = LOAD_MALLOC, .size = size});
    }
}

/* ---- the calls of the program --------------------------------------------------------- */

void *malloc(size_t size) {
    pthread_mutex_lock(&lock);
    void *ptr = __libc_malloc(size);
    allocation_record(ptr, (load_operation){.kind = LOAD_MALLOC, .size = size});
    pthread_mutex_unlock(&lock);
    return ptr;
}

void *calloc(size_t count, size_t size) {
    pthread_mutex_lock(&lock);
    void *ptr = __libc_calloc(count, size);
    allocation_record(ptr, (load_operation){.kind = LOAD_CALLOC, .size = count * size});
    pthread_mutex_unlock(&lock);
    return ptr;
}

static unsigned log2_ceil(size_t align) {
    unsigned log2 = 0;
    while (log2 < 63 && (size_t)1 << log2 < align) {
        log2++;
    }
    return log2;
}

void *memalign(size_t align, size_t size) {
    pthread_mutex_lock(&lock);
    void *ptr = __libc_memalign(align, size);
    unsigned log2 = log2_ceil(align);
    allocation_record(ptr,
                      (load_operation){.kind = LOAD_MEMALIGN, .size = size, .align_log2 = log2});
    pthread_mutex_unlock(&lock);
    return ptr;
}

void *aligned_alloc(size_t align, size_t size) { return memalign(align, size); }

int posix_memalign(void **result, size_t align, size_t size) {
    bool is_valid = align % sizeof(void *) == 0 && align != 0 && (align & (align - 1)) == 0;
    if (!is_valid) {
        return EINVAL;
    }
    void *ptr = memalign(align, size);
    if (ptr == NULL) {
        return ENOMEM;
    }
    *result = ptr;
    return 0;
}

void *valloc(size_t size) { return memalign((size_t)sysconf(_SC_PAGESIZE), size); }

void *pvalloc(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (size > SIZE_MAX - page) {
        errno = ENOMEM;
        return NULL;
    }
    return memalign(page, (size + page - 1) & ~(page - 1));
}

/* The free is recorded before the call, because the address may belong to another block right
 * after it. */
void free(void *ptr) {
    pthread_mutex_lock(&lock);
    free_record(ptr);
    __libc_free(ptr);
    pthread_mutex_unlock(&lock);
}

void *realloc(void *old, size_t size) {
    if (old == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(old);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    uintptr_t old_address = (uintptr_t)old;
    void *ptr = __libc_realloc(old, size);
    if (ptr != NULL && is_recording()) {
        int saved_errno = errno;
        realloc_record((void *)old_address, ptr, size);
        errno = saved_errno;
    }
    pthread_mutex_unlock(&lock);
    return ptr;
}

void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

/* ---- fork ----------------------------------------------------------------------------- */

static void fork_prepare(void) { pthread_mutex_lock(&lock); }

static void fork_in_parent(void) { pthread_mutex_unlock(&lock); }

/* The owner of the lock is a thread that the child does not have, so the child gets a new lock. */
static void fork_in_child(void) {
    pthread_mutexattr_t recursive;
    state = STOPPED;
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
}

__attribute__((constructor)) static void fork_handlers_install(void) {
    pthread_atfork(fork_prepare, fork_in_parent, fork_in_child);
}
