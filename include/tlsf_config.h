/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_config.h: every build option of the core, with its range, default and cost; and the link
 * names that follow from the options.
 *
 * This is the one place that gives an option its value. [C1] From here on every option but
 * TLSF_PREFIX is a number: test it with `if` or `#if`, never with `#ifdef`. [C2]
 *
 * Set an option with -DTLSF_GRANULE=16, or with the Meson option of the same name in lower case,
 * -Dgranule=16. [C3] Meson reserves two names: TLSF_LAYOUT is block_layout there, and TLSF_PREFIX
 * is symbol_prefix. [C4]
 *
 * The library and its callers need the same TLSF_LAYOUT, TLSF_GRANULE, TLSF_SL_BITS and
 * TLSF_PREFIX; and TLSF_HARDENING 3 if either has it. A caller that creates a heap with others does
 * not link: see "link names" below. [C5] Every other option is the library's own. [C6]
 */
#ifndef TLSF_CONFIG_H
#define TLSF_CONFIG_H

/* ---- presets ------------------------------------------------------------------------- */

/* TLSF_PRESET: what the build is for. A preset gives other options their defaults, and nothing
 * else: an option that you set keeps your value. [C7]
 *   TLSF_PRESET_DEFAULT  Default. [C8] Fast on average, with a short worst case.
 *   TLSF_PRESET_BOUND    The shortest worst case and the smallest code: TLSF_PENDING 0. [C9] Choose
 *                        TLSF_HARDENING and TLSF_STATISTICS as you need them. */
#define TLSF_PRESET_DEFAULT 1
#define TLSF_PRESET_BOUND 2
#ifndef TLSF_PRESET
#define TLSF_PRESET TLSF_PRESET_DEFAULT
#endif

#if TLSF_PRESET == TLSF_PRESET_BOUND && !defined(TLSF_PENDING)
#define TLSF_PENDING 0
#endif

/* ---- what a block costs and which one is found --------------------------------------- */

/* TLSF_LAYOUT: how a heap stores headers and links.
 *   TLSF_COMPACT  Default. [C10] Headers have 32 bits. [C11] Links are 32-bit offsets: they reach 8
 *                 GiB in both directions, and 4 GiB with TLSF_GRANULE 4. [C12]
 *   TLSF_WIDE     Headers are a size_t, links are pointers: any address, and less work a
 *                 call. [C13] On 64-bit machines a block costs 8 instead of 4 bytes, and has at
 *                 least 32 instead of 16 bytes. [C14] */
#define TLSF_COMPACT 0
#define TLSF_WIDE 1
#ifndef TLSF_LAYOUT
#define TLSF_LAYOUT TLSF_COMPACT
#endif

/* TLSF_GRANULE: 4, 8, 16, 32 or 64 bytes; default 8. [C15] Every payload address and every block
 * size is a multiple of it. [C16] Rounding wastes half a granule a block on average. Granule 4 is
 * for small 32-bit parts that store nothing wider than a word. It does not go with 64-bit
 * headers. [C17] Write one of these numbers, no expression: the number is part of link names. */
#ifndef TLSF_GRANULE
#define TLSF_GRANULE 8
#endif

/* TLSF_SL_BITS: 3, 4 or 5; default 4. [C18] 2^TLSF_SL_BITS second-level classes divide each power
 * of two. [C19] One more halves the rounding of a search, and doubles the list heads (one link
 * each). [C20] Write a plain number here, too. */
#ifndef TLSF_SL_BITS
#define TLSF_SL_BITS 4
#endif

/* TLSF_LOOK_AHEAD: 1 to 4; default 1. [C21] Before a request fails, it tries up to that many blocks
 * of the class below the searched ones. [C22] Each costs some ten instructions, some forty at
 * TLSF_HARDENING 1 and some two hundred at level 2. [C23] */
#ifndef TLSF_LOOK_AHEAD
#define TLSF_LOOK_AHEAD 1
#endif

