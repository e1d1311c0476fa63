/* SPDX-License-Identifier: BSD-3-Clause */
/* What the programs of bench/ share: the machine and build of a figure, results as JSON, and
 * progress. */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The commit that was built; "-dirty" follows when files have changed since. */
extern const char commit_name[];

/* Prints commit, processor, compiler and the options of the library, a line each. */
void environment_print(void);

/* Begins a file of results {"schema": 1, "machine": ..., "records": [. Returns NULL, and says why,
 * if and only if it cannot be written. */
FILE *results_open(const char *path);

/* Begins a record: writes a comma before all but the first. */
void record_begin(FILE *results);

/* Ends the file. Returns false, and says why, if and only if something could not be written.
 * NULL is ignored. */
bool results_close(FILE *results, const char *path);

/* Prints the progress of a long run to stderr: "throughput 3/19 gawk". */
void progress_print(const char *program, size_t number, size_t count, const char *what);

#endif
