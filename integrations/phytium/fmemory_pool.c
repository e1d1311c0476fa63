/* SPDX-License-Identifier: BSD-3-Clause */
/* FMemp under the vendor's file name. The fmemory_pool.h beside this file sets its options. */
#include "lib/fmemp/fmemory_pool.c"
