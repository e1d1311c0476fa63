/* SPDX-License-Identifier: BSD-3-Clause */
#include "count.h"
#include "drivers.h"

/* ---- digits of a state -------------------------------------------------------------- */

enum {
    PIECES = 4, /* A, B, C, D */
    ADDED = 4,  /* pools */
    SIZE_OF_PIECE = 0,
    FREED =
        SIZE_OF_PIECE + PIECES, /* which piece is freed first, second, ...; PIECES or more: none */
    SIZE_OF_X = FREED + PIECES,
    OFFSET, /* granules by which the whole workspace lies higher */
    TAIL,
    PEAK,
    REGION,                       /* when each pool is added, ... */
    REGION_SIZE = REGION + ADDED, /* ... and its size */
    SIZE = REGION_SIZE + ADDED,   /* the requested size is near that of this block, ... */
    DIFFERENCE,                   /* ... this many granules more, ... */
    ALIGNMENT,
    LESS_ALIGNMENT, /* ... minus the alignment, or not */
    DIGITS
};

typedef struct {
    call_kind kind;
    unsigned char digits[DIGITS];
} state;

enum { TAIL_FREE, TAIL_USED, TAILS };
enum { PEAK_NOW, PEAK_BEFORE, PEAKS }; /* when the most bytes were in use */
enum { REGION_NONE, REGION_FIRST, REGION_LAST, REGION_ORDERS }; /* before the frees or after them */

/* Small sizes, whose classes hold one size each; larger ones; and two classes of another row. The
 * last size is for D alone, because all pieces must fit into the workspace. */
static const size_t piece_sizes[] = {24, 136, 312, 372, 1000};
static const size_t x_sizes[] = {24, 200};
static const size_t region_sizes[] = {300, 400, 1100, 1400};
static const size_t alignments[] = {1, 16, 32, 64, 256, 512};

/* The block whose size a request is near: A, B, C, D, or one of these. */
enum { SIZE_X = PIECES, SIZE_X_AND_A, SIZE_X_AND_B, SIZE_LARGEST, SIZE_NONE, SIZE_ENDLESS, SIZES };

static const int differences[] = {0, -1, -2, -3, -4, -5, -6, -8, -10, 1, 3}; /* granules */

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* How many values a digit has. */
static unsigned digit_values(call_kind kind, unsigned digit) {
    if (digit < FREED) {
        return digit == SIZE_OF_PIECE + PIECES - 1 ? LENGTH(piece_sizes) : LENGTH(piece_sizes) - 1;
    }
    if (digit < SIZE_OF_X) {
        return 2 * PIECES; /* a malloc raises the peak only when few pieces are free */
    }
    if (digit >= REGION && digit < SIZE) {
        return digit < REGION_SIZE ? REGION_ORDERS : LENGTH(region_sizes);
    }
    switch (digit) {
    case SIZE_OF_X:
        return LENGTH(x_sizes);
    case OFFSET:
        return 2;
    case TAIL:
        return TAILS;
    case PEAK:
        return PEAKS;
    case SIZE:
        return SIZES;
    case DIFFERENCE:
        return LENGTH(differences);
    case ALIGNMENT:
        return kind == CALL_MEMALIGN ? LENGTH(alignments) : 1;
    default:
        return kind == CALL_MEMALIGN ? 2 : 1;
    }
}

/* ---- the heap, and how it is restored ----------------------------------------------- */

#define WORKSPACE_BYTES 2560u
#define REGION_STEP 1408u /* from one region to the next */
#define CONTROL_BYTES_MAX 16384u
#define SAVED_BYTES (CONTROL_BYTES_MAX + 2 * WORKSPACE_BYTES)

typedef uint64_t __attribute__((may_alias)) copied_word;

typedef struct {
    unsigned char *begin;
    size_t bytes; /* a multiple of a word */
    unsigned char *saved;
} saved_range;

static struct {
    tlsf_t heap;
    unsigned char *workspace; /* the first payload in it */
    unsigned char *regions;   /* for added pools, whose content is not restored */
    saved_range control, rest;
} prepared;

