/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <zephyr/kernel.h>

#include "common/heap_calls.h"

k_spinlock_key_t k_spin_lock(struct k_spinlock *l) {
    const k_spinlock_key_t key = {model.mask};
    if (l->is_taken) {
        abort(); /* it would never open */
    }
    l->is_taken = 1;
    model.mask = MODEL_MASK;
    model.locks++;
    return key;
}

void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t key) {
    if (!l->is_taken) {
        abort();
    }
    l->is_taken = 0;
    model.mask = key.key;
}

void heap_begin(void) {}
void *heap_malloc(size_t bytes) { return k_malloc(bytes); }
void *heap_calloc(size_t count, size_t size) { return k_calloc(count, size); }
void *heap_memalign(size_t align, size_t bytes) { return k_aligned_alloc(align, bytes); }
void *heap_realloc(void *ptr, size_t bytes) { return k_realloc(ptr, bytes); }
void heap_free(void *ptr) { k_free(ptr); }

const bool heap_reports_use = false;
size_t heap_used(void) { return 0; }

const struct CMUnitTest own_cases[] = {{NULL, NULL, NULL, NULL, NULL}};
const size_t own_case_count = 0;