/* TLSF_PENDING: 1, the default, keeps the free block that was produced last out of the lists until
 * the next call that produces one, and cuts small blocks from what the last small request
 * left. [C24]
 * 0 takes a sixth more time on recorded loads, and saves a fifth of the instructions in the worst
 * case of malloc, free and memalign. [C25] */
#ifndef TLSF_PENDING
#define TLSF_PENDING 1
#endif

/* TLSF_ROUND_TO_CLASS: 0, the default, gives a block what its request needs. [C26] 1 rounds it up
 * to the smallest size of a class, or takes the whole free block that was found if that is
 * smaller. [C27] A block that is freed then serves every later request of its class. [C28] That
 * mitigates programs that leave holes which miss the next request by a granule; it lowers no bound.
 * It lengthens a block by less than one part in 2^TLSF_SL_BITS, and costs a dozen instructions a
 * call, up to 36 at TLSF_HARDENING 2, and up to four times that on a Cortex-M0. [C29] Small sizes
 * have a class each, and stay as they are. [C30] It does not go with TLSF_HARDENING 3. [C31] */
#ifndef TLSF_ROUND_TO_CLASS
#define TLSF_ROUND_TO_CLASS 0
#endif

/* ---- what is checked and counted ----------------------------------------------------- */

/* TLSF_HARDENING: 0 to 3; default 1. [C32] What a level finds goes to the fault hook: tlsf.h says
 * which mistakes a level finds, and when. [C33] Each level finds what the one below it finds. [C34]
 *   0  Nothing is checked. [C35]
 *   1  Misuse. free and realloc check their pointer by the headers around it, and every call checks
 *      the free blocks that it takes, in O(1). [C36] Costs up to 60 instructions in malloc and
 *      memalign, and 80 to 200 in free and realloc. [C37]
 *   2  Corruption. Every call checks the sizes, links and bits that it is about to use. [C38] A
 *      call takes three to five times the instructions of level 0. [C39]
 *   3  Stray writes, for debugging. Free memory holds a fill pattern, and a guard stands behind
 *      each payload. [C40] The next call that meets a stray write reports it; tlsf_check finds it,
 *      too. [C41] tlsf_block_size is exactly what was asked for. [C42] Costs time linear in the
 *      size of a block and in the number of pools, and one header word a block. [C43] */
#ifndef TLSF_HARDENING
#define TLSF_HARDENING 1
#endif

/* TLSF_STATISTICS: 1, the default, counts calls and keeps used and peak bytes. [C44] Costs some
 * eight instructions a call. [C45] 0 keeps none of them: tlsf_stats then returns 0. [C46] */
#ifndef TLSF_STATISTICS
#define TLSF_STATISTICS 1
#endif

/* TLSF_MEMORY_CHECKER: 1 informs a memory checker of every byte that changes its owner. [C47] The
 * tool then reports a stray access to a block as it does for malloc's blocks. [C48] 0, the default,
 * costs nothing. [C49] Put the tool's port on the include path:
 *   -Iports/address_sanitizer  Compile the program with -fsanitize=address, and lib/ with
 *                              -fno-sanitize=address.
 *   -Iports/valgrind           Run the program under valgrind's memcheck. Without valgrind a
 *                              request takes some ten instructions more, and nothing else
 *                              changes. [C50]
 * Both ports need a compiler that knows GNU C, and the tool's headers. End a heap with tlsf_destroy
 * before you use its memory for something else; this takes time linear in pools then. Calls that
 * take or give a block take time linear in its size. [C51] */
#ifndef TLSF_MEMORY_CHECKER
#define TLSF_MEMORY_CHECKER 0
#endif

