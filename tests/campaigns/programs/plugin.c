/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A library with thread-local data, which allocates when it is loaded and unloaded.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

char *plugin_text(void);

static _Thread_local char text[2000] = "thread-local";
static void *block;

__attribute__((constructor)) static void load(void) { block = malloc(1000); }

__attribute__((destructor)) static void unload(void) { free(block); }

char *plugin_text(void) { return strdup(text); }
