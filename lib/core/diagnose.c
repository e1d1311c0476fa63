/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The diagnosis of a fault: which mistake was most likely made, and with which block.
 *
 * A walk goes from a pool's first block to the place of the fault, and stops where a header does
 * not agree with the block before it. That header is damaged, or the header before it is, whose
 * wrong size led the walk astray. The walk goes on at the next place from where the headers agree
 * again. Of a damaged header, the distance to that place tells what it was like.
 *
 *     | before        |XX damaged        | next          |
 *      ^ culprit: most mistakes are writes behind the end of a block
 *
 * All this only reads. It reads no size before it knows that the place lies in the pool.
 */
#include "places.h"

enum {
    CHAIN_BLOCKS = 6, /* so many blocks that agree show that the first of them is one */
    DAMAGES_MAX = 8,  /* a walk meets no more damaged places, so that it stays linear */
    WORD = sizeof(header_word)
};

/* What the words of a pool show. */
typedef enum {
    DAMAGE_NONE,
    DAMAGE_HEADER,
    DAMAGE_FOOTER,
    DAMAGE_LINKS,
    DAMAGE_GUARD, /* at hardening 3, as is the next */
    DAMAGE_FILL
} damage_kind;

typedef struct {
    damage_kind kind;
    const block *b;      /* the damaged block */
    const block *before; /* the block in front of it; NULL: it is the first */
    const block *next;   /* behind it the headers agree again; NULL: nowhere */
} damage;

/* ---- the next place where headers agree --------------------------------------------- */

/* Whether some blocks from b on agree, or all up to the end of the pool. */
static bool chain_agrees(const pool_view *pool, const block *b) {
    bool is_previous_free = block_is_previous_free(b);
    for (int i = 0; i < CHAIN_BLOCKS; i++) {
        if (!header_agrees(pool, b, is_previous_free)) {
            return false;
        }
        if (b == pool->end) {
            return true;
        }
        is_previous_free = block_is_free(b);
        b = block_next(b);
    }
    return true;
}

/* Whether a block that begins at b can end at `next`, as far as the header there shows: if it says
 * that a free block ends there, that one has a footer. */
static bool can_end_at(const pool_view *pool, const block *b, const block *next) {
    if (!block_is_previous_free(next)) {
        return true;
    }
    const outer_size room = size_of_bytes((uintptr_t)next - (uintptr_t)b);
    return block_footer_before(next) == (room | BLOCK_FREE) ||
           (previous_in_pool(pool, next) != NULL && previous_in_pool(pool, next) > b);
}

/* The header that b had if it ended at `next`. */
static header_word header_up_to(const block *b, const block *before, const block *next) {
    const outer_size n = size_of_bytes((uintptr_t)next - (uintptr_t)b);
    const header_word flag = before != NULL && block_is_free(before) ? BLOCK_PREVIOUS_FREE : 0;
    return block_is_previous_free(next) ? n | BLOCK_FREE : n | flag;
}

static unsigned char byte_of(header_word word, size_t i) {
    unsigned char bytes[WORD];
    memcpy(bytes, &word, WORD);
    return bytes[i];
}

/* How many bytes of two headers differ. */
static size_t bytes_changed(header_word a, header_word b) {
    size_t changed = 0;
    for (size_t i = 0; i < WORD; i++) {
        changed += byte_of(a, i) != byte_of(b, i);
    }
    return changed;
}

/* The nearest place behind damaged block b from where on the headers agree; rather one that leaves
 * all but one byte of b's header right, as a short overrun does.
 * Returns NULL if there is none. */
static const block *chain_behind(const pool_view *pool, const block *b, const block *before) {
    const outer_size left = size_of_bytes((uintptr_t)pool->end - (uintptr_t)b);
    const block *nearest = NULL;
    for (outer_size n = BLOCK_MIN; n <= left; n += GRANULE_SIZE) {
        const block *next = block_at(b, n);
        if (chain_agrees(pool, next) && can_end_at(pool, b, next)) {
            if (bytes_changed(header_up_to(b, before, next), b->header) <= 1) {
                return next;
            }
            nearest = nearest == NULL ? next : nearest;
        }
    }
    return nearest;
}

