/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Target: the core at hardening 2 and 3, with damaged metadata and a caller that makes mistakes.
 * The target overwrites headers, links, footers, end markers, pool descriptors, bitmaps, list
 * heads, the pending block, statistics and plan. It passes pointers that are no live blocks. It
 * requires only that no request, check or diagnosis crashes or hangs, that every block lies inside
 * the heap's memory, and that nothing around that memory changes.
 *
 * It leaves the span and the hook alone: tlsf.h says that the heap trusts them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/stream.h"
#include "support/internals.h"
#include "support/region.h"
#include "target.h"

_Static_assert(TLSF_HARDENING >= 2, "below level 2 nothing checks for corruption");

typedef struct {
    uint8_t *ptr; /* kept after a free, for a double free */
    size_t bytes;
    bool is_live;
} handed_out;

typedef struct {
    uint8_t *begin;
    pool_t pool;
} added;

typedef struct {
    control *t;
    region arena;
    size_t region_bytes;
    size_t classes; /* their number before any damage */
    handed_out blocks[STREAM_SLOTS];
    added pools[STREAM_REGIONS];
    size_t faults, requests;
} victim;

#define REQUIRE_OF(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "corrupt: line %d: not true: %s\n", __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

static victim v;

static bool is_inside(const void *address, size_t bytes) {
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)v.arena.begin;
    return offset <= v.arena.bytes && bytes <= v.arena.bytes - offset;
}

/* Whatever the diagnosis names lies inside the heap's memory. */
static void diagnose(const tlsf_fault_t *fault) {
    tlsf_diagnosis_t d;
    (void)tlsf_diagnose(v.t, fault, &d);
    const tlsf_block_t named[] = {d.culprit, d.before, d.at, d.after};
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        REQUIRE_OF(named[i].block == NULL || is_inside(named[i].block, named[i].size));
    }
    REQUIRE_OF(d.damage == NULL || is_inside(d.damage, d.found_bytes));
}

static void count_fault(tlsf_t t, const tlsf_fault_t *fault) {
    REQUIRE_OF(t == v.t);
    REQUIRE_OF(fault->kind >= TLSF_FAULT_MISALIGNED && fault->kind <= TLSF_FAULT_WRITE_AFTER_FREE);
    diagnose(fault);
    v.faults++;
}

/* ---- overwriting -------------------------------------------------------------------- */

static bool overlaps(const void *address, const void *field, size_t bytes) {
    return (uintptr_t)address < (uintptr_t)field + bytes &&
           (uintptr_t)address + sizeof(header_word) > (uintptr_t)field;
}

static bool is_believed(const void *address) {
    const control *t = v.t;
    return overlaps(address, &t->span_begin, sizeof(t->span_begin)) ||
           overlaps(address, &t->span_end, sizeof(t->span_end)) ||
           overlaps(address, &t->fault_hook, sizeof(t->fault_hook));
}

/* Overwrites a word as wide as a header: `how` and `value` select the change. Does nothing outside
 * the arena. */
static void overwrite(void *address, size_t how, size_t value) {
    header_word word;
    if (!is_inside(address, sizeof(word)) || is_believed(address)) {
        return;
    }
    memcpy(&word, address, sizeof(word));
    switch (how % 6) {
    case 0:
        word ^= (header_word)1 << value % (sizeof(word) * 8);
        break;
    case 1:
        word = (header_word)value;
        break;
    case 2:
        word += (header_word)(value % 64) - 32;
        break;
    case 3:
        word = value % 2 == 0 ? 0 : ~(header_word)0;
        break;
    case 4: /* another word of the heap: maybe a plausible link or size */
        memcpy(&word, v.arena.begin + value % (v.arena.bytes / 8) * 4, sizeof(word));
        break;
    default: /* one byte, as a string does that is too long */
        word = (word & ~(header_word)0xFF) | (value & 0xFF);
        break;
    }
    memcpy(address, &word, sizeof(word));
}

/* Returns the place of one of a block's words: the header, the links and the footer of a free
 * block, or the next header. */
static void *word_of_block(const block *b, size_t which) {
    const uintptr_t begin = (uintptr_t)b;
    header_word header;
    if (!is_inside(b, sizeof(*b))) {
        return (void *)begin;
    }
    memcpy(&header, b, sizeof(header));
    const uintptr_t end = begin + size_bytes(header_size(header));
    const uintptr_t words[] = {begin, begin + offsetof(block, previous),
                               begin + offsetof(block, next), end - sizeof(header_word), end};
    return (void *)words[which % (sizeof(words) / sizeof(words[0]))];
}

static void *word_of_live_block(size_t which) {
    for (size_t i = 0; i < STREAM_SLOTS; i++) {
        const handed_out *b = &v.blocks[(which + i) % STREAM_SLOTS];
        if (b->is_live) {
            return word_of_block(block_of_payload(b->ptr), which / STREAM_SLOTS % 2 * 4);
        }
    }
    return v.t;
}