static void words_copy(unsigned char *to, const unsigned char *from, size_t bytes) {
    copied_word *out = (copied_word *)(void *)to;
    const copied_word *in = (const copied_word *)(const void *)from;
    for (size_t i = 0; i < bytes / sizeof *out; i++) {
        out[i] = in[i];
    }
}

static void heap_save(void) {
    words_copy(prepared.control.saved, prepared.control.begin, prepared.control.bytes);
    words_copy(prepared.rest.saved, prepared.rest.begin, prepared.rest.bytes);
}

static void heap_restore(void) {
    words_copy(prepared.control.begin, prepared.control.saved, prepared.control.bytes);
    words_copy(prepared.rest.begin, prepared.rest.saved, prepared.rest.bytes);
}

static unsigned char *malloc_or_fail(size_t bytes) {
    unsigned char *block = tlsf_malloc(prepared.heap, bytes);
    if (block == NULL) {
        machine_fail("crafted: no room for a block of the state");
    }
    return block;
}

/* Fills the pool with live blocks up to the workspace. first: the first payload of the pool.
 * Returns the first payload of the workspace. */
static unsigned char *background_fill(unsigned char *first, size_t live_blocks) {
    const size_t smallest = tlsf_block_size_min();
    for (size_t i = 1; i < live_blocks; i++) {
        (void)malloc_or_fail(smallest + i % 2 * TLSF_GRANULE);
    }
    const size_t room = tlsf_largest(prepared.heap);
    if (live_blocks == 1 && room < WORKSPACE_BYTES + 2 * smallest) {
        return first; /* the pool is the workspace */
    }
    unsigned char *last = malloc_or_fail(room - WORKSPACE_BYTES);
    return last + tlsf_block_size(last) + tlsf_alloc_overhead();
}

void crafted_prepare(machine_memory memory, heap_shape shape) {
    unsigned char *saved = memory.begin;
    unsigned char *pool = saved + SAVED_BYTES;
    prepared.heap = tlsf_create_sized(pool, shape.pool_bytes, 0);
    if (prepared.heap == NULL) {
        machine_fail("crafted: no heap in the pool");
    }
    unsigned char *first = malloc_or_fail(1);
    tlsf_free(prepared.heap, first);
    prepared.workspace = background_fill(first, shape.live_blocks);
    prepared.regions = pool + shape.pool_bytes;
    /* The header before the workspace belongs to it. */
    unsigned char *rest = prepared.workspace - sizeof(copied_word);
    prepared.control = (saved_range){pool, (size_t)(first - pool), saved};
    prepared.rest =
        (saved_range){rest, (size_t)(prepared.regions - rest), saved + CONTROL_BYTES_MAX};
    heap_save();
}

/* ---- making a state ----------------------------------------------------------------- */

static unsigned char *pieces[PIECES];
static unsigned char *block_x;
static pool_t regions[ADDED];

/* Allocates the next block of the workspace, which must lie right behind the one before. */
static unsigned char *carve(unsigned char **place, size_t bytes) {
    unsigned char *block = malloc_or_fail(bytes);
    if (block != *place) {
        machine_fail("crafted: the workspace is not carved in order");
    }
    *place = block + tlsf_block_size(block) + tlsf_alloc_overhead();
    return block;
}

static void regions_add(const state *made, unsigned order) {
    for (unsigned i = 0; i < ADDED; i++) {
        if (made->digits[REGION + i] == order) {
            regions[i] = tlsf_add_pool(prepared.heap, prepared.regions + i * REGION_STEP,
                                       region_sizes[made->digits[REGION_SIZE + i]]);
            if (regions[i] == NULL) {
                machine_fail("crafted: a region is refused");
            }
        }
    }
}

static void workspace_carve(const state *made) {
    unsigned char *place = prepared.workspace;
    (void)carve(&place, tlsf_block_size_min() + made->digits[OFFSET] * (size_t)TLSF_GRANULE);
    for (unsigned i = 0; i < PIECES; i++) {
        pieces[i] = carve(&place, piece_sizes[made->digits[SIZE_OF_PIECE + i]]);
        if (i == 0) {
            block_x = carve(&place, x_sizes[made->digits[SIZE_OF_X]]);
        } else {
            (void)carve(&place, 0);
        }
    }
}

