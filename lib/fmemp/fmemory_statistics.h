/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics: the core's figures in FMemp's types.
 */
#ifndef FMEMORY_STATISTICS_H
#define FMEMORY_STATISTICS_H

#include "fmemory_ready.h"
#include "fmemory_tag.h"

/* A figure that the core keeps only with statistics. */
static u64 counted(fsize_t value) { return TLSF_STATISTICS ? value : FMEMP_STATS_UNKNOWN; }

static FError stats_get(FMemp *memp, FMempStats *stats) {
    tlsf_stats_t core;

    if (stats == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    memset(stats, 0, sizeof *stats);
    if (!memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    (void)tlsf_stats(memp->tlsf_ptr, &core);
    stats->total_bytes = core.pool_bytes;
    stats->used_bytes = counted(core.used_bytes);
    stats->max_used_bytes = counted(core.peak_bytes);
    stats->free_bytes = counted(core.free_bytes);
    stats->largest = largest_without_tag(core.largest);
    stats->live_blocks = counted(core.live_blocks);
    stats->allocations = counted(core.allocations);
    stats->frees = counted(core.frees);
    stats->failures = counted(core.failures);
    return FMEMP_SUCCESS;
}

static FError survey_get(FMemp *memp, FMempSurvey *survey) {
    tlsf_survey_t core;
    bool is_whole;

    if (survey == NULL) {
        return FMEMP_ERR_INVALID_BUF;
    }
    memset(survey, 0, sizeof *survey);
    if (!memp_is_ready_or_starts(memp)) {
        return FMEMP_ERR_NOT_READY;
    }
    is_whole = tlsf_survey(memp->tlsf_ptr, &core);
    survey->regions = core.pools;
    survey->used_blocks = core.used_blocks;
    survey->used_bytes = core.used_bytes;
    survey->free_blocks = core.free_blocks;
    survey->free_bytes = core.free_bytes;
    survey->largest_free = largest_without_tag(core.largest_free);
    survey->smallest_free = largest_without_tag(core.smallest_free);
    return is_whole ? FMEMP_SUCCESS : FMEMP_ERR_BROKEN;
}

static void peak_reset(FMemp *memp) {
    if (memp_is_ready_or_starts(memp)) {
        tlsf_reset_peak(memp->tlsf_ptr);
    }
}

static u32 saturate_u32(u64 value) { return value > UINT32_MAX ? UINT32_MAX : (u32)value; }

static void probe(FMemp *memp, u32 *total, u32 *used, u32 *max_used) {
    FMempStats stats;

    (void)stats_get(memp, &stats); /* zeros when memp is not ready */
    if (total != NULL) {
        *total = saturate_u32(stats.total_bytes);
    }
    if (used != NULL) {
        *used = saturate_u32(stats.used_bytes);
    }
    if (max_used != NULL) {
        *max_used = saturate_u32(stats.max_used_bytes);
    }
}

#endif
