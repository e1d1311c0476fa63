/* SPDX-License-Identifier: BSD-3-Clause */
#include <nuttx/irq.h>
#include <nuttx/mm/mm.h>
#include <stdint.h>
#include <string.h>

#include "common/heap_calls.h"

static uint8_t memory[24000];
static uint8_t second[4096];
static struct mm_heap_s *heap;

irqstate_t enter_critical_section(void) {
    const irqstate_t before = (irqstate_t)model.mask;
    model.mask = MODEL_MASK;
    model.locks++;
    return before;
}

void leave_critical_section(irqstate_t flags) { model.mask = (int)flags; }

void heap_begin(void) { heap = mm_initialize("test", memory + 1, 16000); }

void *heap_malloc(size_t bytes) { return mm_malloc(heap, bytes); }
void *heap_calloc(size_t count, size_t size) { return mm_calloc(heap, count, size); }
void *heap_memalign(size_t align, size_t bytes) { return mm_memalign(heap, align, bytes); }
void *heap_realloc(void *ptr, size_t bytes) { return mm_realloc(heap, ptr, bytes); }
void heap_free(void *ptr) { mm_free(heap, ptr); }

const bool heap_reports_use = true;
size_t heap_used(void) { return (size_t)mm_mallinfo(heap).uordblks; }

/* ---- cases ---------------------------------------------------------------------------------- */

static void heapmember_knows_both_regions(void **state) {
    (void)state;
    assert_false(mm_heapmember(heap, second + 100));
    mm_addregion(heap, second, sizeof second);
    assert_true(mm_heapmember(heap, second + 100));
    assert_true(mm_heapmember(heap, memory + 8000));
    assert_false(mm_heapmember(heap, memory + 20000));
}

static void addregion_more_than_configured_asserts(void **state) {
    (void)state;
    mm_addregion(heap, second, 2000);
    const size_t before = mm_heapfree(heap);
    mm_addregion(heap, second + 2000, 2000);
    assert_int_equal(model.assertions, 1);
    assert_int_equal(mm_heapfree(heap), before);
    model.assertions = 0;
}

static void extend_makes_the_end_and_the_free_bytes_grow(void **state) {
    (void)state;
    const size_t before = mm_heapfree(heap);
    uint8_t *const old_end = mm_brkaddr(heap, 0);
    assert_ptr_equal(old_end, memory + 1 + 16000);
    mm_extend(heap, old_end, 4000, 0);
    assert_ptr_equal(mm_brkaddr(heap, 0), old_end + 4000);
    assert_in_range(mm_heapfree(heap), before + 3990, before + 4016);
    assert_null(mm_brkaddr(heap, 1));
    assert_null(mm_brkaddr(heap, -1));
}

static void extend_elsewhere_asserts_and_changes_nothing(void **state) {
    (void)state;
    const size_t before = mm_heapfree(heap);
    mm_extend(heap, second, 2000, 0);
    mm_extend(heap, mm_brkaddr(heap, 0), 2000, 1); /* there is no region 1 */
    assert_int_equal(model.assertions, 2);
    assert_int_equal(mm_heapfree(heap), before);
    mm_addregion(heap, second, 2000);
    const size_t more = mm_heapfree(heap);
    mm_extend(heap, mm_brkaddr(heap, 0), 2000, 1); /* the end of another */
    assert_int_equal(model.assertions, 3);
    assert_int_equal(mm_heapfree(heap), more);
    model.assertions = 0;
}

static void zalloc_is_zero_and_malloc_size_holds_the_request(void **state) {
    (void)state;
    uint8_t *const block = mm_zalloc(heap, 77);
    for (unsigned i = 0; i < 77; i++) {
        assert_int_equal(block[i], 0);
    }
    assert_in_range(mm_malloc_size(heap, block), 77, 96);
    mm_free(heap, block);
}

static void heapfree_largest_is_served(void **state) {
    (void)state;
    const size_t largest = mm_heapfree_largest(heap);
    void *const block = mm_malloc(heap, largest);
    assert_non_null(block);
    assert_null(mm_malloc(heap, 1));
    assert_int_equal(mm_heapfree(heap), 0);
    mm_free(heap, block);
}

static void mallinfo_adds_up(void **state) {
    (void)state;
    void *const block = mm_malloc(heap, 500);
    const struct mallinfo info = mm_mallinfo(heap);
    assert_int_equal(info.arena, info.uordblks + info.fordblks);
    assert_int_equal(info.aordblks, 1);
    assert_int_equal(info.usmblks, info.uordblks);
    assert_int_equal(info.mxordblk, mm_heapfree_largest(heap));
    mm_free(heap, block);
}

static void checkcorruption_finds_an_overrun(void **state) {
    (void)state;
    uint8_t *const block = mm_malloc(heap, 20);
    mm_checkcorruption(heap);
    assert_int_equal(model.assertions, 0);
    memset(block, 0xFF, 40);
    mm_checkcorruption(heap);
    assert_int_equal(model.assertions, 1);
    model.assertions = 0;
}

static void initialize_too_little_memory_gives_null(void **state) {
    (void)state;
    assert_null(mm_initialize("small", second, 20));
    assert_null(mm_initialize("small", second, 500));
    assert_null(mm_initialize("none", NULL, 5000));
}

const struct CMUnitTest own_cases[] = {
    cmocka_unit_test(heapmember_knows_both_regions),
    cmocka_unit_test(addregion_more_than_configured_asserts),
    cmocka_unit_test(extend_makes_the_end_and_the_free_bytes_grow),
    cmocka_unit_test(extend_elsewhere_asserts_and_changes_nothing),
    cmocka_unit_test(zalloc_is_zero_and_malloc_size_holds_the_request),
    cmocka_unit_test(heapfree_largest_is_served),
    cmocka_unit_test(mallinfo_adds_up),
    cmocka_unit_test(checkcorruption_finds_an_overrun),
    cmocka_unit_test(initialize_too_little_memory_gives_null),
};
const size_t own_case_count = COUNT_OF(own_cases);
