/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every build option of the core, its range, default and cost. This is the one place
 * where an option gets its value: each is a number from here on, and is tested with a
 * plain `if` or `#if`, never with `#ifdef`. Set one with -DTLSF_GRANULE=16 or with the
 * Meson option of the same name in lower case (-Dgranule=16); Meson reserves two names, so
 * that TLSF_LAYOUT is block_layout and TLSF_PREFIX symbol_prefix there.
 *
 * The library and its callers need the same TLSF_LAYOUT, TLSF_GRANULE and TLSF_SL_BITS:
 * a caller that creates a heap with others does not link (tlsf_names.h).
 */
#ifndef TLSF_CONFIG_H
#define TLSF_CONFIG_H

/* TLSF_LAYOUT: how headers and links are stored.
 *   TLSF_COMPACT  32-bit headers; links are 32-bit offsets that reach 8 GiB either way, with
 *                 granule 4 4 GiB.
 *   TLSF_WIDE     headers of a size_t, pointers as links: any address, and less work per
 *                 call; on 64-bit machines 8 instead of 4 bytes a block, and blocks of at
 *                 least 32 instead of 16 bytes. */
#define TLSF_COMPACT 0
#define TLSF_WIDE 1
#ifndef TLSF_LAYOUT
#define TLSF_LAYOUT TLSF_COMPACT
#endif

/* TLSF_GRANULE: 4, 8, 16, 32 or 64 bytes. Every payload address and every block size is a
 * multiple of it. A larger one wastes half a granule more per block. 4 is for small 32-bit
 * parts that store nothing wider than a word, and does not go with 64-bit headers. Written as
 * one of these numbers, for it is part of linker names; so is TLSF_SL_BITS. */
#ifndef TLSF_GRANULE
#define TLSF_GRANULE 8
#endif

/* TLSF_SL_BITS: 3, 4 or 5; 2^TLSF_SL_BITS second-level classes divide each power of two.
 * One more halves the rounding of a search and doubles the list heads (one link each). */
#ifndef TLSF_SL_BITS
#define TLSF_SL_BITS 4
#endif

/* TLSF_LOOK_AHEAD: 1 to 4 blocks of the class below the searched one are tried before a
 * request fails. Each costs some ten instructions. */
#ifndef TLSF_LOOK_AHEAD
#define TLSF_LOOK_AHEAD 1
#endif

/* TLSF_PENDING: 1 keeps the free block that was produced last out of the lists until the next
 * call that produces one: a sixth less time on recorded loads. 0 does without: some fifteen
 * instructions less in the worst case of malloc, free, memalign and realloc. */
#ifndef TLSF_PENDING
#define TLSF_PENDING 1
#endif

/* TLSF_HARDENING: 0 nothing is checked; 1 the caller's mistakes are found by O(1) checks in
 * free and realloc, and go to the fault hook (some forty instructions a call); 2 so are sizes,
 * links and bits that something has overwritten, in every call, before they are used (some three
 * to four hundred instructions); 3 debugging: fill patterns and a guard behind each payload show
 * stray writes at the next call that meets them or the next check. Level 3 takes time linear in
 * the size of a block and in pools, and one header word a block more; tlsf_block_size is exactly
 * what was asked for. */
#ifndef TLSF_HARDENING
#define TLSF_HARDENING 1
#endif

/* TLSF_STATISTICS: 1 keeps used, peak and the counts of calls, some eight instructions a
 * call; 0 does not, and tlsf_stats says so. */
#ifndef TLSF_STATISTICS
#define TLSF_STATISTICS 1
#endif

/* TLSF_MEMORY_CHECKER: 1 informs a memory checker of every byte that changes its owner. The tool then
 * reports a stray access to a block as it does for malloc's blocks. 0, the default, costs nothing.
 * Put the tool's port on the include path:
 *   -Iports/address_sanitizer  Compile the program with -fsanitize=address, and lib/ with
 *                              -fno-sanitize=address.
 *   -Iports/valgrind           Run the program under valgrind's memcheck. Without valgrind, a request
 *                              takes some ten instructions more and nothing else changes.
 * Both ports need a compiler that knows GNU C, and the tool's headers. End a heap with tlsf_destroy
 * before you use its memory for something else; this takes time linear in pools then. Calls that take
 * or give a block take time linear in its size. */