static void *word_of_listed_block(size_t which) {
    for (size_t i = 0; i < v.classes; i++) {
        const size_t class = CLASS_FIRST + (which + i) % v.classes;
        if (!list_is_empty(v.t, class)) {
            return word_of_block(list_first(v.t, class), which / 1024);
        }
    }
    return word_of_block(link_block(v.t, v.t->pending), which / 1024);
}

static void *word_of_pool(size_t which) {
    const pool_t pool = v.pools[which % STREAM_REGIONS].pool;
    if (pool == NULL) {
        return v.t;
    }
    uint8_t *descriptor = (uint8_t *)pool_describe(pool);
    switch (which / STREAM_REGIONS % 4) {
    case 0:
        return descriptor + offsetof(pool_descriptor, next);
    case 1:
        return descriptor + offsetof(pool_descriptor, previous);
    case 2:
        return descriptor + offsetof(pool_descriptor, size);
    default:
        return pool_end(pool);
    }
}

static void *word_of_bitmaps(size_t which) {
    return which % 4 == 0 ? (void *)&v.t->first_level
                          : (void *)&v.t->second_level[which / 4 % ROW_COUNT];
}

static void *word_of_counts(size_t which) {
    size_t *const counts[] = {&v.t->pool_size,   &v.t->used,  &v.t->peak,
                              &v.t->allocations, &v.t->frees, &v.t->failures};
    return counts[which % (sizeof(counts) / sizeof(counts[0]))];
}

static void *word_of_control(size_t which) {
    void *const words[] = {&v.t->null.header,    &v.t->null.previous,  &v.t->null.next,
                           &v.t->pending,        &v.t->pending_header, &v.t->pools.next,
                           &v.t->pools.previous, &v.t->pools.size,     &v.t->class_end,
                           &v.t->request_max};
    return words[which % (sizeof(words) / sizeof(words[0]))];
}

static void *word_of_heads(size_t which) { return &v.t->heads[which % v.classes]; }

/* Returns any word of the pools, even in the content of live blocks. */
static void *word_of_pools(size_t which) {
    const size_t words = (v.t->span_end - v.t->span_begin) / sizeof(header_word);
    return words == 0 ? (void *)v.t
                      : (void *)(v.t->span_begin + which % words * sizeof(header_word));
}

static void corrupt(const request *r) {
    static void *(*const kinds[])(size_t) = {
        word_of_live_block, word_of_listed_block, word_of_listed_block,
        word_of_pool,       word_of_bitmaps,      word_of_counts,
        word_of_control,    word_of_heads,        word_of_pools,
    };
    const size_t kind = r->slot % (sizeof(kinds) / sizeof(kinds[0]));
    overwrite(kinds[kind](r->size), r->align, r->count);
}

/* ---- requests ----------------------------------------------------------------------- */

/* Notes a block, and fills it as its owner may. */
static void take(unsigned slot, void *ptr, size_t bytes) {
    handed_out *b = &v.blocks[slot];
    if (ptr == NULL) {
        return;
    }
    REQUIRE_OF((uintptr_t)ptr % tlsf_align_size() == 0);
    REQUIRE_OF(is_inside(ptr, bytes));
    *b = (handed_out){ptr, bytes, true};
    memset(ptr, (int)slot, bytes);
}

/* Frees a block. It stays live if the heap refuses, which it reports to the hook. */
static void release(unsigned slot) {
    handed_out *b = &v.blocks[slot];
    const size_t faults = v.faults;
    tlsf_free(v.t, b->ptr);
    b->is_live = b->is_live && v.faults != faults;
}

static void resize(unsigned slot, size_t align, size_t bytes) {
    handed_out *b = &v.blocks[slot];
    void *ptr = tlsf_realloc_aligned(v.t, b->ptr, align, bytes);
    if (bytes == 0 && ptr == NULL) {
        b->is_live = false;
    }
    take(slot, ptr, bytes);
}

/* Frees or resizes a pointer that may be no block: freed before, inside, before or behind one. */
static void free_wrongly(const request *r) {
    const handed_out *b = &v.blocks[r->slot];
    const size_t granule = tlsf_align_size();
    const uintptr_t begin = (uintptr_t)(b->ptr == NULL ? v.arena.begin : b->ptr);
    const uintptr_t wrong = begin + (r->size % 64) * granule - (r->size / 64 % 8) * granule +
                            (r->size / 512 % 4 == 0 ? r->count % 64 : 0);
    if (r->align % 2 == 0) {
        tlsf_free(v.t, (void *)wrong);
    } else {
        (void)tlsf_realloc(v.t, (void *)wrong, r->size);
    }
}

static void add_pool(const request *r) {
    added *a = &v.pools[r->slot % STREAM_REGIONS];
    const size_t misalignment = r->align % 64;
    if (a->pool == NULL && a->begin != NULL && misalignment < v.region_bytes) {
        a->pool =
            tlsf_add_pool(v.t, a->begin + misalignment, r->size % (v.region_bytes - misalignment));
    }
}