/* ---- damage at one block ------------------------------------------------------------ */

/* Whether a link in a free block can be right: it leads to a place for a block, or to a list or its
 * end. The block there need not be free: its own header may be what is damaged. */
static bool link_can_be_right(const control *t, block_link link, bool is_previous) {
    const block *b = link_block(t, link);
    /* made again from the address: on a 32-bit machine several links name the same place */
    const size_t size_class = list_class_of_slot(t, link_of(t, b));
    /* where links are finer than slots, they lead between slots, too */
    const bool is_whole = LINK_STEP == 1 || b == list_slot(t, size_class);
    if (is_previous && is_whole && size_class >= CLASS_FIRST && size_class < t->class_end) {
        return true;
    }
    return (!is_previous && link_is_null(t, link)) || block_is_in_a_pool(t, b);
}

static bool links_can_be_right(const control *t, const block *b) {
    if (block_is_pending(t, b)) {
        return pending_agrees(t, b);
    }
    return link_can_be_right(t, b->previous, true) && link_can_be_right(t, b->next, false);
}

/* What is damaged of b, whose header agrees. */
static damage_kind damage_inside(const control *t, const block *b) {
    if (!block_is_free(b)) {
        return guard_is_intact(t, b) ? DAMAGE_NONE : DAMAGE_GUARD;
    }
    if (!links_can_be_right(t, b)) {
        return DAMAGE_LINKS;
    }
    return fill_is_intact(b, block_size(b)) ? DAMAGE_NONE : DAMAGE_FILL;
}

/* Whether b is a free block, and its footer is damaged: the header behind it agrees, and no other
 * free block ends there. */
static bool footer_is_damaged(const pool_view *pool, const block *b, bool is_previous_free) {
    if (b == pool->end || is_previous_free || block_is_previous_free(b) || !block_is_free(b) ||
        !size_fits_pool(pool, b) || block_footer_before(block_next(b)) == b->header) {
        return false;
    }
    return header_agrees(pool, block_next(b), true) &&
           previous_in_pool(pool, block_next(b)) == NULL;
}

/* ---- the walk ----------------------------------------------------------------------- */

typedef struct {
    const control *t;
    pool_view pool;
    const block *suspect; /* where the header of the fault's block lies, or would lie; or NULL */
    const block *before_last, *before; /* the last two blocks that agree; NULL: not known */
    const block *b;                    /* where the walk is; NULL: it is over */
    size_t blocks_behind;              /* blocks behind the suspect that agree */
    damage found;
} damage_walk;

static void walk_begin(damage_walk *w, const control *t, const pool_descriptor *descriptor,
                       const block *suspect) {
    memset(w, 0, sizeof(*w));
    w->t = t;
    w->pool = pool_view_of(descriptor);
    w->suspect = suspect;
    w->b = w->pool.first;
}

/* Moves on behind b, which agrees. */
static void walk_step(damage_walk *w) {
    w->blocks_behind += w->b > w->suspect;
    w->before_last = w->before;
    w->before = w->b;
    w->b = block_next(w->b);
}

/* Whether the block in front of b is free. Behind damage only b's flag shows it. */
static bool walk_previous_is_free(const damage_walk *w) {
    if (w->before != NULL) {
        return block_is_free(w->before);
    }
    return w->b != w->pool.first && block_is_previous_free(w->b);
}

/* Whether `before`, which agrees, may have a wrong size nevertheless. A free block has its size at
 * both ends, and a guard belongs to one size. An overrun of the block in front would have broken
 * that one's guard, too. */
static bool size_is_doubtful(const damage_walk *w) {
    if (w->before == NULL || w->before_last == NULL || w->b == w->suspect ||
        block_is_free(w->before) || block_is_free(w->before_last)) {
        return false;
    }
    return !HARDENING_DEBUGGING ||
           !(guard_is_intact(w->t, w->before) || guard_is_intact(w->t, w->before_last));
}

