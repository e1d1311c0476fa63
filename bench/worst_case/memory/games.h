/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Games: every sequence of requests and frees up to some length, each within the limits.
 */
#ifndef GAMES_H
#define GAMES_H

#include "contest.h"

enum { GAME_SIZES_MAX = 6 };

typedef struct {
    size_t outer[GAME_SIZES_MAX]; /* what a request can ask for */
    size_t count;
} game_sizes;

/* Plays every game of `length` calls against a heap of `bytes` bytes. A call takes a block of one
 * of the sizes, frees a live block, or shrinks one to the smallest size.
 * Returns  how many games are refused a request. */
size_t games_refused(const contest *c, const game_sizes *sizes, size_t length, size_t bytes);

#endif
