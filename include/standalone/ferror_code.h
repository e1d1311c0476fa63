/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The error type, for builds outside the vendor's SDK. Inside it, the SDK's own ferror_code.h is
 * used: fmemory_port.h decides.
 */
#ifndef FERROR_CODE_H
#define FERROR_CODE_H

#include "ftypes.h"

typedef u32 FError;

#define FT_SUCCESS 0U /* every other value is an error */

#endif
