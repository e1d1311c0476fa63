/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests the promises of a C library's malloc on the malloc of this process:
 *
 *     test_calls library           on the C library's own malloc, so that the promises are real
 *     test_calls preload LEVEL     on integrations/host_malloc, preloaded or linked, at this
 *                                  hardening level, with its own promises
 */
#define _GNU_SOURCE
#include "support/suite.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNTOUCHED 4711 /* a value of errno that no call sets */

/* Volatile, because compilers and analysers know these functions: they would warn, or omit
 * calls. */
static void *(*volatile call_malloc)(size_t) = malloc;
static void *(*volatile call_calloc)(size_t, size_t) = calloc;
static void *(*volatile call_realloc)(void *, size_t) = realloc;
static void *(*volatile call_reallocarray)(void *, size_t, size_t) = reallocarray;
static void (*volatile call_free)(void *) = free;
static void *(*volatile call_memalign)(size_t, size_t) = memalign;
static int (*volatile call_posix_memalign)(void **, size_t, size_t) = posix_memalign;
static void *(*volatile call_valloc)(size_t) = valloc;
static void *(*volatile call_pvalloc)(size_t) = pvalloc;
static void *(*const volatile aligned_calls[])(size_t, size_t) = {memalign, aligned_alloc};

static bool holds_only(const unsigned char *bytes, size_t count, unsigned char value) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != value) {
            return false;
        }
    }
    return true;
}

static unsigned char *resize(unsigned char *ptr, size_t bytes) {
    unsigned char *resized = call_realloc(ptr, bytes);
    assert_non_null(resized);
    return resized;
}

static bool is_aligned(const void *ptr, size_t align) { return (uintptr_t)ptr % align == 0; }

/* ---- malloc, calloc and free -------------------------------------------------------- */

static void malloc_any_size_is_aligned_for_every_type(void **state) {
    (void)state;
    for (size_t bytes = 0; bytes < 5000; bytes += 7) {
        unsigned char *ptr = call_malloc(bytes);
        assert_non_null(ptr);
        assert_true(is_aligned(ptr, _Alignof(max_align_t)));
        memset(ptr, 0xAB, bytes);
        call_free(ptr);
    }
}

static void malloc_of_0_gives_blocks_that_differ(void **state) {
    (void)state;
    void *a = call_malloc(0);
    void *b = call_malloc(0);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    call_free(a);
    call_free(b);
}

static void malloc_that_succeeds_leaves_errno(void **state) {
    (void)state;
    errno = UNTOUCHED;
    char *small = call_malloc(100);
    char *large = call_malloc((size_t)100 << 20);
    assert_int_equal(errno, UNTOUCHED);
    assert_non_null(small);
    assert_non_null(large);
    small[99] = large[99] = 1;
    call_free(small);
    call_free(large);
}

static void malloc_too_large_fails_with_enomem(void **state) {
    (void)state;
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 4096, (size_t)PTRDIFF_MAX + 1,
                            (size_t)PTRDIFF_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        errno = 0;
        assert_null(call_malloc(sizes[i]));
        assert_int_equal(errno, ENOMEM);
    }
}

static void free_leaves_errno(void **state) {
    (void)state;
    char *small = call_malloc(100);
    char *large = call_malloc((size_t)100 << 20);
    assert_non_null(small);
    assert_non_null(large);
    small[99] = large[99] = 1;
    errno = UNTOUCHED;
    call_free(small);
    call_free(large);
    call_free(NULL);
    assert_int_equal(errno, UNTOUCHED);
}

static void calloc_of_used_memory_is_zero(void **state) {
    (void)state;
    unsigned char *used = call_malloc(100000);
    assert_non_null(used);
    memset(used, 0xFF, 100000);
    call_free(used);
    unsigned char *ptr = call_calloc(1000, 100);
    assert_non_null(ptr);
    assert_true(holds_only(ptr, 100000, 0));
    call_free(ptr);
}

static void calloc_of_large_array_is_zero(void **state) {
    (void)state;
    const size_t size = (size_t)1 << 20;
    unsigned char *ptr = call_calloc(150, size);
    assert_non_null(ptr);
    assert_true(holds_only(ptr, 150 * size, 0));
    call_free(ptr);
}

static void calloc_of_0_gives_a_block(void **state) {
    (void)state;
    void *no_objects = call_calloc(0, 100);
    void *no_size = call_calloc(100, 0);
    assert_non_null(no_objects);
    assert_non_null(no_size);
    call_free(no_objects);
    call_free(no_size);
}