/* TLSF_TRACE: 1 tells a sink of events what happens in the heap: blocks that are allocated, resized
 * and freed, requests that fail, pools. [C75] 0, the default, costs nothing. [C76] Put the sink's
 * folder on the include path:
 *   -Iports/trace/ring         A ring of events in memory; link its trace_ring.c. [C78] At most 25
 *                              instructions an event on Cortex-M4. [C79]
 *   -Iports/trace/freertos     traceMALLOC and traceFREE of FreeRTOS's recorders. [C80]
 *   -Iports/trace/systemview   SEGGER_SYSVIEW_HeapAlloc and its like. [C81]
 *   -Iports/trace/alarm        A hook when free bytes or the largest block fall below, or the
 *                              number of free blocks rises above a threshold; link its
 *                              trace_alarm.c. [C84] At most TRACE_ALARM_MAX instructions a change
 *                              on Cortex-M4. [C85]
 * The sinks are called with the lock of the caller held, if there is one. [C82] A sink of your own
 * is one file, heap_trace.h: the core's trace.h has its contract. */
#ifndef TLSF_TRACE
#define TLSF_TRACE 0
#endif

/* TLSF_STOP(): what the default fault hook does: the processor's trap instruction, or an endless
 * loop where the compiler has none. [C52] To do something else, set a hook with
 * tlsf_set_fault_hook; or define this macro in a file that -include brings in, with the
 * declarations that it needs. */
#ifndef TLSF_STOP
#ifdef __GNUC__
#define TLSF_STOP() __builtin_trap()
#else
#define TLSF_STOP() \
    for (;;) { \
    }
#endif
#endif

/* TLSF_WRITE(text, length): prints `length` characters; text[length] is 0. [C53] The library hands
 * it one line at a time, or pieces of a line that is longer than 127 characters. [C54]
 * tlsf_walk_pool without a walker uses it, and so does FMemp (FMEMP_WRITE in fmemory_port.h). [C55]
 * It must not use the heap that is printed.
 * The default calls tlsf_write. [C56] The library's tlsf_write takes no memory from a heap, and
 * writes [C57]
 *   hosted        to descriptor 1 by write(). [C58] What stdio has in its buffer comes out later:
 *                 call fflush(stdout) first if the order matters. What write() refuses is lost.
 *   newlib        the same, by _write() or write(), if something else in the program links
 *                 one [C59]
 *   picolibc      to stdout, if the program defines it [C60]
 *   otherwise     nowhere: freestanding, or without <unistd.h>. [C61] Nothing is printed there
 *                 until you define one of the two yourself.
 * With a compiler that knows weak functions, define tlsf_write in your program, and the linker
 * takes yours. [C62] -D'TLSF_WRITE(text, length)=' prints nothing, and makes no text. [C63] */
#ifndef TLSF_WRITE
#define TLSF_WRITE(text, length) tlsf_write(text, length)
#endif

/* TLSF_ASSERTIONS: 1 makes the library test its own preconditions and stop at one that is false; 0,
 * the default, tests none. [C64] The instruction bounds hold with 0 only.
 *
 * TLSF_ASSERT(condition) is one such test.
 *   With 0    It is nothing: the condition is not evaluated. [C65]
 *   With 1    A false condition runs TLSF_STOP(). [C66]
 * It finds bugs of the library, and corruption at TLSF_HARDENING 0. It never replaces a report:
 * what a hardening level finds reaches the fault hook with 0 and with 1. [C67] To use an assertion
 * of your own, define TLSF_ASSERT in a file that -include brings in. */
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

/* ---- handles ------------------------------------------------------------------------- */

/* TLSF_TYPED_HANDLES: 0, the default, makes tlsf_t and pool_t `void *`, as in other TLSFs. [C68] 1
 * makes them pointers to two structures, so that the compiler finds a heap where a pool is
 * meant. [C69] The types are the caller's choice: the library is the same machine code with
 * both. [C70] */
#ifndef TLSF_TYPED_HANDLES
#define TLSF_TYPED_HANDLES 0
#endif

/* ---- values that are refused --------------------------------------------------------- */

/* The preprocessor reads an unknown word as 0, which is TLSF_COMPACT. These two are layouts. */
#define TLSF_IS_LAYOUT_0 1
#define TLSF_IS_LAYOUT_1 1
#define TLSF_IS_LAYOUT_PASTE(layout) TLSF_IS_LAYOUT_##layout
#define TLSF_IS_LAYOUT(layout) TLSF_IS_LAYOUT_PASTE(layout)

