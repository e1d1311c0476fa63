/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For the lock port of the component: ESP-IDF has the kernel's headers in a folder.
 */
#include "freertos/FreeRTOS.h"