/* Whether the doubtful header of `before` has led the walk astray: the headers agree from a place
 * on that it skipped, or its lowest byte is the 0 at the end of a string. */
static bool size_is_wrong(const damage_walk *w) {
    const block *next = chain_behind(&w->pool, w->before, w->before_last);
    const bool has_zero = byte_of(w->before->header, 0) == 0 && (w->before->header & 0xFF) == 0;
    return next != NULL && (next <= w->b || has_zero);
}

/* Notes a damaged header, and moves on to where the headers agree again. */
static void walk_note_header(damage_walk *w) {
    if (size_is_doubtful(w) && size_is_wrong(w)) {
        w->blocks_behind -= w->before > w->suspect;
        w->b = w->before;
        w->before = w->before_last;
    }
    w->found.kind = DAMAGE_HEADER;
    w->found.b = w->b;
    w->found.before = w->before;
    w->found.next = w->b == w->pool.end ? NULL : chain_behind(&w->pool, w->b, w->before);
    w->before_last = w->before = NULL;
    w->b = w->found.next;
}

/* Notes what is damaged of b, whose size is right, and moves on. */
static void walk_note(damage_walk *w, damage_kind kind) {
    w->found.kind = kind;
    w->found.b = w->b;
    w->found.before = w->before;
    w->found.next = block_next(w->b);
    walk_step(w);
}

/* Looks at b, and moves on. */
static void walk_look(damage_walk *w) {
    const bool is_previous_free = walk_previous_is_free(w);
    if (footer_is_damaged(&w->pool, w->b, is_previous_free)) {
        walk_note(w, links_can_be_right(w->t, w->b) ? DAMAGE_FOOTER : DAMAGE_LINKS);
    } else if (!header_agrees(&w->pool, w->b, is_previous_free)) {
        walk_note_header(w);
    } else if (w->b == w->pool.end) {
        w->b = NULL;
    } else {
        walk_note(w, damage_inside(w->t, w->b));
    }
}

/* Whether what was found can be what the suspect's fault is about: the checks of a block read the
 * block before it and two behind it. */
static bool damage_concerns_suspect(const damage_walk *w) {
    return w->suspect == NULL || ((w->found.next == NULL || w->found.next >= w->suspect) &&
                                  w->blocks_behind <= 1 + (w->found.kind != DAMAGE_HEADER));
}

/* Walks to the first damage that concerns the suspect; without a suspect, to the first damage.
 * Returns false if there is none, or too much. */
static bool walk_to_damage(damage_walk *w) {
    int damages = 0;
    while (w->b != NULL && damages < DAMAGES_MAX) {
        w->found.kind = DAMAGE_NONE;
        walk_look(w);
        if (w->found.kind != DAMAGE_NONE) {
            if (damage_concerns_suspect(w)) {
                return true;
            }
            damages++;
        }
    }
    return false;
}

/* ---- what is wrong, byte by byte ---------------------------------------------------- */

static size_t bytes_shown(size_t bytes) {
    return bytes < TLSF_DIAGNOSIS_BYTES ? bytes : (size_t)TLSF_DIAGNOSIS_BYTES;
}

/* Shows what is at `place` in the pool, and the `count` bytes that should be there. */
static void show(tlsf_diagnosis_t *d, const pool_view *pool, const void *place,
                 const void *expected, size_t count) {
    d->damage = place;
    d->found_bytes = bytes_shown((uintptr_t)pool->end + WORD - (uintptr_t)place);
    d->expected_bytes = count;
    memcpy(d->found, place, d->found_bytes);
    memcpy(d->expected, expected, count);
}

