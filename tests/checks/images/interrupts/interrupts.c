/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Real interrupts use a heap (heap.h) that the program is using, at random instructions of its
 * calls.
 * Every call leaves the masks of the processor, and the kernel's depth of sections, as it found
 * them: before a scheduler runs, in a task, with interrupts masked in each way, in critical
 * sections, in an interrupt, and in an interrupt of an interrupt. The heap is sound at the end, and
 * every block kept its content.
 *
 * SEED: of the random requests and times. STEPS: of the program. CORES: 2 for two cores.
 */
#include <stdbool.h>

#include "console.h"
#include "heap.h"
#include "kernel.h"
#include "processor.h"

#ifndef SEED
#define SEED 1
#endif
#ifndef STEPS
#define STEPS 3000
#endif
#ifndef CORES
#define CORES 1
#endif
enum {
    LEVELS = 3, /* program, interrupt, interrupt of an interrupt */
    SLOTS = 12,
    STEPS_BEFORE_SCHEDULER = 600,
    GAP_MAX = 4000, /* instructions between two interrupts */
    EXIT_MASKS = 11,
    EXIT_CONTENT = 12,
    EXIT_HEAP = 13,
    EXIT_NO_INTERRUPT = 14
};

/* One user of the heap on one core: it writes its mark to its blocks. */
struct user {
    uint32_t random_state;
    uint8_t mark;
    unsigned calls;
    uint8_t *blocks[SLOTS];
    size_t sizes[SLOTS];
};
static struct user users[CORES][LEVELS];

/* What one core has seen. Interrupts and the program write it. */
struct core {
    volatile unsigned level;
    volatile bool is_inside; /* the program is inside a call */
    volatile unsigned interrupts, inside, nested;
    volatile bool has_ended;
};
static struct core cores[CORES];

static _Noreturn void fail(int status, const char *what, uintptr_t before, uintptr_t after) {
    console_print("interrupts: %s: %p before, %p after; level %lu\n", what, (void *)before,
                  (void *)after, (unsigned long)cores[core_number()].level);
    platform_exit(status);
}

static uint32_t random_below(struct user *user, uint32_t bound) {
    user->random_state = user->random_state * 1664525U + 1013904223U;
    return (user->random_state >> 10) % bound;
}

/* ---- calls ---------------------------------------------------------------------------- */

