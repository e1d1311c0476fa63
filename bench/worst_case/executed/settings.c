/* SPDX-License-Identifier: BSD-3-Clause */
#include "settings.h"

#include "machine.h"

static size_t number_in(const char *digits) {
    size_t number = 0;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9') {
            machine_fail("settings: not a number");
        }
        number = 10 * number + (size_t)(*digits - '0');
    }
    return number;
}

/* The text behind `key` and "=" in the word; NULL when the word has another key. */
static const char *value_of(const char *word, const char *key) {
    while (*key != '\0' && *word == *key) {
        word++;
        key++;
    }
    return *key == '\0' && *word == '=' ? word + 1 : NULL;
}

size_t setting(int count, char *const words[], const char *key, size_t otherwise) {
    for (int i = 0; i < count; i++) {
        const char *value = value_of(words[i], key);
        if (value != NULL) {
            return number_in(value);
        }
    }
    return otherwise;
}