/* Shows the first of the bytes that is not `fill_byte`. One is not, the last at the latest. */
static void show_fill(tlsf_diagnosis_t *d, const pool_view *pool, const unsigned char *bytes,
                      size_t count, unsigned char fill_byte) {
    unsigned char expected[TLSF_DIAGNOSIS_BYTES];
    size_t i = 0;
    while (i + 1 < count && bytes[i] == fill_byte) {
        i++;
    }
    memset(expected, fill_byte, sizeof(expected));
    show(d, pool, bytes + i, expected, bytes_shown(count - i));
}

/* The end marker has one header; another one is known where the block behind it is. */
static header_word header_expected(const damage_walk *w) {
    const damage *f = &w->found;
    if (f->b == w->pool.end) {
        /* a walk that was lost goes on at an end marker that agrees */
        TLSF_ASSERT(f->before != NULL);
        return BLOCK_END | (block_is_free(f->before) ? BLOCK_PREVIOUS_FREE : 0);
    }
    return f->next == NULL ? 0 : header_up_to(f->b, f->before, f->next);
}

static void show_header(const damage_walk *w, tlsf_diagnosis_t *d) {
    const header_word expected = header_expected(w);
    show(d, &w->pool, w->found.b, &expected, expected == 0 ? 0 : WORD);
}

static void show_links(const damage_walk *w, tlsf_diagnosis_t *d) {
    const block *b = w->found.b;
    const bool is_previous = block_is_pending(w->t, b)
                                 ? !link_is_null(w->t, b->previous)
                                 : !link_can_be_right(w->t, b->previous, true);
    show(d, &w->pool, is_previous ? &b->previous : &b->next, "", 0);
}

/* The guard is slack and a key, which says how long the slack is if it is intact itself. A write
 * can make a key that looks intact, and says more than the block has. */
static void show_guard(const damage_walk *w, tlsf_diagnosis_t *d) {
    const block *b = w->found.b;
    const unsigned char *key = (const unsigned char *)block_payload(b) + block_inner_bytes(b);
    const unsigned char slack = guard_slack(b);
    header_word word;
    memcpy(&word, key, WORD);
    if (slack > block_inner_bytes(b) || word != guard_word(w->t, b, slack)) {
        show(d, &w->pool, key, "", 0);
    } else {
        show_fill(d, &w->pool, key - slack, slack, FILL_GUARD);
    }
}

static void show_damage(const damage_walk *w, tlsf_diagnosis_t *d) {
    const block *b = w->found.b;
    if (w->found.kind == DAMAGE_HEADER) {
        show_header(w, d);
    } else if (w->found.kind == DAMAGE_FOOTER) {
        show(d, &w->pool, (const char *)block_next(b) - WORD, &b->header, WORD);
    } else if (HARDENING_DEBUGGING && w->found.kind == DAMAGE_GUARD) {
        show_guard(w, d);
    } else if (HARDENING_DEBUGGING && w->found.kind == DAMAGE_FILL) {
        const fill whole = fill_within(b, b, block_size(b));
        show_fill(d, &w->pool, whole.begin, whole.bytes, FILL_FREED);
    } else {
        show_links(w, d);
    }
}

/* ---- who did it --------------------------------------------------------------------- */

/* Whether a write that came from behind has changed the header: its last byte, not its first half.
 * Of zeros nothing shows where they end, and most come from the front. */
static bool is_changed_from_behind(header_word found, header_word expected) {
    if (found == 0) {
        return false;
    }
    for (size_t i = 0; i < WORD / 2; i++) {
        if (byte_of(found, i) != byte_of(expected, i)) {
            return false;
        }
    }
    return byte_of(found, WORD - 1) != byte_of(expected, WORD - 1);
}

/* Whether the damaged header was not reached from the block in front of it: the last word of that
 * block is as it should be. */
static bool front_is_intact(const damage_walk *w) {
    const block *before = w->found.before;
    return before == NULL || block_is_free(before) ||
           (HARDENING_DEBUGGING && guard_is_intact(w->t, before));
}

