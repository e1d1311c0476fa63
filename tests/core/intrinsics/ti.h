/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of the intrinsic function that arch/ti takes from TI's armcl, on GNU C.
 */
#ifndef TI_H
#define TI_H

#define __clz(word) __builtin_clz((unsigned)(word))

#endif
