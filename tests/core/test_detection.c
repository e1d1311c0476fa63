/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When each hardening level finds each kind of mistake, and what the hook receives. A row of the
 * table is one kind, tried in many forms. The row fails if a form is found later than the level
 * promises, or if finding it changed the heap. tests/run detection makes one table of the rows of
 * all levels, and docs/hardening.md has it. How often another call comes first, and does harm, is
 * counted by tests/run mistakes.
 *
 * Each case verifies T12, T13, T14, T241, T272, T273, T274, T275, T277, T279, T280, T281, T282,
 * T283, T284, T285, T287, T289, C33, C34, C36, C38, C41.
 */
#if defined(__linux__)
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#define CAN_CRASH 1
#else
#define CAN_CRASH 0
#endif

#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------- */

enum { PIECE = 96, POOL = 4096, ARENA = 65536 };
#define FAR ((size_t)64 << 20)

static uint8_t *arena;

/* Below level 2 a call on a broken heap may write anywhere near. So nothing else is there. */
static int arena_map(void **state) {
    (void)state;
#if CAN_CRASH
    uint8_t *space =
        mmap(NULL, 2 * FAR + ARENA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED || mprotect(space + FAR, ARENA, PROT_READ | PROT_WRITE) != 0) {
        return -1;
    }
    arena = space + FAR;
#else
    static _Alignas(4096) uint8_t memory[ARENA];
    arena = memory;
#endif
    return 0;
}

/* ---- a heap to make mistakes in ------------------------------------------------------ */

static uint8_t sound[ARENA], broken[ARENA], mistaken[ARENA]; /* copies of the arena */

/* Blocks of the first pool in address order, without slack. A wall is a used block between them. */
typedef struct {
    control *t;
    uint8_t *before, *p, *after;        /* neighbours; p overruns into `after` */
    uint8_t *listed, *pending;          /* free, between walls */
    uint8_t *elsewhere;                 /* in a pool that was removed again */
    bool is_before_free, is_after_free; /* otherwise used */
} scene;

static size_t piece_bytes(void) { return inner_for(round_up(PIECE, tlsf_align_size())); }

static uint8_t *piece(const scene *s) {
    uint8_t *ptr = tlsf_malloc(s->t, piece_bytes());
    assert_non_null(ptr);
    memset(ptr, 0x5A, piece_bytes());
    return ptr;
}

static uint8_t *piece_and_wall(const scene *s) {
    uint8_t *ptr = piece(s);
    piece(s);
    return ptr;
}

static uint8_t *pool_region(size_t number) {
    return arena + round_up(tlsf_size(), REGION_ALIGN) + number * POOL;
}

/* The second pool is removed. The third, above it, stays, so that the span does not shrink. */
static void scene_add_pools(scene *s) {
    assert_non_null(tlsf_add_pool(s->t, pool_region(0), POOL));
    const pool_t second = tlsf_add_pool(s->t, pool_region(1), POOL);
    const pool_t third = tlsf_add_pool(s->t, pool_region(2), POOL);
    assert_non_null(second);
    assert_non_null(third);
    void *all[3];
    for (size_t i = 0; i < 3; i++) {
        all[i] = tlsf_malloc(s->t, tlsf_largest(s->t));
        assert_non_null(all[i]);
        if (block_of_payload(all[i]) == pool_first_block(second)) {
            s->elsewhere = all[i];
        }
    }
    for (size_t i = 0; i < 3; i++) {
        tlsf_free(s->t, all[i]);
    }
    assert_int_equal(tlsf_remove_pool(s->t, second), 0);
}

static scene scene_make(bool is_before_free, bool is_after_free) {
    scene s = {
        .t = tlsf_create(arena), .is_before_free = is_before_free, .is_after_free = is_after_free};
    scene_add_pools(&s);
    piece(&s);
    s.before = piece(&s);
    s.p = piece(&s);
    s.after = piece_and_wall(&s);
    s.listed = piece_and_wall(&s);
    s.pending = piece_and_wall(&s);
    tlsf_free(s.t, s.listed);
    if (is_before_free) {
        tlsf_free(s.t, s.before);
    }
    if (is_after_free) {
        tlsf_free(s.t, s.after);
    }
    tlsf_free(s.t, s.pending);
    assert_int_equal(tlsf_check(s.t), TLSF_SOUND);
    memcpy(sound, arena, ARENA);
    return s;
}