static void pieces_free(const state *made) {
    bool is_freed[PIECES] = {false};
    for (unsigned i = 0; i < PIECES; i++) {
        const unsigned piece = made->digits[FREED + i];
        if (piece < PIECES && !is_freed[piece]) {
            tlsf_free(prepared.heap, pieces[piece]);
            is_freed[piece] = true;
        }
    }
}

static void state_make(const state *made) {
    heap_restore();
    if (made->digits[PEAK] == PEAK_BEFORE) {
        tlsf_free(prepared.heap, malloc_or_fail(tlsf_largest(prepared.heap)));
    }
    workspace_carve(made);
    if (made->digits[TAIL] == TAIL_USED) {
        (void)malloc_or_fail(tlsf_largest(prepared.heap));
    }
    regions_add(made, REGION_FIRST);
    pieces_free(made);
    regions_add(made, REGION_LAST);
}

/* ---- the call ----------------------------------------------------------------------- */

static size_t size_near(unsigned digit) {
    const size_t x = tlsf_block_size(block_x);
    if (digit < PIECES) {
        return tlsf_block_size(pieces[digit]);
    }
    switch (digit) {
    case SIZE_X:
        return x;
    case SIZE_X_AND_A:
        return x + tlsf_alloc_overhead() + tlsf_block_size(pieces[0]);
    case SIZE_X_AND_B:
        return x + tlsf_alloc_overhead() + tlsf_block_size(pieces[1]);
    case SIZE_LARGEST:
        return tlsf_largest(prepared.heap);
    default:
        return 0;
    }
}

/* The size that the state requests. A negative size wraps to one that no pool can serve. */
static size_t requested_size(const state *made) {
    if (made->digits[SIZE] == SIZE_ENDLESS) {
        return SIZE_MAX;
    }
    const size_t difference = (size_t)differences[made->digits[DIFFERENCE]] * TLSF_GRANULE;
    const size_t size = size_near(made->digits[SIZE]) + difference;
    return made->digits[LESS_ALIGNMENT] != 0 ? size - alignments[made->digits[ALIGNMENT]] : size;
}

/* Returns whether the state can make its call. */
static bool call_prepare(const state *made, call *prepared_call) {
    static tlsf_stats_t stats;
    const size_t size = requested_size(made);
    *prepared_call = (call){.kind = made->kind, .heap = prepared.heap};
    switch (made->kind) {
    case CALL_MALLOC:
        prepared_call->a = size;
        break;
    case CALL_MEMALIGN:
        prepared_call->a = alignments[made->digits[ALIGNMENT]];
        prepared_call->b = size;
        break;
    case CALL_FREE:
        prepared_call->a = (uintptr_t)block_x;
        break;
    case CALL_REALLOC:
    case CALL_REALLOC_FAILED:
        prepared_call->a = (uintptr_t)block_x;
        prepared_call->b = size;
        return size != 0; /* else it is a free */
    case CALL_ADD_POOL:
        prepared_call->a = (uintptr_t)(prepared.regions + ADDED * REGION_STEP);
        prepared_call->b = 256;
        break;
    case CALL_REMOVE_POOL:
        prepared_call->a = (uintptr_t)regions[0];
        return made->digits[REGION] != REGION_NONE;
    case CALL_STATS:
        prepared_call->a = (uintptr_t)&stats;
        break;
    default:
        break;
    }
    return true;
}

/* The cost of the call in this state; 0 when the state has no call, or the call has no bound. */
static machine_cost state_cost(const state *tried) {
    static unsigned turn;
    call prepared_call;
    machine_cost cost = {0};
    state_make(tried);
    if (!call_prepare(tried, &prepared_call)) {
        return cost;
    }
    (void)call_count(&prepared_call, &cost);
    if (++turn % 512 == 0 && tlsf_check_pool(tlsf_get_pool(prepared.heap)) != TLSF_SOUND) {
        machine_fail("crafted: the heap is not sound after a call");
    }
    return cost;
}

