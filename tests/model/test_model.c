/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The model notices what it claims to notice. Each case puts an interface with one mistake between
 * model and core. The model must end the program.
 *
 * No case verifies a promise: the model of the random tests notices each mistake.
 */
#include "drive.h"
#include "profiles.h"
#include "support/suite.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS = 4000 };

static size_t calls_made; /* of the wrong function */

/* Runs a random load of every kind of request through these calls. */
static void run_load(const model_calls *calls) {
    const profile *p = &profiles[5];
    const stream_shape shape = {CREATION_SIZED, 8, 6000, 3000, 3000};
    random_source source = random_from(5);
    static model m;
    model_make_shaped(&m, calls, NULL, &shape);
    for (size_t step = 0; step < STEPS; step++) {
        uint8_t bytes[STREAM_LONG_BYTES];
        drive_bytes(&m, bytes, profile_request(&source, p, step, bytes));
    }
    model_end(&m);
}

/* Whether the model aborts a child process that runs the load. */
static bool is_noticed(const model_calls *calls) {
    int status = 0;
    calls_made = 0;
    fflush(NULL);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_load(calls);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static bool now_and_then(void) { return ++calls_made % 100 == 0; }

/* ---- requests ----------------------------------------------------------------------- */

static void *malloc_refused(model *m, size_t size) {
    return now_and_then() ? NULL : tlsf_malloc(m->t, size);
}

static void *malloc_larger(model *m, size_t size) {
    return tlsf_malloc(m->t, now_and_then() ? size + tlsf_align_size() : size);
}

static void *malloc_smaller(model *m, size_t size) {
    return tlsf_malloc(m->t, size > 200 && now_and_then() ? size / 4 : size);
}

/* Returns the same block twice. */
static void *malloc_overlapping(model *m, size_t size) {
    static void *last;
    void *ptr = tlsf_malloc(m->t, size);
    if (ptr != NULL && last != NULL && now_and_then()) {
        tlsf_free(m->t, ptr);
        return last;
    }
    last = ptr;
    return ptr;
}

static void *malloc_counted_twice(model *m, size_t size) {
    if (now_and_then()) {
        tlsf_free(m->t, tlsf_malloc(m->t, 1));
    }
    return tlsf_malloc(m->t, size);
}

/* Changes a byte of another block. */
static void *malloc_scribbling(model *m, size_t size) {
    bool is_due = now_and_then();
    for (unsigned i = 0; i < MODEL_SLOTS && is_due; i++) {
        const model_block *b = &m->blocks[i];
        if (b->begin != NULL && b->usable > 2) {
            b->begin[1] ^= 1;
            is_due = false;
        }
    }
    return tlsf_malloc(m->t, size);
}

/* Changes a byte of a region that is not part of the heap. */
static void *malloc_outside(model *m, size_t size) {
    bool is_due = now_and_then();
    for (unsigned i = 1; i < MODEL_REGIONS && is_due; i++) {
        if (m->regions[i].pool == NULL) {
            m->regions[i].begin[100] ^= 1;
            is_due = false;
        }
    }
    return tlsf_malloc(m->t, size);
}

static void *calloc_not_zeroed(model *m, size_t count, size_t size) {
    uint8_t *ptr = tlsf_calloc(m->t, count, size);
    if (ptr != NULL && count * size > 20) {
        ptr[count * size - 1] = 1;
    }
    return ptr;
}

static void *calloc_overflowing(model *m, size_t count, size_t size) {
    return tlsf_malloc(m->t, count * size);
}

static void *memalign_not_aligned(model *m, size_t align, size_t size) {
    return align > 4096 || (align & (align - 1)) != 0 ? tlsf_memalign(m->t, align, size)
                                                      : tlsf_malloc(m->t, size);
}

static void *memalign_any_align(model *m, size_t align, size_t size) {
    return tlsf_memalign(m->t, (align & (align - 1)) != 0 ? 0 : align, size);
}

static void *realloc_losing(model *m, void *ptr, size_t size) {
    uint8_t *moved = tlsf_realloc(m->t, ptr, size);
    if (ptr != NULL && moved != NULL && moved != ptr) {
        moved[0] ^= 1;
    }
    return moved;
}

static void *realloc_always_moving(model *m, void *ptr, size_t size) {
    const size_t before = tlsf_block_size(ptr);
    uint8_t *moved = ptr == NULL || size == 0 ? NULL : tlsf_malloc(m->t, size);
    if (moved == NULL) {
        return tlsf_realloc(m->t, ptr, size);
    }
    memcpy(moved, ptr, before < size ? before : size);
    tlsf_free(m->t, ptr);
    return moved;
}

static void *realloc_not_growing(model *m, void *ptr, size_t size) {
    return size > tlsf_block_size(ptr) && ptr != NULL ? NULL : tlsf_realloc(m->t, ptr, size);
}

static void free_forgotten(model *m, void *ptr) {
    if (!now_and_then()) {
        tlsf_free(m->t, ptr);
    }
}

/* ---- pools -------------------------------------------------------------------------- */

static pool_t add_pool_refused(model *m, uint8_t *begin, size_t bytes) {
    return tlsf_add_pool(m->t, begin, bytes == 0 ? 0 : 1);
}

static pool_t add_pool_smaller(model *m, uint8_t *begin, size_t bytes) {
    return tlsf_add_pool(m->t, begin, bytes / 2);
}

/* NOLINTBEGIN(readability-non-const-parameter): model_calls has these parameters */
static pool_t grow_pool_refused(model *m, const model_region *r, uint8_t *begin, uint8_t *end) {
    (void)m, (void)r, (void)begin, (void)end;
    return NULL;
}

static pool_t grow_pool_smaller(model *m, const model_region *r, uint8_t *begin, uint8_t *end) {
    return model_core_calls.grow_pool(m, r, begin + (r->given - begin) / 2,
                                      end - (end - r->end) / 2);
}

static pool_t grow_pool_claimed(model *m, const model_region *r, uint8_t *begin, uint8_t *end) {
    (void)m, (void)begin, (void)end;
    return r->pool;
}
/* NOLINTEND(readability-non-const-parameter) */

static bool remove_pool_refused(model *m, const model_region *r) {
    (void)m, (void)r;
    return false;
}

static bool remove_pool_claimed(model *m, const model_region *r) {
    (void)m;
    return r->pool != NULL;
}

static void reset_forgotten(model *m) { (void)m; }

/* ---- the cases ---------------------------------------------------------------------- */

static void model_sound_calls_pass(void **state) {
    (void)state;
    assert_false(is_noticed(&model_core_calls));
}

#define NOTICED_CASE(member, wrong) \
    static void model_##wrong##_is_noticed(void **state) { \
        model_calls calls = model_core_calls; \
        (void)state; \
        calls.member = wrong; \
        assert_true(is_noticed(&calls)); \
    }

