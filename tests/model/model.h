/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model that runs beside a heap. It passes requests on to the heap and knows what the contract in
 * tlsf.h allows. When the heap does something else, the model prints a message and aborts.
 *
 * The model knows the place, size, alignment and content of each live block, and the pools. It
 * knows the bytes in use, the true peak and the counts of calls. Its own picture of the heap
 * (shadow.h) shows the free blocks. From these it knows which requests the heap must serve, which
 * it cannot serve, and what they leave free. It also knows, to the byte, what statistics and a walk
 * must report.
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
    size_t usable;   /* bytes that the caller can use */
    size_t reported; /* what tlsf_block_size must return */
    uint8_t fill;    /* the content of each usable byte */
} model_block;

typedef struct {
    uint8_t *begin;
    size_t bytes;   /* of the first region; the others have those of the shape */
    uint8_t *given; /* the memory of the pool: [given, end) */
    uint8_t *end;
    pool_t pool;  /* NULL: not part of the heap now */
    size_t first; /* place of its first block */
} model_region;

typedef struct {
    size_t pool_bytes; /* outer sizes of all blocks */
    size_t used_bytes; /* outer sizes of used blocks */
    size_t used_blocks;
    size_t free_blocks;
    size_t largest_free; /* outer size */
} model_survey;

typedef struct model model;

/* The interface that requests go through. Each function passes one request on. It ends the program
 * when the answer breaks the interface's own contract. */
typedef struct {
    /* Makes m->t with a first pool in [begin, begin + bytes). Returns false if that is too
     * small. */
    bool (*create)(model *m, stream_creation how, uint8_t *begin, size_t bytes, size_t planned);
    void (*destroy)(model *m);
    void *(*malloc)(model *m, size_t size);
    void *(*calloc)(model *m, size_t count, size_t size);
    void *(*memalign)(model *m, size_t align, size_t size);
    void *(*realloc)(model *m, void *ptr, size_t size);
    void *(*realloc_aligned)(model *m, void *ptr, size_t align, size_t size);
    void (*free)(model *m, void *ptr);
    pool_t (*add_pool)(model *m, uint8_t *begin, size_t bytes);
    /* Lets the pool have the memory [begin, end), which is larger at one end. Returns its handle,
     * or NULL if it is refused. NULL: the interface does not have this. */
    pool_t (*grow_pool)(model *m, const model_region *r, uint8_t *begin, uint8_t *end);
    bool (*remove_pool)(model *m, const model_region *r);
    void (*reset)(model *m);
    void (*query)(model *m);
    size_t request_extra; /* what the interface adds to each request to the core */
    size_t region_extra;  /* the most that the interface takes from each region */
    bool keeps_first;     /* the first pool cannot be removed */
    bool copies_later;    /* a realloc keeps both places of a block until it has copied */
} model_calls;

/* The calls of tlsf.h. */
extern const model_calls model_core_calls;

struct model {
    tlsf_t t;
    const model_calls *calls;
    void *user; /* for the functions of `calls` */
    stream_shape shape;
    region arena;   /* the control structure and all regions */
    size_t front;   /* bytes of the arena for the control structure and the first pool */
    size_t planned; /* bytes of the largest region that the heap must accept */
    size_t rest;    /* the place of what the last small request left over; 0: of nothing */
    model_region regions[MODEL_REGIONS];
    model_block blocks[MODEL_SLOTS];
    shadow seen;
    uint8_t next_fill;
    size_t used, peak, allocations, frees, failures; /* as in tlsf_stats_t */
    model_survey survey;                             /* of the last model_verify */
    size_t step;
    size_t served;     /* requests that got a block, in heaps before a renewal too */
    const char *doing; /* the request of this step */
};

/* Makes a heap that is planned for pools of `planned` bytes. Its first pool has about first_bytes
 * bytes, and there is room for seven more regions of region_bytes each. */
void model_make(model *m, size_t first_bytes, size_t region_bytes, size_t planned);

/* Makes a heap of any shape behind any interface. */
void model_make_shaped(model *m, const model_calls *calls, void *user, const stream_shape *shape);

/* Frees all blocks, verifies, and gives all memory back. */
void model_end(model *m);

/* ---- requests: `slot` is below MODEL_SLOTS, and empty unless said otherwise ---------- */

void model_malloc(model *m, unsigned slot, size_t size);
void model_calloc(model *m, unsigned slot, size_t count, size_t size);
void model_memalign(model *m, unsigned slot, size_t align, size_t size);
void model_realloc(model *m, unsigned slot, size_t size); /* slot: any */
void model_realloc_aligned(model *m, unsigned slot, size_t align, size_t size);
void model_free(model *m, unsigned slot); /* slot: any */
size_t model_region_room(const model *m, unsigned number);
/* If the region is part of the heap already, its pool grows: before its begin if the misalignment
 * is odd, else behind its end. */
void model_add_pool(model *m, unsigned number, size_t misalignment, size_t bytes);
void model_remove_pool(model *m, unsigned number);
void model_reset(model *m);

/* The largest request that the interface promises to serve; 0: none. */
size_t model_largest(const model *m);

void model_query(model *m);

/* Ends the heap, whether blocks are live or not, and makes another one in the same memory. */
void model_renew(model *m, stream_creation how);

/* ---- verification ------------------------------------------------------------------- */

/* Tests what the O(1) calls return: statistics and largest. */
void model_verify_counts(const model *m);

/* Tests everything that the model knows, with tlsf_check and a walk too. Linear in blocks. */
void model_verify(model *m);

/* Tests each byte of each live block, and the guard bytes around the arena. */
void model_verify_content(const model *m);

/* Ends the program with this message and the number of the step. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3), noreturn))
#endif
void model_fail(const model *m, const char *format, ...);

/* Ends the program unless this condition, which the contract promises, holds. */
#define REQUIRE(m, condition) \
    do { \
        if (!(condition)) { \
            model_fail(m, "%s:%d: not true: %s", __func__, __LINE__, #condition); \
        } \
    } while (0)

#endif
