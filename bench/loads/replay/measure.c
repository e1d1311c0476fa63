/* SPDX-License-Identifier: BSD-3-Clause */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/isolate.h"

/* The memory of a measurement: the table of live blocks, and a region for the heap. */
typedef struct {
    live_block *blocks;
    size_t blocks_bytes;
    void *region;
    size_t region_bytes;
} workspace;

static bool workspace_make(workspace *made, const load *served, size_t region_bytes) {
    made->blocks_bytes = served->slots * sizeof(live_block);
    made->blocks = memory_map(made->blocks_bytes);
    made->region_bytes = region_bytes;
    made->region = memory_map(region_bytes);
    return made->blocks != NULL && made->region != NULL;
}

static void workspace_release(workspace *released) {
    memory_unmap(released->blocks, released->blocks_bytes);
    memory_unmap(released->region, released->region_bytes);
}

/* ---- smallest pool -------------------------------------------------------------------- */

smallest_pool smallest_pool_find(serve_function *serve, const load *served, size_t too_small,
                                 size_t step) {
    size_t steps_high = (4 * too_small + 65536) / step; /* serves, to be seen */
    size_t steps_low = too_small / step;
    smallest_pool found = {0};
    workspace space;
    if (!workspace_make(&space, served, steps_high * step)) {
        workspace_release(&space);
        return found;
    }
    for (size_t steps = steps_high; steps_high - steps_low > 1;
         steps = steps_low + (steps_high - steps_low) / 2) {
        size_t bytes = steps * step;
        serve_result result = serve(served, space.blocks, space.region, bytes);
        found.is_damaged |= result.is_damaged;
        if (result.has_served_all) {
            steps_high = steps;
            found.bytes = bytes;
            found.free_bytes = result.free_bytes;
            found.largest_free = result.largest_free;
        } else if (steps == steps_high) {
            break;
        } else {
            steps_low = steps;
        }
    }
    workspace_release(&space);
    return found;
}

static size_t shaped_size(block_shape shape, size_t size) {
    size_t outer = (size + shape.header + shape.granule - 1) / shape.granule * shape.granule;
    return outer < shape.smallest ? shape.smallest : outer;
}

size_t blocks_peak_bytes(const load *served, block_shape shape) {
    size_t *outer_of_slot = calloc(served->slots, sizeof *outer_of_slot);
    size_t live = 0;
    size_t peak = 0;
    for (size_t i = 0; outer_of_slot != NULL && i < served->count; i++) {
        const operation *next = &served->operations[i];
        size_t outer = next->kind == LOAD_FREE ? 0 : shaped_size(shape, next->size);
        live += outer - outer_of_slot[next->slot];
        outer_of_slot[next->slot] = outer;
        peak = live > peak ? live : peak;
    }
    free(outer_of_slot);
    return peak;
}

const char *load_name(const char *path, char *name, size_t name_bytes) {
    const char *slash = strrchr(path, '/');
    snprintf(name, name_bytes, "%s", slash == NULL ? path : slash + 1);
    char *suffix = strstr(name, ".load");
    if (suffix != NULL) {
        *suffix = '\0';
    }
    return name;
}
