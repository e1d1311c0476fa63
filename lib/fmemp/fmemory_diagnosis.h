/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The core's diagnosis of a fault, printed:
 *
 *   fmemp: likely overrun of 0x20000b10 used 100  net.c:17 receive
 *   fmemp: wrong at 0x20000b78: 41 42 43 00 00 00 00 00 00 00 00 00 00 00 00 00 "ABC............."
 *   fmemp: expected 34 00 00 00
 *   fmemp: before   0x20000b10 used 100  net.c:17 receive
 *   fmemp: here     0x20000b7c used 100
 *   fmemp: behind   0x20000be4 free 6120
 */
#ifndef FMEMORY_DIAGNOSIS_H
#define FMEMORY_DIAGNOSIS_H

#include "fmemory_owner.h"

/* Whether the header of used block `block` leads to its tag: its size is known, and is not what is
 * damaged. */
static bool tag_can_be_found(const tlsf_diagnosis_t *d, const tlsf_block_t *entry) {
    const bool is_damaged = entry->block == d->at.block && d->damage != NULL &&
                            (uintptr_t)d->damage < (uintptr_t)entry->block;

    return entry->used && entry->size != 0 && !is_damaged;
}

/* Prints a block and, if it is used, who asked for it. */
static void diagnosis_print_block(struct text *text, const tlsf_diagnosis_t *d,
                                  const tlsf_block_t *entry) {
    text_block(text, entry->block, entry->size, entry->used);
    if ((FMEMP_TAGS || FMEMP_CALL_SITES) && tag_can_be_found(d, entry)) {
        void *payload = (void *)(uintptr_t)entry->block;
        const fsize_t size = tlsf_block_size(payload);

        if (FMEMP_TAGS) {
            const FMempTag tag = tag_read(payload, size);

            tag_print(text, &tag);
        }
        caller_print(text, caller_read(payload, size));
    }
}

static void diagnosis_print_neighbour(struct text *text, const char *where,
                                      const tlsf_diagnosis_t *d, const tlsf_block_t *entry) {
    if (entry->block != NULL) {
        text_string(text, where);
        diagnosis_print_block(text, d, entry);
        text_line(text);
    }
}

static void bytes_print_hexadecimal(struct text *text, const u8 *bytes, fsize_t count) {
    fsize_t i;

    for (i = 0; i < count; i++) {
        text_character(text, ' ');
        text_hexadecimal(text, bytes[i], 2);
    }
}

/* Prints what is no letter, digit or sign of ASCII as a dot. */
static void bytes_print_ascii(struct text *text, const u8 *bytes, fsize_t count) {
    fsize_t i;

    text_string(text, " \"");
    for (i = 0; i < count; i++) {
        text_character(text, (char)(bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.'));
    }
    text_character(text, '"');
}

static void diagnosis_print_damage(struct text *text, const tlsf_diagnosis_t *d) {
    if (d->damage == NULL) {
        return;
    }
    text_string(text, "fmemp: wrong at ");
    text_pointer(text, d->damage);
    if (d->found_bytes != 0) {
        text_character(text, ':');
        bytes_print_hexadecimal(text, d->found, d->found_bytes);
        bytes_print_ascii(text, d->found, d->found_bytes);
    }
    text_line(text);
    if (d->expected_bytes != 0) {
        text_string(text, "fmemp: expected");
        bytes_print_hexadecimal(text, d->expected, d->expected_bytes);
        text_line(text);
    }
}

/* Prints what most likely caused the fault, and where it shows. */
static void diagnosis_print(struct text *text, tlsf_t t, const tlsf_fault_t *fault) {
    tlsf_diagnosis_t d;

    text_string(text, "fmemp: likely ");
    text_string(text, tlsf_mistake_name(tlsf_diagnose(t, fault, &d)));
    if (d.culprit.block != NULL) {
        text_string(text, d.mistake == TLSF_MISTAKE_DOUBLE_FREE ? "; there now" : " of");
        diagnosis_print_block(text, &d, &d.culprit);
    }
    text_line(text);
    diagnosis_print_damage(text, &d);
    diagnosis_print_neighbour(text, "fmemp: before ", &d, &d.before);
    diagnosis_print_neighbour(text, "fmemp: here   ", &d, &d.at);
    diagnosis_print_neighbour(text, "fmemp: behind ", &d, &d.after);
}

#endif