static void calloc_product_overflow_fails_with_enomem(void **state) {
    (void)state;
    const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2 + 1, SIZE_MAX / 16 + 1};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        errno = 0;
        assert_null(call_calloc(counts[i], 16));
        assert_int_equal(errno, ENOMEM);
        errno = 0;
        assert_null(call_calloc(16, counts[i]));
        assert_int_equal(errno, ENOMEM);
    }
}

/* ---- realloc ------------------------------------------------------------------------ */

static void realloc_of_null_allocates(void **state) {
    (void)state;
    void *ptr = call_realloc(NULL, 100);
    void *empty = call_realloc(NULL, 0);
    assert_non_null(ptr);
    assert_non_null(empty);
    call_free(ptr);
    call_free(empty);
}

static void realloc_to_0_frees_and_leaves_errno(void **state) {
    (void)state;
    void *ptr = call_malloc(100);
    assert_non_null(ptr);
    errno = UNTOUCHED;
    assert_null(call_realloc(ptr, 0));
    assert_int_equal(errno, UNTOUCHED);
}

static void realloc_keeps_contents(void **state) {
    (void)state;
    unsigned char *ptr = call_malloc(10);
    assert_non_null(ptr);
    memset(ptr, 0x5A, 10);
    for (size_t bytes = 10; bytes < (size_t)8 << 20; bytes = bytes * 3 / 2) {
        ptr = resize(ptr, bytes);
        assert_true(holds_only(ptr, bytes * 2 / 3, 0x5A));
        memset(ptr, 0x5A, bytes);
    }
    ptr = resize(ptr, 5);
    assert_true(holds_only(ptr, 5, 0x5A));
    call_free(ptr);
}

static void realloc_too_large_fails_and_keeps_the_block(void **state) {
    (void)state;
    unsigned char *ptr = call_malloc(1000);
    assert_non_null(ptr);
    memset(ptr, 0x77, 1000);
    errno = 0;
    assert_null(call_realloc(ptr, SIZE_MAX - 100));
    assert_int_equal(errno, ENOMEM);
    assert_true(holds_only(ptr, 1000, 0x77));
    call_free(ptr);
}

static void reallocarray_product_overflow_fails_and_keeps_the_block(void **state) {
    (void)state;
    unsigned char *ptr = call_malloc(1000);
    assert_non_null(ptr);
    memset(ptr, 0x77, 1000);
    errno = 0;
    assert_null(call_reallocarray(ptr, SIZE_MAX / 4 + 2, 4));
    assert_int_equal(errno, ENOMEM);
    assert_true(holds_only(ptr, 1000, 0x77));
    call_free(ptr);
}

static void reallocarray_gives_the_product(void **state) {
    (void)state;
    unsigned char *ptr = call_reallocarray(NULL, 1000, 7);
    assert_non_null(ptr);
    assert_true(malloc_usable_size(ptr) >= 7000);
    memset(ptr, 1, 7000);
    assert_null(call_reallocarray(ptr, 0, 7));
}

/* ---- aligned requests --------------------------------------------------------------- */

static void posix_memalign_every_alignment_is_met(void **state) {
    (void)state;
    for (size_t align = sizeof(void *); align <= (size_t)1 << 22; align *= 2) {
        for (size_t bytes = 0; bytes < 100000; bytes = bytes * 5 + 1) {
            unsigned char *ptr = NULL;
            assert_int_equal(call_posix_memalign((void **)&ptr, align, bytes), 0);
            assert_true(is_aligned(ptr, align));
            assert_true(malloc_usable_size(ptr) >= bytes);
            memset(ptr, 0xCD, bytes);
            call_free(ptr);
        }
    }
}

static void posix_memalign_invalid_alignment_gives_einval(void **state) {
    (void)state;
    const size_t aligns[] = {0, 1, 2, 4, 3, 12, 24, 100, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(aligns); i++) {
        void *result = &result;
        errno = UNTOUCHED;
        assert_int_equal(call_posix_memalign(&result, aligns[i], 100), EINVAL);
        assert_int_equal(errno, UNTOUCHED);
        assert_ptr_equal(result, &result);
    }
}

static void posix_memalign_too_large_gives_enomem(void **state) {
    (void)state;
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 64, (size_t)PTRDIFF_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        void *result = &result;
        assert_int_equal(call_posix_memalign(&result, 64, sizes[i]), ENOMEM);
        assert_ptr_equal(result, &result);
        assert_int_equal(call_posix_memalign(&result, SIZE_MAX / 2 + 1, sizes[i]), ENOMEM);
        assert_ptr_equal(result, &result);
    }
}