NOTICED_CASE(malloc, malloc_refused)
NOTICED_CASE(malloc, malloc_larger)
NOTICED_CASE(malloc, malloc_smaller)
NOTICED_CASE(malloc, malloc_overlapping)
NOTICED_CASE(malloc, malloc_scribbling)
NOTICED_CASE(malloc, malloc_outside)
NOTICED_CASE(calloc, calloc_not_zeroed)
NOTICED_CASE(calloc, calloc_overflowing)
NOTICED_CASE(memalign, memalign_not_aligned)
NOTICED_CASE(memalign, memalign_any_align)
NOTICED_CASE(realloc, realloc_losing)
NOTICED_CASE(realloc, realloc_always_moving)
NOTICED_CASE(realloc, realloc_not_growing)
NOTICED_CASE(free, free_forgotten)
NOTICED_CASE(add_pool, add_pool_refused)
NOTICED_CASE(add_pool, add_pool_smaller)
NOTICED_CASE(grow_pool, grow_pool_refused)
NOTICED_CASE(grow_pool, grow_pool_smaller)
NOTICED_CASE(grow_pool, grow_pool_claimed)
NOTICED_CASE(remove_pool, remove_pool_refused)
NOTICED_CASE(remove_pool, remove_pool_claimed)
NOTICED_CASE(reset, reset_forgotten)

static void model_malloc_counted_twice_is_noticed(void **state) {
    model_calls calls = model_core_calls;
    (void)state;
    if (!TLSF_STATISTICS) {
        SKIP_BECAUSE("this build keeps no statistics");
    }
    calls.malloc = malloc_counted_twice;
    assert_true(is_noticed(&calls));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_sound_calls_pass),
        cmocka_unit_test(model_malloc_refused_is_noticed),
        cmocka_unit_test(model_malloc_larger_is_noticed),
        cmocka_unit_test(model_malloc_smaller_is_noticed),
        cmocka_unit_test(model_malloc_overlapping_is_noticed),
        cmocka_unit_test(model_malloc_counted_twice_is_noticed),
        cmocka_unit_test(model_malloc_scribbling_is_noticed),
        cmocka_unit_test(model_malloc_outside_is_noticed),
        cmocka_unit_test(model_calloc_not_zeroed_is_noticed),
        cmocka_unit_test(model_calloc_overflowing_is_noticed),
        cmocka_unit_test(model_memalign_not_aligned_is_noticed),
        cmocka_unit_test(model_memalign_any_align_is_noticed),
        cmocka_unit_test(model_realloc_losing_is_noticed),
        cmocka_unit_test(model_realloc_always_moving_is_noticed),
        cmocka_unit_test(model_realloc_not_growing_is_noticed),
        cmocka_unit_test(model_free_forgotten_is_noticed),
        cmocka_unit_test(model_add_pool_refused_is_noticed),
        cmocka_unit_test(model_add_pool_smaller_is_noticed),
        cmocka_unit_test(model_grow_pool_refused_is_noticed),
        cmocka_unit_test(model_grow_pool_smaller_is_noticed),
        cmocka_unit_test(model_grow_pool_claimed_is_noticed),
        cmocka_unit_test(model_remove_pool_refused_is_noticed),
        cmocka_unit_test(model_remove_pool_claimed_is_noticed),
        cmocka_unit_test(model_reset_forgotten_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
