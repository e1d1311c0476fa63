/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tlsf_diagnose: for each kind of mistake it names the block whose user made it, from the fault
 * hook and without a fault. test_diagnose_random.c measures how often it does in random heaps.
 */
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

/* ---- five blocks in a row --------------------------------------------------------------- */

/* Live blocks of the same size, and free memory behind them. */
enum { BLOCKS = 5, BLOCK_BYTES = 100 };

typedef struct {
    heap h;
    uint8_t *blocks[BLOCKS];
    uint8_t *copy; /* of the region, before the mistake */
} row;

static row row_make(void) {
    row r;
    r.h = heap_make(4000 + (size_t)TLSF_GRANULE * 500);
    for (size_t i = 0; i < BLOCKS; i++) {
        r.blocks[i] = tlsf_malloc(r.h.t, BLOCK_BYTES);
        memset(r.blocks[i], 0x5A, BLOCK_BYTES);
    }
    r.copy = malloc(r.h.memory.bytes);
    assert_non_null(r.copy);
    memcpy(r.copy, r.h.memory.begin, r.h.memory.bytes);
    return r;
}

/* Bytes from a payload to the next header. */
static size_t bytes_to_header(void *payload) { return outer_of(payload) - header_bytes(); }

/* Writes from behind the bytes that were asked for up to `bytes` bytes into the next block. */
static void overrun(uint8_t *payload, size_t requested, size_t bytes, int byte) {
    memset(payload + requested, byte, bytes_to_header(payload) + bytes - requested);
}

static void row_restore(row *r) { memcpy(r->h.memory.begin, r->copy, r->h.memory.bytes); }

static void row_end(row *r) {
    row_restore(r);
    free(r->copy);
    heap_end(&r->h);
}

/* Whether the low byte of a header comes first. If not, an underrun by one byte meets it instead of
 * an overrun. */
static bool low_byte_is_first(void) {
    const header_word one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* Whether a header with this low byte cannot be that of another block of the same kind. */
static bool is_clearly_wrong(uint8_t low, uint8_t kept) {
    return ((low ^ kept) & BLOCK_FLAGS) != 0;
}

/* ---- diagnosis in the hook ------------------------------------------------------------- */

static struct {
    tlsf_diagnosis_t diagnosis;
    tlsf_fault_t fault;
    size_t count;
} seen;

static void diagnose_fault(tlsf_t t, const tlsf_fault_t *fault) {
    seen.count++;
    seen.fault = *fault;
    memset(&seen.diagnosis, 0xFF, sizeof(seen.diagnosis));
    const tlsf_mistake mistake = tlsf_diagnose(t, fault, &seen.diagnosis);
    assert_int_equal(mistake, seen.diagnosis.mistake);
}

/* What a check of the program's own can say of ptr. */
static tlsf_fault_t fault_of(tlsf_t t, const void *ptr) {
    tlsf_fault_t fault = {.kind = TLSF_FAULT_NEIGHBOUR, .block = ptr};
    if (!is_aligned(ptr, TLSF_GRANULE)) {
        fault.kind = TLSF_FAULT_MISALIGNED;
    } else if (tlsf_owner(t, ptr) != NULL && block_is_free(block_of_payload(ptr))) {
        fault.kind = TLSF_FAULT_DOUBLE_FREE;
    }
    return fault;
}

/* Frees ptr, which is a fault. Level 0 does not find it, so the program has to. */
static void free_wrongly(tlsf_t t, void *ptr) {
    if (TLSF_HARDENING >= 1) {
        tlsf_free(t, ptr);
    } else {
        const tlsf_fault_t fault = fault_of(t, ptr);
        diagnose_fault(t, &fault);
    }
}

/* The diagnosis of what a free of ptr reports. It writes nothing: the heap is unchanged. */
static const tlsf_diagnosis_t *diagnosis_of_free(row *r, void *ptr) {
    uint8_t *before = malloc(r->h.memory.bytes);
    assert_non_null(before);
    seen.count = 0;
    (void)tlsf_set_fault_hook(r->h.t, diagnose_fault);
    memcpy(before, r->h.memory.begin, r->h.memory.bytes);
    free_wrongly(r->h.t, ptr);
    assert_int_equal(seen.count, 1);
    assert_memory_equal(before, r->h.memory.begin, r->h.memory.bytes);
    free(before);
    return &seen.diagnosis;
}

static void expect_mistake(const tlsf_diagnosis_t *d, tlsf_mistake mistake, const void *culprit) {
    assert_int_equal(d->mistake, mistake);
    assert_ptr_equal(d->culprit.block, culprit);
}

static void expect_block(tlsf_block_t found, void *payload, bool used) {
    assert_ptr_equal(found.block, payload);
    assert_int_equal(found.size, inner_for(outer_for(BLOCK_BYTES)));
    assert_int_equal(found.used, used);
}

/* ---- overruns ------------------------------------------------------------------------- */

/* One byte of the next header changes, and the neighbour's free finds it. Where the byte makes
 * another right header of it, only what lies behind it is wrong: see the random suite. */
/* Verifies T311, T318, T327, T330. */
static void overrun_found_by_a_free_of_the_neighbour_names_the_block_before(void **state) {
    (void)state;
    row r = row_make();
    size_t named = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        const uint8_t kept = r.blocks[1][bytes_to_header(r.blocks[1])];
        overrun(r.blocks[1], BLOCK_BYTES, 1, (int)byte);
        if (tlsf_looks_live(r.h.t, r.blocks[2]) == 0 &&
            (TLSF_HARDENING >= 3 || byte == 0 || !low_byte_is_first() ||
             is_clearly_wrong((uint8_t)byte, kept))) {
            const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[2]);
            expect_mistake(d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
            expect_block(d->culprit, r.blocks[1], true);
            assert_ptr_equal(d->pool, tlsf_get_pool(r.h.t));
            named++;
        }
        row_restore(&r);
    }
    assert_in_range(named, 150, 255);
    row_end(&r);
}

