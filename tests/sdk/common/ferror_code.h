/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the vendor's header of this name. */
#ifndef SDK_FERROR_CODE_H
#define SDK_FERROR_CODE_H

#include "ftypes.h"

typedef u32 FError;

#define FT_SUCCESS 0U
#define FMEMP_SUCCESS FT_SUCCESS

#endif
