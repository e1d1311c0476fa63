/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For the lock port of the component: the library in two files has this header's text in fmemp.h.
 */
#include "fmemp.h"
