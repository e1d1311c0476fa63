/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls every hook of integrations/middleware/recipes, as the libraries would. Compiled with
 * -DLFS_DEFINES=lfs_fmemp.h, as littlefs is. Status 0: each kept its promise. */
#include <ff.h>
#include <fmemory_pool.h>
#include <lvgl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define QUOTED(name) #name
#define EXPANDED(name) QUOTED(name)
#include EXPANDED(LFS_DEFINES)

FMemp lfs_memp, ff_memp;
static unsigned char lfs_memory[8192], ff_memory[8192], more[8192];

static lv_mem_monitor_t monitored(void) {
    lv_mem_monitor_t monitor = {0};
    lv_mem_monitor_core(&monitor);
    return monitor;
}

static bool monitor_adds_up(void) {
    void *const blocks[] = {lv_malloc_core(1000), lv_malloc_core(2000), lv_malloc_core(10)};
    lv_free_core(blocks[1]);
    const lv_mem_monitor_t now = monitored();
    lv_free_core(blocks[0]);
    lv_free_core(blocks[2]);
    const lv_mem_monitor_t end = monitored();
    return now.used_cnt == 2 && now.free_cnt == 2 && now.total_size < LVGL_FMEMP_BYTES &&
           now.free_size > now.free_biggest_size && now.free_biggest_size > 10000 &&
           now.max_used >= 3010 &&
           now.used_pct == (now.total_size - now.free_size) * 100 / now.total_size &&
           now.frag_pct == 100 - now.free_biggest_size * 100 / now.free_size && end.used_cnt == 0 &&
           end.free_cnt == 1 && end.used_pct == 0 && end.frag_pct <= 1;
}

static bool lvgl_allocates(void) {
    unsigned char *const block = lv_malloc_core(100);
    memset(block, 7, 100);
    unsigned char *const longer = lv_realloc_core(block, 3000);
    const bool is_kept = longer[0] == 7 && longer[99] == 7;
    lv_free_core(longer);
    return is_kept && lv_malloc_core(LVGL_FMEMP_BYTES) == NULL &&
           lv_mem_test_core() == LV_RESULT_OK;
}

static bool lvgl_pools_come_and_go(void) {
    const size_t before = monitored().total_size;
    const lv_mem_pool_t pool = lv_mem_add_pool(more, sizeof more);
    const size_t with = monitored().total_size;
    lv_mem_remove_pool(pool);
    return pool != NULL && with > before + 8000 && monitored().total_size == before &&
           lv_mem_add_pool(more, 8) == NULL;
}

static bool lvgl_finds_corruption(void) {
    unsigned char *const block = lv_malloc_core(16);
    memset(block, 0xff, 64);
    return lv_mem_test_core() == LV_RESULT_INVALID;
}

static bool lvgl_ends(void) {
    lv_mem_deinit();
    return lv_malloc_core(1) == NULL;
}

static bool file_systems_allocate(void) {
    void *const buffer = LFS_MALLOC(512);
    void *const name = ff_memalloc(512);
    const bool are_apart = FMempOwns(&lfs_memp, buffer) && FMempOwns(&ff_memp, name);
    LFS_FREE(buffer);
    ff_memfree(name);
    return are_apart && LFS_MALLOC(9000) == NULL && ff_memalloc(9000) == NULL;
}

int main(void) {
    static const struct {
        const char *name;
        bool (*holds)(void);
    } cases[] = {{"allocates", lvgl_allocates},
                 {"monitor", monitor_adds_up},
                 {"pools", lvgl_pools_come_and_go},
                 {"corruption", lvgl_finds_corruption},
                 {"end", lvgl_ends},
                 {"file systems", file_systems_allocate}};
    int failed = 0;
    lv_mem_init();
    (void)FMempInit(&lfs_memp, lfs_memory, lfs_memory + sizeof lfs_memory);
    (void)FMempInit(&ff_memp, ff_memory, ff_memory + sizeof ff_memory);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!cases[i].holds()) {
            printf("failed: %s\n", cases[i].name);
            failed = 1;
        }
    }
    return failed;
}