static void scene_restore(void) { memcpy(arena, sound, ARENA); }

/* ---- calls, in a heap that may be broken --------------------------------------------- */

typedef void (*call)(const scene *s);

#if CAN_CRASH
static sigjmp_buf crashed;

static void signal_crashed(int number) { siglongjmp(crashed, number); }

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT};

/* At level 1 a call may crash on what only level 2 checks. Then it has found nothing. */
static void call_safely(const scene *s, call run) {
    volatile bool has_crashed = true;
    void (*before[COUNT_OF(crashes)])(int);
    for (size_t i = 0; i < COUNT_OF(crashes); i++) {
        before[i] = signal(crashes[i], signal_crashed);
    }
    if (sigsetjmp(crashed, 1) == 0) {
        run(s);
        has_crashed = false;
    }
    for (size_t i = 0; i < COUNT_OF(crashes); i++) {
        signal(crashes[i], before[i]);
    }
    assert_false(has_crashed && TLSF_HARDENING >= 2);
}
#else
static void call_safely(const scene *s, call run) { run(s); }
#endif

/* Whether the call reported a fault. If it did, nothing in the heap has changed. Level 0 reports
 * nothing and is not tried: its calls may do anything. */
static bool is_told_by(const scene *s, call run) {
    if (TLSF_HARDENING == 0) {
        return false;
    }
    faults_watch(s->t);
    memcpy(broken, arena, ARENA);
    call_safely(s, run);
    if (faults_seen() != 0) {
        assert_int_equal(faults_seen(), 1);
        assert_memory_equal(broken, arena, ARENA);
    }
    return faults_seen() != 0;
}

static void free_p(const scene *s) { tlsf_free(s->t, s->p); }
static void free_before(const scene *s) { tlsf_free(s->t, s->before); }
static void free_after(const scene *s) { tlsf_free(s->t, s->after); }
static void malloc_piece(const scene *s) { tlsf_malloc(s->t, piece_bytes()); }
static void malloc_less(const scene *s) { tlsf_malloc(s->t, piece_bytes() / 2); }
static void malloc_more(const scene *s) { tlsf_malloc(s->t, 3 * piece_bytes()); }
static void realloc_p(const scene *s) { tlsf_realloc(s->t, s->p, 2 * piece_bytes()); }
static void ask_largest(const scene *s) { tlsf_largest(s->t); }

/* ---- when a form of a mistake is found ----------------------------------------------- */

typedef enum { AT_THE_CALL, AT_THE_NEXT, AT_CHECK, UNNOTICED, STAGES } stage;

typedef struct {
    size_t forms;
    size_t left_to_check; /* forms that look right to every check of headers */
    size_t found[STAGES];
    size_t kinds[TLSF_FAULT_WRITE_AFTER_FREE + 1]; /* what the hook received */
} tally;

static void tally_told(tally *sum, stage when) {
    assert_in_range(faults_last().kind, 1, TLSF_FAULT_WRITE_AFTER_FREE);
    sum->forms++;
    sum->found[when]++;
    sum->kinds[faults_last().kind]++;
}

/* Counts a call with a pointer to no live block. What it did to the heap may show later. */
static void tally_pointer(tally *sum, const scene *s, call wrong_call) {
    if (is_told_by(s, wrong_call)) {
        tally_told(sum, AT_THE_CALL);
        return;
    }
    sum->forms++;
    sum->found[tlsf_check(s->t) != TLSF_SOUND ? AT_CHECK : UNNOTICED]++;
}

/* Counts bytes that were overwritten. `culprit` is the call that gives back the block whose user
 * wrote them; NULL: there is no such block. Each call meets the heap as the mistake left it. */
