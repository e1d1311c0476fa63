/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* expat: a document is parsed in pieces, in a pool. */
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

static XML_Parser parser_in_pool(void) {
    static const XML_Memory_Handling_Suite hooks = {pool_malloc, pool_realloc, pool_free};
    return XML_ParserCreate_MM(NULL, &hooks, NULL);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

enum { ITEMS = 60, TEXT_BYTES = 8192, PIECE = 100 };

typedef struct {
    unsigned items;
    unsigned letters;
    unsigned depth;
} reading;

static void element_begin(void *user, const XML_Char *name, const XML_Char **attributes) {
    reading *const read = user;
    read->depth++;
    read->items += strcmp(name, "item") == 0 && strcmp(attributes[0], "id") == 0;
}

static void element_end(void *user, const XML_Char *name) {
    reading *const read = user;
    (void)name;
    read->depth--;
}

static void text_read(void *user, const XML_Char *text, int length) {
    reading *const read = user;
    (void)text;
    read->letters += (unsigned)length;
}

/* Writes a document. Returns its length; *letters: those between its tags. */
static size_t document_write(char *text, unsigned *letters) {
    char *end = text + sprintf(text, "<?xml version=\"1.0\"?><!DOCTYPE list ["
                                     "<!ENTITY unit \"millivolt\">]><list>");
    *letters = 0;
    for (unsigned i = 0; i < ITEMS; i++) {
        end += sprintf(end, "<item id=\"n%u\" kind=\"%.*s\"><v%u>%u</v%u>&unit;</item>", i,
                       (int)(i % 40), "a rather long attribute of this element!", i % 9, i + 100,
                       i % 9);
        *letters += (unsigned)strlen("millivolt") + 3;
    }
    return (size_t)(end + sprintf(end, "</list>") - text);
}

static scenario_outcome parse(XML_Parser parser, const char *text, size_t length, reading *read) {
    XML_SetUserData(parser, read);
    XML_SetElementHandler(parser, element_begin, element_end);
    XML_SetCharacterDataHandler(parser, text_read);
    if (XML_SetHashSalt(parser, 1) == 0) {
        return SCENARIO_WRONG;
    }
    for (size_t at = 0; at < length; at += PIECE) {
        const size_t piece = length - at < PIECE ? length - at : PIECE;
        if (XML_Parse(parser, text + at, (int)piece, at + piece == length) != XML_STATUS_OK) {
            return XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY ? SCENARIO_NO_MEMORY
                                                                   : SCENARIO_WRONG;
        }
    }
    return SCENARIO_DONE;
}

scenario_outcome scenario_run(void) {
    static char text[TEXT_BYTES];
    reading read = {0, 0, 0};
    unsigned letters;
    const size_t length = document_write(text, &letters);
    const XML_Parser parser = parser_in_pool();
    if (parser == NULL) {
        return SCENARIO_NO_MEMORY;
    }
    const scenario_outcome outcome = parse(parser, text, length, &read);
    XML_ParserFree(parser);
    if (outcome != SCENARIO_DONE) {
        return outcome;
    }
    return read.items == ITEMS && read.letters == letters && read.depth == 0 ? SCENARIO_DONE
                                                                             : SCENARIO_WRONG;
}
