/* SPDX-License-Identifier: BSD-3-Clause */
/* FMemp under the vendor's file name, with the options of the flavour. It prints by f_printk. */
#if __has_include("fprintk.h")
#include "fprintk.h"
#else
void f_printk(const char *format, ...); /* another version of the SDK declares it elsewhere */
#endif

#define FMEMP_PRINT(...) f_printk(__VA_ARGS__)

#include "fmemory_pool.h"

#include "lib/fmemp/fmemory_pool.c"
