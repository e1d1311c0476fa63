/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Asks the tool that a suite is built for about a byte. TOOL_IS_VALGRIND: 1 is valgrind; 0, the
 * default, is address sanitizer. The library may be built for the tool or not.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TOOL_IS_VALGRIND
#define TOOL_IS_VALGRIND 0
#endif

#if TOOL_IS_VALGRIND

#include <valgrind/memcheck.h>

enum { TOOL_WORD = 1 };

static inline bool tool_opens(const void *byte) {
    uint8_t bits = 0;
    return VALGRIND_GET_VBITS(byte, &bits, 1) == 1;
}

/* Let the suite read closed memory without a report. */
static inline void tool_look_away(void) { VALGRIND_DISABLE_ERROR_REPORTING; }
static inline void tool_look_again(void) { VALGRIND_ENABLE_ERROR_REPORTING; }

/* Sets in `bits` the bits of open memory that are undefined. Returns false if the tool cannot
 * know. */
/* NOLINTNEXTLINE(readability-non-const-parameter): valgrind writes to bits. */
static inline bool tool_undefined(const uint8_t *begin, uint8_t *bits, size_t bytes) {
    return bytes == 0 || VALGRIND_GET_VBITS(begin, bits, bytes) == 1;
}

static inline void tool_define(const uint8_t *begin, size_t bytes) {
    (void)VALGRIND_MAKE_MEM_DEFINED(begin, bytes);
}

static inline size_t tool_reports(void) { return VALGRIND_COUNT_ERRORS; }

#else

#include <sanitizer/asan_interface.h>

/* The tool closes whole words of this many bytes, and ends of words. With granule 4 a block may
 * begin within a word; then its header stays open. */
enum { TOOL_WORD = 8 };

static inline bool tool_opens(const void *byte) { return __asan_address_is_poisoned(byte) == 0; }

/* The suite that reads closed memory is not instrumented. */
static inline void tool_look_away(void) {}
static inline void tool_look_again(void) {}

/* NOLINTNEXTLINE(readability-non-const-parameter): as above. */
static inline bool tool_undefined(const uint8_t *begin, uint8_t *bits, size_t bytes) {
    (void)begin, (void)bits, (void)bytes;
    return false;
}

static inline void tool_define(const uint8_t *begin, size_t bytes) { (void)begin, (void)bytes; }

static inline size_t tool_reports(void) { return 0; }

#endif

#endif