static void tally_write(tally *sum, const scene *s, call culprit) {
    memcpy(mistaken, arena, ARENA);
    if (culprit != NULL && is_told_by(s, culprit)) {
        tally_told(sum, AT_THE_CALL);
        return;
    }
    const call next[] = {free_before, free_after,  free_p,    malloc_piece,
                         malloc_less, malloc_more, realloc_p, ask_largest};
    const bool is_live[] = {
        !s->is_before_free, !s->is_after_free, true, true, true, true, true, true};
    for (size_t i = 0; i < COUNT_OF(next); i++) {
        memcpy(arena, mistaken, ARENA);
        if (is_live[i] && is_told_by(s, next[i])) {
            tally_told(sum, AT_THE_NEXT);
            return;
        }
    }
    memcpy(arena, mistaken, ARENA);
    sum->forms++;
    sum->found[tlsf_check(s->t) != TLSF_SOUND ? AT_CHECK : UNNOTICED]++;
}

/* ---- pointers ------------------------------------------------------------------------ */

static uint8_t *wrong;

static void free_wrong(const scene *s) { tlsf_free(s->t, wrong); }

static void free_wrong_pointer(tally *sum, const scene *s, void *ptr) {
    wrong = ptr;
    tally_pointer(sum, s, free_wrong);
    scene_restore();
}

static void double_free_at_once(tally *sum) {
    for (unsigned around = 0; around < 4; around++) {
        scene s = scene_make(around & 1u, around & 2u);
        tlsf_free(s.t, s.p);
        free_wrong_pointer(sum, &s, s.p);
    }
}

static void double_free_after_neighbour_was_freed(tally *sum) {
    for (unsigned which = 1; which < 4; which++) {
        scene s = scene_make(false, false);
        tlsf_free(s.t, s.p);
        if (which & 1u) {
            tlsf_free(s.t, s.before);
        }
        if (which & 2u) {
            tlsf_free(s.t, s.after);
        }
        free_wrong_pointer(sum, &s, s.p);
    }
}

/* The block before p is freed and handed out again, in every size that leaves p's header alone. So
 * links and footers of the rest lie wherever they can. p's user left words in p that look like
 * headers. */
static void double_free_after_neighbour_was_reused(tally *sum) {
    for (size_t bytes = 0; bytes <= piece_bytes(); bytes++) {
        for (unsigned around = 0; around < 2; around++) {
            scene s = scene_make(false, false);
            piece(&s); /* so that all other free blocks are larger */
            piece(&s);
            for (size_t i = 0; i + sizeof(header_word) <= piece_bytes(); i += sizeof(header_word)) {
                *(header_word *)(void *)(s.p + i) = BLOCK_MIN;
            }
            if (around != 0) {
                tlsf_free(s.t, s.after);
            }
            tlsf_free(s.t, s.p);
            tlsf_free(s.t, s.before);
            const uint8_t *again = tlsf_malloc(s.t, bytes);
            assert_ptr_equal(again, s.before);
            free_wrong_pointer(sum, &s, s.p);
        }
    }
}

static void double_free_after_block_was_handed_out_again(tally *sum) {
    scene s = scene_make(false, false);
    tlsf_free(s.t, s.p);
    assert_ptr_equal(tlsf_malloc(s.t, piece_bytes()), s.p);
    free_wrong_pointer(sum, &s, s.p);
}

static void interior_pointer(tally *sum) {
    const uint8_t fills[] = {0x00, 0x01, 0x5A, 'A', 0xCD, 0xFF};
    scene s = scene_make(false, false);
    for (size_t i = 0; i < COUNT_OF(fills); i++) {
        for (size_t off = tlsf_align_size(); off < piece_bytes(); off += tlsf_align_size()) {
            memset(s.p, fills[i], piece_bytes());
            free_wrong_pointer(sum, &s, s.p + off);
        }
    }
}

static void foreign_pointer(tally *sum) {
    static _Alignas(64) uint8_t mine[256];
    _Alignas(64) uint8_t local[256] = {0};
    scene s = scene_make(false, false);
    free_wrong_pointer(sum, &s, mine + 128);
    free_wrong_pointer(sum, &s, local + 128);
    free_wrong_pointer(sum, &s, (void *)tlsf_align_size());
    free_wrong_pointer(sum, &s, arena);
}

static void pointer_into_removed_region(tally *sum) {
    scene s = scene_make(false, false);
    free_wrong_pointer(sum, &s, s.elsewhere);
}

