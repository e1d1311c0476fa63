/* SPDX-License-Identifier: BSD-3-Clause */
/* Steady-state mixes have the sizes and lifetimes that they promise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../throughput/mix.h"

enum { STEPS = 3000, SEED = 42 };

static const mix *mix_find(const char *name) {
    for (size_t i = 0; i < mixes_count; i++) {
        if (strcmp(mixes[i].name, name) == 0) {
            return &mixes[i];
        }
    }
    fail_msg("there is no mix %s", name);
    return NULL;
}

static load mix_load(const mix *described, uint64_t seed) {
    workload made = {0};
    assert_true(mix_make(&made, described, STEPS, seed));
    return made.served;
}

static void mix_of_every_kind_names_live_blocks_alone(void **state) {
    (void)state;
    for (size_t m = 0; m < mixes_count; m++) {
        load served = mix_load(&mixes[m], SEED);
        size_t *sizes = calloc(served.slots, sizeof *sizes);
        size_t live = 0;
        size_t peak = 0;
        assert_non_null(sizes);
        for (size_t i = 0; i < served.count; i++) {
            const operation *next = &served.operations[i];
            assert_true(next->slot < served.slots);
            assert_true((sizes[next->slot] > 0) == (next->kind != LOAD_MALLOC));
            assert_true((next->size > 0) == (next->kind != LOAD_FREE));
            live += next->size - sizes[next->slot];
            sizes[next->slot] = next->size;
            peak = live > peak ? live : peak;
        }
        assert_int_equal(peak, served.peak_bytes);
        free(sizes);
        load_release(&served);
    }
}

static void mix_of_every_kind_is_timed_with_all_blocks_live(void **state) {
    (void)state;
    for (size_t m = 0; m < mixes_count; m++) {
        workload made;
        size_t live = 0;
        assert_true(mix_make(&made, &mixes[m], STEPS, SEED));
        for (size_t i = 0; i < made.begin; i++) {
            live += made.served.operations[i].kind == LOAD_MALLOC;
            live -= made.served.operations[i].kind == LOAD_FREE;
        }
        assert_int_equal(live, mixes[m].live);
        assert_in_range(made.served.count - made.begin, 2 * STEPS, 2 * STEPS + 200);
        load_release(&made.served);
    }
}

static void mix_of_every_kind_asks_for_sizes_in_its_range(void **state) {
    (void)state;
    for (size_t m = 0; m < mixes_count; m++) {
        load served = mix_load(&mixes[m], SEED);
        for (size_t i = 0; i < served.count; i++) {
            const operation *next = &served.operations[i];
            bool is_begun_small = mixes[m].lifetime == LIFETIME_GROWING;
            if (next->kind != LOAD_FREE) {
                assert_in_range(next->size, is_begun_small ? 1 : mixes[m].low, mixes[m].high);
            }
        }
        load_release(&served);
    }
}

static void mix_of_the_same_seed_is_the_same(void **state) {
    (void)state;
    for (size_t m = 0; m < mixes_count; m++) {
        load first = mix_load(&mixes[m], SEED);
        load second = mix_load(&mixes[m], SEED);
        load other = mix_load(&mixes[m], SEED + 1);
        size_t differences = 0;
        assert_int_equal(first.count, second.count);
        for (size_t i = 0; i < first.count; i++) {
            assert_int_equal(first.operations[i].slot, second.operations[i].slot);
            assert_int_equal(first.operations[i].size, second.operations[i].size);
            assert_int_equal(first.operations[i].kind, second.operations[i].kind);
            differences +=
                i < other.count && (first.operations[i].slot != other.operations[i].slot ||
                                    first.operations[i].size != other.operations[i].size);
        }
        assert_true(differences > 0);
        load_release(&first);
        load_release(&second);
        load_release(&other);
    }
}

/* One for each slot, zeros. */
static size_t *slots_make(const load *served) {
    size_t *slots = calloc(served->slots, sizeof *slots);
    assert_non_null(slots);
    return slots;
}

static void queue_frees_the_oldest_block(void **state) {
    load served = mix_load(mix_find("queue"), SEED);
    size_t *births = slots_make(&served); /* numbers of the blocks in the order of allocation */
    size_t allocated = 0;
    size_t freed = 0;
    (void)state;
    for (size_t i = 0; i < served.count; i++) {
        uint32_t slot = served.operations[i].slot;
        if (served.operations[i].kind == LOAD_FREE) {
            assert_int_equal(births[slot], freed++);
        } else {
            births[slot] = allocated++;
        }
    }
    assert_true(freed > STEPS);
    free(births);
    load_release(&served);
}

static void stack_frees_the_youngest_block(void **state) {
    load served = mix_load(mix_find("stack"), SEED);
    uint32_t *stack = calloc(served.slots, sizeof *stack);
    size_t depth = 0;
    (void)state;
    assert_non_null(stack);
    for (size_t i = 0; i < served.count; i++) {
        if (served.operations[i].kind == LOAD_FREE) {
            assert_true(depth > 0);
            assert_int_equal(served.operations[i].slot, stack[--depth]);
        } else {
            stack[depth++] = served.operations[i].slot;
        }
    }
    free(stack);
    load_release(&served);
}

static void growing_blocks_grow_by_half(void **state) {
    load served = mix_load(mix_find("growing"), SEED);
    size_t *sizes = slots_make(&served);
    size_t reallocs = 0;
    (void)state;
    for (size_t i = 0; i < served.count; i++) {
        const operation *next = &served.operations[i];
        if (next->kind == LOAD_REALLOC) {
            assert_int_equal(next->size, sizes[next->slot] + sizes[next->slot] / 2);
            reallocs++;
        }
        sizes[next->slot] = next->size;
    }
    assert_true(reallocs > served.count / 2);
    free(sizes);
    load_release(&served);
}

static void power_law_halves_with_every_power_of_two(void **state) {
    load served = mix_load(mix_find("power law"), SEED);
    size_t requests = 0;
    size_t small = 0; /* below 16 bytes: half of them */
    size_t large = 0; /* from 4,096 bytes on: one in 512 */
    (void)state;
    for (size_t i = 0; i < served.count; i++) {
        if (served.operations[i].kind == LOAD_MALLOC) {
            requests++;
            small += served.operations[i].size < 16;
            large += served.operations[i].size >= 4096;
        }
    }
    assert_in_range(small, requests * 48 / 100, requests * 52 / 100);
    assert_in_range(large, requests / 1024, requests / 256);
    load_release(&served);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mix_of_every_kind_names_live_blocks_alone),
        cmocka_unit_test(mix_of_every_kind_is_timed_with_all_blocks_live),
        cmocka_unit_test(mix_of_every_kind_asks_for_sizes_in_its_range),
        cmocka_unit_test(mix_of_the_same_seed_is_the_same),
        cmocka_unit_test(queue_frees_the_oldest_block),
        cmocka_unit_test(stack_frees_the_youngest_block),
        cmocka_unit_test(growing_blocks_grow_by_half),
        cmocka_unit_test(power_law_halves_with_every_power_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
