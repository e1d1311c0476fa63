/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The promises of integrations/c_library/fmemp_malloc.h, one case each, in an image with the C
 * library. Prints "ok NAME" or "failed NAME" for each. HEAP_BEGIN and HEAP_END are where the memory
 * has to lie.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmemp_malloc.h"
#include "locks.h"

#ifndef HEAP_BEGIN /* an array somewhere in RAM, far smaller */
#define SLACK 0x40000U
#define HEAP_BEGIN 0x20000000U
#define HEAP_END 0x20040000U
#else
extern char _end[], _estack[], _Min_Stack_Size[], __heap_start[], __heap_end[], heap_base[],
    heap_limit[];
#endif

#ifndef SLACK
#define SLACK 2048
#endif

#define UNTOUCHED 12345

/* Volatile: compilers know these functions, and would leave out calls. */
static void *(*volatile request)(size_t) = malloc;
static void *(*volatile request_zeros)(size_t, size_t) = calloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void *(*volatile request_aligned)(size_t, size_t) = aligned_alloc;
static void *(*volatile request_at)(size_t, size_t) = memalign;
static void *(*volatile resize_array)(void *, size_t, size_t) = reallocarray;
static int (*volatile request_posix)(void **, size_t, size_t) = posix_memalign;
static void (*volatile release)(void *) = free;

static const size_t too_large = SIZE_MAX / 4;

static bool lies_in_heap(const void *block, size_t bytes) {
    const uintptr_t begin = (uintptr_t)block;

    return begin >= (uintptr_t)HEAP_BEGIN && begin + bytes <= (uintptr_t)HEAP_END;
}

static bool is_aligned(const void *block, size_t align) { return (uintptr_t)block % align == 0; }

static bool holds_only(const unsigned char *block, size_t bytes, unsigned char value) {
    for (size_t i = 0; i < bytes; i++) {
        if (block[i] != value) {
            return false;
        }
    }
    return true;
}

static size_t bytes_used(void) { return mallinfo().uordblks; }

/* Whether the request failed with this number; errno is set anew. */
static bool failed_with(int number, const void *block) {
    const bool is_right = block == NULL && errno == number;

    errno = UNTOUCHED;
    return is_right;
}

/* ---- start -------------------------------------------------------------------------- */

static void *before_main;

__attribute__((constructor)) static void allocate_early(void) { before_main = malloc(100); }

static bool constructor_allocates_block_in_heap(void) { return lies_in_heap(before_main, 100); }

static bool heap_takes_all_memory_but_its_own(void) {
    const size_t memory = (uintptr_t)HEAP_END - (uintptr_t)HEAP_BEGIN;
    const size_t blocks = mallinfo().arena;

    return blocks <= memory && blocks + SLACK > memory;
}

static bool heap_is_sound(void) { return tlsf_check(fmemp_malloc_heap()) == 0; }

/* ---- requests ----------------------------------------------------------------------- */

static bool malloc_every_size_is_aligned_and_in_heap(void) {
    for (size_t bytes = 1; bytes < 300; bytes += 7) {
        void *block = request(bytes);
        if (!lies_in_heap(block, bytes) || !is_aligned(block, _Alignof(max_align_t))) {
            return false;
        }
        memset(block, 0xFF, bytes);
        release(block);
    }
    return true;
}

static bool malloc_of_0_gives_blocks_that_differ(void) {
    void *one = request(0), *other = request(0);
    const bool is_right = one != NULL && other != NULL && one != other;

    release(one);
    release(other);
    return is_right;
}

static bool malloc_too_large_fails_with_enomem(void) {
    return failed_with(ENOMEM, request(too_large)) && failed_with(ENOMEM, request(SIZE_MAX));
}

static bool malloc_that_succeeds_leaves_errno(void) {
    errno = UNTOUCHED;
    release(request(10));
    return errno == UNTOUCHED;
}

static bool malloc_until_full_stays_in_heap(void) {
    void **last = NULL;
    bool is_right = true;

    for (void **block; (block = request(1000)) != NULL; last = block) {
        is_right = is_right && lies_in_heap(block, 1000);
        memset(block, 0xA5, 1000);
        *block = last;
    }
    is_right = is_right && last != NULL && failed_with(ENOMEM, NULL);
    while (last != NULL) {
        void **before = *last;
        release(last);
        last = before;
    }
    return is_right;
}