/* The region's memory belongs to its owner again. The owner's data there looks like blocks. */
static void pointer_into_removed_region_that_looks_used(tally *sum) {
    scene s = scene_make(false, false);
    block *b = block_of_payload(s.elsewhere);
    for (size_t i = 0; i < 10; i++) {
        block_at(b, (outer_size)(i * BLOCK_MIN))->header = BLOCK_MIN;
    }
    free_wrong_pointer(sum, &s, s.elsewhere);
}

static void misaligned_pointer(tally *sum) {
    scene s = scene_make(false, false);
    for (size_t off = 1; off < tlsf_align_size(); off++) {
        free_wrong_pointer(sum, &s, s.p + off);
    }
}

static void block_of_another_heap(tally *sum) {
    heap other = heap_make(4096);
    void *p = tlsf_malloc(other.t, 100);
    const scene s = scene_make(false, false);
    free_wrong_pointer(sum, &s, p);
    heap_end(&other);
}

static void block_of_a_heap_inside_a_block(tally *sum) {
    scene s = scene_make(false, false);
    uint8_t *room = tlsf_malloc(s.t, 2500);
    assert_non_null(room);
    const tlsf_t inner = tlsf_create_sized(room, 2500, 0);
    assert_non_null(inner);
    assert_non_null(tlsf_malloc(inner, 40));
    void *p = tlsf_malloc(inner, 40);
    assert_non_null(p);
    assert_non_null(tlsf_malloc(inner, 40));
    free_wrong_pointer(sum, &s, p);
}

/* ---- writes behind and before a block ------------------------------------------------ */

static const size_t lengths[] = {1, 4, 8, 64};

/* Whether the word at b could be the header of a block in this arena. */
static bool reads_as_a_header(const block *b) {
    const size_t bytes = size_bytes(block_size(b));
    return block_is_end(b) || (bytes >= tlsf_block_size_min() + tlsf_alloc_overhead() &&
                               bytes <= ARENA - (size_t)((const uint8_t *)b - arena));
}

/* Whether b's header was overwritten with that of a used block that ends at another header, or at a
 * word that reads as one. An O(1) check can only ask that two headers agree. */
static bool ends_at_another_header(const block *b) {
    const size_t offset = (size_t)((const uint8_t *)b - arena);
    const block *before = (const block *)(const void *)(sound + offset);
    if (b->header == before->header || block_is_free(b) || block_is_end(b) ||
        !reads_as_a_header(b)) {
        return false;
    }
    const block *next = block_next(b);
    return !block_is_previous_free(next) && reads_as_a_header(next);
}

/* Writes each byte value to the `length` bytes at `place`. A write that changes nothing does not
 * count. The removed region is cleared, so that no header is left over there. */
static void write_each_value(tally *sum, const scene *s, uint8_t *place, size_t length,
                             call culprit) {
    memset(pool_region(1), 0, POOL);
    memcpy(sound, arena, ARENA);
    for (unsigned value = 0; value < 256; value++) {
        memset(place, (int)value, length);
        if (memcmp(sound, arena, ARENA) != 0) {
            const bool looks_right = ends_at_another_header(block_of_payload(s->p)) ||
                                     ends_at_another_header(block_of_payload(s->after));
            const size_t found_before = sum->found[AT_THE_CALL];
            tally_write(sum, s, culprit);
            sum->left_to_check += looks_right && sum->found[AT_THE_CALL] == found_before;
        }
        scene_restore();
    }
}

static void overrun(tally *sum, size_t length, bool is_after_free) {
    for (unsigned around = 0; around < 2; around++) {
        scene s = scene_make(around, is_after_free);
        write_each_value(sum, &s, s.p + piece_bytes(), length, free_p);
    }
}

/* The same, but a call uses the block behind before p is given back: its owner frees it, or malloc
 * hands it out. What that call does to the heap may show later. */
static void overrun_and_neighbour_first(tally *sum, size_t length, bool is_after_free) {
    for (unsigned around = 0; around < 2; around++) {
        scene s = scene_make(around, is_after_free);
        if (is_after_free) {
            piece(&s); /* takes the pending block, so that the next malloc takes `after` */
        }
        memcpy(sound, arena, ARENA);
        for (unsigned value = 0; value < 256; value++) {
            memset(s.p + piece_bytes(), (int)value, length);
            if (memcmp(sound, arena, ARENA) != 0) {
                sum->left_to_check += ends_at_another_header(block_of_payload(s.after));
                tally_pointer(sum, &s, is_after_free ? malloc_piece : free_after);
            }
            scene_restore();
        }
    }
}