/* CALL(call): the call, with masks and sections compared. */
#define CALL(call) \
    do { \
        const uintptr_t masks = masks_read(); \
        const uintptr_t depth = kernel_depth(); \
        struct core *core = &cores[core_number()]; \
        core->is_inside = true; \
        call; \
        core->is_inside = false; \
        if (masks_read() != masks) { \
            fail(EXIT_MASKS, "masks of " #call, masks, masks_read()); \
        } \
        if (kernel_depth() != depth) { \
            fail(EXIT_MASKS, "sections of " #call, depth, kernel_depth()); \
        } \
    } while (0)

static void content_check(const struct user *user, unsigned slot) {
    for (size_t i = 0; i < user->sizes[slot]; i++) {
        if (user->blocks[slot][i] != user->mark) {
            fail(EXIT_CONTENT, "content", user->mark, user->blocks[slot][i]);
        }
    }
}

static void slot_set(struct user *user, unsigned slot, uint8_t *block, size_t bytes) {
    user->blocks[slot] = block;
    user->sizes[slot] = block == NULL ? 0 : bytes;
    for (size_t i = 0; i < user->sizes[slot]; i++) {
        block[i] = user->mark;
    }
}

static void slot_free(struct user *user, unsigned slot) {
    content_check(user, slot);
    CALL(heap_free(user->blocks[slot]));
    user->blocks[slot] = NULL;
    user->sizes[slot] = 0;
}

/* One random request. */
static void request(struct user *user) {
    const unsigned slot = random_below(user, SLOTS);
    const size_t bytes = 1 + random_below(user, 200);
    uint8_t *block = NULL;
    user->calls++;
    switch (random_below(user, 8)) {
    case 0:
    case 1:
        slot_free(user, slot);
        CALL(block = heap_malloc(bytes));
        slot_set(user, slot, block, bytes);
        break;
    case 2:
        slot_free(user, slot);
        CALL(block = heap_calloc(bytes));
        slot_set(user, slot, block, bytes);
        break;
    case 3:
        slot_free(user, slot);
        CALL(block = heap_malloc_aligned(bytes, 64));
        slot_set(user, slot, block, bytes);
        break;
    case 4:
    case 5:
        CALL(block = heap_realloc(user->blocks[slot], bytes));
        if (block != NULL) {
            user->sizes[slot] = user->sizes[slot] < bytes ? user->sizes[slot] : bytes;
            user->blocks[slot] = block;
            content_check(user, slot);
            slot_set(user, slot, block, bytes);
        }
        break;
    case 6:
        slot_free(user, slot);
        break;
    default:
        CALL(heap_figures());
        break;
    }
}

/* ---- interrupts ------------------------------------------------------------------------- */

void interrupt(void) {
    struct core *core = &cores[core_number()];
    const unsigned level_before = core->level;
    const bool was_inside = core->is_inside;
    const unsigned level = level_before + 1;
    struct user *user = &users[core_number()][level];

    core->level = level;
    core->interrupts++;
    core->inside += was_inside;
    core->nested += level == 2;
    core->is_inside = false;
    timer_set(20 + random_below(user, GAP_MAX));
    if (level < LEVELS - 1) {
        interrupts_nest();
        request(user);
        interrupts_nest_end();
    } else {
        request(user);
    }
    core->is_inside = was_inside;
    core->level = level_before;
}

/* ---- the program ------------------------------------------------------------------------ */

/* Requests in every state of masks, and in every depth of sections. */
static void request_anywhere(struct user *user, unsigned depth_max) {
    const unsigned kind = random_below(user, masks_state_count + depth_max);
    if (kind < masks_state_count) {
        masks_write(masks_states[kind]);
        request(user);
        masks_write(masks_states[0]);
        return;
    }
    const unsigned depth = kind - masks_state_count + 1;
    for (unsigned i = 0; i < depth; i++) {
        kernel_section_begin();
    }
    request(user);
    for (unsigned i = 0; i < depth; i++) {
        kernel_section_end();
    }
}

/* Half of the requests come with nothing masked: those are where an interrupt can hit. */
static void program_run(unsigned steps, unsigned depth_max) {
    struct user *user = &users[core_number()][0];
    for (unsigned i = 0; i < steps; i++) {
        if (random_below(user, 2) == 0) {
            request(user);
        } else {
            request_anywhere(user, depth_max);
        }
        if (i % 64 == 0 && core_number() == 0) {
            CALL(heap_program_only());
        }
    }
}

static void users_begin(void) {
    for (unsigned core = 0; core < CORES; core++) {
        for (unsigned level = 0; level < LEVELS; level++) {
            struct user *user = &users[core][level];
            user->mark = (uint8_t)(1 + core * LEVELS + level);
            user->random_state = SEED * 31U + user->mark * 7919U;
        }
    }
}

void second_main(void) {
    timer_begin();
    timer_set(100);
    program_run(STEPS, kernel_depth_max);
    masks_write(masks_states[1]);
    cores[core_number()].has_ended = true;
}

static void others_end(void) {
#if CORES > 1
    while (!cores[1].has_ended) {
    }
#endif
}

/* Prints what has happened; returns the exit status. */
static int report(void) {
    unsigned calls = 0, interrupts = 0, inside = 0, nested = 0;
    for (unsigned core = 0; core < CORES; core++) {
        for (unsigned level = 0; level < LEVELS; level++) {
            struct user *user = &users[core][level];
            calls += user->calls;
            for (unsigned slot = 0; slot < SLOTS; slot++) {
                slot_free(user, slot);
            }
        }
        interrupts += cores[core].interrupts;
        inside += cores[core].inside;
        nested += cores[core].nested;
    }
    console_print("interrupts: seed %lu: %lu requests, %lu interrupts, %lu inside a call, "
                  "%lu nested\n",
                  (unsigned long)SEED, (unsigned long)calls, (unsigned long)interrupts,
                  (unsigned long)inside, (unsigned long)nested);
    if (heap_check() != 0) {
        fail(EXIT_HEAP, "heap", 0, (uintptr_t)heap_check());
    }
    if (inside < 50 || nested == 0) {
        fail(EXIT_NO_INTERRUPT, "too few interrupts", inside, nested);
    }
    return 0;
}

int main(void) {
    users_begin();
    timer_begin();
    CALL(heap_begin());
    timer_set(100);
    program_run(STEPS_BEFORE_SCHEDULER, 0);
    kernel_scheduler_begin();
    if (CORES > 1) {
        core_begin();
    }
    program_run(STEPS, kernel_depth_max);
    others_end();
    masks_write(masks_states[1]);
    return report();
}
