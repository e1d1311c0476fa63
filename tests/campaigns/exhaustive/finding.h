/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A finding is an event that the contract forbids. It ends the run.
 */
#ifndef FINDING_H
#define FINDING_H

/* Prints the message and the sequence of operations that leads to it, and ends the program. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2), noreturn))
#endif
void finding(const char *format, ...);

/* A condition that the contract promises. */
#define REQUIRE(condition) \
    do { \
        if (!(condition)) { \
            finding("%s:%d: not true: %s", __func__, __LINE__, #condition); \
        } \
    } while (0)

#endif