static tlsf_mistake mistake_at_header(const damage_walk *w, tlsf_diagnosis_t *d) {
    const header_word expected = header_expected(w);
    const bool is_underrun =
        front_is_intact(w) ||
        (expected != 0 && is_changed_from_behind(w->found.b->header, expected));
    if (!is_underrun) {
        d->culprit = d->before;
        return TLSF_MISTAKE_OVERRUN;
    }
    if (w->found.b == w->pool.end) {
        return TLSF_MISTAKE_UNKNOWN; /* nobody has the memory behind the pool */
    }
    d->culprit = d->at;
    return d->at.used ? TLSF_MISTAKE_UNDERRUN : TLSF_MISTAKE_WRITE_AFTER_FREE;
}

/* Describes a block with a damaged header by what the header should be. */
static tlsf_block_t damaged_block_described(const damage_walk *w) {
    tlsf_block_t seen = block_described(&w->pool, w->found.b);
    if (w->found.kind == DAMAGE_HEADER && seen.block != NULL) {
        const header_word expected = header_expected(w);
        seen.size = expected == 0 ? 0 : size_inner_bytes(header_size(expected));
        seen.used = (expected & BLOCK_FREE) == 0;
    }
    return seen;
}

static tlsf_mistake diagnose_damage(const damage_walk *w, tlsf_diagnosis_t *d) {
    d->pool = pool_of_descriptor(w->pool.descriptor);
    d->before = block_described(&w->pool, w->found.before);
    d->at = damaged_block_described(w);
    d->after = block_described(&w->pool, w->found.next);
    show_damage(w, d);
    if (w->found.kind == DAMAGE_HEADER) {
        return mistake_at_header(w, d);
    }
    d->culprit = d->at;
    return HARDENING_DEBUGGING && w->found.kind == DAMAGE_GUARD ? TLSF_MISTAKE_OVERRUN
                                                                : TLSF_MISTAKE_WRITE_AFTER_FREE;
}

/* ---- a pointer that is no live block ------------------------------------------------ */

/* Describes b, which a walk has met, and its neighbours; nothing if b is NULL. */
static void describe_around(const pool_view *pool, const block *b, tlsf_diagnosis_t *d) {
    d->pool = pool_of_descriptor(pool->descriptor);
    d->at = block_described(pool, b);
    if (b != NULL) {
        TLSF_ASSERT(size_fits_pool(pool, b));
        d->before = block_described(
            pool, b == pool->first ? NULL : pool_find_block(pool, (uintptr_t)b - 1));
        d->after = block_described(pool, block_next(b));
    }
}

/* The pointer lies in the pool, around it nothing is damaged, and b is the block that contains it.
 * Returns TLSF_MISTAKE_UNKNOWN if it is a live block, or if the walk did not get there. */
static tlsf_mistake mistake_of_pointer(const pool_view *pool, const tlsf_fault_t *fault,
                                       const block *b) {
    const uintptr_t address = (uintptr_t)fault->block;
    if (b == NULL) {
        const bool is_word_of_pool =
            address < (uintptr_t)pool->first || address >= (uintptr_t)pool->end;
        return is_word_of_pool ? TLSF_MISTAKE_FOREIGN : TLSF_MISTAKE_UNKNOWN;
    }
    if (fault->kind == TLSF_FAULT_MISALIGNED) {
        return TLSF_MISTAKE_INTERIOR;
    }
    if (block_is_free(b)) {
        return TLSF_MISTAKE_DOUBLE_FREE;
    }
    if (block_payload(b) == fault->block) {
        return TLSF_MISTAKE_UNKNOWN;
    }
    return fault->kind == TLSF_FAULT_DOUBLE_FREE ? TLSF_MISTAKE_DOUBLE_FREE : TLSF_MISTAKE_INTERIOR;
}

/* ---- the whole ---------------------------------------------------------------------- */

/* A fault at a place in a pool.
 * Returns TLSF_MISTAKE_UNKNOWN if nothing is wrong there. */