static void aligned_calls_meet_the_alignment(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(aligned_calls); i++) {
        for (size_t align = 1; align <= 65536; align *= 2) {
            unsigned char *ptr = aligned_calls[i](align, align * 3);
            assert_non_null(ptr);
            assert_true(is_aligned(ptr, align));
            memset(ptr, 0xEF, align * 3);
            call_free(ptr);
        }
    }
}

static void memalign_no_power_of_two_is_rounded_up(void **state) {
    (void)state;
    void *ptr = call_memalign(48, 100);
    assert_non_null(ptr);
    assert_true(is_aligned(ptr, 64));
    call_free(ptr);
}

static void aligned_calls_too_large_fail_with_enomem(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(aligned_calls); i++) {
        errno = 0;
        assert_null(aligned_calls[i](64, SIZE_MAX - 10));
        assert_int_equal(errno, ENOMEM);
        errno = 0;
        assert_null(aligned_calls[i](SIZE_MAX / 2 + 1, 10));
        assert_int_equal(errno, ENOMEM);
    }
}

static void memalign_alignment_beyond_all_powers_fails_with_einval(void **state) {
    (void)state;
    errno = 0;
    assert_null(call_memalign(SIZE_MAX / 2 + 2, 10));
    assert_int_equal(errno, EINVAL);
}

static void valloc_and_pvalloc_give_pages(void **state) {
    (void)state;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *ptr = call_valloc(100);
    unsigned char *pages = call_pvalloc(page + 1);
    assert_non_null(ptr);
    assert_non_null(pages);
    assert_true(is_aligned(ptr, page));
    assert_true(is_aligned(pages, page));
    assert_true(malloc_usable_size(pages) >= 2 * page);
    memset(pages, 0x11, 2 * page);
    call_free(ptr);
    call_free(pages);
}

static void valloc_and_pvalloc_too_large_fail_with_enomem(void **state) {
    (void)state;
    errno = 0;
    assert_null(call_valloc(SIZE_MAX));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(call_pvalloc(SIZE_MAX - 5));
    assert_int_equal(errno, ENOMEM);
}

static void realloc_of_aligned_block_keeps_contents(void **state) {
    (void)state;
    unsigned char *ptr = call_memalign(4096, 3000);
    assert_non_null(ptr);
    memset(ptr, 0x42, 3000);
    ptr = resize(ptr, 300000);
    assert_true(holds_only(ptr, 3000, 0x42));
    call_free(ptr);
}

/* ---- usable size -------------------------------------------------------------------- */

static void usable_size_of_null_is_0(void **state) {
    (void)state;
    assert_int_equal(malloc_usable_size(NULL), 0);
}

static void usable_size_can_be_used_whole(void **state) {
    (void)state;
    enum { BLOCKS = 200 };
    unsigned char *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = call_malloc(i * 13);
        assert_non_null(blocks[i]);
        assert_true(malloc_usable_size(blocks[i]) >= i * 13);
        memset(blocks[i], (int)i, malloc_usable_size(blocks[i]));
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_true(holds_only(blocks[i], malloc_usable_size(blocks[i]), (unsigned char)i));
        call_free(blocks[i]);
    }
}

/* ---- threads and forks -------------------------------------------------------------- */

static void *fill_and_check(void *stop) {
    size_t mistakes = 0;
    for (size_t i = 0; !atomic_load((atomic_bool *)stop); i++) {
        unsigned char *ptr = call_malloc(i % 700 + 1);
        if (ptr == NULL) {
            return stop;
        }
        memset(ptr, (int)(i % 256), i % 700 + 1);
        mistakes += !holds_only(ptr, i % 700 + 1, (unsigned char)(i % 256));
        call_free(ptr);
    }
    return mistakes == 0 ? NULL : stop;
}

static void *allocate_once(void *argument) {
    (void)argument;
    void *ptr = call_malloc(100);
    call_free(ptr);
    return ptr;
}

/* Returns whether another thread can allocate. */
static bool thread_allocates(void) {
    pthread_t thread;
    void *ptr = NULL;
    return pthread_create(&thread, NULL, allocate_once, NULL) == 0 &&
           pthread_join(thread, &ptr) == 0 && ptr != NULL;
}

