/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of what arch/iar takes from IAR's <intrinsics.h>, on GNU C.
 */
#ifndef INTRINSICS_H
#define INTRINSICS_H

#define __CLZ(word) ((unsigned char)__builtin_clz(word))

#endif