/* p's user writes before p: over p's header, and over the end of the block before. */
static void underrun(tally *sum, size_t length, bool is_before_free) {
    for (unsigned around = 0; around < 2; around++) {
        scene s = scene_make(is_before_free, around);
        write_each_value(sum, &s, s.p - length, length, free_p);
    }
}

/* The header behind p becomes that of a block which ends where the next but one begins, or it
 * becomes a pool's end marker. */
static void overrun_by_a_header_that_agrees(tally *sum) {
    for (unsigned around = 0; around < 2; around++) {
        scene s = scene_make(around, false);
        const block *after = block_of_payload(s.after);
        const header_word headers[] = {block_size(after) + block_size(block_next(after)),
                                       BLOCK_END};
        for (size_t i = 0; i < COUNT_OF(headers); i++) {
            memcpy(s.p + piece_bytes(), &headers[i], sizeof(headers[i]));
            sum->left_to_check++;
            tally_write(sum, &s, free_p);
            scene_restore();
        }
    }
}

#define WRITE_CASES(name, write, is_free) \
    static void name##_1(tally *sum) { write(sum, lengths[0], is_free); } \
    static void name##_4(tally *sum) { write(sum, lengths[1], is_free); } \
    static void name##_8(tally *sum) { write(sum, lengths[2], is_free); } \
    static void name##_64(tally *sum) { write(sum, lengths[3], is_free); }

WRITE_CASES(overrun_into_used, overrun, false)
WRITE_CASES(overrun_into_free, overrun, true)
WRITE_CASES(overrun_and_used_first, overrun_and_neighbour_first, false)
WRITE_CASES(overrun_and_free_first, overrun_and_neighbour_first, true)
WRITE_CASES(underrun_into_used, underrun, false)
WRITE_CASES(underrun_into_free, underrun, true)

/* ---- writes into the heap's own data ------------------------------------------------- */

/* Changes each byte of free memory that belongs to no word of the heap. */
static void write_after_free(tally *sum) {
    scene s = scene_make(true, true);
    uint8_t *const freed[] = {s.listed, s.pending, s.before};
    for (size_t i = 0; i < COUNT_OF(freed); i++) {
        block *b = block_of_payload(freed[i]);
        uint8_t *end = (uint8_t *)block_next(b) - sizeof(header_word);
        for (uint8_t *byte = (uint8_t *)(b + 1); byte < end; byte++) {
            *byte ^= 0xFF;
            tally_write(sum, &s, NULL);
            scene_restore();
        }
    }
}

/* Flips each bit of a word. */
static void flip_each_bit(tally *sum, const scene *s, void *word, size_t bytes) {
    for (size_t bit = 0; bit < 8 * bytes; bit++) {
        ((uint8_t *)word)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        tally_write(sum, s, NULL);
        scene_restore();
    }
}

/* Flips each bit of a link. Where addresses have no more bits than links, the highest bits say
 * nothing. */
static void flip_each_link_bit(tally *sum, const scene *s, block_link *link) {
    const size_t idle_bits = sizeof(uintptr_t) == sizeof(*link) ? LINK_UNIT / 2 : 0;
    for (size_t bit = 0; bit < 8 * sizeof(*link) - idle_bits; bit++) {
        *link = (block_link)((link_bits)*link ^ (link_bits)1 << bit);
        tally_write(sum, s, NULL);
        scene_restore();
    }
}

static void corrupted_link(tally *sum) {
    scene s = scene_make(true, true);
    uint8_t *const freed[] = {s.listed, s.before, s.after};
    for (size_t i = 0; i < COUNT_OF(freed); i++) {
        block *b = block_of_payload(freed[i]);
        flip_each_link_bit(sum, &s, &b->next);
        flip_each_link_bit(sum, &s, &b->previous);
    }
}

static void corrupted_free_header(tally *sum) {
    scene s = scene_make(true, true);
    uint8_t *const freed[] = {s.listed, s.before, s.after, s.pending};
    for (size_t i = 0; i < COUNT_OF(freed); i++) {
        block *b = block_of_payload(freed[i]);
        flip_each_bit(sum, &s, &b->header, sizeof(b->header));
    }
}