/* Runs in the child of a fork. Returns status 0 if its memory is intact and it can allocate. */
static int child_status(unsigned char *inherited) {
    if (!holds_only(inherited, 1000, 0x3C)) {
        return 1;
    }
    unsigned char *own = call_calloc(1, 100000);
    inherited = call_realloc(inherited, 200000);
    const bool is_whole = own != NULL && inherited != NULL && holds_only(own, 100000, 0) &&
                          holds_only(inherited, 1000, 0x3C);
    call_free(own);
    call_free(inherited);
    return is_whole && thread_allocates() ? 0 : 2;
}

static void fork_while_threads_allocate_leaves_the_child_a_heap(void **state) {
    (void)state;
    enum { THREADS = 3, FORKS = 100 };
    static atomic_bool stop;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, fill_and_check, &stop), 0);
    }
    unsigned char *inherited = call_malloc(1000);
    assert_non_null(inherited);
    memset(inherited, 0x3C, 1000);
    for (size_t i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(child_status(inherited));
        }
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = &stop;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    call_free(inherited);
}

static size_t handled;

static void allocate_in_handler(void) {
    call_free(call_malloc(100));
    handled++;
}

/* Installs its handlers as early as a library can. */
__attribute__((constructor)) static void fork_handlers_install(void) {
    if (pthread_atfork(allocate_in_handler, allocate_in_handler, allocate_in_handler) != 0) {
        abort();
    }
}

static void fork_handlers_of_others_may_allocate(void **state) {
    (void)state;
    const size_t before = handled;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(handled == before + 2 ? 0 : 1);
    }
    assert_int_equal(handled, before + 2);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static const struct CMUnitTest promises[] = {
    cmocka_unit_test(malloc_any_size_is_aligned_for_every_type),
    cmocka_unit_test(malloc_of_0_gives_blocks_that_differ),
    cmocka_unit_test(malloc_that_succeeds_leaves_errno),
    cmocka_unit_test(malloc_too_large_fails_with_enomem),
    cmocka_unit_test(free_leaves_errno),
    cmocka_unit_test(calloc_of_used_memory_is_zero),
    cmocka_unit_test(calloc_of_large_array_is_zero),
    cmocka_unit_test(calloc_of_0_gives_a_block),
    cmocka_unit_test(calloc_product_overflow_fails_with_enomem),
    cmocka_unit_test(realloc_of_null_allocates),
    cmocka_unit_test(realloc_to_0_frees_and_leaves_errno),
    cmocka_unit_test(realloc_keeps_contents),
    cmocka_unit_test(realloc_too_large_fails_and_keeps_the_block),
    cmocka_unit_test(reallocarray_product_overflow_fails_and_keeps_the_block),
    cmocka_unit_test(reallocarray_gives_the_product),
    cmocka_unit_test(posix_memalign_every_alignment_is_met),
    cmocka_unit_test(posix_memalign_invalid_alignment_gives_einval),
    cmocka_unit_test(posix_memalign_too_large_gives_enomem),
    cmocka_unit_test(aligned_calls_meet_the_alignment),
    cmocka_unit_test(memalign_no_power_of_two_is_rounded_up),
    cmocka_unit_test(aligned_calls_too_large_fail_with_enomem),
    cmocka_unit_test(memalign_alignment_beyond_all_powers_fails_with_einval),
    cmocka_unit_test(valloc_and_pvalloc_give_pages),
    cmocka_unit_test(valloc_and_pvalloc_too_large_fail_with_enomem),
    cmocka_unit_test(realloc_of_aligned_block_keeps_contents),
    cmocka_unit_test(usable_size_of_null_is_0),
    cmocka_unit_test(usable_size_can_be_used_whole),
    cmocka_unit_test(fork_while_threads_allocate_leaves_the_child_a_heap),
    cmocka_unit_test(fork_handlers_of_others_may_allocate),
};

/* ---- promises of the preload alone -------------------------------------------------- */

static void every_call_is_the_preloads(void **state) {
    (void)state;
    const char *const names[] = {"malloc",
                                 "calloc",
                                 "realloc",
                                 "free",
                                 "memalign",
                                 "valloc",
                                 "pvalloc",
                                 "posix_memalign",
                                 "aligned_alloc",
                                 "reallocarray",
                                 "malloc_usable_size",
                                 "malloc_trim",
                                 "mallinfo",
                                 "mallinfo2",
                                 "_exit",
                                 "_Exit"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Dl_info found;
        void *symbol = dlsym(RTLD_DEFAULT, names[i]);
        assert_non_null(symbol);
        assert_int_not_equal(dladdr(symbol, &found), 0);
        assert_non_null(strstr(found.dli_fname, "libfmemp-malloc.so"));
    }
}

