/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of the library, for the library and for sketches: fmemp.h includes this file first.
 * For example: #define TLSF_GRANULE 4
 */