static void corrupted_footer(tally *sum) {
    scene s = scene_make(true, true);
    uint8_t *const freed[] = {s.listed, s.before, s.after, s.pending};
    for (size_t i = 0; i < COUNT_OF(freed); i++) {
        block *b = block_of_payload(freed[i]);
        flip_each_bit(sum, &s, (uint8_t *)block_next(b) - sizeof(header_word), sizeof(header_word));
    }
}

static void corrupted_bitmap(tally *sum) {
    scene s = scene_make(true, true);
    flip_each_bit(sum, &s, &s.t->first_level, sizeof(s.t->first_level));
    flip_each_bit(sum, &s, s.t->second_level, sizeof(s.t->second_level));
}

static void corrupted_pending(tally *sum) {
    scene s = scene_make(true, true);
    flip_each_link_bit(sum, &s, &s.t->pending);
    /* A wrong mark of a victim decides where blocks lie, and breaks nothing. */
    for (size_t bit = 0; bit < 8 * sizeof(s.t->pending_header); bit++) {
        if ((header_word)1 << bit != PENDING_VICTIM) {
            s.t->pending_header ^= (header_word)1 << bit;
            tally_write(sum, &s, NULL);
            scene_restore();
        }
    }
}

static void corrupted_list_head(tally *sum) {
    scene s = scene_make(true, true);
    const size_t empty = (CLASS_FIRST + s.t->class_end) / 2;
    for (size_t class = CLASS_FIRST; class < s.t->class_end; class ++) {
        if (class == empty || !list_is_empty(s.t, class)) {
            flip_each_link_bit(sum, &s, &list_slot(s.t, class)->next);
        }
    }
}

/* Flips bits of the largest request. If `is_seen`, those that give it another class than the last,
 * or the size of no block. Otherwise, all the others. */
static void flip_bits_of_request_max(tally *sum, bool is_seen) {
    scene s = scene_make(true, true);
    for (size_t bit = 0; bit < 8 * sizeof(s.t->request_max); bit++) {
        s.t->request_max ^= (size_t)1 << bit;
        const size_t outer = s.t->request_max + tlsf_alloc_overhead();
        const bool is_in_last_class = outer % GRANULE == 0 && outer <= size_bytes(OUTER_SIZE_MAX) &&
                                      class_floor(size_of_bytes(outer)) == s.t->class_end - 1;
        if (is_in_last_class != is_seen) {
            tally_write(sum, &s, NULL);
        }
        scene_restore();
    }
}

static void corrupted_request_max(tally *sum) { flip_bits_of_request_max(sum, false); }

static void corrupted_plan(tally *sum) {
    flip_bits_of_request_max(sum, true);
    scene s = scene_make(true, true);
    flip_each_bit(sum, &s, &s.t->class_end, sizeof(s.t->class_end));
    flip_each_bit(sum, &s, &s.t->null.header, sizeof(s.t->null.header));
    flip_each_link_bit(sum, &s, &s.t->null.next);
}

static void corrupted_pool_list(tally *sum) {
    scene s = scene_make(true, true);
    pool_descriptor *const descriptors[] = {&s.t->pools, pool_linked(s.t, s.t->pools.next)};
    for (size_t i = 0; i < COUNT_OF(descriptors); i++) {
        flip_each_link_bit(sum, &s, &descriptors[i]->next);
        flip_each_link_bit(sum, &s, &descriptors[i]->previous);
    }
    flip_each_bit(sum, &s, &descriptors[1]->size, sizeof(descriptors[1]->size));
    flip_each_bit(sum, &s, &s.t->pool_size, sizeof(s.t->pool_size));
}

static void corrupted_statistic(tally *sum) {
    if (!TLSF_STATISTICS) {
        SKIP_BECAUSE("this build keeps no statistics");
    }
    scene s = scene_make(true, true);
    flip_each_bit(sum, &s, &s.t->used, sizeof(s.t->used));
    flip_each_bit(sum, &s, &s.t->allocations, sizeof(s.t->allocations));
    flip_each_bit(sum, &s, &s.t->frees, sizeof(s.t->frees));
}

