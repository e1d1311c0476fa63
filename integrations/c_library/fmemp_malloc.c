/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* posix_memalign, reallocarray, with -std=c11 too */
#include "fmemp_malloc.h"

#include <errno.h>
#ifndef __NEWLIB__ /* picolibc defines it, too */
#error "fmemp_malloc.c is for newlib and picolibc"
#endif

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/lock.h>

#include "../call_sites.h"

/* The compiler drops a malloc that nobody calls, before it finds that the C library does. */
#define HOOK __attribute__((used)) KEEPS_CALL_SITE

/* ---- the memory --------------------------------------------------------------------- */

#ifndef FMEMP_MALLOC_LARGEST_POOL
#define FMEMP_MALLOC_LARGEST_POOL 0
#endif
#ifndef FMEMP_MALLOC_ALIGNMENT
#define FMEMP_MALLOC_ALIGNMENT _Alignof(max_align_t)
#endif
_Static_assert(TLSF_GRANULE % FMEMP_MALLOC_ALIGNMENT == 0,
               "choose a larger TLSF_GRANULE, or read about FMEMP_MALLOC_ALIGNMENT");

#ifdef FMEMP_MALLOC_BYTES

static char memory[FMEMP_MALLOC_BYTES];

static char *memory_begin(void) { return memory; }

static size_t memory_bytes(void) { return sizeof memory; }

#else

#if !defined FMEMP_MALLOC_BEGIN && !defined FMEMP_MALLOC_END
#ifdef __PICOLIBC__
#define FMEMP_MALLOC_BEGIN __heap_start
#define FMEMP_MALLOC_END __heap_end
#else
#define FMEMP_MALLOC_BEGIN _end
#define FMEMP_MALLOC_END _estack
#define FMEMP_MALLOC_STACK _Min_Stack_Size
#endif
#endif
#if !defined FMEMP_MALLOC_BEGIN || !defined FMEMP_MALLOC_END
#error "define both FMEMP_MALLOC_BEGIN and FMEMP_MALLOC_END, or none"
#endif

extern char FMEMP_MALLOC_BEGIN[], FMEMP_MALLOC_END[];

#ifdef FMEMP_MALLOC_STACK
extern char FMEMP_MALLOC_STACK[];

static uintptr_t stack_bytes(void) { return (uintptr_t)FMEMP_MALLOC_STACK; }
#else
static uintptr_t stack_bytes(void) { return 0; }
#endif

static char *memory_begin(void) { return FMEMP_MALLOC_BEGIN; }

static size_t memory_bytes(void) {
    const uintptr_t begin = (uintptr_t)FMEMP_MALLOC_BEGIN;
    const uintptr_t end = (uintptr_t)FMEMP_MALLOC_END;

    return end < begin || end - begin < stack_bytes() ? 0 : end - begin - stack_bytes();
}

#endif

/* ---- the lock of the C library ------------------------------------------------------ */

#ifdef __PICOLIBC__
static void lock(void) { __LIBC_LOCK(); }

static void unlock(void) { __LIBC_UNLOCK(); }
#else
static void lock(void) { __malloc_lock(_REENT); }

static void unlock(void) { __malloc_unlock(_REENT); }
#endif

/* ---- the heap ----------------------------------------------------------------------- */

static call_sites malloc_sites;

/* The caller holds the lock. The C library allocates before main, so the first call makes it. */
static tlsf_t heap(void) {
    static tlsf_t made;

    if (made == NULL) {
        made =
            sited_create(&malloc_sites, memory_begin(), memory_bytes(), FMEMP_MALLOC_LARGEST_POOL);
    }
    return made;
}

tlsf_t fmemp_malloc_heap(void) {
    lock();
    const tlsf_t t = heap();
    unlock();
    return t;
}

#if FMEMP_CALL_SITES
FMemp *fmemp_malloc_pool(void) {
    (void)fmemp_malloc_heap();
    return &malloc_sites;
}

void *fmemp_malloc_set_call_site(void *block, const void *caller) {
    lock();
    (void)FMempSetCallSite(&malloc_sites, block, caller);
    unlock();
    return block;
}
#endif

static void *allocate(size_t bytes, const void *caller) {
    lock();
    const tlsf_t t = heap();
    void *block = t == NULL ? NULL : sited_malloc(&malloc_sites, t, bytes, caller);
    unlock();
    return block;
}

static void *allocate_aligned(size_t align, size_t bytes, const void *caller) {
    lock();
    const tlsf_t t = heap();
    void *block = t == NULL ? NULL : sited_memalign(&malloc_sites, t, align, bytes, caller);
    unlock();
    return block;
}

static void *allocate_zeros(size_t count, size_t size, const void *caller) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    void *block = allocate(count * size, caller);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

static void release(void *ptr) {
    if (ptr != NULL) {
        lock();
        tlsf_free(heap(), ptr);
        unlock();
    }
}

/* ptr is not NULL. */
static void *resize(void *ptr, size_t bytes, const void *caller) {
    tlsf_move_t move;

    lock();
    void *block = sited_realloc_begin(&malloc_sites, heap(), ptr, bytes, caller, &move);
    unlock();
    if (move.from != NULL) {
        memmove(move.to, move.from, move.bytes);
        lock();
        block = tlsf_realloc_end(heap(), &move);
        unlock();
    }
    return block;
}

