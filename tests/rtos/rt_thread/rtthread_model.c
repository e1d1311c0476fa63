/* SPDX-License-Identifier: BSD-3-Clause */
#include <rthw.h>
#include <rtthread.h>

#include "common/heap_calls.h"

static uint8_t memory[8192];

rt_base_t rt_hw_interrupt_disable(void) {
    const rt_base_t before = model.mask;
    model.mask = MODEL_MASK;
    model.locks++;
    return before;
}

void rt_hw_interrupt_enable(rt_base_t level) { model.mask = (int)level; }

void heap_begin(void) {
    rt_malloc_sethook(NULL);
    rt_free_sethook(NULL);
    rt_system_heap_init(memory, memory + sizeof memory);
}

void *heap_malloc(size_t bytes) { return rt_malloc(bytes); }
void *heap_calloc(size_t count, size_t size) { return rt_calloc(count, size); }
void *heap_memalign(size_t align, size_t bytes) {
    (void)align;
    (void)bytes;
    return NULL;
}
void *heap_realloc(void *ptr, size_t bytes) { return rt_realloc(ptr, bytes); }
void heap_free(void *ptr) { rt_free(ptr); }

const bool heap_reports_use = true;
size_t heap_used(void) {
    rt_size_t used;
    rt_memory_info(NULL, &used, NULL);
    return used;
}

/* ---- cases ---------------------------------------------------------------------------------- */

static const void *hooked;
static rt_size_t hooked_size;
static unsigned hooks;

static void malloc_hook(void *ptr, rt_size_t size) {
    hooked = ptr;
    hooked_size = size;
    hooks += model.mask == 0;
}

static void free_hook(void *ptr) {
    hooked = ptr;
    hooks += model.mask == 0;
}

static void hooks_learn_of_each_block_without_the_lock(void **state) {
    (void)state;
    hooks = 0;
    rt_malloc_sethook(malloc_hook);
    rt_free_sethook(free_hook);
    void *const block = rt_malloc(20);
    assert_ptr_equal(hooked, block);
    assert_int_equal(hooked_size, 20);
    void *const second = rt_calloc(3, 5);
    assert_ptr_equal(hooked, second);
    assert_int_equal(hooked_size, 15);
    rt_free(block);
    assert_ptr_equal(hooked, block);
    rt_free(second);
    assert_ptr_equal(hooked, second);
    assert_null(rt_malloc(1000000));
    rt_free(NULL);
    assert_int_equal(hooks, 4);
}

static void memory_info_tells_total_and_most_used(void **state) {
    (void)state;
    rt_size_t total, used, most;
    rt_free(rt_malloc(1000));
    rt_memory_info(&total, &used, &most);
    assert_in_range(total, 7000, 8192);
    assert_int_equal(used, 0);
    assert_in_range(most, 1000, 1016);
    rt_memory_info(NULL, NULL, NULL);
}

static void init_of_too_little_memory_asserts(void **state) {
    (void)state;
    rt_system_heap_init(memory, memory + 100);
    assert_int_equal(model.assertions, 1);
    assert_null(rt_malloc(1));
    assert_null(rt_calloc(1, 1));
    assert_null(rt_realloc(memory, 1));
    rt_free(memory);
    rt_memory_info(NULL, NULL, NULL);
    model.assertions = 0;
}

const struct CMUnitTest own_cases[] = {
    cmocka_unit_test(hooks_learn_of_each_block_without_the_lock),
    cmocka_unit_test(memory_info_tells_total_and_most_used),
    cmocka_unit_test(init_of_too_little_memory_asserts),
};
const size_t own_case_count = COUNT_OF(own_cases);