/* Nothing shows that a peak is too high, or that a count of failures is wrong. */
static void corrupted_peak_or_failures(tally *sum) {
    if (!TLSF_STATISTICS) {
        SKIP_BECAUSE("this build keeps no statistics");
    }
    scene s = scene_make(true, true);
    flip_each_bit(sum, &s, &s.t->peak, sizeof(s.t->peak));
    flip_each_bit(sum, &s, &s.t->failures, sizeof(s.t->failures));
}

/* ---- the rows ------------------------------------------------------------------------ */

/* `latest` is the latest stage at which each form is found, by level. A write of one byte behind a
 * block (on a big-endian machine, before it) has a few exceptions. They give the header there a
 * size that ends at another header, and a check of two headers cannot find that. Levels 1 and 2
 * leave these forms to tlsf_check. They are counted as they are made. */
typedef struct {
    const char *what;
    void (*make)(tally *sum);
    stage latest[4];
} row;

#define CALL AT_THE_CALL
#define NEXT AT_THE_NEXT
#define CHECK AT_CHECK
#define NEVER UNNOTICED

static const row table[] = {
    {"double free, at once", double_free_at_once, {NEVER, CALL, CALL, CALL}},
    {"double free, after a neighbour was freed",
     double_free_after_neighbour_was_freed,
     {NEVER, CALL, CALL, CALL}},
    {"double free, after a neighbour was handed out again",
     double_free_after_neighbour_was_reused,
     {NEVER, CALL, CALL, CALL}},
    {"double free, after the block itself was handed out again",
     double_free_after_block_was_handed_out_again,
     {NEVER, NEVER, NEVER, NEVER}},
    {"interior pointer", interior_pointer, {NEVER, CALL, CALL, CALL}},
    {"foreign pointer", foreign_pointer, {NEVER, CALL, CALL, CALL}},
    {"pointer into a removed region", pointer_into_removed_region, {NEVER, CALL, CALL, CALL}},
    {"the same, where its memory looks like blocks",
     pointer_into_removed_region_that_looks_used,
     {NEVER, NEVER, NEVER, CALL}},
    {"misaligned pointer", misaligned_pointer, {NEVER, CALL, CALL, CALL}},
    {"block of another heap", block_of_another_heap, {NEVER, CALL, CALL, CALL}},
    {"block of a heap inside a block", block_of_a_heap_inside_a_block, {NEVER, NEVER, NEVER, CALL}},
    {"overrun by 1 byte, used block behind", overrun_into_used_1, {CHECK, CALL, CALL, CALL}},
    {"overrun by 4 bytes, used block behind", overrun_into_used_4, {CHECK, CALL, CALL, CALL}},
    {"overrun by 8 bytes, used block behind", overrun_into_used_8, {CHECK, CALL, CALL, CALL}},
    {"overrun by 64 bytes, used block behind", overrun_into_used_64, {CHECK, CALL, CALL, CALL}},
    {"overrun by a header that agrees with the next but one, or an end marker",
     overrun_by_a_header_that_agrees,
     {CHECK, CHECK, CHECK, CALL}},
    {"overrun by 1 byte, free block behind", overrun_into_free_1, {CHECK, CALL, CALL, CALL}},
    {"overrun by 4 bytes, free block behind", overrun_into_free_4, {CHECK, CALL, CALL, CALL}},
    {"overrun by 8 bytes, free block behind", overrun_into_free_8, {CHECK, CALL, CALL, CALL}},
    {"overrun by 64 bytes, free block behind", overrun_into_free_64, {CHECK, CALL, CALL, CALL}},
    {"overrun by 1 byte, used block behind, freed first",
     overrun_and_used_first_1,
     {CHECK, CALL, CALL, CHECK}},
    {"overrun by 4 bytes, used block behind, freed first",
     overrun_and_used_first_4,
     {CHECK, CALL, CALL, CHECK}},
    {"overrun by 8 bytes, used block behind, freed first",
     overrun_and_used_first_8,
     {CHECK, CALL, CALL, CHECK}},
    {"overrun by 64 bytes, used block behind, freed first",
     overrun_and_used_first_64,
     {CHECK, CALL, CALL, CHECK}},
    {"overrun by 1 byte, free block behind, handed out first",
     overrun_and_free_first_1,
     {CHECK, CHECK, CALL, CHECK}},
    {"overrun by 4 bytes, free block behind, handed out first",
     overrun_and_free_first_4,
     {CHECK, CHECK, CALL, CHECK}},
    {"overrun by 8 bytes, free block behind, handed out first",
     overrun_and_free_first_8,
     {CHECK, CHECK, CALL, CHECK}},
    {"overrun by 64 bytes, free block behind, handed out first",
     overrun_and_free_first_64,
     {CHECK, CHECK, CALL, CHECK}},
    {"1 byte before the block, used block there", underrun_into_used_1, {CHECK, CALL, CALL, CALL}},
    {"4 bytes before the block, used block there", underrun_into_used_4, {CHECK, CALL, CALL, CALL}},
    {"8 bytes before the block, used block there", underrun_into_used_8, {CHECK, CALL, CALL, CALL}},
    {"64 bytes before the block, used block there",
     underrun_into_used_64,
     {CHECK, CALL, CALL, CALL}},
    {"1 byte before the block, free block there", underrun_into_free_1, {CHECK, CALL, CALL, CALL}},
    {"4 bytes before the block, free block there", underrun_into_free_4, {CHECK, CALL, CALL, CALL}},
    {"8 bytes before the block, free block there", underrun_into_free_8, {CHECK, CALL, CALL, CALL}},
    {"64 bytes before the block, free block there",
     underrun_into_free_64,
     {CHECK, CALL, CALL, CALL}},
    {"write after free, outside the heap's words", write_after_free, {NEVER, NEVER, NEVER, CHECK}},
    {"corrupted link", corrupted_link, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted header of a free block", corrupted_free_header, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted footer", corrupted_footer, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted bitmap", corrupted_bitmap, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted pending block", corrupted_pending, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted list head", corrupted_list_head, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted plan", corrupted_plan, {CHECK, CHECK, CHECK, CHECK}},
    {"the same, the largest request within its class",
     corrupted_request_max,
     {NEVER, NEVER, NEVER, NEVER}},
    {"corrupted list of pools", corrupted_pool_list, {CHECK, CHECK, CHECK, CHECK}},
    {"corrupted statistic", corrupted_statistic, {CHECK, CHECK, CHECK, CHECK}},
    {"the same, peak and failures", corrupted_peak_or_failures, {NEVER, NEVER, NEVER, NEVER}},
};

