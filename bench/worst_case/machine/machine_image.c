/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bare-metal image in qemu with -icount shift=10: each instruction advances virtual time by
 * 1024 ns, and the processor's timer reads that time. The difference of two readings is a number
 * of instructions. Start-up code and console are those of examples/bare_metal. Symbols of the
 * linker say where memory is (machines.py).
 */
#include "../../../examples/bare_metal/console.h"
#include "calibrate.h"
#include "machine.h"

#define INSTRUCTION_PICOSECONDS 1024000u

const bool machine_can_step = false;

extern unsigned char heap_begin[], heap_end[]; /* memory for heaps */
extern unsigned char load_begin[];             /* qemu puts a recorded load here */

/* In assembly: calls f(a, b, c) with the timer read into call_ticks[0] just before and into
 * call_ticks[1] just after. */
uintptr_t timed_call(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c);
void timer_begin(void);
extern const uint32_t timer_tick_picoseconds;
extern const uint32_t timer_mask; /* the bits that the timer has */
extern volatile uint32_t call_ticks[2];

volatile uint32_t call_ticks[2];

_Noreturn void machine_fail(const char *what) {
    console_print("failed: %s\n", what);
    platform_exit(1);
}

/* The library prints by this call where the compiler's C library has it. Here it prints nothing. */
ptrdiff_t write(int descriptor, const void *text, size_t length);

ptrdiff_t write(int descriptor, const void *text, size_t length) {
    (void)descriptor;
    (void)text;
    (void)length;
    return 0;
}

machine_memory machine_heap_memory(void) {
    return (machine_memory){heap_begin, (uintptr_t)heap_end - (uintptr_t)heap_begin};
}

const unsigned char *machine_load(settings given, size_t *bytes) {
    *bytes = setting_number(given, "load_bytes", 0);
    return load_begin;
}

/* Instructions from one reading of the timer to the next. */
static unsigned instructions_between(uint32_t before, uint32_t after) {
    const uint32_t ticks = (after - before) & timer_mask;
    const uint64_t time = (uint64_t)ticks * timer_tick_picoseconds;
    return (unsigned)((uint32_t)((time + INSTRUCTION_PICOSECONDS / 2) >> 10) / 1000u);
}

/* What timed_call itself executes between the two readings. */
static unsigned own_instructions;

uintptr_t machine_count(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                        machine_cost *cost) {
    const uintptr_t result = timed_call(f, a, b, c);
    const unsigned all = instructions_between(call_ticks[0], call_ticks[1]);
    *cost = (machine_cost){.instructions = all - own_instructions};
    return result;
}

/* An image has one way to count. */
unsigned machine_step(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                      uintptr_t *result) {
    machine_cost cost;
    *result = machine_count(f, a, b, c, &cost);
    return cost.instructions;
}

/* ---- start -------------------------------------------------------------------------- */

#define OPERATION_GET_COMMAND_LINE 0x15u
#define WORDS_MAX 16

uintptr_t semihosting_call(uintptr_t operation, const void *parameter);

/* Cuts the text into words. Returns how many. */
static int words_cut(char *text, char *words[WORDS_MAX]) {
    int count = 0;
    while (*text != '\0' && count < WORDS_MAX) {
        words[count++] = text;
        while (*text != '\0' && *text != ' ') {
            text++;
        }
        if (*text == ' ') {
            *text++ = '\0';
        }
    }
    return count;
}

settings machine_start(int count, char *words[]) {
    static char text[512];
    static char *words_of_host[WORDS_MAX];
    machine_cost empty;
    (void)count;
    (void)words;
    uintptr_t parameter[2] = {(uintptr_t)text, sizeof text};
    if (semihosting_call(OPERATION_GET_COMMAND_LINE, parameter) != 0) {
        machine_fail("no settings");
    }
    timer_begin();
    (void)machine_count(calibrate_0, 0, 0, 0, &empty);
    own_instructions = empty.instructions - 1; /* an empty function is a return */
    machine_calibrate();
    return (settings){.count = words_cut(text, words_of_host), .words = words_of_host};
}