/* Verifies T323, T324, T325. */
static void overrun_shows_what_was_found_and_what_was_expected(void **state) {
    (void)state;
    row r = row_make();
    uint8_t *header = r.blocks[1] + bytes_to_header(r.blocks[1]);
    const uint8_t *first = TLSF_HARDENING >= 3 ? r.blocks[1] + BLOCK_BYTES : header;
    memset(r.blocks[1] + BLOCK_BYTES, '-', bytes_to_header(r.blocks[1]) - BLOCK_BYTES);
    memset(header, 'o', 16);
    const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[2]);
    expect_mistake(d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    assert_ptr_equal(d->pool, tlsf_get_pool(r.h.t));
    assert_int_equal(d->found_bytes, TLSF_DIAGNOSIS_BYTES);
    assert_memory_equal(d->found, d->damage, d->found_bytes);
    if (TLSF_HARDENING < 3) {
        assert_ptr_equal(d->damage, first);
        assert_int_equal(d->expected_bytes, header_bytes());
        assert_memory_equal(d->expected, r.copy + (header - r.h.memory.begin), header_bytes());
        expect_block(d->before, r.blocks[1], true);
        expect_block(d->at, r.blocks[2], true); /* as its header should say */
        expect_block(d->after, r.blocks[3], true);
    } else { /* the guard is damaged, too, and comes first */
        assert_in_range((uintptr_t)d->damage, (uintptr_t)first, (uintptr_t)header - 1);
        expect_block(d->at, r.blocks[1], true);
    }
    row_end(&r);
}

/* Verifies T311, T318. */
static void overrun_found_by_a_free_of_the_block_names_the_block(void **state) {
    (void)state;
    row r = row_make();
    for (size_t bytes = 4; bytes < 60; bytes++) {
        overrun(r.blocks[1], BLOCK_BYTES, bytes, 'A');
        const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[1]);
        expect_mistake(d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
        row_restore(&r);
    }
    row_end(&r);
}

/* Verifies T311. */
static void overrun_over_several_headers_names_the_block_before_the_first(void **state) {
    (void)state;
    row r = row_make();
    overrun(r.blocks[1], BLOCK_BYTES, 2 * outer_for(BLOCK_BYTES) + header_bytes(), 0xFF);
    for (size_t i = 1; i < BLOCKS; i++) {
        const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[i]);
        expect_mistake(d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    }
    row_end(&r);
}

/* Verifies T311, T328. */
static void overrun_into_a_free_block_names_the_live_one(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[2]);
    overrun(r.blocks[1], BLOCK_BYTES, 8, 0);
    expect_mistake(diagnosis_of_free(&r, r.blocks[1]), TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    expect_mistake(diagnosis_of_free(&r, r.blocks[3]), TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    tlsf_diagnosis_t d;
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    row_end(&r);
}

/* The header becomes that of a free block that ends where another free block ends. */
/* Verifies T311, T328. */
static void overrun_that_looks_like_a_free_block_names_the_block_before(void **state) {
    (void)state;
    if (!low_byte_is_first()) {
        SKIP_BECAUSE("an overrun meets the high byte of the header first");
    }
    row r = row_make();
    tlsf_diagnosis_t d;
    tlsf_free(r.h.t, r.blocks[3]);
    overrun(r.blocks[1], BLOCK_BYTES, 0, 'A');
    block_of_payload(r.blocks[2])->header =
        (block_size(block_of_payload(r.blocks[2])) * 2) | BLOCK_FREE;
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    row_end(&r);
}

/* Verifies T311, T328. */
static void overrun_of_the_last_block_names_it(void **state) {
    (void)state;
    row r = row_make();
    const size_t bytes = tlsf_largest(r.h.t);
    uint8_t *last = tlsf_malloc(r.h.t, bytes);
    tlsf_diagnosis_t d;
    overrun(last, bytes, header_bytes(), 0);
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, last);
    row_end(&r);
}

/* No block ends there, so nobody can have written it from within. */
/* Verifies T310. */
static void overwritten_pool_end_behind_a_free_block_names_nobody(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    tlsf_block_t last;
    block *const end = pool_end(tlsf_get_pool(r.h.t));
    const header_word sound = end->header;
    assert_int_equal(tlsf_locate(r.h.t, (const uint8_t *)end - 1, &last), 1);
    assert_int_equal(last.used, 0);
    end->header = (header_word)0x4141414141414141;
    assert_int_equal(tlsf_diagnose(r.h.t, NULL, &d), TLSF_MISTAKE_UNKNOWN);
    assert_null(d.culprit.block);
    assert_ptr_equal(d.damage, end);
    assert_int_equal(d.found_bytes, header_bytes());
    assert_memory_equal(d.found, &end->header, header_bytes());
    assert_int_equal(d.expected_bytes, header_bytes());
    assert_memory_equal(d.expected, &sound, header_bytes());
    assert_ptr_equal(d.before.block, last.block);
    assert_null(d.at.block);
    assert_null(d.after.block);
    row_end(&r);
}