static void mallinfo_counts_bytes(void **state) {
    (void)state;
    void *whole = call_malloc(1);
    const struct mallinfo2 before = mallinfo2();
    void *block = call_malloc(100000);
    const struct mallinfo2 with = mallinfo2();
    const struct mallinfo narrow = mallinfo();
    call_free(block);
    assert_true(with.uordblks >= before.uordblks + 100000 && with.uordblks <= with.usmblks);
    assert_int_equal(with.arena, with.uordblks + with.fordblks);
    assert_int_equal(narrow.arena, with.arena);
    assert_int_equal(narrow.uordblks, with.uordblks);
    assert_int_equal(narrow.fordblks, with.fordblks);
    assert_int_equal(narrow.usmblks, with.usmblks);
    assert_int_equal(mallinfo2().uordblks, before.uordblks);
    call_free(whole);
}

static void malloc_trim_has_nothing_to_do(void **state) {
    (void)state;
    assert_int_equal(malloc_trim(0), 0);
}

static int level; /* hardening level of the preload */

#define SKIP_WHERE_FREE_MEMORY_IS_FILLED() \
    do { \
        if (level >= 3) { \
            SKIP_BECAUSE("hardening 3 would write gigabytes"); \
        } \
    } while (0)

/* Allocates blocks of this size until the heap is full, and frees them. Untouched pages cost no
 * memory. Returns their number, or 0 if the last request did not fail with ENOMEM. */
static size_t blocks_until_full(size_t bytes) {
    void *last = NULL;
    size_t count = 0;
    errno = UNTOUCHED;
    for (void **block; (block = call_malloc(bytes)) != NULL; count++) {
        *block = last;
        last = block;
    }
    count = errno == ENOMEM ? count : 0;
    while (last != NULL) {
        void *before = *(void **)last;
        call_free(last);
        last = before;
    }
    return count;
}

/* Runs the body in a child, because the regions that it leaves would serve later cases. */
static void assert_succeeds_in_child(bool (*body)(void)) {
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(body() ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define GIB ((size_t)1 << 30)

/* Links reach 8 GiB in both directions. */
static bool reaches_as_far_as_links(void) {
    void *large = call_malloc(7 * GIB);
    call_free(large);
    const size_t count = blocks_until_full(GIB / 2);
    return large != NULL && call_malloc(9 * GIB) == NULL && count >= 28 && count <= 32 &&
           blocks_until_full(GIB / 2) == count;
}

static void heap_reaches_as_far_as_links_and_no_farther(void **state) {
    (void)state;
    SKIP_WHERE_FREE_MEMORY_IS_FILLED();
    assert_succeeds_in_child(reaches_as_far_as_links);
}

/* Allocates and frees 50 GB in all, one block after another. */
static bool own_regions_come_and_go(void) {
    for (size_t i = 0; i < 100; i++) {
        const size_t bytes = (1 + i * 7 % 20) * ((size_t)50 << 20);
        unsigned char *ptr = call_malloc(bytes);
        if (ptr == NULL) {
            return false;
        }
        ptr[0] = ptr[bytes - 1] = 1;
        call_free(ptr);
    }
    return true;
}

static void own_regions_are_given_back_and_taken_again(void **state) {
    (void)state;
    SKIP_WHERE_FREE_MEMORY_IS_FILLED();
    assert_succeeds_in_child(own_regions_come_and_go);
}

/* Frees three regions one by one. Together they have to make room for one of their size. */
static bool own_regions_are_joined(void) {
    unsigned char *parts[3];
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        parts[i] = call_malloc(GIB * 5 / 2);
        if (parts[i] == NULL) {
            return false;
        }
    }
    const bool is_rest_taken = call_malloc(7 * GIB) != NULL; /* the half of the shared regions */
    call_free(parts[0]);
    call_free(parts[2]);
    call_free(parts[1]);
    return is_rest_taken && call_malloc(GIB * 15 / 2) != NULL;
}

static void neighbouring_own_regions_are_joined(void **state) {
    (void)state;
    SKIP_WHERE_FREE_MEMORY_IS_FILLED();
    assert_succeeds_in_child(own_regions_are_joined);
}

/* Each block is larger than the region that the one before has left. */
static bool own_regions_grow(void) {
    bool is_rest_taken = false;
    for (size_t i = 2; i < 16; i++) {
        void *ptr = call_malloc(i * GIB / 2);
        if (i == 2) {
            is_rest_taken = call_malloc(15 * GIB / 2) != NULL;
        }
        if (ptr == NULL) {
            return false;
        }
        call_free(ptr);
    }
    return is_rest_taken;
}

static void growing_own_regions_find_room(void **state) {
    (void)state;
    SKIP_WHERE_FREE_MEMORY_IS_FILLED();
    assert_succeeds_in_child(own_regions_grow);
}

static size_t resident_bytes(void) {
    size_t total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%zu %zu", &total, &resident), 2);
    (void)fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static void realloc_of_own_region_gives_it_back(void **state) {
    (void)state;
    const size_t mib = (size_t)1 << 20;
    const size_t before = resident_bytes();
    unsigned char *ptr = call_malloc(110 * mib);
    assert_non_null(ptr);
    memset(ptr, 1, 110 * mib);
    ptr = resize(ptr, 130 * mib);
    assert_true(holds_only(ptr, 110 * mib, 1));
    assert_true(resident_bytes() < before + 160 * mib);
    call_free(ptr);
}

static void memalign_in_new_region_is_served(void **state) {
    (void)state;
    const size_t mib = (size_t)1 << 20;
    void *blocks[4];
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        blocks[i] = call_memalign(64 * mib, 65 * mib);
        assert_non_null(blocks[i]);
        assert_true(is_aligned(blocks[i], 64 * mib));
    }
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        call_free(blocks[i]);
    }
}

