/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemp_malloc.h: newlib, newlib-nano or picolibc on one heap of the core. fmemp_malloc.c defines
 * every function of the C library that allocates, so the program, `new` and the C library's own
 * code share the heap. No _sbrk is needed. Compile that file with the sources of lib/core.
 *
 * The heap's memory: everything between two symbols of the linker script.
 *
 *     C library   begins at          ends at
 *     newlib      _end               _estack - _Min_Stack_Size   scripts of STM32Cube
 *     picolibc    __heap_start       __heap_end                  picolibc.ld
 *
 * Or say so on the command line:
 *
 *     FMEMP_MALLOC_BEGIN, FMEMP_MALLOC_END   Other symbols: -DFMEMP_MALLOC_BEGIN=__HeapBase
 *                             -DFMEMP_MALLOC_END=__HeapLimit. Define both or none.
 *     FMEMP_MALLOC_STACK      A symbol whose address is a number of bytes below the end: they are
 *                             the stack's. Default: none where you name the other two.
 *     FMEMP_MALLOC_BYTES      A number: the heap is an array of so many bytes, and no symbol is
 *                             used.
 *     FMEMP_MALLOC_LARGEST_POOL   Bytes of the largest region that you will add with tlsf_add_pool;
 *                             default 0: none is larger than the first. See tlsf_create_sized.
 *     FMEMP_MALLOC_ALIGNMENT      Alignment of every block in bytes; default that of max_align_t.
 *                             TLSF_GRANULE must be a multiple of it: 16 on RISC-V. Where nothing in
 *                             the heap is a long double, 8 is enough there.
 *
 *     FMEMP_CALL_SITES        1: the heap is that of an FMemp, which keeps the call site of every
 *                             block in 4 bytes: fmemp_malloc_pool. Compile lib/fmemp, too, and all
 *                             of it with this option.
 *
 * A symbol that the linker script does not have is an undefined reference.
 *
 * What holds for the C library's functions
 *   Start        The first call makes the heap: constructors may allocate. That call takes time
 *                linear in the number of size classes. It needs .data and .bss to be initialised.
 *   Failure      A request that fails returns NULL and sets errno to ENOMEM. So does every request
 *                where the memory is too small for a heap, or ends before it begins. An alignment
 *                that is no power of two gives EINVAL. posix_memalign returns the number, and does
 *                not set errno.
 *   Zero         malloc(0) gives a block. realloc(p, 0) frees p and returns NULL.
 *   Mistakes     A double free or a wrong pointer goes to the heap's fault hook (tlsf.h); with
 *                FMEMP_CALL_SITES 1 to that of FMemp, which prints the report first.
 *   Threads      The C library's lock is held: __malloc_lock of newlib, or the recursive lock of
 *                picolibc. Where your library's own locks do nothing, and Debian's newlib and
 *                picolibc are such, define them in your program if you have threads.
 *   Interrupts   May not allocate or free, unless your lock masks them.
 *   Time         Under the lock O(1), but for the first call. calloc clears, and a realloc that
 *                moves copies, without the lock; with FMEMP_CALL_SITES 1 realloc copies with it.
 *   mallinfo     arena: bytes of all blocks; uordblks: of live ones; fordblks: of free ones;
 *                usmblks: the largest uordblks so far. The rest is 0. O(1).
 *   malloc_stats prints these four to TLSF_WRITE, with newlib.
 *   mallopt, malloc_trim   do nothing and return 0, with newlib.
 *
 * With -flto nothing else is needed.
 */
#ifndef FMEMP_MALLOC_H
#define FMEMP_MALLOC_H

#include "tlsf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Returns  the heap, to add memory or to ask for statistics; NULL if and only if its memory is too
 *          small for a heap, or ends before it begins. The functions of tlsf.h do not lock: take
 *          the C library's lock around a call, or make it before there are threads.
 * Time     O(1), but for the first call. */
tlsf_t fmemp_malloc_heap(void);

#if defined FMEMP_CALL_SITES && FMEMP_CALL_SITES
/* Only with FMEMP_CALL_SITES 1. The heap as an FMemp, whose FMemListAll, FMempWalk, FMempCheck and
 * FMempAddRegion name and take what malloc uses. Its owner of a block is the call of malloc, of
 * another function of the C library, or of `new` with integrations/cpp.
 * Returns  the FMemp; not ready (fmemory_pool.h) if and only if fmemp_malloc_heap returns NULL.
 *          Its functions take FMempLock, and not the C library's lock: take that one around a call,
 *          or make it while no other thread or interrupt allocates.
 * Time     O(1), but for the first call. */
struct FMemp *fmemp_malloc_pool(void);

/* Names another caller for a block, as FMempSetCallSite does, under the C library's lock: for a
 * function that passes requests on to malloc.
 * block    a live block of malloc that nobody else knows yet; NULL is ignored.
 * caller   any address, such as FMEMP_CALLER().
 * Returns  block.
 * Time     O(1). */
void *fmemp_malloc_set_call_site(void *block, const void *caller);
#endif

#ifdef __cplusplus
}
#endif

#endif
