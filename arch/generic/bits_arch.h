/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any C11 compiler: defines nothing, so that lib/core/bits.h supplies everything.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#endif
