/* SPDX-License-Identifier: BSD-3-Clause */
/* Settings of an image or program: words of the form key=number. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>

/* The number that the first word with this key gives; `otherwise` when there is none. */
size_t setting(int count, char *const words[], const char *key, size_t otherwise);

#endif