#if TLSF_PRESET != TLSF_PRESET_DEFAULT && TLSF_PRESET != TLSF_PRESET_BOUND
#error "TLSF_PRESET must be TLSF_PRESET_DEFAULT or TLSF_PRESET_BOUND"
#endif
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
#if TLSF_ROUND_TO_CLASS != 0 && TLSF_ROUND_TO_CLASS != 1
#error "TLSF_ROUND_TO_CLASS must be 0 or 1"
#endif
#if TLSF_ROUND_TO_CLASS && TLSF_HARDENING == 3
#error "TLSF_ROUND_TO_CLASS does not go with TLSF_HARDENING 3"
#endif
#if TLSF_STATISTICS != 0 && TLSF_STATISTICS != 1
#error "TLSF_STATISTICS must be 0 or 1"
#endif
#if TLSF_ASSERTIONS != 0 && TLSF_ASSERTIONS != 1
#error "TLSF_ASSERTIONS must be 0 or 1"
#endif
#if TLSF_TYPED_HANDLES != 0 && TLSF_TYPED_HANDLES != 1
#error "TLSF_TYPED_HANDLES must be 0 or 1"
#endif
#if TLSF_MEMORY_CHECKER != 0 && TLSF_MEMORY_CHECKER != 1
#error "TLSF_MEMORY_CHECKER must be 0 or 1"
#endif
#if TLSF_TRACE != 0 && TLSF_TRACE != 1
#error "TLSF_TRACE must be 0 or 1"
#endif

/* ---- link names: what library and callers must agree on ------------------------------ */

/* TLSF_PREFIX: a word that goes before the linker name of every public function; default
 * none. [C71] It is for firmware that already links another TLSF. With -DTLSF_PREFIX=acme_ the
 * source still says tlsf_malloc, and links acme_tlsf_malloc. [C72]
 *
 * The functions that create or attach a heap also carry the options that both must share. [C73] So
 * a mismatch is an undefined reference, which names what the caller was compiled for: [C74]
 *     undefined reference to `tlsf_create_compact_granule_16_sl_bits_4' */
#ifndef TLSF_PREFIX
#define TLSF_PREFIX
#endif

#if TLSF_LAYOUT == TLSF_WIDE
#define TLSF_LAYOUT_NAME wide
#else
#define TLSF_LAYOUT_NAME compact
#endif

/* Hardening 3 alone is the callers' concern: blocks end where the request did, and a call takes
 * time linear in the block and in the pools. */
#if TLSF_HARDENING == 3
#define TLSF_HARDENING_NAME _hardening_3
#else
#define TLSF_HARDENING_NAME
#endif

#define TLSF_PASTE(prefix, name) prefix##name
#define TLSF_EXPAND(prefix, name) TLSF_PASTE(prefix, name)
#define TLSF_NAME(name) TLSF_EXPAND(TLSF_PREFIX, name)

#define TLSF_PASTE_OPTIONS(prefix, name, layout, granule, sl_bits, hardening) \
    prefix##name##_##layout##_granule_##granule##_sl_bits_##sl_bits##hardening
#define TLSF_EXPAND_OPTIONS(prefix, name, layout, granule, sl_bits, hardening) \
    TLSF_PASTE_OPTIONS(prefix, name, layout, granule, sl_bits, hardening)
#define TLSF_NAME_WITH_OPTIONS(name) \
    TLSF_EXPAND_OPTIONS(TLSF_PREFIX, name, TLSF_LAYOUT_NAME, TLSF_GRANULE, TLSF_SL_BITS, \
                        TLSF_HARDENING_NAME)

