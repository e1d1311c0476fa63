/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The default walker, which prints; and tlsf_walk_pool for callers without tlsf.h, which chooses
 * it.
 */
#include "tlsf.h"
#include "tlsf_text.h"

TEXT_HOOK_BEGIN
static void block_piece_print(const char *piece, size_t length) {
    (void)piece;
    (void)length;
    TLSF_WRITE(piece, length);
}
TEXT_HOOK_END

void tlsf_print_block(void *ptr, size_t size, int used, void *user) {
    (void)user;
    if (TEXT_IS_USED(TLSF_WRITE(TEXT_ARGUMENT, 0))) {
        struct text text;
        text_begin(&text, block_piece_print);
        text_block(&text, ptr, size, used);
        text_line(&text);
    }
}

/* ---- the plain name ----------------------------------------------------------------- */

#undef tlsf_walk_pool

#ifdef __cplusplus
extern "C" {
#endif

void TLSF_NAME(tlsf_walk_pool)(pool_t pool, tlsf_walker walker, void *user);

#ifdef __cplusplus
}
#endif

void TLSF_NAME(tlsf_walk_pool)(pool_t pool, tlsf_walker walker, void *user) {
    TLSF_NAME(tlsf_walk_pool_or_print)(pool, walker, user);
}

/* A unit that includes several sources goes on with the name of the header. */
#define tlsf_walk_pool TLSF_NAME(tlsf_walk_pool_or_print)
