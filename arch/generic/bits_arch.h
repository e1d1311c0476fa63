/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any C11 compiler. Defines nothing: lib/core/size_class.h supplies every operation.
 */
#ifndef BITS_ARCH_H
#define BITS_ARCH_H

#endif