/* A string's end cuts the size of a large block: the walk is led astray into that block. */
/* Verifies T311. */
static void overrun_by_a_0_that_makes_the_neighbour_smaller_names_the_block_before(void **state) {
    (void)state;
    row r = row_make();
    uint8_t *large = tlsf_malloc(r.h.t, inner_for((size_t)TLSF_GRANULE * 66));
    uint8_t *behind = tlsf_malloc(r.h.t, BLOCK_BYTES);
    const size_t size = inner_of(large);
    tlsf_diagnosis_t d;
    assert_non_null(behind);
    memset(large, 'l', (size_t)TLSF_GRANULE * 65);
    overrun(r.blocks[4], BLOCK_BYTES, 1, 0);
    if (tlsf_check(r.h.t) != TLSF_SOUND) { /* else the first byte of a header is its highest */
        (void)tlsf_diagnose(r.h.t, NULL, &d);
        expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[4]);
        if (TLSF_HARDENING < 3) {
            assert_ptr_equal(d.at.block, large);
            assert_int_equal(d.at.size, size);
            assert_ptr_equal(d.after.block, behind);
        }
    }
    row_end(&r);
}

/* The guard's key is right, and says that more bytes are slack than the block has. */
/* Verifies T311, T325. */
static void guard_with_more_slack_than_the_block_shows_the_key(void **state) {
    (void)state;
    if (TLSF_HARDENING < 3) {
        SKIP_BECAUSE("below hardening 3 there are no guards");
    }
    row r = row_make();
    tlsf_diagnosis_t d;
    const header_word key = guard_word(control_of(r.h.t), block_of_payload(r.blocks[1]), 0xFF);
    uint8_t *place = r.blocks[1] + inner_of(r.blocks[1]);
    memcpy(place, &key, sizeof(key));
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    assert_ptr_equal(d.damage, place);
    row_end(&r);
}

/* ---- underruns ------------------------------------------------------------------------ */

/* The byte in front of a block is the last one of its header. */
/* Verifies T312, T318. */
static void underrun_names_the_block(void **state) {
    (void)state;
    row r = row_make();
    for (size_t i = 0; i < BLOCKS; i++) {
        uint8_t *const front = r.blocks[i] - 1;
        for (int change = 1; change < 256; change++) {
            const uint8_t kept = *front;
            const uint8_t now = (uint8_t)(kept ^ change);
            *front = now;
            if (tlsf_looks_live(r.h.t, r.blocks[i]) == 0 &&
                (low_byte_is_first() || (now > 3 && is_clearly_wrong(now, kept)))) {
                const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[i]);
                expect_mistake(d, TLSF_MISTAKE_UNDERRUN, r.blocks[i]);
            }
            row_restore(&r);
        }
    }
    row_end(&r);
}

/* The block before is free, and its last word is intact: so nobody wrote from there. */
/* Verifies T312. */
static void underrun_behind_a_free_block_names_the_live_one(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    tlsf_free(r.h.t, r.blocks[1]);
    memset(r.blocks[2] - header_bytes(), 0x7E, header_bytes());
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_UNDERRUN, r.blocks[2]);
    row_end(&r);
}

/* In front of the first block lies none that could have been overrun. */
/* Verifies T313. */
static void overwritten_header_of_a_free_first_block_names_it(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    tlsf_free(r.h.t, r.blocks[0]);
    const header_word sound = block_of_payload(r.blocks[0])->header;
    memset(r.blocks[0] - header_bytes(), 0x7E, header_bytes());
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_WRITE_AFTER_FREE, r.blocks[0]);
    expect_block(d.at, r.blocks[0], false);
    expect_block(d.after, r.blocks[1], true);
    assert_null(d.before.block);
    assert_memory_equal(d.expected, &sound, header_bytes());
    row_end(&r);
}

/* ---- writes after free ---------------------------------------------------------------- */

/* Verifies T313, T318, T332. */
static void write_after_free_names_the_free_block(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[1]);
    tlsf_free(r.h.t, r.blocks[3]);
    uint8_t *sound = malloc(r.h.memory.bytes);
    assert_non_null(sound);
    memcpy(sound, r.h.memory.begin, r.h.memory.bytes);
    const size_t words = bytes_to_header(r.blocks[1]) / sizeof(header_word);
    for (size_t word = 0; word < words; word++) {
        tlsf_diagnosis_t d;
        memset(r.blocks[1] + word * sizeof(header_word), 0x41, sizeof(header_word));
        if (tlsf_check(r.h.t) != TLSF_SOUND) {
            (void)tlsf_diagnose(r.h.t, NULL, &d);
            expect_mistake(&d, TLSF_MISTAKE_WRITE_AFTER_FREE, r.blocks[1]);
            assert_ptr_equal(d.damage, r.blocks[1] + word * sizeof(header_word));
            assert_int_equal(d.found[0], 0x41);
            expect_block(d.culprit, r.blocks[1], false);
            expect_block(d.before, r.blocks[0], true);
            expect_block(d.after, r.blocks[2], true);
        }
        memcpy(r.h.memory.begin, sound, r.h.memory.bytes);
    }
    free(sound);
    row_end(&r);
}

