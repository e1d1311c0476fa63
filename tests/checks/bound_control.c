/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Functions that the static bound must see through: each but the first ones has what its name
 * says, and tests/checks/bound_checks.py expects it to be found.
 */
#include <stddef.h>

unsigned outside(unsigned x);
void outside_last(unsigned x);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);

unsigned control_straight(unsigned x, volatile unsigned *p);
unsigned control_branches(unsigned x, volatile unsigned *p);
unsigned control_calls(unsigned x, volatile unsigned *p);
unsigned control_copied(unsigned x, volatile unsigned *p);
unsigned control_loop(unsigned x, const volatile unsigned *p);
unsigned control_recursion(unsigned x, volatile unsigned *p);
unsigned control_mutual(unsigned x, volatile unsigned *p);
unsigned control_mutual_other(unsigned x, volatile unsigned *p);
unsigned control_indirect_call(unsigned x, unsigned (*f)(unsigned));
unsigned control_indirect_tail_call(unsigned x, unsigned (*f)(unsigned));
unsigned control_jump_table(unsigned x, volatile unsigned *p);
unsigned control_library_call(unsigned x);
unsigned control_library_tail_call(unsigned x);
void control_copy(void *to, const void *from, size_t bytes);
unsigned control_variable_stack(unsigned x);
unsigned control_report(unsigned x);
void control_section(volatile unsigned *p, unsigned x);

unsigned control_straight(unsigned x, volatile unsigned *p) {
    p[0] = x;
    p[1] = x + 1u;
    return p[2];
}

unsigned control_branches(unsigned x, volatile unsigned *p) {
    if (x > 3u) {
        p[0] = x;
        p[1] = x;
        p[2] = x;
        p[3] = x;
    } else {
        p[4] = x;
    }
    return x;
}

__attribute__((noinline)) static unsigned callee(unsigned x, volatile unsigned *p) {
    return control_straight(x, p) ^ p[5];
}

unsigned control_calls(unsigned x, volatile unsigned *p) {
    const unsigned first = callee(x, p);
    return first + p[6];
}

/* GCC calls a copy of it for the only `step` that there is: copied.constprop.0. */
__attribute__((noinline)) static unsigned copied(unsigned x, volatile unsigned *p, unsigned step) {
    p[step] = x;
    return p[step * 2u];
}

unsigned control_copied(unsigned x, volatile unsigned *p) {
    return x > 3u ? copied(x, p, 3u) + 1u : x;
}

unsigned control_loop(unsigned x, const volatile unsigned *p) {
    while ((x & 1u) != 0u) {
        x = x / 2u ^ p[0];
    }
    return x;
}

/* NOLINTBEGIN(misc-no-recursion): it is what these are for */
__attribute__((noinline)) unsigned control_recursion(unsigned x, volatile unsigned *p) {
    if (x == 0u) {
        return 0u;
    }
    p[0] = control_recursion(x - 1u, p);
    return p[1];
}

__attribute__((noinline)) unsigned control_mutual_other(unsigned x, volatile unsigned *p) {
    p[0] = x != 0u ? control_mutual(x - 1u, p) : 0u;
    return p[1];
}

__attribute__((noinline)) unsigned control_mutual(unsigned x, volatile unsigned *p) {
    p[2] = x != 0u ? control_mutual_other(x / 2u, p) : 0u;
    return p[3];
}
/* NOLINTEND(misc-no-recursion) */

unsigned control_indirect_call(unsigned x, unsigned (*f)(unsigned)) { return f(x) + 1u; }

unsigned control_indirect_tail_call(unsigned x, unsigned (*f)(unsigned)) { return f(x); }

unsigned control_jump_table(unsigned x, volatile unsigned *p) {
    switch (x) {
    case 0:
        return p[7] + 3u;
    case 1:
        return p[1] ^ 5u;
    case 2:
        p[2] = 8u;
        return 1u;
    case 3:
        return p[3] - p[4];
    case 4:
        return p[9] * 3u;
    case 5:
        p[5] = x;
        p[6] = x;
        return 7u;
    case 6:
        return p[2] | p[3];
    case 7:
        return p[5] & p[9];
    case 8:
        p[1] = p[2];
        return p[8];
    case 9:
        return ~p[4];
    case 10:
        p[3] = 1u;
        return p[3] << 4;
    case 11:
        return p[6] >> 2;
    default:
        return 0u;
    }
}

unsigned control_library_call(unsigned x) { return outside(x) + 1u; }

unsigned control_library_tail_call(unsigned x) { return outside(x); }

void control_copy(void *to, const void *from, size_t bytes) { memcpy(to, from, bytes); }

unsigned control_variable_stack(unsigned x) {
    volatile unsigned char bytes[x];
    bytes[x / 2u] = 1u;
    return bytes[0];
}

/* Bounded only when the way through outside() does not count. */
unsigned control_report(unsigned x) {
    if (x == 0u) {
        return outside(x) + 1u;
    }
    return x / 2u;
}

/* A section between two calls, with stores before, in and behind it. */
void control_section(volatile unsigned *p, unsigned x) {
    p[0] = 1u;
    if (outside(x) != 0u) {
        p[1] = 1u;
        p[2] = 2u;
    } else {
        p[3] = 3u;
    }
    outside_last(x);
    p[4] = 4u;
}
