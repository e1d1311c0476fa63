/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The lock of FMemp: the one for FreeRTOS, with the options of the flavour. */
#include "fmemory_pool.h"

#include "ports/freertos/fmemory_lock.c"
