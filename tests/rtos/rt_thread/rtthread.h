/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of what userheap.c needs of the kernel. It is no kernel. */
#ifndef RT_THREAD_H
#define RT_THREAD_H

#include <stddef.h>
#include <stdint.h>

#define RT_USING_HEAP
#ifndef MODEL_HAS_ITS_OWN_HEAP
#define RT_USING_USERHEAP
#endif
#ifndef RT_ALIGN_SIZE
#define RT_ALIGN_SIZE 8
#endif

typedef long rt_base_t;
typedef unsigned long rt_ubase_t;
typedef rt_ubase_t rt_size_t;

void model_assert(int holds);
#define RT_ASSERT(holds) model_assert((holds) ? 1 : 0)

void rt_system_heap_init(void *begin_addr, void *end_addr);
void *rt_malloc(rt_size_t size);
void rt_free(void *ptr);
void *rt_realloc(void *ptr, rt_size_t newsize);
void *rt_calloc(rt_size_t count, rt_size_t size);
void rt_memory_info(rt_size_t *total, rt_size_t *used, rt_size_t *max_used);
void rt_malloc_sethook(void (*hook)(void *ptr, rt_size_t size));
void rt_free_sethook(void (*hook)(void *ptr));

#endif
