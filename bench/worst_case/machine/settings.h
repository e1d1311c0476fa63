/* SPDX-License-Identifier: BSD-3-Clause */
/* Settings of a program or image: words of the form key=value. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stddef.h>

typedef struct {
    int count;
    char *const *words;
} settings;

/* The text behind "=" in the first word with this key. NULL when there is none. */
const char *setting_text(settings given, const char *key);

/* The same as a number; `otherwise` when there is none. */
size_t setting_number(settings given, const char *key, size_t otherwise);

#endif
