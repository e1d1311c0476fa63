/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * LVGL 9's memory functions on a pool of LVGL_FMEMP_BYTES bytes, for LV_USE_STDLIB_MALLOC
 * LV_STDLIB_CUSTOM. Its own LV_MEM_SIZE exists for LV_STDLIB_BUILTIN alone. LVGL does not lock
 * around them: where several threads use it, compile fmemp with a lock port. Unverified: LVGL
 * itself was not run. Tests run on declarations of our own.
 */
#include <fmemory_pool.h>
#include <lvgl.h>

#if LV_USE_STDLIB_MALLOC != LV_STDLIB_CUSTOM
#error "set LV_USE_STDLIB_MALLOC to LV_STDLIB_CUSTOM in lv_conf.h"
#endif
#ifndef LVGL_FMEMP_BYTES
#error "define LVGL_FMEMP_BYTES in lv_conf.h: the size of the pool"
#endif

static FMemp memp;
static _Alignas(TLSF_GRANULE) unsigned char memory[LVGL_FMEMP_BYTES];

void lv_mem_init(void) { (void)FMempInit(&memp, memory, memory + sizeof memory); }

void lv_mem_deinit(void) { FMempRemove(&memp); }

/* Returns the pool; NULL if the region is too small, or larger than the first one planned for. */
lv_mem_pool_t lv_mem_add_pool(void *mem, size_t bytes) {
    return FMempAddRegion(&memp, mem, (unsigned char *)mem + bytes) == FMEMP_SUCCESS ? mem : NULL;
}

/* A pool with live blocks stays. */
void lv_mem_remove_pool(lv_mem_pool_t pool) { (void)FMempRemoveRegion(&memp, pool); }

void *lv_malloc_core(size_t size) { return FMempMalloc(&memp, size); }

void *lv_realloc_core(void *p, size_t new_size) { return FMempRealloc(&memp, p, new_size); }

void lv_free_core(void *p) { FMempFree(&memp, p); }

static uint8_t percent(uint64_t part, uint64_t whole) {
    return (uint8_t)(whole == 0 ? 0 : part * 100 / whole);
}

/* Time: linear in blocks, as it counts the free ones. */
void lv_mem_monitor_core(lv_mem_monitor_t *mon_p) {
    FMempStats stats;
    FMempSurvey survey;
    (void)FMempGetStats(&memp, &stats);
    (void)FMempGetSurvey(&memp, &survey);
    mon_p->total_size = (size_t)stats.total_bytes;
    mon_p->free_cnt = survey.free_blocks;
    mon_p->free_size = (size_t)stats.free_bytes;
    mon_p->free_biggest_size = survey.largest_free;
    mon_p->used_cnt = survey.used_blocks;
    mon_p->max_used = (size_t)stats.max_used_bytes;
    mon_p->used_pct = percent(stats.used_bytes, stats.total_bytes);
    mon_p->frag_pct =
        (uint8_t)(stats.free_bytes == 0 ? 0 : 100 - percent(survey.largest_free, stats.free_bytes));
}

lv_result_t lv_mem_test_core(void) {
    return FMempCheck(&memp, NULL) == FMEMP_SUCCESS ? LV_RESULT_OK : LV_RESULT_INVALID;
}
