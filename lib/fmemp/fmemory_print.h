/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Printing: lines of text (tlsf_text.h) that go to FMEMP_WRITE.
 */
#ifndef FMEMORY_PRINT_H
#define FMEMORY_PRINT_H

#include "fmemory_pool.h"
#include "tlsf_text.h"

/* Whether FMEMP_WRITE does something. If not, put no code into the library that makes text. */
#define FMEMP_PRINTS TEXT_IS_USED(FMEMP_WRITE(TEXT_ARGUMENT, 0))

TEXT_HOOK_BEGIN
static void print_piece(const char *piece, size_t length) {
    (void)piece;
    (void)length;
    FMEMP_WRITE(piece, length);
}
TEXT_HOOK_END

#endif
