/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ARMv6-M (Cortex-M0, M0+, M1) has no clz and no rbit. A multiplication takes one cycle on most
 * parts. Halving takes as many instructions, and branches on what it finds.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#define BITS_FIRST_SET(word) multiplied_first_set(word)
#define BITS_LAST_SET(word) multiplied_last_set(word)
#define BITS_LAST_SET_IS_SLOW 1

#endif