static bool calloc_of_used_memory_is_zero(void) {
    void *block = request(500);

    memset(block, 0xFF, 500);
    release(block);
    block = request_zeros(50, 10);
    const bool is_right = lies_in_heap(block, 500) && holds_only(block, 500, 0);
    release(block);
    return is_right;
}

static bool calloc_product_overflow_fails_with_enomem(void) {
    return failed_with(ENOMEM, request_zeros(SIZE_MAX / 2, 3)) &&
           failed_with(ENOMEM, request_zeros(SIZE_MAX / 16 + 2, 16));
}

static bool realloc_of_null_allocates(void) {
    void *block = resize(NULL, 40);
    const bool is_right = lies_in_heap(block, 40);

    release(block);
    return is_right;
}

static bool realloc_that_moves_keeps_contents(void) {
    const size_t before = bytes_used();
    unsigned char *block = request(100), *behind = request(100);

    memset(block, 0x3C, 100);
    unsigned char *moved = resize(block, 3000);
    const bool is_right = moved != block && lies_in_heap(moved, 3000) && holds_only(moved, 100, 60);
    release(moved);
    release(behind);
    return is_right && bytes_used() == before;
}

static bool realloc_too_large_keeps_the_block(void) {
    unsigned char *block = request(100);

    memset(block, 0x3C, 100);
    const bool is_right =
        failed_with(ENOMEM, resize(block, too_large)) && holds_only(block, 100, 0x3C);
    release(block);
    return is_right;
}

static bool realloc_to_0_frees_and_leaves_errno(void) {
    const size_t before = bytes_used();

    errno = UNTOUCHED;
    return resize(request(100), 0) == NULL && bytes_used() == before && errno == UNTOUCHED;
}

static bool reallocarray_product_overflow_fails_with_enomem(void) {
    void *block = resize_array(NULL, 10, 10);
    const bool is_right =
        lies_in_heap(block, 100) && failed_with(ENOMEM, resize_array(block, SIZE_MAX / 2, 3));

    release(block);
    return is_right;
}

static bool free_of_null_is_ignored(void) {
    release(NULL);
    return heap_is_sound();
}

/* ---- aligned requests --------------------------------------------------------------- */

static bool aligned_calls_meet_the_alignment(void) {
    for (size_t align = sizeof(void *); align <= 4096; align *= 2) {
        void *posix = NULL;
        void *aligned = request_aligned(align, align), *at = request_at(align, 10);
        const bool is_right = request_posix(&posix, align, 10) == 0 && lies_in_heap(aligned, 10) &&
                              lies_in_heap(at, 10) && lies_in_heap(posix, 10) &&
                              is_aligned(aligned, align) && is_aligned(at, align) &&
                              is_aligned(posix, align);
        release(posix);
        release(aligned);
        release(at);
        if (!is_right) {
            return false;
        }
    }
    return true;
}

static bool alignment_no_power_of_two_fails_with_einval(void) {
    void *untouched = &untouched;

    errno = UNTOUCHED;
    return request_posix(&untouched, 24, 10) == EINVAL &&
           request_posix(&untouched, 1, 1) == EINVAL && untouched == &untouched &&
           errno == UNTOUCHED && failed_with(EINVAL, request_aligned(24, 48)) &&
           failed_with(EINVAL, request_at(0, 48));
}

static bool aligned_calls_too_large_fail_with_enomem(void) {
    void *untouched = &untouched;

    errno = UNTOUCHED;
    return request_posix(&untouched, 64, too_large) == ENOMEM && untouched == &untouched &&
           errno == UNTOUCHED && failed_with(ENOMEM, request_aligned(64, too_large)) &&
           failed_with(ENOMEM, request_at(64, too_large));
}

static bool valloc_and_pvalloc_give_pages(void) {
    void *page = valloc(10), *pages = pvalloc(5000);
    const bool is_right = is_aligned(page, 4096) && lies_in_heap(page, 10) &&
                          is_aligned(pages, 4096) && lies_in_heap(pages, 5000);

    release(page);
    release(pages);
    return is_right;
}

/* ---- questions ---------------------------------------------------------------------- */

static bool usable_size_is_at_least_the_request(void) {
    void *block = request(101);
    const size_t usable = malloc_usable_size(block);

    release(block);
    return usable >= 101 && usable < 140 && malloc_usable_size(NULL) == 0;
}

