/* SPDX-License-Identifier: BSD-3-Clause */
#include "settings.h"

#include "machine.h"

/* The text behind `key` and "=" in the word. NULL when the word has another key. */
static const char *text_in(const char *word, const char *key) {
    while (*key != '\0' && *word == *key) {
        word++;
        key++;
    }
    return *key == '\0' && *word == '=' ? word + 1 : NULL;
}

const char *setting_text(settings given, const char *key) {
    const char *text = NULL;
    for (int i = 0; text == NULL && i < given.count; i++) {
        text = text_in(given.words[i], key);
    }
    return text;
}

size_t setting_number(settings given, const char *key, size_t otherwise) {
    const char *digits = setting_text(given, key);
    size_t number = 0;
    if (digits == NULL) {
        return otherwise;
    }
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9') {
            machine_fail("settings: not a number");
        }
        number = 10 * number + (size_t)(*digits - '0');
    }
    return number;
}
