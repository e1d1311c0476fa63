/* SPDX-License-Identifier: BSD-3-Clause */
/* The core in one unit under the vendor's file name: the SDK meets no object names that are new to
 * it. tlsf_write.c takes the place of write.c. */
#include "lib/core/tlsf.c"

#include "lib/core/check.c"
#include "lib/core/fault.c"
#include "lib/core/pool.c"
#include "lib/core/query.c"
#include "lib/core/walk.c"
