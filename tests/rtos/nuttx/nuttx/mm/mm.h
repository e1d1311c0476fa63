/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of the interface that a memory manager gives. */
#ifndef NUTTX_MM_H
#define NUTTX_MM_H

#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>

struct mm_heap_s;

struct mm_heap_s *mm_initialize(const char *name, void *heap_start, size_t heap_size);
void mm_uninitialize(struct mm_heap_s *heap);
void mm_addregion(struct mm_heap_s *heap, void *heapstart, size_t heapsize);
void *mm_malloc(struct mm_heap_s *heap, size_t size);
size_t mm_malloc_size(struct mm_heap_s *heap, void *mem);
void mm_free(struct mm_heap_s *heap, void *mem);
void *mm_realloc(struct mm_heap_s *heap, void *oldmem, size_t size);
void *mm_calloc(struct mm_heap_s *heap, size_t n, size_t elem_size);
void *mm_zalloc(struct mm_heap_s *heap, size_t size);
void *mm_memalign(struct mm_heap_s *heap, size_t alignment, size_t size);
bool mm_heapmember(struct mm_heap_s *heap, void *mem);
void mm_extend(struct mm_heap_s *heap, void *mem, size_t size, int region);
void *mm_brkaddr(struct mm_heap_s *heap, int region);
struct mallinfo mm_mallinfo(struct mm_heap_s *heap);
size_t mm_heapfree(struct mm_heap_s *heap);
size_t mm_heapfree_largest(struct mm_heap_s *heap);
void mm_checkcorruption(struct mm_heap_s *heap);

#endif