/* Level 2 finds links that the call needs; the fault is reported at the control structure or at
 * another block. */
/* Verifies T313, T326, T327. */
static void write_after_free_that_a_request_finds_names_the_free_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[1]);
    tlsf_free(r.h.t, r.blocks[3]);
    memset(r.blocks[1], 0x41, 2 * sizeof(header_word));
    seen.count = 0;
    (void)tlsf_set_fault_hook(r.h.t, diagnose_fault);
    assert_null(tlsf_malloc(r.h.t, BLOCK_BYTES));
    assert_int_equal(seen.count, 1);
    expect_mistake(&seen.diagnosis, TLSF_MISTAKE_WRITE_AFTER_FREE, r.blocks[1]);
    row_end(&r);
}

/* On a 32-bit machine some bits of a link say nothing. */
/* Verifies T313, T328. */
static void changed_bit_of_a_link_is_named_if_and_only_if_the_check_finds_it(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[1]);
    tlsf_free(r.h.t, r.blocks[3]);
    for (size_t bit = 0; bit < 2 * 8 * sizeof(block_link); bit++) {
        tlsf_diagnosis_t d;
        r.blocks[1][bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)tlsf_diagnose(r.h.t, NULL, &d);
        assert_int_equal(d.culprit.block == r.blocks[1], tlsf_check(r.h.t) != TLSF_SOUND);
        r.blocks[1][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    row_end(&r);
}

/* ---- pointers that are no live block ---------------------------------------------------- */

/* Verifies T314, T318, T320, T321, T322. */
static void double_free_names_what_lies_there_now(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[1]);
    expect_mistake(diagnosis_of_free(&r, r.blocks[1]), TLSF_MISTAKE_DOUBLE_FREE, r.blocks[1]);
    expect_block(seen.diagnosis.culprit, r.blocks[1], false);
    expect_block(seen.diagnosis.before, r.blocks[0], true);
    expect_block(seen.diagnosis.after, r.blocks[2], true);
    assert_null(seen.diagnosis.damage);
    tlsf_free(r.h.t, r.blocks[2]); /* merges with the free block before it */
    expect_mistake(diagnosis_of_free(&r, r.blocks[2]), TLSF_MISTAKE_DOUBLE_FREE, r.blocks[1]);
    assert_int_equal(seen.diagnosis.culprit.size, inner_for(2 * outer_for(BLOCK_BYTES)));
    row_end(&r);
}

/* In its content the header of the old block still says that it is free, unless level 3 fills
 * it. */
/* Verifies T314. */
static void double_free_of_memory_that_was_allocated_again_names_the_live_block(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[2]);
    tlsf_free(r.h.t, r.blocks[1]);
    uint8_t *again = tlsf_malloc(r.h.t, inner_for(2 * outer_for(BLOCK_BYTES)));
    assert_ptr_equal(again, r.blocks[1]);
    const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[2]);
    assert_true(d->mistake == TLSF_MISTAKE_DOUBLE_FREE ||
                (TLSF_HARDENING >= 3 && d->mistake == TLSF_MISTAKE_INTERIOR));
    assert_ptr_equal(d->culprit.block, again);
    assert_int_equal(d->culprit.used, 1);
    row_end(&r);
}

/* Verifies T315, T318, T321. */
static void interior_pointer_names_the_block_that_contains_it(void **state) {
    (void)state;
    row r = row_make();
    memset(r.blocks[2], 0, BLOCK_BYTES);
    for (size_t offset = 1; offset < BLOCK_BYTES; offset++) {
        expect_mistake(diagnosis_of_free(&r, r.blocks[2] + offset), TLSF_MISTAKE_INTERIOR,
                       r.blocks[2]);
        expect_block(seen.diagnosis.culprit, r.blocks[2], true);
    }
    row_end(&r);
}

/* Verifies T316, T319. */
static void foreign_pointer_is_in_no_block(void **state) {
    (void)state;
    row r = row_make();
    heap other = heap_make(1000);
    static _Alignas(64) uint8_t elsewhere[64];
    uint8_t *const foreign[] = {elsewhere, tlsf_malloc(other.t, 10), r.h.memory.begin,
                                (uint8_t *)(UINTPTR_MAX - 63)};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        expect_mistake(diagnosis_of_free(&r, foreign[i]), TLSF_MISTAKE_FOREIGN, NULL);
        assert_null(seen.diagnosis.pool);
    }
    heap_end(&other);
    row_end(&r);
}

/* The words that a pool keeps for itself: its record, and its end marker. */
/* Verifies T316. */
static void pointer_to_the_words_of_a_pool_is_foreign(void **state) {
    (void)state;
    row r = row_make();
    const pool_t pool = tlsf_get_pool(r.h.t);
    uint8_t *const record = (uint8_t *)(void *)pool_describe(pool);
    uint8_t *const end = (uint8_t *)(void *)pool_end(pool);
    uint8_t *const words[] = {record, record + 1, r.blocks[0] - header_bytes() - 1, end, end + 1};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        expect_mistake(diagnosis_of_free(&r, words[i]), TLSF_MISTAKE_FOREIGN, NULL);
        assert_ptr_equal(seen.diagnosis.pool, pool);
        assert_null(seen.diagnosis.at.block);
        assert_null(seen.diagnosis.before.block);
        assert_null(seen.diagnosis.after.block);
    }
    row_end(&r);
}

