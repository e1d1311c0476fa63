/* SPDX-License-Identifier: BSD-3-Clause */
#include "scope.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "explore [--pools N[,N[,N]]] [--shift N] [--sizes N[,N...]] [--depth N] [--alphabet LETTERS]\n"
    "        [--dead zeros|ones|used] [--ghosts reduced|exact]\n"
    "explore --smallest\n"
    "letters: m malloc, a memalign, r realloc, A realloc_aligned, p pools removed and added "
    "again,\n"
    "x reset, h requests that no heap can serve; free is always there\n";

static void usage_fail(const char *what) {
    fprintf(stderr, "explore: wrong argument: %s\n%s", what, usage);
    exit(2);
}

static unsigned number_of(const char *text, const char **end) {
    char *after = NULL;
    const unsigned long number = strtoul(text, &after, 10);
    if (after == text || number > UINT_MAX) {
        usage_fail(text);
    }
    *end = after;
    return (unsigned)number;
}

static unsigned whole_number_of(const char *text) {
    const char *end = NULL;
    const unsigned number = number_of(text, &end);
    if (*end != '\0') {
        usage_fail(text);
    }
    return number;
}

/* Reads numbers from 1 to POOL_GRANULES_MAX, separated by commas. Returns how many there are. */
static unsigned read_granules(const char *text, unsigned *granules, unsigned max) {
    const char *next = text;
    unsigned count = 0;
    do {
        granules[count] = number_of(next, &next);
        if (granules[count] == 0 || granules[count] > POOL_GRANULES_MAX) {
            usage_fail(text);
        }
        count++;
    } while (*next++ == ',' && count < max);
    if (next[-1] != '\0') {
        usage_fail(text);
    }
    return count;
}

static dead_content dead_of(const char *text) {
    if (strcmp(text, "zeros") == 0) {
        return DEAD_ZEROS;
    }
    if (strcmp(text, "ones") == 0) {
        return DEAD_ONES;
    }
    if (strcmp(text, "used") != 0) {
        usage_fail(text);
    }
    return DEAD_USED;
}

static void read_ghosts(scope *s, const char *text) {
    s->ghosts = true;
    s->exact = strcmp(text, "exact") == 0;
    if (!s->exact && strcmp(text, "reduced") != 0) {
        usage_fail(text);
    }
}

static void read_option(scope *s, const char *name, char *value) {
    if (strcmp(name, "--pools") == 0) {
        s->pool_count = read_granules(value, s->granules, POOLS_MAX);
    } else if (strcmp(name, "--shift") == 0) {
        s->shift = whole_number_of(value);
    } else if (strcmp(name, "--sizes") == 0) {
        s->size_count = read_granules(value, s->sizes, POOL_GRANULES_MAX);
    } else if (strcmp(name, "--depth") == 0) {
        s->depth = whole_number_of(value);
    } else if (strcmp(name, "--alphabet") == 0 && strspn(value, "marApxh") == strlen(value)) {
        s->alphabet = value;
    } else if (strcmp(name, "--dead") == 0) {
        s->dead = dead_of(value);
    } else if (strcmp(name, "--ghosts") == 0) {
        read_ghosts(s, value);
    } else {
        usage_fail(name);
    }
}

scope scope_of_arguments(int count, char **arguments) {
    scope s = {.pool_count = 1,
               .granules = {8},
               .depth = UINT_MAX,
               .alphabet = "marAh",
               .dead = DEAD_ZEROS};
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) {
            usage_fail(arguments[i]);
        }
        read_option(&s, arguments[i], arguments[i + 1]);
    }
    return s;
}

bool scope_has(const scope *s, char letter) { return strchr(s->alphabet, letter) != NULL; }
