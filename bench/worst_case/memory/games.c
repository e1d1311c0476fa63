/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A game is a row of choices. The next game has the last choice changed that can be; the heap is
 * made anew for each. So no state of the heap has to be copied.
 */
#include "games.h"

#include <string.h>

enum { LENGTH_MAX = 16 };

typedef struct {
    const game_sizes *sizes;
    size_t length;
    size_t choices[LENGTH_MAX];
    size_t options[LENGTH_MAX]; /* how many there were at each choice */
} game;

/* The number of calls that are possible: each size, and a free and a shrink of each entry. */
static size_t options_of(const player *p, const game *g) {
    return g->sizes->count + 2 * p->limits.blocks;
}

/* Makes the call with this number. Returns false if it would change nothing. */
static bool choice_make(player *p, const game *g, size_t choice) {
    if (choice < g->sizes->count) {
        const size_t live = p->live;
        player_take(p, g->sizes->outer[choice], 0);
        return p->live != live || p->is_refused;
    }
    const size_t block = (choice - g->sizes->count) / 2;
    const bool is_shrink = (choice - g->sizes->count) % 2 != 0;
    const size_t outer = p->entries[block].outer;
    if (outer == 0 || (is_shrink && outer == p->limits.smallest)) {
        return false;
    }
    if (is_shrink) {
        player_shrink(p, (long)block, p->limits.smallest);
    } else {
        player_give(p, (long)block);
    }
    return true;
}

static void game_play(player *p, const void *strategy) {
    game *g = *(game *const *)strategy; /* the contest passes it on as it is */
    for (size_t i = 0; i < g->length && !p->is_refused; i++) {
        g->options[i] = options_of(p, g);
        while (g->choices[i] < g->options[i] && !choice_make(p, g, g->choices[i])) {
            g->choices[i]++;
        }
        if (g->choices[i] >= g->options[i]) {
            return;
        }
    }
}

/* Goes on to the next game. Returns false if there is none. */
static bool game_next(game *g) {
    for (size_t i = g->length; i-- > 0;) {
        if (g->choices[i] + 1 < g->options[i]) {
            g->choices[i]++;
            memset(&g->choices[i + 1], 0, (g->length - i - 1) * sizeof g->choices[0]);
            return true;
        }
    }
    return false;
}

size_t games_refused(const contest *c, const game_sizes *sizes, size_t length, size_t bytes) {
    game g = {sizes, length < LENGTH_MAX ? length : LENGTH_MAX - 1, {0}, {0}};
    game *strategy = &g;
    size_t refused = 0;
    do {
        memset(g.options, 0, sizeof g.options);
        refused += contest_play(c, bytes, game_play, &strategy) ? 1 : 0;
    } while (game_next(&g));
    return refused;
}