/* The walk to the pointer ends at the damage, which is what went wrong first. */
/* Verifies T323, T326. */
static void misaligned_pointer_behind_damage_names_the_damage(void **state) {
    (void)state;
    row r = row_make();
    overrun(r.blocks[1], BLOCK_BYTES, header_bytes(), 0xFF);
    expect_mistake(diagnosis_of_free(&r, r.blocks[3] + 1), TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    assert_int_equal(seen.fault.kind, TLSF_FAULT_MISALIGNED);
    row_end(&r);
}

/* A fault of the heap at an address in no pool is not about a pointer that the caller passed. */
/* Verifies T316, T326. */
static void fault_of_the_heap_outside_of_the_pools_is_not_foreign(void **state) {
    (void)state;
    row r = row_make();
    const tlsf_fault_kind kinds[] = {TLSF_FAULT_CORRUPTION, TLSF_FAULT_WRITE_AFTER_FREE};
    tlsf_free(r.h.t, r.blocks[1]);
    tlsf_free(r.h.t, r.blocks[3]);
    tlsf_fault_t fault = {.block = r.h.t};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        tlsf_diagnosis_t d;
        fault.kind = kinds[i];
        assert_int_equal(tlsf_diagnose(r.h.t, &fault, &d), TLSF_MISTAKE_UNKNOWN);
        const uint8_t kept = *r.blocks[1];
        memset(r.blocks[1], kept ^ 0x41, 1);
        block_of_payload(r.blocks[1])->next = (block_link)0x41414141;
        (void)tlsf_diagnose(r.h.t, &fault, &d);
        expect_mistake(&d, TLSF_MISTAKE_WRITE_AFTER_FREE, r.blocks[1]);
        fault.kind = TLSF_FAULT_NOT_A_BLOCK;
        (void)tlsf_diagnose(r.h.t, &fault, &d);
        expect_mistake(&d, TLSF_MISTAKE_FOREIGN, NULL);
        row_restore(&r);
        tlsf_free(r.h.t, r.blocks[1]);
        tlsf_free(r.h.t, r.blocks[3]);
    }
    row_end(&r);
}

/* ---- a fault behind the damage ---------------------------------------------------------- */

/* The diagnosis of a fault that a call has found at a block. What was damaged in front of it, and
 * does not reach it, is passed. */
static tlsf_diagnosis_t diagnosis_at(const row *r, const void *ptr) {
    const tlsf_fault_t fault = {.kind = TLSF_FAULT_NEIGHBOUR, .block = ptr};
    tlsf_diagnosis_t d;
    (void)tlsf_diagnose(r->h.t, &fault, &d);
    return d;
}

static header_word *header_of(void *payload) { return &block_of_payload(payload)->header; }

/* The last word in front of the next header: at level 3 the guard's key. */
static void break_last_word(uint8_t *payload) {
    payload[bytes_to_header(payload) - 1] ^= 0x55;
    payload[bytes_to_header(payload) - 2] ^= 0x55;
}

/* A row with a large block behind it, and two more blocks. */
typedef struct {
    row r;
    uint8_t *large, *behind, *last;
    size_t outer;
} long_row;

static long_row long_row_make(void) {
    long_row l = {.r = row_make()};
    l.large = tlsf_malloc(l.r.h.t, inner_for((size_t)TLSF_GRANULE * 280));
    l.behind = tlsf_malloc(l.r.h.t, BLOCK_BYTES);
    l.last = tlsf_malloc(l.r.h.t, BLOCK_BYTES);
    assert_non_null(l.last);
    memset(l.large, 'l', (size_t)TLSF_GRANULE * 279);
    memset(l.behind, 'l', BLOCK_BYTES);
    l.outer = outer_of(l.large);
    return l;
}

/* The wrong size is 0 in its lowest byte, or too large, or too small. A size that is too small
 * leads to a place in the block itself, and only a 0 shows that it does. Verifies T311. */
static void overrun_that_changes_a_size_is_found_behind_the_block(void **state) {
    (void)state;
    if (!low_byte_is_first()) {
        SKIP_BECAUSE("an overrun meets the high byte of the header first");
    }
    for (unsigned kind = 0; kind < 3; kind++) {
        long_row l = long_row_make();
        header_word *header = header_of(l.large);
        break_last_word(l.r.blocks[4]);
        *header = kind == 0   ? *header & ~(header_word)0xFF
                  : kind == 1 ? *header + GRANULE_SIZE
                              : *header - 9 * GRANULE_SIZE;
        const tlsf_diagnosis_t d = diagnosis_at(&l.r, kind == 1 ? l.last : l.behind);
        if (kind < 2) {
            expect_mistake(&d, TLSF_MISTAKE_OVERRUN, l.r.blocks[4]);
            if (kind == 0 || TLSF_HARDENING < 3) { /* else the guard, which is broken first */
                assert_ptr_equal(d.at.block, l.large);
                assert_int_equal(d.at.size, inner_for(l.outer));
                assert_ptr_equal(d.after.block, l.behind);
            }
        } else {
            assert_true(d.mistake == TLSF_MISTAKE_OVERRUN || d.mistake == TLSF_MISTAKE_UNDERRUN);
            assert_true(d.damage == (void *)header || (uint8_t *)d.damage > l.large);
        }
        row_end(&l.r);
    }
}

