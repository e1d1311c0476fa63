/* SPDX-License-Identifier: BSD-3-Clause */
/* The core under the vendor's file name: all of it in one unit, so that no object of it can meet
 * another of the SDK's by its name. */
#include "lib/core/tlsf.c"

#include "lib/core/check.c"
#include "lib/core/fault.c"
#include "lib/core/pool.c"
#include "lib/core/query.c"
#include "lib/core/walk.c"