/* Removes a pool and overwrites its memory. Slots may still know its blocks. */
static void remove_pool(const request *r) {
    added *a = &v.pools[r->slot % STREAM_REGIONS];
    if (tlsf_remove_pool(v.t, a->pool) == 0) {
        a->pool = NULL;
        if (a->begin != NULL) {
            memset(a->begin, (int)r->count, v.region_bytes);
        }
    }
}

static void count_block(void *ptr, size_t size, int used, void *user) {
    REQUIRE_OF(is_inside(ptr, size) && (used == 0 || used == 1));
    ++*(size_t *)user;
}

/* Calls every check. A call on a single pool trusts that pool's size, so it needs a sound pool
 * list. */
static void look(void) {
    tlsf_stats_t stats;
    size_t blocks = 0;
    const int broken = tlsf_check(v.t);
    REQUIRE_OF(broken >= TLSF_SOUND && broken <= TLSF_BROKEN_FILL);
    (void)tlsf_stats(v.t, &stats);
    diagnose(NULL);
    for (size_t i = 0; i < STREAM_REGIONS; i++) {
        const pool_t pool = v.pools[i].pool;
        if (pool != NULL && broken != TLSF_BROKEN_CONTROL && broken != TLSF_BROKEN_POOL_LIST) {
            const int broken_pool = tlsf_check_pool(pool);
            REQUIRE_OF(broken_pool == TLSF_SOUND || broken != TLSF_SOUND);
            tlsf_walk_pool(pool, count_block, &blocks);
        }
    }
    REQUIRE_OF(blocks <= v.arena.bytes / tlsf_align_size());
}

static void reset(void) {
    tlsf_reset(v.t);
    for (size_t i = 0; i < STREAM_SLOTS; i++) {
        v.blocks[i].is_live = false;
    }
}

static void do_request(const request *r) {
    switch (r->kind) {
    case REQUEST_MALLOC:
        take(r->slot, tlsf_malloc(v.t, r->size), r->size);
        break;
    case REQUEST_CALLOC:
        take(r->slot, tlsf_calloc(v.t, r->count, r->size), r->count * r->size);
        break;
    case REQUEST_MEMALIGN:
        take(r->slot, tlsf_memalign(v.t, r->align, r->size), r->size);
        break;
    case REQUEST_REALLOC:
        resize(r->slot, 0, r->size);
        break;
    case REQUEST_REALLOC_ALIGNED:
        resize(r->slot, r->align, r->size);
        break;
    case REQUEST_FREE:
        release(r->slot);
        break;
    case REQUEST_ADD_POOL:
        add_pool(r);
        break;
    case REQUEST_REMOVE_POOL:
        remove_pool(r);
        break;
    case REQUEST_RESET:
        reset();
        break;
    case REQUEST_LARGEST:
        take(r->slot, tlsf_malloc(v.t, tlsf_largest(v.t)), 0);
        break;
    case REQUEST_QUERY:
        look();
        break;
    case REQUEST_RENEW:
        free_wrongly(r);
        break;
    case REQUEST_CORRUPT:
        corrupt(r);
        break;
    }
}

/* ---- begin and end ------------------------------------------------------------------ */

/* Makes the heap. Control structure and first pool lie below the other regions, or between them. */
static void victim_make(const stream_shape *shape) {
    const size_t front = tlsf_size() + shape->first_bytes + 128;
    const size_t below = shape->creation % 2 == 0 ? 0 : STREAM_REGIONS / 2;
    memset(&v, 0, sizeof(v));
    v.region_bytes = shape->region_bytes;
    v.arena = region_make(front + (STREAM_REGIONS - 1) * v.region_bytes, shape->misalignment);
    uint8_t *const begin = v.arena.begin + below * v.region_bytes;
    v.t = tlsf_create_sized(begin, front, shape->planned);
    REQUIRE_OF(v.t != NULL);
    tlsf_set_fault_hook(v.t, count_fault);
    v.classes = v.t->class_end - CLASS_FIRST;
    v.pools[0].pool = tlsf_get_pool(v.t);
    for (size_t i = 1; i < STREAM_REGIONS; i++) {
        v.pools[i].begin = i <= below ? v.arena.begin + (i - 1) * v.region_bytes
                                      : begin + front + (i - 1 - below) * v.region_bytes;
    }
}

static void victim_end(void) {
    look();
    REQUIRE_OF(region_is_guarded(&v.arena));
    region_free(&v.arena);
}

const unsigned target_corrupting = 2;

size_t target_run(const uint8_t *bytes, size_t count) {
    stream s;
    request r;
    const stream_shape shape = stream_begin(&s, bytes, count);
    victim_make(&shape);
    while (stream_next(&s, &r)) {
        do_request(&r);
        v.requests++;
    }
    victim_end();
    return v.requests;
}