/* Nothing behind the block agrees, up to the end marker: its size is not known.
 * Verifies T311, T312. */
static void overrun_to_the_end_of_the_pool_shows_no_size(void **state) {
    (void)state;
    for (unsigned is_guard_broken = 0; is_guard_broken < 2; is_guard_broken++) {
        row r = row_make();
        uint8_t *header = r.blocks[2] - header_bytes();
        uint8_t *end = (uint8_t *)(void *)pool_end(tlsf_get_pool(r.h.t)) + header_bytes();
        memset(header, 0xFF, (size_t)(end - header));
        if (is_guard_broken) {
            break_last_word(r.blocks[1]);
        }
        const tlsf_diagnosis_t d = diagnosis_at(&r, r.blocks[3]);
        if (TLSF_HARDENING >= 3 && !is_guard_broken) { /* so nobody wrote it from the front */
            expect_mistake(&d, TLSF_MISTAKE_UNDERRUN, r.blocks[2]);
        } else {
            expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
        }
        assert_ptr_equal(d.damage, header);
        assert_int_equal(d.expected_bytes, 0);
        assert_int_equal(d.at.size, 0);
        assert_null(d.after.block);
        row_end(&r);
    }
}

/* The same behind a block with a wrong size. Verifies T311. */
static void overrun_of_a_size_and_all_behind_it_is_an_overrun(void **state) {
    (void)state;
    long_row l = long_row_make();
    uint8_t *place = l.large + 20 * TLSF_GRANULE;
    uint8_t *end = (uint8_t *)(void *)pool_end(tlsf_get_pool(l.r.h.t)) + header_bytes();
    memset(place, 0xFF, (size_t)(end - place));
    *header_of(l.large) -= 40 * GRANULE_SIZE;
    break_last_word(l.r.blocks[4]);
    const tlsf_diagnosis_t d = diagnosis_at(&l.r, l.behind);
    assert_int_equal(d.mistake, TLSF_MISTAKE_OVERRUN);
    assert_null(d.after.block);
    row_end(&l.r);
}

/* The last byte of a header has changed, and the first half has not: that came from behind, though
 * the block in front has a broken guard, too. Verifies T312. */
static void underrun_behind_a_broken_guard_names_the_block(void **state) {
    (void)state;
    row r = row_make();
    break_last_word(r.blocks[1]);
    *(r.blocks[2] - 1) ^= 0x70;
    tlsf_diagnosis_t d = diagnosis_at(&r, r.blocks[3]);
    if (low_byte_is_first()) {
        expect_mistake(&d, TLSF_MISTAKE_UNDERRUN, r.blocks[2]);
    }
    *(r.blocks[2] - header_bytes()) ^= 0x70; /* the first byte, too */
    d = diagnosis_at(&r, r.blocks[3]);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    row_end(&r);
}

/* The header becomes that of a free block that ends where another free block ends, and the guard in
 * front is broken. Verifies T311. */
static void overrun_that_looks_like_a_free_block_is_found_behind_it(void **state) {
    (void)state;
    if (!low_byte_is_first()) {
        SKIP_BECAUSE("an overrun meets the high byte of the header first");
    }
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[3]);
    break_last_word(r.blocks[1]);
    *header_of(r.blocks[2]) = (block_size(block_of_payload(r.blocks[2])) * 2) | BLOCK_FREE;
    const tlsf_diagnosis_t d = diagnosis_at(&r, r.blocks[4]);
    expect_mistake(&d, TLSF_MISTAKE_OVERRUN, r.blocks[1]);
    row_end(&r);
}

/* A size leads into a free block. The free block is none that begins there. Verifies T318. */
static void size_that_ends_in_a_free_block_names_the_block(void **state) {
    (void)state;
    row r = row_make();
    tlsf_free(r.h.t, r.blocks[1]);
    *header_of(r.blocks[0]) += BLOCK_MIN + GRANULE_SIZE;
    const tlsf_diagnosis_t d = diagnosis_at(&r, r.blocks[3]);
    assert_ptr_equal(d.culprit.block, r.blocks[0]);
    row_end(&r);
}

/* The last word of a used block is the block's own header, and the next header says that the block
 * is free. Verifies T318. */
static void used_block_with_its_header_at_both_ends_is_not_taken_for_free(void **state) {
    (void)state;
    row r = row_make();
    memset(r.blocks[1] - header_bytes(), 0x7E, header_bytes());
    memcpy(r.blocks[2] + bytes_to_header(r.blocks[2]) - header_bytes(), header_of(r.blocks[2]),
           header_bytes());
    *header_of(r.blocks[3]) |= BLOCK_PREVIOUS_FREE;
    tlsf_diagnosis_t d;
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    assert_ptr_equal(d.at.block, r.blocks[1]);
    assert_ptr_not_equal(d.after.block, r.blocks[3]);
    row_end(&r);
}

