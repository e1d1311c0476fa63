/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A machine that counts the instructions of a call. machine_host.c and machine_image.c each
 * implement it. Programs that measure call the machine; the machine calls none of them:
 *
 *     main -> drivers -> counted calls -> machine
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings.h"

/* Starts the machine, and checks that it counts correctly. count, words: those of main, which an
 * image does not have. Returns the settings: the words on the command line, or those that the
 * emulator passes to an image. */
settings machine_start(int count, char *words[]);

/* Any function whose arguments and result are words. Assembly calls it. */
typedef void (*machine_function)(void);

typedef struct {
    unsigned instructions; /* from the function's first to its return, both included */
    unsigned cache_lines;  /* distinct 64-byte lines of data, with the stack; 0: not known */
} machine_cost;

/* Calls f(a, b, c) and counts. Returns its result. */
uintptr_t machine_count(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                        machine_cost *cost);

/* The same, but the processor itself counts, one trap an instruction. Works only where
 * machine_can_step is true, and is some hundred times slower. Returns the instructions. */
extern const bool machine_can_step;
unsigned machine_step(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t *result);

/* The library is linked with memory functions of the machine (copy.c). They set this flag. Cache
 * lines are not counted while it is set. */
extern volatile bool machine_has_copied;

/* Memory for the heaps. It begins at a cache line and has any content. */
typedef struct {
    unsigned char *begin;
    size_t bytes;
} machine_memory;

machine_memory machine_heap_memory(void);

/* The recorded load of the settings load=PATH (host) or load_bytes=N (image). */
const unsigned char *machine_load(settings given, size_t *bytes);

/* Prints like printf, with the conversions %s and %lu alone. */
void machine_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void machine_fail(const char *what);

#endif