static void memory_of_own_region_goes_back_to_the_system(void **state) {
    (void)state;
    const size_t bytes = (size_t)100 << 20;
    const size_t before = resident_bytes();
    unsigned char *ptr = call_malloc(bytes);
    assert_non_null(ptr);
    memset(ptr, 1, bytes);
    assert_true(resident_bytes() >= before + bytes / 2);
    call_free(ptr);
    assert_true(resident_bytes() < before + bytes / 10);
}

static bool succeeds_with_little_address_space(void) {
    const struct rlimit limit = {(rlim_t)GIB, (rlim_t)GIB};
    char name[] = "test_calls";
    char how[] = "limited";
    char *const words[] = {name, how, NULL};
    return setrlimit(RLIMIT_AS, &limit) == 0 && execv("/proc/self/exe", words) == 0;
}

static void address_space_limit_gives_a_smaller_heap(void **state) {
    (void)state;
    assert_succeeds_in_child(succeeds_with_little_address_space);
}

/* Runs in the program with limited address space. */
static int limited_main(void) {
    const size_t count = blocks_until_full((size_t)1 << 20);
    return count > 100 && count < 1000 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The order matters: free memory in shared regions serves the cases after it. */
static const struct CMUnitTest additions[] = {
    cmocka_unit_test(every_call_is_the_preloads),
    cmocka_unit_test(mallinfo_counts_bytes),
    cmocka_unit_test(malloc_trim_has_nothing_to_do),
    cmocka_unit_test(memory_of_own_region_goes_back_to_the_system),
    cmocka_unit_test(realloc_of_own_region_gives_it_back),
    cmocka_unit_test(calloc_of_large_array_is_zero),
    cmocka_unit_test(own_regions_are_given_back_and_taken_again),
    cmocka_unit_test(growing_own_regions_find_room),
    cmocka_unit_test(neighbouring_own_regions_are_joined),
    cmocka_unit_test(heap_reaches_as_far_as_links_and_no_farther),
    cmocka_unit_test(address_space_limit_gives_a_smaller_heap),
    cmocka_unit_test(memalign_in_new_region_is_served),
};

int main(int argc, char **argv) {
    const char *how = argc >= 2 ? argv[1] : "";
    if (strcmp(how, "limited") == 0) {
        return limited_main();
    }
    if (strcmp(how, "library") == 0) {
        return cmocka_run_group_tests(promises, NULL, NULL);
    }
    if (strcmp(how, "preload") == 0 && argc == 3) {
        level = (int)strtol(argv[2], NULL, 10);
        const int failed = cmocka_run_group_tests(additions, NULL, NULL);
        return failed + cmocka_run_group_tests(promises, NULL, NULL);
    }
    fprintf(stderr, "usage: test_calls library|preload LEVEL\n");
    return EXIT_FAILURE;
}