/* The byte behind what was asked for: the guard's key is as it was. Verifies T311, T323, T324. */
static void overrun_within_the_block_shows_the_byte(void **state) {
    (void)state;
    if (TLSF_HARDENING < 3) {
        SKIP_BECAUSE("below hardening 3 there are no guards");
    }
    heap h = heap_make(4096);
    for (size_t bytes = 60; bytes < 60 + TLSF_GRANULE; bytes++) {
        uint8_t *p = tlsf_malloc(h.t, bytes);
        const size_t slack = inner_of(p) - bytes;
        for (size_t i = 0; i < slack; i++) {
            tlsf_diagnosis_t d;
            p[bytes + i] ^= 1;
            (void)tlsf_diagnose(h.t, NULL, &d);
            expect_mistake(&d, TLSF_MISTAKE_OVERRUN, p);
            assert_ptr_equal(d.damage, p + bytes + i);
            assert_int_equal(d.expected_bytes, slack - i < TLSF_DIAGNOSIS_BYTES
                                                   ? slack - i
                                                   : (size_t)TLSF_DIAGNOSIS_BYTES);
            p[bytes + i] ^= 1;
        }
        tlsf_free(h.t, p);
    }
    heap_end(&h);
}

/* Verifies T313, T318. */
static void write_over_all_of_a_free_block_shows_its_links(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    tlsf_free(r.h.t, r.blocks[1]);
    tlsf_free(r.h.t, r.blocks[3]);
    memset(r.blocks[1], 0x41, bytes_to_header(r.blocks[1]));
    (void)tlsf_diagnose(r.h.t, NULL, &d);
    expect_mistake(&d, TLSF_MISTAKE_WRITE_AFTER_FREE, r.blocks[1]);
    assert_in_range((uintptr_t)d.damage, (uintptr_t)r.blocks[1],
                    (uintptr_t)r.blocks[1] + sizeof(block_link));
    row_restore(&r);
    row_end(&r);
}

/* ---- more damage than one mistake makes ------------------------------------------------- */

enum { CROWD = 24, GIVES_UP_AT = 8 };

/* Free blocks with broken links lie in front of an overrun, of which the fault is. The walk passes
 * some of them. It gives up at the 8th, so that it stays linear, and the first damage is named. */
/* Verifies T311, T326. */
static void overrun_behind_other_damage_is_named_up_to_a_limit(void **state) {
    (void)state;
    for (size_t damages = 0; damages < CROWD / 2 - 2; damages++) {
        heap h = heap_make(CROWD * (size_t)200 + (size_t)TLSF_GRANULE * 200);
        uint8_t *blocks[CROWD];
        tlsf_diagnosis_t d;
        for (size_t i = 0; i < CROWD; i++) {
            blocks[i] = tlsf_malloc(h.t, BLOCK_BYTES);
            assert_non_null(blocks[i]);
        }
        for (size_t i = 0; i < CROWD - 3; i += 2) { /* not those around the overrun */
            tlsf_free(h.t, blocks[i]);
        }
        uint8_t *sound = malloc(h.memory.bytes);
        assert_non_null(sound);
        memcpy(sound, h.memory.begin, h.memory.bytes);
        for (size_t i = 0; i < damages; i++) {
            block_of_payload(blocks[2 * i])->next = (block_link)0x41414141;
        }
        overrun(blocks[CROWD - 3], BLOCK_BYTES, header_bytes(), 0xFF);
        const tlsf_fault_t fault = {.kind = TLSF_FAULT_NEIGHBOUR, .block = blocks[CROWD - 2]};
        (void)tlsf_diagnose(h.t, &fault, &d);
        if (damages < GIVES_UP_AT) {
            expect_mistake(&d, TLSF_MISTAKE_OVERRUN, blocks[CROWD - 3]);
        } else {
            expect_mistake(&d, TLSF_MISTAKE_WRITE_AFTER_FREE, blocks[0]);
        }
        memcpy(h.memory.begin, sound, h.memory.bytes);
        free(sound);
        heap_end(&h);
    }
}

/* ---- the control structure ---------------------------------------------------------------- */

/* Verifies T317, T323. */
static void broken_control_structure_is_named(void **state) {
    (void)state;
    row r = row_make();
    control *t = control_of(r.h.t);
    uint32_t *const words[] = {&t->class_end, &t->first_level, &t->second_level[1]};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        tlsf_diagnosis_t d;
        *words[i] ^= 0x40;
        (void)tlsf_diagnose(r.h.t, NULL, &d);
        expect_mistake(&d, TLSF_MISTAKE_CONTROL, NULL);
        assert_ptr_equal(d.damage, t);
        row_restore(&r);
    }
    row_end(&r);
}

/* Verifies T317, T323, T329. */
static void broken_record_of_a_pool_is_named(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    pool_descriptor *descriptor = pool_describe(tlsf_get_pool(r.h.t));
    descriptor->size = 0;
    assert_int_equal(tlsf_diagnose(r.h.t, NULL, &d), TLSF_MISTAKE_CONTROL);
    assert_ptr_equal(d.damage, descriptor);
    row_end(&r);
}

/* ---- a sound heap ------------------------------------------------------------------------ */

/* Verifies T310, T319, T323, T329. */
static void sound_heap_has_no_mistake(void **state) {
    (void)state;
    row r = row_make();
    tlsf_diagnosis_t d;
    const tlsf_diagnosis_t zeros = {.mistake = TLSF_MISTAKE_UNKNOWN};
    memset(&d, 0xFF, sizeof(d));
    assert_int_equal(tlsf_diagnose(r.h.t, NULL, &d), TLSF_MISTAKE_UNKNOWN);
    assert_ptr_equal(d.culprit.block, zeros.culprit.block);
    assert_null(d.damage);
    assert_null(d.pool);
    assert_int_equal(d.found_bytes, 0);
    row_end(&r);
}

