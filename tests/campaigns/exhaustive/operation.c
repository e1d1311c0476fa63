/* SPDX-License-Identifier: BSD-3-Clause */
#include "operation.h"

#include "finding.h"
#include "world.h"

enum { ALIGNS = 3 };

static size_t sizes[SIZES_MAX];
static unsigned size_count;

/* ---- sizes and alignments ----------------------------------------------------------- */

static size_t smallest_granules(void) {
    return (tlsf_block_size_min() + tlsf_alloc_overhead()) / tlsf_align_size();
}

/* Returns a request whose outer size is this many granules: the largest one for an even number, the
 * smallest for an odd number. */
static size_t request_for(size_t granules) {
    const size_t granule = tlsf_align_size();
    const size_t largest = granules * granule - tlsf_alloc_overhead();
    return granules % 2 == 0 ? largest : largest - granule + 1;
}

static void add_size(size_t granules) { sizes[size_count++] = request_for(granules); }

static void add_all_sizes(size_t most) {
    for (size_t n = smallest_granules(); n <= most; n++) {
        add_size(n);
    }
}

void operations_prepare(const scope *s) {
    size_t most = 0;
    for (unsigned i = 0; i < s->pool_count; i++) {
        most = s->granules[i] > most ? s->granules[i] : most;
    }
    size_count = 0;
    if (s->size_count == 0) {
        add_all_sizes(most);
    }
    for (unsigned i = 0; i < s->size_count; i++) {
        REQUIRE(s->sizes[i] >= smallest_granules());
        add_size(s->sizes[i]);
    }
    add_size(most + 1); /* larger than any block */
}

size_t operation_size(const operation *o) { return sizes[o->size]; }

size_t operation_align(const operation *o) { return tlsf_align_size() << (o->align + 1); }

/* ---- the list ----------------------------------------------------------------------- */

typedef struct {
    operation *next;
    const operation *end;
} lister;

static void add(lister *l, operation_kind kind, unsigned block, unsigned size, unsigned align) {
    REQUIRE(l->next != l->end);
    *l->next++ = (operation){(uint8_t)kind, (uint8_t)block, (uint8_t)size, (uint8_t)align};
}

static void add_every_size(lister *l, operation_kind kind, unsigned block) {
    for (unsigned size = 0; size < size_count; size++) {
        add(l, kind, block, size, 0);
    }
}

static void add_every_alignment(lister *l, operation_kind kind, unsigned block, unsigned step) {
    for (unsigned align = 0; align < ALIGNS; align += step) {
        for (unsigned size = 0; size < size_count; size++) {
            add(l, kind, block, size, align);
        }
    }
}

static void add_new_blocks(const scope *s, lister *l) {
    if (scope_has(s, 'm')) {
        add_every_size(l, OPERATION_MALLOC, 0);
        add(l, OPERATION_MALLOC_LARGEST, 0, 0, 0);
    }
    if (scope_has(s, 'a')) {
        add_every_alignment(l, OPERATION_MEMALIGN, 0, 1);
    }
}

static void add_live_block(const scope *s, lister *l, unsigned block) {
    add(l, OPERATION_FREE, block, 0, 0);
    if (scope_has(s, 'r')) {
        add(l, OPERATION_FREE_BY_REALLOC, block, 0, 0);
        add_every_size(l, OPERATION_REALLOC, block);
    }
    if (scope_has(s, 'A')) {
        add_every_alignment(l, OPERATION_REALLOC_ALIGNED, block, 2);
    }
}

static void add_of_pools(const scope *s, lister *l) {
    for (unsigned i = 0; i < pool_count && scope_has(s, 'p'); i++) {
        add(l, pool_is_attached(i) ? OPERATION_REMOVE_POOL : OPERATION_ADD_POOL, i, 0, 0);
    }
    if (scope_has(s, 'x')) {
        add(l, OPERATION_RESET, 0, 0, 0);
    }
}

unsigned operations_list(const scope *s, operation *list) {
    lister l = {list, list + OPERATIONS_MAX};
    add_new_blocks(s, &l);
    for (unsigned i = 0; i < known.live_count; i++) {
        add_live_block(s, &l, i);
    }
    add_of_pools(s, &l);
    for (unsigned i = 0; i < REFUSED_REQUESTS && scope_has(s, 'h'); i++) {
        add(&l, OPERATION_REFUSED, i, 0, 0);
    }
    return (unsigned)(l.next - list);
}

/* ---- in words ----------------------------------------------------------------------- */

const char *operation_name(operation_kind kind) {
    static const char *const names[OPERATION_KINDS] = {
        [OPERATION_MALLOC] = "malloc",
        [OPERATION_MALLOC_LARGEST] = "malloc_largest",
        [OPERATION_MEMALIGN] = "memalign",
        [OPERATION_REALLOC] = "realloc",
        [OPERATION_REALLOC_ALIGNED] = "realloc_aligned",
        [OPERATION_FREE] = "free",
        [OPERATION_FREE_BY_REALLOC] = "free_by_realloc",
        [OPERATION_ADD_POOL] = "add_pool",
        [OPERATION_REMOVE_POOL] = "remove_pool",
        [OPERATION_RESET] = "reset",
        [OPERATION_REFUSED] = "refused",
    };
    return names[kind];
}

void operation_print(FILE *to, const operation *o) {
    const char *name = operation_name(o->kind);
    switch ((operation_kind)o->kind) {
    case OPERATION_MALLOC:
        fprintf(to, "%s(%zu)", name, operation_size(o));
        break;
    case OPERATION_MEMALIGN:
        fprintf(to, "%s(%zu, %zu)", name, operation_align(o), operation_size(o));
        break;
    case OPERATION_REALLOC:
        fprintf(to, "%s(live block %u, %zu)", name, o->block, operation_size(o));
        break;
    case OPERATION_REALLOC_ALIGNED:
        fprintf(to, "%s(live block %u, %zu, %zu)", name, o->block, operation_align(o),
                operation_size(o));
        break;
    case OPERATION_FREE:
    case OPERATION_FREE_BY_REALLOC:
        fprintf(to, "%s(live block %u)", name, o->block);
        break;
    case OPERATION_MALLOC_LARGEST:
    case OPERATION_RESET:
    case OPERATION_KINDS:
        fprintf(to, "%s()", name);
        break;
    case OPERATION_ADD_POOL:
    case OPERATION_REMOVE_POOL:
    case OPERATION_REFUSED:
        fprintf(to, "%s(%u)", name, o->block);
        break;
    }
}
