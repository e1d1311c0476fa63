/* SPDX-License-Identifier: BSD-3-Clause */
#include "count.h"

typedef struct {
    unsigned long calls;
    machine_cost most;
} maximum;

static maximum maxima[CALL_KINDS];

static const struct {
    const char *name;
    machine_function function;
} kinds[CALL_KINDS] = {
    [CALL_MALLOC] = {"malloc", (machine_function)tlsf_malloc},
    [CALL_FREE] = {"free", (machine_function)tlsf_free},
    [CALL_MEMALIGN] = {"memalign", (machine_function)tlsf_memalign},
    [CALL_REALLOC] = {"realloc", (machine_function)tlsf_realloc},
    [CALL_REALLOC_FAILED] = {"realloc_failed", (machine_function)tlsf_realloc},
    [CALL_ADD_POOL] = {"add_pool", (machine_function)tlsf_add_pool},
    [CALL_REMOVE_POOL] = {"remove_pool", (machine_function)tlsf_remove_pool},
    [CALL_STATS] = {"stats", (machine_function)tlsf_stats},
    [CALL_LARGEST] = {"largest", (machine_function)tlsf_largest},
};

const char *call_name(call_kind kind) { return kinds[kind].name; }

static void maximum_raise(call_kind kind, machine_cost cost) {
    maximum *raised = &maxima[kind];
    raised->calls++;
    if (cost.instructions > raised->most.instructions) {
        raised->most.instructions = cost.instructions;
    }
    if (cost.cache_lines > raised->most.cache_lines) {
        raised->most.cache_lines = cost.cache_lines;
    }
}

/* Whether a call that returned `result` was of its kind, and has a bound. */
static bool is_of_kind(const call *made, uintptr_t result) {
    if (made->kind == CALL_REALLOC) {
        return result == made->a && !machine_has_copied;
    }
    if (made->kind == CALL_REALLOC_FAILED) {
        return result == 0;
    }
    return true;
}

/* Raises the maximum, unless the call that returned `result` was of another kind. */
static void result_note(const call *made, uintptr_t result, machine_cost *cost) {
    if (is_of_kind(made, result)) {
        maximum_raise(made->kind, *cost);
    } else {
        *cost = (machine_cost){0};
    }
}

uintptr_t call_count(const call *made, machine_cost *cost) {
    machine_has_copied = false;
    const uintptr_t result =
        machine_count(kinds[made->kind].function, (uintptr_t)made->heap, made->a, made->b, cost);
    result_note(made, result, cost);
    return result;
}

static uintptr_t stepped_result(const call *made, machine_cost *cost) {
    uintptr_t result;
    machine_has_copied = false;
    *cost = (machine_cost){0};
    cost->instructions =
        machine_step(kinds[made->kind].function, (uintptr_t)made->heap, made->a, made->b, &result);
    result_note(made, result, cost);
    return result;
}

unsigned call_step(const call *made) {
    machine_cost cost;
    (void)stepped_result(made, &cost);
    return cost.instructions;
}

/* ---- calls as a program makes them -------------------------------------------------- */

static unsigned every_counted = 1;
static unsigned every_stepped;
static unsigned turn;

void count_rates(unsigned count_every, unsigned step_every) {
    every_counted = count_every;
    every_stepped = step_every;
    turn = 0;
}

static bool is_counted(void) { return ++turn % every_counted == 0; }

static uintptr_t program_call(call_kind kind, tlsf_t t, uintptr_t a, uintptr_t b) {
    const call made = {.kind = kind, .heap = t, .a = a, .b = b};
    const bool is_stepped = machine_can_step && every_stepped != 0 && turn % every_stepped == 0;
    machine_cost cost;
    return is_stepped ? stepped_result(&made, &cost) : call_count(&made, &cost);
}

void *count_malloc(tlsf_t t, size_t bytes) {
    return is_counted() ? (void *)program_call(CALL_MALLOC, t, bytes, 0) : tlsf_malloc(t, bytes);
}

void *count_memalign(tlsf_t t, size_t align, size_t bytes) {
    return is_counted() ? (void *)program_call(CALL_MEMALIGN, t, align, bytes)
                        : tlsf_memalign(t, align, bytes);
}

void *count_realloc(tlsf_t t, void *ptr, size_t bytes) {
    return is_counted() ? (void *)program_call(CALL_REALLOC, t, (uintptr_t)ptr, bytes)
                        : tlsf_realloc(t, ptr, bytes);
}

void count_free(tlsf_t t, void *ptr) {
    if (is_counted()) {
        (void)program_call(CALL_FREE, t, (uintptr_t)ptr, 0);
    } else {
        tlsf_free(t, ptr);
    }
}

/* ---- reports ------------------------------------------------------------------------ */

void count_report(const char *driver, const char *load, size_t live_blocks, size_t pool_bytes) {
    for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
        const maximum *reported = &maxima[kind];
        if (reported->calls != 0) {
            machine_print("maximum %s|%s|%s|%lu|%lu|%lu|%lu|%lu\n", kinds[kind].name, driver, load,
                          (unsigned long)live_blocks, (unsigned long)pool_bytes, reported->calls,
                          (unsigned long)reported->most.instructions,
                          (unsigned long)reported->most.cache_lines);
        }
        maxima[kind] = (maximum){0};
    }
}