/* Verifies T333, T334. */
static void mistake_names_are_distinct(void **state) {
    (void)state;
    for (int i = TLSF_MISTAKE_UNKNOWN; i <= TLSF_MISTAKE_CONTROL; i++) {
        for (int k = TLSF_MISTAKE_UNKNOWN; k < i; k++) {
            assert_string_not_equal(tlsf_mistake_name((tlsf_mistake)i),
                                    tlsf_mistake_name((tlsf_mistake)k));
        }
    }
    assert_string_equal(tlsf_mistake_name((tlsf_mistake)(TLSF_MISTAKE_CONTROL + 1)), "unknown");
}

/* Behind the end marker nothing follows that could agree. */
/* Verifies T311, T330. */
static void overrun_of_end_marker_is_blamed_on_the_last_block(void **state) {
    (void)state;
    row r = row_make();
    const size_t bytes = tlsf_largest(r.h.t);
    uint8_t *last = tlsf_malloc(r.h.t, bytes);
    assert_non_null(last);
    overrun(last, bytes, header_bytes(), 0x41);
    expect_mistake(diagnosis_of_free(&r, last), TLSF_MISTAKE_OVERRUN, last);
    row_end(&r);
}

/* Verifies T217. */
static void damaged_header_has_no_size(void **state) {
    row r = row_make();
    (void)state;
    memset(r.blocks[2] - header_bytes(), 0, header_bytes());
    const tlsf_diagnosis_t *d = diagnosis_of_free(&r, r.blocks[1] + 1);
    assert_ptr_equal(d->at.block, r.blocks[1]);
    assert_ptr_equal(d->after.block, r.blocks[2]);
    assert_int_equal(d->after.size, 0);
    row_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overrun_of_end_marker_is_blamed_on_the_last_block),
        cmocka_unit_test(overrun_found_by_a_free_of_the_neighbour_names_the_block_before),
        cmocka_unit_test(overrun_shows_what_was_found_and_what_was_expected),
        cmocka_unit_test(overrun_found_by_a_free_of_the_block_names_the_block),
        cmocka_unit_test(overrun_over_several_headers_names_the_block_before_the_first),
        cmocka_unit_test(overrun_into_a_free_block_names_the_live_one),
        cmocka_unit_test(overrun_that_looks_like_a_free_block_names_the_block_before),
        cmocka_unit_test(overrun_of_the_last_block_names_it),
        cmocka_unit_test(overrun_by_a_0_that_makes_the_neighbour_smaller_names_the_block_before),
        cmocka_unit_test(guard_with_more_slack_than_the_block_shows_the_key),
        cmocka_unit_test(overwritten_pool_end_behind_a_free_block_names_nobody),
        cmocka_unit_test(underrun_names_the_block),
        cmocka_unit_test(underrun_behind_a_free_block_names_the_live_one),
        cmocka_unit_test(overwritten_header_of_a_free_first_block_names_it),
        cmocka_unit_test(write_after_free_names_the_free_block),
        cmocka_unit_test(write_after_free_that_a_request_finds_names_the_free_block),
        cmocka_unit_test(changed_bit_of_a_link_is_named_if_and_only_if_the_check_finds_it),
        cmocka_unit_test(double_free_names_what_lies_there_now),
        cmocka_unit_test(double_free_of_memory_that_was_allocated_again_names_the_live_block),
        cmocka_unit_test(interior_pointer_names_the_block_that_contains_it),
        cmocka_unit_test(foreign_pointer_is_in_no_block),
        cmocka_unit_test(pointer_to_the_words_of_a_pool_is_foreign),
        cmocka_unit_test(misaligned_pointer_behind_damage_names_the_damage),
        cmocka_unit_test(fault_of_the_heap_outside_of_the_pools_is_not_foreign),
        cmocka_unit_test(overrun_that_changes_a_size_is_found_behind_the_block),
        cmocka_unit_test(overrun_to_the_end_of_the_pool_shows_no_size),
        cmocka_unit_test(overrun_of_a_size_and_all_behind_it_is_an_overrun),
        cmocka_unit_test(underrun_behind_a_broken_guard_names_the_block),
        cmocka_unit_test(overrun_that_looks_like_a_free_block_is_found_behind_it),
        cmocka_unit_test(size_that_ends_in_a_free_block_names_the_block),
        cmocka_unit_test(used_block_with_its_header_at_both_ends_is_not_taken_for_free),
        cmocka_unit_test(overrun_within_the_block_shows_the_byte),
        cmocka_unit_test(write_over_all_of_a_free_block_shows_its_links),
        cmocka_unit_test(overrun_behind_other_damage_is_named_up_to_a_limit),
        cmocka_unit_test(broken_control_structure_is_named),
        cmocka_unit_test(broken_record_of_a_pool_is_named),
        cmocka_unit_test(sound_heap_has_no_mistake),
        cmocka_unit_test(mistake_names_are_distinct),
        cmocka_unit_test(damaged_header_has_no_size),
    };
    return cmocka_run_group_tests_name("diagnose", tests, NULL, NULL);
}