static tlsf_mistake diagnose_place(const control *t, const tlsf_fault_t *fault,
                                   const pool_descriptor *pool, tlsf_diagnosis_t *d) {
    damage_walk w;
    walk_begin(&w, t, pool, block_of_payload(fault->block));
    if (fault->kind != TLSF_FAULT_MISALIGNED && walk_to_damage(&w)) {
        return diagnose_damage(&w, d);
    }
    const block *b = pool_find_block(&w.pool, (uintptr_t)fault->block);
    const tlsf_mistake mistake = mistake_of_pointer(&w.pool, fault, b);
    if (mistake != TLSF_MISTAKE_UNKNOWN) {
        describe_around(&w.pool, b, d);
        d->culprit = d->at;
    }
    return mistake;
}

/* The first damage of all pools. */
static tlsf_mistake diagnose_pools(const control *t, tlsf_diagnosis_t *d) {
    for (const pool_descriptor *pool = pools_next(t, &t->pools); pool != NULL;
         pool = pools_next(t, pool)) {
        damage_walk w;
        walk_begin(&w, t, pool, NULL);
        if (walk_to_damage(&w)) {
            return diagnose_damage(&w, d);
        }
    }
    return TLSF_MISTAKE_UNKNOWN;
}

/* What the check of the whole heap finds: links that lead to another free block, lists and counts
 * of the control structure, or the structure itself. */
static tlsf_mistake diagnose_heap(tlsf_t t, tlsf_diagnosis_t *d) {
    tlsf_report_t report;
    if (tlsf_check_report(t, &report) == TLSF_SOUND) {
        return TLSF_MISTAKE_UNKNOWN;
    }
    d->pool = report.pool;
    if (report.block != NULL) {
        const pool_view pool = pool_view_of(pool_describe(report.pool));
        describe_around(&pool, block_of_payload(report.block), d);
        d->culprit = d->at;
        d->damage = report.block;
        return TLSF_MISTAKE_WRITE_AFTER_FREE;
    }
    d->damage = report.pool == NULL ? t : (const void *)pool_describe(report.pool);
    return TLSF_MISTAKE_CONTROL;
}

/* Whether the fault is about the pointer that the caller passed, not about the heap. */
static bool fault_is_of_pointer(const tlsf_fault_t *fault) {
    return fault->kind != TLSF_FAULT_CORRUPTION && fault->kind != TLSF_FAULT_WRITE_AFTER_FREE;
}

static tlsf_mistake diagnose(const control *t, const tlsf_fault_t *fault, tlsf_diagnosis_t *d) {
    if (!control_is_sound(t) || !pool_list_is_sound(t)) {
        return TLSF_MISTAKE_UNKNOWN;
    }
    if (fault != NULL) {
        const pool_descriptor *pool = pools_find(t, (uintptr_t)fault->block);
        if (pool == NULL && fault_is_of_pointer(fault)) {
            return TLSF_MISTAKE_FOREIGN;
        }
        const tlsf_mistake mistake =
            pool == NULL ? TLSF_MISTAKE_UNKNOWN : diagnose_place(t, fault, pool, d);
        if (mistake != TLSF_MISTAKE_UNKNOWN) {
            return mistake;
        }
    }
    return diagnose_pools(t, d);
}

tlsf_mistake tlsf_diagnose(tlsf_t t, const tlsf_fault_t *fault, tlsf_diagnosis_t *diagnosis) {
    CHECKER_PAUSE();
    memset(diagnosis, 0, sizeof(*diagnosis));
    diagnosis->mistake = diagnose(control_of(t), fault, diagnosis);
    if (diagnosis->mistake == TLSF_MISTAKE_UNKNOWN && diagnosis->damage == NULL) {
        diagnosis->mistake = diagnose_heap(t, diagnosis);
    }
    return diagnosis->mistake;
}

const char *tlsf_mistake_name(tlsf_mistake mistake) {
    /* In the order of tlsf_mistake. */
    static const char *const names[] = {
        "unknown",     "overrun",          "underrun",        "write after free",
        "double free", "interior pointer", "foreign pointer", "control structure",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    return (size_t)mistake < count ? names[mistake] : "unknown";
}
