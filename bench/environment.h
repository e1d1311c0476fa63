/* SPDX-License-Identifier: BSD-3-Clause */
/* Says where a figure was measured, so that it can be repeated. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

/* Prints processor, compiler and the options of the library, a line each. */
void environment_print(void);

#endif
