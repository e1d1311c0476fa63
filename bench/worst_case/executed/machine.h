/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the drivers need from the machine that they run on: memory, text out, and a call whose
 * instructions are counted. machine_host.c and machine_image.c each supply it.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Any function whose arguments and result are words: calls go through assembly. */
typedef void (*machine_function)(void);

typedef struct {
    unsigned instructions; /* executed from the first of the function to its return, inclusive */
    unsigned cache_lines;  /* distinct lines of 64 bytes of data, stack included; 0: not known */
} machine_cost;

/* Calls f(a, b, c) and counts. Returns its result. */
uintptr_t machine_count(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                        machine_cost *cost);

/* The same, counted by the processor itself, one instruction after the other. Only
 * where machine_can_step, and slower by a factor of some hundred. */
extern const bool machine_can_step;
unsigned machine_step(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t *result);

/* Memory for the heaps; begins at a cache line. Its content is arbitrary. */
typedef struct {
    unsigned char *begin;
    size_t bytes;
} machine_memory;

machine_memory machine_heap_memory(void);

/* The recorded load that the drivers were started with. setting_bytes: setting load_bytes. */
const unsigned char *machine_load(size_t setting_bytes, size_t *bytes);

/* Prints like printf, with %s and %lu alone. */
void machine_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void machine_fail(const char *what);

/* The library's objects are linked with these in place of the C library's functions: whether
 * one ran since the flag was cleared. */
extern volatile bool machine_has_copied;
void *counted_memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *counted_memmove(void *to, const void *from, size_t bytes);
void *counted_memset(void *to, int byte, size_t bytes);

/* In assembly, of known length: so many no-operations, and a return. */
void calibrate_0(void);
void calibrate_10(void);
void calibrate_57(void);
void calibrate_200(void);

/* Counts each of them many times, and fails unless every count is right. */
void machine_calibrate(void);

/* The drivers. words: settings (driver.c). Returns the exit status. */
int drivers_run(int count, char *const words[]);

#endif