static size_t usable_bytes(void *ptr) {
    lock(); /* a free of the block before it writes to its header */
    const size_t bytes = sited_block_size(&malloc_sites, ptr);
    unlock();
    return bytes;
}

static struct mallinfo figures(void) {
    tlsf_stats_t stats = {0};

    lock();
    if (heap() != NULL) {
        (void)tlsf_stats(heap(), &stats);
    }
    unlock();
    return (struct mallinfo){.arena = stats.pool_bytes,
                             .uordblks = stats.used_bytes,
                             .fordblks = stats.free_bytes,
                             .usmblks = stats.peak_bytes};
}

/* ---- what both libraries call by the same name -------------------------------------- */

static bool is_power_of_two(size_t n) { return n != 0 && (n & (n - 1)) == 0; }

HOOK int posix_memalign(void **result, size_t align, size_t bytes) {
    if (align % sizeof(void *) != 0 || !is_power_of_two(align)) {
        return EINVAL;
    }
    void *block = allocate_aligned(align, bytes, CALL_SITE());
    if (block == NULL) {
        return ENOMEM;
    }
    *result = block;
    return 0;
}

/* Returns block. Sets *error if it is NULL. */
static void *served(void *block, int *error) {
    if (block == NULL) {
        *error = ENOMEM;
    }
    return block;
}

static void *served_aligned(size_t align, size_t bytes, const void *caller, int *error) {
    if (!is_power_of_two(align)) {
        *error = EINVAL;
        return NULL;
    }
    return served(allocate_aligned(align, bytes, caller), error);
}

static void *served_again(void *ptr, size_t bytes, const void *caller, int *error) {
    if (ptr == NULL) {
        return served(allocate(bytes, caller), error);
    }
    if (bytes == 0) {
        release(ptr);
        return NULL;
    }
    return served(resize(ptr, bytes, caller), error);
}

HOOK void *aligned_alloc(size_t align, size_t bytes) {
    return served_aligned(align, bytes, CALL_SITE(), &errno);
}

/* ---- the plain names: newlib has those of its own, which call the names below ---------- */

#if defined __PICOLIBC__ || FMEMP_CALL_SITES

HOOK void *malloc(size_t bytes) { return served(allocate(bytes, CALL_SITE()), &errno); }

HOOK void *calloc(size_t count, size_t size) {
    return served(allocate_zeros(count, size, CALL_SITE()), &errno);
}

HOOK void *realloc(void *ptr, size_t bytes) {
    return served_again(ptr, bytes, CALL_SITE(), &errno);
}

HOOK void free(void *ptr) { release(ptr); }

HOOK void *memalign(size_t align, size_t bytes) {
    return served_aligned(align, bytes, CALL_SITE(), &errno);
}

HOOK size_t malloc_usable_size(void *ptr) { return usable_bytes(ptr); }

#endif

#ifdef __PICOLIBC__

HOOK void cfree(void *ptr) { release(ptr); }

HOOK struct mallinfo mallinfo(void) { return figures(); }

#else

/* ---- names of newlib: malloc(n) is _malloc_r(_REENT, n), and so on -------------------- */

#include "tlsf_text.h"

HOOK void *_malloc_r(struct _reent *r, size_t bytes) {
    return served(allocate(bytes, CALL_SITE()), &__errno_r(r));
}

HOOK void *_calloc_r(struct _reent *r, size_t count, size_t size) {
    return served(allocate_zeros(count, size, CALL_SITE()), &__errno_r(r));
}

HOOK void *_realloc_r(struct _reent *r, void *ptr, size_t bytes) {
    return served_again(ptr, bytes, CALL_SITE(), &__errno_r(r));
}

HOOK void _free_r(struct _reent *r, void *ptr) {
    (void)r;
    release(ptr);
}

HOOK void *_memalign_r(struct _reent *r, size_t align, size_t bytes) {
    return served_aligned(align, bytes, CALL_SITE(), &__errno_r(r));
}

HOOK size_t _malloc_usable_size_r(struct _reent *r, void *ptr) {
    (void)r;
    return usable_bytes(ptr);
}

HOOK struct mallinfo _mallinfo_r(struct _reent *r) {
    (void)r;
    return figures();
}

static void write_text(const char *piece, size_t length) { TLSF_WRITE(piece, length); }

HOOK void _malloc_stats_r(struct _reent *r) {
    const struct mallinfo now = _mallinfo_r(r);
    struct text text;

    text_begin(&text, write_text);
    text_string(&text, "malloc: bytes ");
    text_decimal(&text, now.arena);
    text_string(&text, ", used ");
    text_decimal(&text, now.uordblks);
    text_string(&text, ", free ");
    text_decimal(&text, now.fordblks);
    text_string(&text, ", most used ");
    text_decimal(&text, now.usmblks);
    text_line(&text);
}

HOOK int _mallopt_r(struct _reent *r, int option, int value) {
    (void)r;
    (void)option;
    (void)value;
    return 0;
}

HOOK int _malloc_trim_r(struct _reent *r, size_t pad) {
    (void)r;
    (void)pad;
    return 0;
}

#endif
