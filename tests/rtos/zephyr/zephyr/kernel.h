/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of what k_malloc.c needs of the kernel. It is no kernel. */
#ifndef ZEPHYR_KERNEL_H
#define ZEPHYR_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct k_spinlock {
    int is_taken;
};
typedef struct {
    int key;
} k_spinlock_key_t;

k_spinlock_key_t k_spin_lock(struct k_spinlock *l);
void k_spin_unlock(struct k_spinlock *l, k_spinlock_key_t key);

void model_assert(int holds);
#define __ASSERT(test, ...) model_assert((test) ? 1 : 0)

void *k_aligned_alloc(size_t align, size_t size);
void *k_malloc(size_t size);
void k_free(void *ptr);
void *k_calloc(size_t nmemb, size_t size);
void *k_realloc(void *ptr, size_t size);

#endif
