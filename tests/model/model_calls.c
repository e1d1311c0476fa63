/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Passes the model's requests on to the core.
 */
#include "model.h"

/* tlsf_create does not know how large the memory is. */
static tlsf_t create_and_add(uint8_t *begin, size_t bytes) {
    if (bytes < tlsf_size()) {
        return NULL;
    }
    tlsf_t t = tlsf_create(begin);
    return tlsf_add_pool(t, begin + tlsf_size(), bytes - tlsf_size()) == NULL ? NULL : t;
}

static bool core_create(model *m, stream_creation how, uint8_t *begin, size_t bytes,
                        size_t planned) {
    if (how == CREATION_EMPTY) {
        m->t = create_and_add(begin, bytes);
    } else if (how == CREATION_WITH_POOL) {
        m->t = tlsf_create_with_pool(begin, bytes);
    } else {
        m->t = tlsf_create_sized(begin, bytes, planned);
    }
    return m->t != NULL;
}

static void core_destroy(model *m) {
    tlsf_destroy(NULL);
    tlsf_destroy(m->t);
}

static void *core_malloc(model *m, size_t size) { return tlsf_malloc(m->t, size); }

static void *core_calloc(model *m, size_t count, size_t size) {
    return tlsf_calloc(m->t, count, size);
}

static void *core_memalign(model *m, size_t align, size_t size) {
    return tlsf_memalign(m->t, align, size);
}

static void *core_realloc(model *m, void *ptr, size_t size) {
    return tlsf_realloc(m->t, ptr, size);
}

static void *core_realloc_aligned(model *m, void *ptr, size_t align, size_t size) {
    return tlsf_realloc_aligned(m->t, ptr, align, size);
}

static void core_free(model *m, void *ptr) { tlsf_free(m->t, ptr); }

static pool_t core_add_pool(model *m, uint8_t *begin, size_t bytes) {
    return tlsf_add_pool(m->t, begin, bytes);
}

/* Behind the end there are two ways. */
static pool_t core_grow_pool(model *m, const model_region *r, uint8_t *begin, uint8_t *end) {
    if (begin != r->given) {
        return tlsf_add_to_pool(m->t, r->pool, begin, (size_t)(r->given - begin));
    }
    if (m->step % 2 == 0) {
        return tlsf_add_to_pool(m->t, r->pool, r->end, (size_t)(end - r->end));
    }
    const size_t bytes = (size_t)(end - begin);
    const size_t result = tlsf_extend_pool(m->t, (pool_t)begin, (size_t)(r->end - begin), bytes);
    REQUIRE(m, result == 0 || result == bytes);
    return result == 0 ? NULL : r->pool;
}

/* Removing a pool a second time must fail. */
static bool core_remove_pool(model *m, const model_region *r) {
    const bool is_removed = tlsf_remove_pool(m->t, r->pool) == 0;
    REQUIRE(m, !is_removed || tlsf_remove_pool(m->t, r->pool) != 0);
    return is_removed;
}

static void core_reset(model *m) { tlsf_reset(m->t); }

/* tlsf_get_pool must return one of the model's pools, or NULL if there is none. */
static void core_query(model *m) {
    const pool_t oldest = tlsf_get_pool(m->t);
    bool is_ours = false;
    bool is_any = false;
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        const pool_t pool = m->regions[i].pool;
        is_any = is_any || pool != NULL;
        is_ours = is_ours || (pool != NULL && pool == oldest);
        REQUIRE(m, pool == NULL || tlsf_check_pool(pool) == TLSF_SOUND);
    }
    REQUIRE(m, is_any ? is_ours : oldest == NULL);
    REQUIRE(m, tlsf_block_size(NULL) == 0);
}

const model_calls model_core_calls = {
    .create = core_create,
    .destroy = core_destroy,
    .malloc = core_malloc,
    .calloc = core_calloc,
    .memalign = core_memalign,
    .realloc = core_realloc,
    .realloc_aligned = core_realloc_aligned,
    .free = core_free,
    .add_pool = core_add_pool,
    .grow_pool = core_grow_pool,
    .remove_pool = core_remove_pool,
    .reset = core_reset,
    .query = core_query,
};
