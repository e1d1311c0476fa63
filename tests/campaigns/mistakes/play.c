/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plays mistakes in heaps as programs have them, and counts what comes of each.
 *
 *     play SEED TRIALS
 *
 * A trial makes a heap and uses it. For each kind it starts at that heap, makes one mistake of the
 * kind, and makes calls of a correct program from then on, until a call reports a fault, until
 * something is harmed, or until there are enough calls. What was harmed before the report counts as
 * harm: with the report the content of all blocks is looked at.
 *
 * Prints a line for each kind and content: the counts of outcomes in the order of `outcome`, and of
 * harms in the order of `harm`.
 */
#include "mistakes.h"
#include "support/protect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_BEFORE = 3000, CALLS_AFTER = 1500, KINDS_MAX = 64 };

/* ---- one trial ------------------------------------------------------------------------- */

typedef enum { AT_THE_CALL, LATER, HARMLESS, HARMED, OUTCOMES } outcome;

typedef struct {
    const kind *k;
    random_source random;
    mistake m;
    size_t calls; /* of the program since the mistake */
} trial;

static world here;

static void play(void *argument) {
    trial *const t = argument;
    t->k->make(&here, &t->random, &t->m);
    while (here.first_harm == HARM_NONE && world_reports() == 0 && t->calls < CALLS_AFTER) {
        t->calls++;
        world_call(&here, &t->random);
    }
    world_look(&here);
}

static outcome outcome_of(trial *t) {
    world_restore(&here);
    const ending how = protect_run(play, t);
    if (how != CAME_BACK) {
        here.first_harm = how == HUNG ? HARM_HANG : HARM_CRASH;
    }
    if (here.first_harm != HARM_NONE) {
        return HARMED;
    }
    if (world_reports() == 0) {
        return HARMLESS;
    }
    return t->calls == 0 ? AT_THE_CALL : LATER;
}

/* ---- counts ---------------------------------------------------------------------------- */

typedef struct {
    size_t outcomes[OUTCOMES];
    size_t harms[HARMS];
} tally;

static tally tallies[KINDS_MAX][2][CONTENTS];

static void count_trial(size_t number, uint64_t seed, size_t which) {
    trial t = {.k = &kinds[which], .m = {.length = kinds[which].length}};
    t.m.what = (content)(number % CONTENTS);
    t.random = random_from(seed + number * KINDS_MAX + which);
    const outcome end = outcome_of(&t);
    tally *const sum = &tallies[which][t.m.is_handed_out][t.m.what];
    sum->outcomes[end]++;
    sum->harms[here.first_harm]++;
}

static void print_tally(const char *name, const char *content_name, const tally *sum) {
    printf("%s\t%s", name, content_name);
    for (size_t i = 0; i < OUTCOMES; i++) {
        printf("\t%zu", sum->outcomes[i]);
    }
    for (size_t i = HARM_NONE + 1; i < HARMS; i++) {
        printf("\t%zu", sum->harms[i]);
    }
    printf("\n");
}

static void print_kind(size_t which, bool is_handed_out) {
    const kind *const k = &kinds[which];
    const char *const name = is_handed_out ? k->name_handed_out : k->name;
    for (size_t what = 0; what < CONTENTS && name != NULL; what++) {
        print_tally(name, content_names[what], &tallies[which][is_handed_out][what]);
    }
}

/* Those of memory handed out again come last. */
static void print_tallies(void) {
    for (size_t i = 0; i < kind_count; i++) {
        print_kind(i, false);
    }
    for (size_t i = 0; i < kind_count; i++) {
        print_kind(i, true);
    }
}

/* ---- the command ----------------------------------------------------------------------- */

static void play_all(uint64_t seed, size_t trials) {
    for (size_t number = 0; number < trials; number++) {
        random_source random = random_from(~(seed + number));
        world_make(&here, &random, CALLS_BEFORE);
        world_look(&here);
        if (here.first_harm != HARM_NONE || world_reports() != 0) {
            printf("the heap is broken before the mistake\n");
            exit(2);
        }
        world_keep(&here);
        for (size_t which = 0; which < kind_count; which++) {
            count_trial(number, seed, which);
        }
    }
}

int main(int count, char **words) {
    if (count != 3) {
        printf("usage: play SEED TRIALS\n");
        return 2;
    }
    world_map();
    protect_begin();
    play_all(strtoull(words[1], NULL, 0), (size_t)strtoull(words[2], NULL, 0));
    print_tallies();
    return 0;
}
