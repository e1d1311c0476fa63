/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the vendor's header of this name. */
#ifndef SDK_FPRINTK_H
#define SDK_FPRINTK_H

void f_printk(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What was printed up to now. */
const char *printed_text(void);

#endif
