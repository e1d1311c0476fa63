/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* Where printed text goes in the SDK: to f_printk. Takes the place of lib/core/write.c. */
#include "tlsf.h"

#if __has_include("fprintk.h")
#include "fprintk.h"
#else
void f_printk(const char *format, ...); /* another version of the SDK declares it elsewhere */
#endif

void tlsf_write(const char *text, size_t length) {
    (void)length; /* the text ends with a 0 */
    f_printk("%s", text);
}
