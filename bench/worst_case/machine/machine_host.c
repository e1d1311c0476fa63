/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * x86-64 Linux counts a call in two ways. Stepping: the processor's trap flag raises a signal
 * after each instruction, which takes some 20 us in a virtual machine. Emulation: Unicorn executes
 * the same machine code on the same memory and reports each instruction and each access to data,
 * fast enough for millions of calls. Every worst case is counted both ways, and both agree.
 */
#define _GNU_SOURCE /* names of registers in a ucontext_t */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unicorn/unicorn.h>

#include "calibrate.h"
#include "machine.h"

const bool machine_can_step = true;

void machine_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    fflush(stdout);
}

_Noreturn void machine_fail(const char *what) {
    printf("failed: %s\n", what);
    exit(1);
}

/* ---- memory ------------------------------------------------------------------------- */

#define HEAP_MEMORY_BYTES (((size_t)1 << 30) + ((size_t)64 << 20))
#define STACK_BYTES ((size_t)64 << 10)

static unsigned char *pages_map(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) {
        machine_fail("no memory");
    }
    return pages;
}

static unsigned char *heap_memory;

machine_memory machine_heap_memory(void) {
    return (machine_memory){heap_memory, HEAP_MEMORY_BYTES};
}

const unsigned char *machine_load(settings given, size_t *bytes) {
    const char *path = setting_text(given, "load");
    FILE *file = path != NULL ? fopen(path, "rb") : NULL;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        machine_fail("cannot read the load");
    }
    const long length = ftell(file);
    rewind(file);
    *bytes = length > 0 ? (size_t)length : 0;
    unsigned char *content = malloc(*bytes + 1);
    if (content == NULL || fread(content, 1, *bytes, file) != *bytes) {
        machine_fail("cannot read the load");
    }
    fclose(file);
    return content;
}

/* ---- stepping ----------------------------------------------------------------------- */

uintptr_t step_call(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c);
extern const char step_return[];

static volatile unsigned steps;

static void step_trapped(int signal, siginfo_t *info, void *context) {
    ucontext_t *stopped = context;
    (void)signal;
    (void)info;
    if (stopped->uc_mcontext.gregs[REG_RIP] == (greg_t)(uintptr_t)step_return) {
        stopped->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)0x100;
    } else {
        steps++;
    }
}

static void stepping_begin(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = step_trapped;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGTRAP, &action, NULL) != 0) {
        machine_fail("cannot handle traps");
    }
}

unsigned machine_step(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                      uintptr_t *result) {
    steps = 0;
    *result = step_call(f, a, b, c);
    return steps;
}

/* ---- emulation ---------------------------------------------------------------------- */

enum { LINES_MAX = 256, LINE_BYTES = 64 };

static uc_engine *emulator;
static uint64_t stack_top;
static unsigned executed;
static uint64_t lines[LINES_MAX];
static unsigned line_count;

static void must(uc_err error) {
    if (error != UC_ERR_OK) {
        machine_fail(uc_strerror(error));
    }
}

static void instruction_seen(uc_engine *engine, uint64_t address, uint32_t size, void *user) {
    (void)engine;
    (void)address;
    (void)size;
    (void)user;
    executed++;
}

static void line_add(uint64_t line) {
    for (unsigned i = 0; i < line_count; i++) {
        if (lines[i] == line) {
            return;
        }
    }
    if (line_count == LINES_MAX) {
        machine_fail("a call touches more than LINES_MAX cache lines");
    }
    lines[line_count++] = line;
}

static void access_seen(uc_engine *engine, uc_mem_type type, uint64_t address, int size,
                        int64_t value, void *user) {
    (void)engine;
    (void)type;
    (void)value;
    (void)user;
    if (!machine_has_copied) { /* LINES_MAX are too few for a copy */
        line_add(address / LINE_BYTES);
        line_add((address + (uint64_t)size - 1) / LINE_BYTES);
    }
}

/* Maps memory into the emulator, at the same addresses. */
static void pages_show(const void *begin, const void *end, uint32_t protection) {
    const uintptr_t page = 4096;
    const uintptr_t first = (uintptr_t)begin & ~(page - 1);
    const uintptr_t after = ((uintptr_t)end + page - 1) & ~(page - 1);
    must(uc_mem_map_ptr(emulator, first, after - first, protection, (void *)first));
}

static void emulation_begin(void) {
    extern char __executable_start[], etext[], _end[]; /* from the linker */
    uc_hook hook;
    unsigned char *stack = pages_map(STACK_BYTES);
    const uintptr_t text_end = ((uintptr_t)etext + 4095) & ~(uintptr_t)4095;
    must(uc_open(UC_ARCH_X86, UC_MODE_64, &emulator));
    pages_show(__executable_start, etext, UC_PROT_READ | UC_PROT_EXEC);
    pages_show((const void *)text_end, _end, UC_PROT_READ | UC_PROT_WRITE);
    pages_show(heap_memory, heap_memory + HEAP_MEMORY_BYTES, UC_PROT_READ | UC_PROT_WRITE);
    pages_show(stack, stack + STACK_BYTES, UC_PROT_READ | UC_PROT_WRITE);
    stack_top = (uintptr_t)stack + STACK_BYTES - LINE_BYTES;
    must(uc_hook_add(emulator, &hook, UC_HOOK_CODE, (void *)(uintptr_t)instruction_seen, NULL, 1,
                     0));
    must(uc_hook_add(emulator, &hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE,
                     (void *)(uintptr_t)access_seen, NULL, 1, 0));
}

uintptr_t machine_count(machine_function f, uintptr_t a, uintptr_t b, uintptr_t c,
                        machine_cost *cost) {
    const uint64_t return_address = (uintptr_t)step_return;
    uint64_t stack = stack_top - sizeof return_address;
    uint64_t result;
    uint64_t words[] = {a, b, c};
    memcpy((void *)(uintptr_t)stack, &return_address, sizeof return_address);
    must(uc_reg_write(emulator, UC_X86_REG_RDI, &words[0]));
    must(uc_reg_write(emulator, UC_X86_REG_RSI, &words[1]));
    must(uc_reg_write(emulator, UC_X86_REG_RDX, &words[2]));
    must(uc_reg_write(emulator, UC_X86_REG_RSP, &stack));
    executed = 0;
    line_count = 0;
    must(uc_emu_start(emulator, (uintptr_t)f, return_address, 0, 0));
    must(uc_reg_read(emulator, UC_X86_REG_RSP, &stack));
    must(uc_reg_read(emulator, UC_X86_REG_RAX, &result));
    if (stack != stack_top) {
        machine_fail("a call did not return");
    }
    *cost = (machine_cost){.instructions = executed, .cache_lines = line_count};
    return (uintptr_t)result;
}

/* ---- start -------------------------------------------------------------------------- */

void calibrate_lines(void);

static void lines_calibrate(void) {
    machine_cost cost;
    (void)machine_count(calibrate_lines, (uintptr_t)heap_memory, 0, 0, &cost);
    if (cost.cache_lines != 8) {
        machine_fail("calibration: wrong count of cache lines");
    }
}

settings machine_start(int count, char *words[]) {
    heap_memory = pages_map(HEAP_MEMORY_BYTES);
    stepping_begin();
    emulation_begin();
    lines_calibrate();
    machine_calibrate();
    return (settings){.count = count - 1, .words = words + 1};
}