#ifndef TLSF_MEMORY_CHECKER
#define TLSF_MEMORY_CHECKER 0
#endif

/* TLSF_STOP(): what the default fault hook does. To have something else done, set a hook with
 * tlsf_set_fault_hook, or define this macro in a file that -include brings in, with what it
 * needs declared. */
#ifndef TLSF_STOP
#ifdef __GNUC__
#define TLSF_STOP() __builtin_trap()
#else
#define TLSF_STOP() \
    for (;;) { \
    }
#endif
#endif

/* TLSF_ASSERTIONS: 1 makes the library test its own preconditions and stop at one that is false;
 * 0, the default, tests none. The instruction bounds hold with 0 only.
 *
 * TLSF_ASSERT(condition) is one such test.
 *   With 0    It is nothing: the condition is not evaluated.
 *   With 1    A false condition runs TLSF_STOP().
 * It finds bugs of the library, and corruption at TLSF_HARDENING 0. It never replaces a report:
 * what a hardening level finds reaches the fault hook with 0 and with 1. To use an assertion of
 * your own, define TLSF_ASSERT in a file that -include brings in. */
#ifndef TLSF_ASSERTIONS
#define TLSF_ASSERTIONS 0
#endif
#ifndef TLSF_ASSERT
#if TLSF_ASSERTIONS
#define TLSF_ASSERT(condition) \
    do { \
        if (!(condition)) { \
            TLSF_STOP(); \
        } \
    } while (0)
#else
#define TLSF_ASSERT(condition) ((void)0)
#endif
#endif

/* An unknown word would count as 0, which is TLSF_COMPACT: only these spell a layout. */
#define TLSF_IS_LAYOUT_0 1
#define TLSF_IS_LAYOUT_1 1
#define TLSF_IS_LAYOUT_PASTE(layout) TLSF_IS_LAYOUT_##layout
#define TLSF_IS_LAYOUT(layout) TLSF_IS_LAYOUT_PASTE(layout)

#if !TLSF_IS_LAYOUT(TLSF_LAYOUT)
#error "TLSF_LAYOUT must be TLSF_COMPACT or TLSF_WIDE"
#endif
#if TLSF_GRANULE != 4 && TLSF_GRANULE != 8 && TLSF_GRANULE != 16 && TLSF_GRANULE != 32 && \
    TLSF_GRANULE != 64
#error "TLSF_GRANULE must be 4, 8, 16, 32 or 64"
#endif
#if TLSF_SL_BITS < 3 || TLSF_SL_BITS > 5
#error "TLSF_SL_BITS must be 3, 4 or 5"
#endif
#if TLSF_LOOK_AHEAD < 1 || TLSF_LOOK_AHEAD > 4
#error "TLSF_LOOK_AHEAD must be 1, 2, 3 or 4"
#endif
#if TLSF_HARDENING < 0 || TLSF_HARDENING > 3
#error "TLSF_HARDENING must be 0, 1, 2 or 3"
#endif
#if TLSF_PENDING != 0 && TLSF_PENDING != 1
#error "TLSF_PENDING must be 0 or 1"
#endif
#if TLSF_STATISTICS != 0 && TLSF_STATISTICS != 1
#error "TLSF_STATISTICS must be 0 or 1"
#endif
#if TLSF_ASSERTIONS != 0 && TLSF_ASSERTIONS != 1
#error "TLSF_ASSERTIONS must be 0 or 1"
#endif
#if TLSF_MEMORY_CHECKER != 0 && TLSF_MEMORY_CHECKER != 1
#error "TLSF_MEMORY_CHECKER must be 0 or 1"
#endif

#endif