/* ---- the search --------------------------------------------------------------------- */

/* What the search maximizes. */
typedef enum { GOAL_INSTRUCTIONS, GOAL_LINES, GOALS } goal;

/* Of each function. */
static struct {
    state state;
    unsigned cost; /* in the heap that is prepared; 0: no call is known */
} worst[GOALS][CALL_KINDS];

static unsigned cost_of(goal wanted, machine_cost cost) {
    return wanted == GOAL_LINES ? cost.cache_lines : cost.instructions;
}

/* A state that costs as much is taken as well, so that the search drifts over plateaus. */
static void state_try(const state *tried) {
    const machine_cost cost = state_cost(tried);
    for (unsigned i = 0; i < GOALS; i++) {
        const unsigned reached = cost_of((goal)i, cost);
        if (reached >= worst[i][tried->kind].cost) {
            worst[i][tried->kind].state = *tried;
            worst[i][tried->kind].cost = reached;
        }
    }
}

static unsigned char digit_random(random_stream *random, call_kind kind, unsigned digit) {
    return (unsigned char)random_below(random, digit_values(kind, digit));
}

static state state_random(random_stream *random, call_kind kind) {
    state chosen = {.kind = kind};
    for (unsigned i = 0; i < DIGITS; i++) {
        chosen.digits[i] = digit_random(random, kind, i);
    }
    return chosen;
}

/* The costliest state of this kind with one to four digits changed. */
static state state_mutated(random_stream *random, call_kind kind, goal wanted) {
    state chosen = worst[wanted][kind].state;
    for (size_t i = random_between(random, 1, 4); i > 0; i--) {
        const unsigned digit = (unsigned)random_below(random, DIGITS);
        chosen.digits[digit] = digit_random(random, kind, digit);
    }
    return chosen;
}

/* Those that have most to choose from get most of the samples. */
static call_kind kind_random(random_stream *random) {
    static const call_kind frequent[] = {CALL_MEMALIGN, CALL_MEMALIGN, CALL_MEMALIGN,
                                         CALL_MALLOC,   CALL_FREE,     CALL_REALLOC};
    return random_below(random, 4) != 0 ? frequent[random_below(random, LENGTH(frequent))]
                                        : (call_kind)random_below(random, CALL_KINDS);
}

/* Where lines are counted, some of the samples go for them. */
static goal goal_random(random_stream *random, call_kind kind) {
    const bool has_lines = worst[GOAL_LINES][kind].cost != 0;
    return has_lines && random_below(random, 4) == 0 ? GOAL_LINES : GOAL_INSTRUCTIONS;
}

void crafted_search(random_stream *random, unsigned samples) {
    for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
        for (unsigned i = 0; i < GOALS; i++) {
            if (worst[i][kind].cost != 0) { /* in an earlier heap */
                worst[i][kind].cost = cost_of((goal)i, state_cost(&worst[i][kind].state));
            }
        }
    }
    for (unsigned i = 0; i < samples; i++) {
        const call_kind kind = kind_random(random);
        const goal wanted = goal_random(random, kind);
        const bool is_near = worst[wanted][kind].cost != 0 && random_below(random, 4) != 0;
        const state chosen =
            is_near ? state_mutated(random, kind, wanted) : state_random(random, kind);
        state_try(&chosen);
    }
}

void crafted_confirm(void) {
    for (unsigned kind = 0; kind < CALL_KINDS; kind++) {
        call prepared_call;
        const state *confirmed = &worst[GOAL_INSTRUCTIONS][kind].state;
        const unsigned counted = worst[GOAL_INSTRUCTIONS][kind].cost;
        state_make(confirmed);
        if (counted != 0 && call_prepare(confirmed, &prepared_call) &&
            call_step(&prepared_call) != counted) {
            machine_fail("crafted: stepping through a call and counting it differ");
        }
    }
}