#define tlsf_create TLSF_NAME_WITH_OPTIONS(tlsf_create)
#define tlsf_create_with_pool TLSF_NAME_WITH_OPTIONS(tlsf_create_with_pool)
#define tlsf_create_sized TLSF_NAME_WITH_OPTIONS(tlsf_create_sized)
#define tlsf_attach TLSF_NAME_WITH_OPTIONS(tlsf_attach)
#define tlsf_attach_regions TLSF_NAME_WITH_OPTIONS(tlsf_attach_regions)
#define tlsf_destroy TLSF_NAME(tlsf_destroy)
#define tlsf_reset TLSF_NAME(tlsf_reset)
#define tlsf_get_pool TLSF_NAME(tlsf_get_pool)
#define tlsf_add_pool TLSF_NAME(tlsf_add_pool)
#define tlsf_remove_pool TLSF_NAME(tlsf_remove_pool)
#define tlsf_extend_pool TLSF_NAME(tlsf_extend_pool)
#define tlsf_add_to_pool TLSF_NAME(tlsf_add_to_pool)
#define tlsf_malloc TLSF_NAME(tlsf_malloc)
#define tlsf_calloc TLSF_NAME(tlsf_calloc)
#define tlsf_memalign TLSF_NAME(tlsf_memalign)
#define tlsf_realloc TLSF_NAME(tlsf_realloc)
#define tlsf_realloc_aligned TLSF_NAME(tlsf_realloc_aligned)
#define tlsf_realloc_begin TLSF_NAME(tlsf_realloc_begin)
#define tlsf_realloc_end TLSF_NAME(tlsf_realloc_end)
#define tlsf_free TLSF_NAME(tlsf_free)
#define tlsf_block_size TLSF_NAME(tlsf_block_size)
#define tlsf_size TLSF_NAME(tlsf_size)
#define tlsf_align_size TLSF_NAME(tlsf_align_size)
#define tlsf_block_size_min TLSF_NAME(tlsf_block_size_min)
#define tlsf_block_size_max TLSF_NAME(tlsf_block_size_max)
#define tlsf_pool_overhead TLSF_NAME(tlsf_pool_overhead)
#define tlsf_alloc_overhead TLSF_NAME(tlsf_alloc_overhead)
#define tlsf_largest TLSF_NAME(tlsf_largest)
#define tlsf_stats TLSF_NAME(tlsf_stats)
#define tlsf_reset_peak TLSF_NAME(tlsf_reset_peak)
#define tlsf_survey TLSF_NAME(tlsf_survey)
#define tlsf_explain TLSF_NAME(tlsf_explain)
#define tlsf_reason_name TLSF_NAME(tlsf_reason_name)
#define tlsf_walk_pool TLSF_NAME(tlsf_walk_pool_or_print)
#define tlsf_walk_blocks TLSF_NAME(tlsf_walk_blocks)
#define tlsf_print_block TLSF_NAME(tlsf_print_block)
#define tlsf_write TLSF_NAME(tlsf_write)
#define tlsf_next_block TLSF_NAME(tlsf_next_block)
#define tlsf_check TLSF_NAME(tlsf_check)
#define tlsf_check_report TLSF_NAME(tlsf_check_report)
#define tlsf_check_pool TLSF_NAME(tlsf_check_pool)
#define tlsf_invariant_name TLSF_NAME(tlsf_invariant_name)
#define tlsf_owner TLSF_NAME(tlsf_owner)
#define tlsf_looks_live TLSF_NAME(tlsf_looks_live)
#define tlsf_locate TLSF_NAME(tlsf_locate)
#define tlsf_dump TLSF_NAME(tlsf_dump)
#define tlsf_dump_memory TLSF_NAME(tlsf_dump_memory)
#define tlsf_set_fault_hook TLSF_NAME(tlsf_set_fault_hook)
#define tlsf_fault_name TLSF_NAME(tlsf_fault_name)
#define tlsf_diagnose TLSF_NAME(tlsf_diagnose)
#define tlsf_mistake_name TLSF_NAME(tlsf_mistake_name)
#define tlsf_report_fault TLSF_NAME(tlsf_report_fault)

#endif
