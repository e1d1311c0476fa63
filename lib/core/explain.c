/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All blocks counted, and why a request is not served.
 */
#include "places.h"
#include "split_merge.h"

/* ---- the survey --------------------------------------------------------------------- */

static void survey_free_block(tlsf_survey_t *survey, const block *b) {
    const size_t inner = size_inner_bytes(block_size(b));
    survey->free_blocks++;
    survey->free_bytes += size_bytes(block_size(b));
    if (inner > survey->largest_free) {
        survey->largest_free = inner;
    }
    if (survey->free_blocks == 1 || inner < survey->smallest_free) {
        survey->smallest_free = inner;
    }
}

/* Returns false if a broken size ended the walk. */
static bool survey_pool(tlsf_survey_t *survey, const pool_view *pool) {
    const block *b = pool->first;
    while (b != pool->end && size_fits_pool(pool, b)) {
        if (block_is_free(b)) {
            survey_free_block(survey, b);
        } else {
            survey->used_blocks++;
            survey->used_bytes += size_bytes(block_size(b));
        }
        b = block_next(b);
    }
    return b == pool->end;
}

int tlsf_survey(tlsf_t handle, tlsf_survey_t *survey) {
    const control *t = control_of(handle);
    CHECKER_PAUSE();
    bool is_sound = pool_list_is_sound(t);
    memset(survey, 0, sizeof(*survey));
    for (const pool_descriptor *descriptor = pools_next(t, &t->pools); descriptor != NULL;
         descriptor = pools_next(t, descriptor)) {
        const pool_view pool = pool_view_of(descriptor);
        survey->pools++;
        is_sound = survey_pool(survey, &pool) && is_sound;
    }
    return is_sound;
}

/* ---- the reason --------------------------------------------------------------------- */

/* The size that tlsf_memalign searches for; 0 if the plan does not allow it, or is none. The
 * alignment is valid. */
static outer_size size_searched(const control *t, size_t align, size_t bytes) {
    const bool is_planned =
        bytes <= t->request_max && t->request_max <= size_inner_bytes(OUTER_SIZE_MAX);
    return is_planned ? memalign_room(t, align, bytes) : 0;
}

/* Why no block serves a search for n. */
static tlsf_reason reason_of_search(const tlsf_survey_t *survey, outer_size n) {
    if (survey->free_bytes < size_bytes(n)) {
        return TLSF_REASON_MEMORY;
    }
    return survey->largest_free < size_inner_bytes(n) ? TLSF_REASON_FRAGMENTED : TLSF_REASON_SEARCH;
}

/* Fills in what the search is for, as far as there is one.
 * Returns the reason. */
static tlsf_reason reason_of(const control *t, size_t align, size_t bytes, bool is_sound,
                             const tlsf_survey_t *survey, size_t *needed) {
    if (!align_is_valid(align)) {
        return TLSF_REASON_ALIGNMENT;
    }
    if (!is_sound) {
        return TLSF_REASON_BROKEN;
    }
    const outer_size n = size_searched(t, align, bytes);
    if (n == 0) {
        return control_is_sound(t) ? TLSF_REASON_PLAN : TLSF_REASON_BROKEN;
    }
    *needed = size_inner_bytes(n);
    if (!search_is_sound(t, n)) {
        return TLSF_REASON_BROKEN;
    }
    return choice_holds(free_blocks_choose(t, n), n) ? TLSF_REASON_NONE
                                                     : reason_of_search(survey, n);
}

tlsf_reason tlsf_explain(tlsf_t handle, size_t align, size_t bytes,
                         tlsf_explanation_t *explanation) {
    const control *t = control_of(handle);
    CHECKER_PAUSE();
    tlsf_survey_t survey;
    const bool is_sound = tlsf_survey(handle, &survey) != 0;
    explanation->needed = 0;
    explanation->largest_free = survey.largest_free;
    explanation->smallest_free = survey.smallest_free;
    explanation->free_blocks = survey.free_blocks;
    explanation->free_bytes = survey.free_bytes;
    explanation->reason = reason_of(t, align, bytes, is_sound, &survey, &explanation->needed);
    return explanation->reason;
}

const char *tlsf_reason_name(tlsf_reason reason) {
    /* In the order of tlsf_reason. */
    static const char *const names[] = {
        "served",     "alignment is no power of two",   "larger than planned", "out of memory",
        "fragmented", "no block that the search meets", "corrupted",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    return (size_t)reason < count ? names[reason] : "unknown";
}
