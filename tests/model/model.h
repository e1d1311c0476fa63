/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of a heap beside the heap: it passes requests on, knows what the contract in tlsf.h
 * lets them do, and ends the program with a message (abort) when something else happened.
 *
 * It knows each live block's place, size, alignment and content; the pools; what is in use, the
 * true peak and the counts of calls; and from a picture of its own (shadow.h), which free blocks
 * there are, so that it can tell which requests have to be served, which cannot be, what they
 * leave over, and to the byte what statistics and walk have to say.
 */
#ifndef MODEL_H
#define MODEL_H

#include "shadow.h"
#include "stream.h"
#include "support/region.h"
#include "tlsf.h"

enum { MODEL_SLOTS = STREAM_SLOTS, MODEL_REGIONS = STREAM_REGIONS };

typedef struct {
    uint8_t *begin;  /* NULL: the slot is empty */
    size_t usable;   /* bytes for the caller */
    size_t reported; /* what tlsf_block_size must return */
    uint8_t fill;    /* the content of each usable byte */
} model_block;

typedef struct {
    uint8_t *begin;
    size_t bytes;   /* of the region */
    uint8_t *given; /* where the last region began */
    pool_t pool;    /* NULL: not in the heap now */
    size_t first;   /* its first block's place */
} model_region;

typedef struct {
    size_t pool_bytes; /* outer sizes of all blocks */
    size_t used_bytes; /* and of used blocks */
    size_t used_blocks;
    size_t free_blocks;
    size_t largest_free; /* outer size */
} model_survey;

typedef struct model model;

/* The interface that requests go through. Each function passes a request on, and ends the
 * program if the answer breaks the contract of the interface. */
typedef struct {
    /* Makes m->t with a first pool in [begin, begin + bytes). False: too few bytes. */
    bool (*create)(model *m, stream_creation how, uint8_t *begin, size_t bytes, size_t planned);
    void (*destroy)(model *m);
    void *(*malloc)(model *m, size_t size);
    void *(*calloc)(model *m, size_t count, size_t size);
    void *(*memalign)(model *m, size_t align, size_t size);
    void *(*realloc)(model *m, void *ptr, size_t size);
    void *(*realloc_aligned)(model *m, void *ptr, size_t align, size_t size);
    void (*free)(model *m, void *ptr);
    pool_t (*add_pool)(model *m, uint8_t *begin, size_t bytes);
    bool (*remove_pool)(model *m, const model_region *r);
    void (*reset)(model *m);
    void (*query)(model *m);
    size_t request_extra; /* added to each request to the core */
    size_t region_extra;  /* subtracted from each region, at most */
    bool keeps_first;     /* the first pool cannot be removed */
} model_calls;

/* Those of tlsf.h. */
extern const model_calls model_core_calls;

struct model {
    tlsf_t t;
    const model_calls *calls;
    void *user; /* for the model's requests */
    stream_shape shape;
    region arena;   /* the control structure and all regions */
    size_t front;   /* bytes for the control structure and the first pool */
    size_t planned; /* bytes of the largest region that must be accepted */
    model_region regions[MODEL_REGIONS];
    model_block blocks[MODEL_SLOTS];
    shadow seen;
    uint8_t next_fill;
    size_t used, peak, allocations, frees, failures; /* as tlsf_stats_t */
    model_survey survey;                             /* step of the last full verification */
    size_t step;
    size_t served;     /* requests that got a block, including those of earlier heaps */
    const char *doing; /* the request of this step */
};

/* Makes a heap planned for pools of `planned` bytes, with a first pool of about first_bytes and
 * room for seven more regions of region_bytes each. */
void model_make(model *m, size_t first_bytes, size_t region_bytes, size_t planned);

/* Makes a heap of any shape behind any interface. */
void model_make_shaped(model *m, const model_calls *calls, void *user, const stream_shape *shape);

/* Frees all blocks, verifies, and releases all memory. */
void model_end(model *m);

/* ---- requests: `slot` is below MODEL_SLOTS, and empty unless said otherwise ---------- */

void model_malloc(model *m, unsigned slot, size_t size);
void model_calloc(model *m, unsigned slot, size_t count, size_t size);
void model_memalign(model *m, unsigned slot, size_t align, size_t size);
void model_realloc(model *m, unsigned slot, size_t size); /* slot: any number */
void model_realloc_aligned(model *m, unsigned slot, size_t align, size_t size);
void model_free(model *m, unsigned slot); /* slot: any number */
size_t model_region_room(const model *m, unsigned number);
void model_add_pool(model *m, unsigned number, size_t misalignment, size_t bytes);
void model_remove_pool(model *m, unsigned number);
void model_reset(model *m);

/* The largest request that the interface promises to serve; 0: none. */
size_t model_largest(const model *m);

void model_query(model *m);

/* Ends the heap, live blocks or not, and makes another in the same memory. */
void model_renew(model *m, stream_creation how);

/* ---- verification ------------------------------------------------------------------- */

/* Verifies the O(1) calls: statistics and largest. */
void model_verify_counts(const model *m);

/* Verifies everything, by tlsf_check and a walk, too. Linear in blocks. */
void model_verify(model *m);

/* Verifies each byte of each live block, and the guard bytes around the arena. */
void model_verify_content(const model *m);

/* Ends the program with the number of the step and this message. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3), noreturn))
#endif
void model_fail(const model *m, const char *format, ...);

/* Fails unless a condition holds that the contract promises. */
#define REQUIRE(m, condition) \
    do { \
        if (!(condition)) { \
            model_fail(m, "%s:%d: not true: %s", __func__, __LINE__, #condition); \
        } \
    } while (0)

#endif