static const char *const stage_names[] = {"call", "next call", "check", "no"};

/* Prints a row: level, kind of mistake, forms, when they were found, and what the hook received. */
static void print_row(const char *what, const tally *sum) {
    printf("detection | %d | %s | %zu |", TLSF_HARDENING, what, sum->forms);
    for (size_t when = 0; when < STAGES; when++) {
        if (sum->found[when] != 0) {
            printf(" %s %zu", stage_names[when], sum->found[when]);
        }
    }
    printf(" |");
    for (size_t kind = 1; kind < COUNT_OF(sum->kinds); kind++) {
        if (sum->kinds[kind] != 0) {
            printf(" %s %zu", tlsf_fault_name((tlsf_fault_kind)kind), sum->kinds[kind]);
        }
    }
    printf("\n");
    fflush(stdout);
}

static void detection_row_is_as_promised(void **state) {
    const row *r = *state;
    tally sum = {0};
    size_t later = 0;
    r->make(&sum);
    print_row(r->what, &sum);
    assert_true(sum.forms != 0);
    for (size_t when = r->latest[TLSF_HARDENING] + 1; when < STAGES; when++) {
        later += sum.found[when];
    }
    assert_true(later <= (TLSF_HARDENING < 3 ? sum.left_to_check : 0));
    assert_true(later == 0 || !TLSF_STATISTICS || sum.found[UNNOTICED] == 0);
}

int main(void) {
    struct CMUnitTest tests[COUNT_OF(table)];
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        tests[i] = (struct CMUnitTest){table[i].what, detection_row_is_as_promised, NULL, NULL,
                                       (void *)(uintptr_t)&table[i]};
    }
    return cmocka_run_group_tests_name("detection", tests, arena_map, NULL);
}
