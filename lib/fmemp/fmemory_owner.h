/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who asked for a block, in words: the place in the source and the call site, as far as the library
 * keeps them.
 */
#ifndef FMEMORY_OWNER_H
#define FMEMORY_OWNER_H

#include "fmemory_print.h"
#include "fmemory_tag.h"

static void tag_print(struct text *text, const FMempTag *tag) {
    if (tag->status == FMEMP_TAG_NONE) {
        text_string(text, "  too small for its tag");
    } else if (tag->status == FMEMP_TAG_OVERWRITTEN) {
        text_string(text, "  tag overwritten");
    } else if (tag->file != NULL) {
        text_string(text, "  ");
        text_string(text, tag->file);
        text_string(text, ":");
        text_decimal(text, tag->line);
        text_string(text, " ");
        text_string(text, tag->msg == NULL ? "" : tag->msg);
    }
}

static void caller_print(struct text *text, const void *caller) {
    if (caller != NULL) {
        text_string(text, "  for ");
        text_pointer(text, caller);
    }
}

#endif