static bool mallinfo_counts_bytes(void) {
    const struct mallinfo before = mallinfo();
    void *block = request(1000);
    const struct mallinfo after = mallinfo();

    release(block);
    return after.uordblks >= before.uordblks + 1000 && after.arena == before.arena &&
           after.uordblks + after.fordblks == after.arena && after.usmblks >= after.uordblks &&
           mallinfo().uordblks == before.uordblks;
}

/* The board has memory there, and the linker script does not know it. */
static bool added_memory_serves_requests(void) {
    const size_t bytes = 0xC000;
    const uintptr_t begin = (uintptr_t)HEAP_BEGIN + 0x100000;
    const tlsf_t heap = fmemp_malloc_heap();
    const pool_t pool = tlsf_add_pool(heap, (void *)begin, bytes);
    void *last = NULL, *block;

    while ((block = request(10000)) != NULL && lies_in_heap(block, 10000)) {
        *(void **)block = last;
        last = block;
    }
    const bool is_right = pool != NULL && (uintptr_t)block - begin < bytes;
    release(block);
    while (last != NULL) {
        block = last;
        last = *(void **)block;
        release(block);
    }
    return tlsf_remove_pool(heap, pool) == 0 && is_right;
}

/* ---- the C library itself ----------------------------------------------------------- */

static bool stream_of_c_library_allocates_from_heap(void) {
    const size_t before = bytes_used();
    char *text = NULL;

    return asprintf(&text, "%d", 12345) == 5 && lies_in_heap(text, 6) && bytes_used() > before &&
           (release(text), true) && setenv("name", "value", 1) == 0 && bytes_used() > before;
}

/* Whether the request and the free of its block were locked. */
static bool were_locked(void *block) {
    const bool was = was_locked();

    release(block);
    return was && was_locked();
}

static bool every_call_takes_and_gives_back_the_lock(void) {
    void *block = NULL;
    bool is_right = was_locked() && were_locked(request(10)) && were_locked(request_zeros(1, 8)) &&
                    were_locked(request_at(8, 8)) && were_locked(request_aligned(8, 8)) &&
                    request_posix(&block, 8, 8) == 0 && was_locked();

    block = resize(block, 200);
    is_right = is_right && was_locked() && malloc_usable_size(block) != 0 && was_locked();
    is_right = is_right && mallinfo().arena != 0 && was_locked() && fmemp_malloc_heap() != NULL;
    return is_right && were_locked(block);
}

/* ---- all of them -------------------------------------------------------------------- */

#define CASE(name) \
    { #name, name }

static const struct {
    const char *name;
    bool (*is_kept)(void);
} cases[] = {
    CASE(constructor_allocates_block_in_heap),
    CASE(heap_takes_all_memory_but_its_own),
    CASE(malloc_every_size_is_aligned_and_in_heap),
    CASE(malloc_of_0_gives_blocks_that_differ),
    CASE(malloc_too_large_fails_with_enomem),
    CASE(malloc_that_succeeds_leaves_errno),
    CASE(malloc_until_full_stays_in_heap),
    CASE(calloc_of_used_memory_is_zero),
    CASE(calloc_product_overflow_fails_with_enomem),
    CASE(realloc_of_null_allocates),
    CASE(realloc_that_moves_keeps_contents),
    CASE(realloc_too_large_keeps_the_block),
    CASE(realloc_to_0_frees_and_leaves_errno),
    CASE(reallocarray_product_overflow_fails_with_enomem),
    CASE(free_of_null_is_ignored),
    CASE(aligned_calls_meet_the_alignment),
    CASE(alignment_no_power_of_two_fails_with_einval),
    CASE(aligned_calls_too_large_fail_with_enomem),
    CASE(valloc_and_pvalloc_give_pages),
    CASE(usable_size_is_at_least_the_request),
    CASE(mallinfo_counts_bytes),
    CASE(added_memory_serves_requests),
    CASE(stream_of_c_library_allocates_from_heap),
    CASE(every_call_takes_and_gives_back_the_lock),
    CASE(heap_is_sound),
};

int main(void) {
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        printf("%s %s\n", cases[i].is_kept() ? "ok" : "failed", cases[i].name);
    }
    malloc_stats();
    printf("%.2f ended\n", 0.25);
    return 0;
}
