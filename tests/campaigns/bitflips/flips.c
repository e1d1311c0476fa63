/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flips each bit of a populated heap, one at a time, makes each request on the damaged heap, and
 * counts the outcomes.
 *
 *   flips SITUATION STRIDE OFFSET [BYTE BIT]
 *
 * SITUATION is one of specimen.h. Each bit gets a walk and a check. Of the other requests, counted
 * over all bits, the program makes every STRIDE-th from OFFSET on. BYTE and BIT select a single
 * bit, as a failure prints it: BYTE is the offset of the bit's field. Prints these lines, with
 * tabs:
 *
 *   pairs FIELD REQUEST   for pairs of a bit and a request: how many had each outcome below
 *   bits FIELD            the number of bits; of bits that the check finds; of other bits that a
 *                         request reports; of bits that nobody notices
 *   outside               the number of calls that wrote between the regions
 *   wrecks                how often a program went on with a heap that the check finds broken, and
 *                         how often that program did not return or wrote between the regions
 *   late                  the number of reallocs that reported damage too late: see requests.h
 *
 * Last line: N passed, N failed. At any hardening a check or a walk fails if it does not return.
 * From hardening 2 on any call fails if it does not return, so also if it reads or writes outside
 * the specimen. A reported fault with any other effect fails, too. At hardening 3 everything fails
 * that counts as outside or as wrecked. Hardening 2 accepts the size of a used block if it leads to
 * another used block, even in another region.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "requests.h"
#include "support/protect.h"

/* The outcome of a request on a heap with one flipped bit: the first that applies. */
typedef enum {
    OUTCOME_CRASHED,  /* the call ends with a signal */
    OUTCOME_HUNG,     /* the call does not end */
    OUTCOME_TOLD,     /* the call reports a fault and changes nothing */
    OUTCOME_UNMET,    /* result and heap are as without the flip, except the bit itself, which the
                         check finds */
    OUTCOME_CHECKED,  /* the call uses the bit and reports nothing; afterwards the check finds the
                         heap broken */
    OUTCOME_HARMLESS, /* the result is as without the flip; a program that goes on until it has
                         freed its last block sees no difference and no report */
    OUTCOME_LATER,    /* a later request reports a fault */
    OUTCOME_UNNOTICED,
    OUTCOME_COUNT
} outcome;

enum { SHOWN_FAILURES = 40, KINDS_MAX = 40, WRECKS_STRIDE = 16 };

static size_t passed, failed;
static size_t outside, wrecks, wrecked;

static specimen sound;
static uint8_t sound_bytes[SPECIMEN_BYTES];
static field fields[FIELDS_MAX];
static request requests[REQUESTS_MAX];
static size_t field_count, request_count;

/* The results of each request on the sound heap. */
typedef struct {
    record seen, gone_on;
    uint8_t bytes[SPECIMEN_BYTES];
} reference;
static reference *references;

/* ---- one call, protected ------------------------------------------------------------ */

/* A protected call works on these: what is known of the specimen, and what the caller sees. */
static specimen heap;
static record seen;

static void call_request(void *argument) { request_run(&heap, argument, &seen); }

static void call_program(void *argument) {
    (void)argument;
    program_go_on(&heap, &seen);
}

static int check_result;

static void call_check(void *argument) {
    (void)argument;
    check_result = tlsf_check(heap.t);
}

static ending run(void (*call)(void *), const void *argument) {
    seen.count = 0;
    specimen_faults = 0;
    return protect_run(call, (void *)(uintptr_t)argument);
}

static void restore(void) {
    heap = sound;
    memcpy(heap.begin, sound_bytes, SPECIMEN_BYTES);
}

/* ---- a bit -------------------------------------------------------------------------- */

typedef struct {
    const field *field;
    size_t bit, number;            /* counted in the field; in the heap */
    uint8_t bytes[SPECIMEN_BYTES]; /* the heap with this bit flipped */
    int check;                     /* what the check finds in that heap */
} damage;

static damage damaged;

static void check(bool holds, const request *r, const char *what) {
    passed += holds;
    failed += !holds;
    if (!holds && failed <= SHOWN_FAILURES) {
        printf("FAILED bit %zu of a %s at offset %td, %s of %zu (%zu, %zu): %s\n", damaged.bit,
               damaged.field->kind, damaged.field->begin - sound.begin, r->kind, r->which, r->align,
               r->bytes, what);
    }
}

static void flip(void) {
    damaged.field->begin[damaged.bit / 8] ^= (uint8_t)(1u << damaged.bit % 8);
}

static bool heap_bytes_are(const uint8_t *bytes) {
    return memcmp(heap.begin, bytes, SPECIMEN_BYTES) == 0;
}

static const request check_request = {.kind = "check"}, walk_request = {.kind = "walk"};

static int check_heap(void) {
    const ending how = run(call_check, NULL);
    check(how == CAME_BACK, &check_request, "the check does not come back");
    return how == CAME_BACK ? check_result : TLSF_BROKEN_CONTROL;
}

static void damage_make(const field *f, size_t bit) {
    damaged.field = f;
    damaged.bit = bit;
    damaged.number++;
    restore();
    flip();
    memcpy(damaged.bytes, heap.begin, SPECIMEN_BYTES);
    damaged.check = check_heap();
}

/* ---- a request on the damaged heap --------------------------------------------------- */

/* The request gave the same result as on the sound heap, and the check finds nothing. A program
 * goes on and decides: harmless, reported later, or unnoticed. */
static outcome go_on(const request *r, const reference *expected) {
    if (heap_bytes_are(expected->bytes)) {
        return OUTCOME_HARMLESS;
    }
    const ending how = run(call_program, NULL);
    check(how == CAME_BACK || TLSF_HARDENING < 2, r, "a program that goes on does not come back");
    if (how != CAME_BACK) {
        return how == HUNG ? OUTCOME_HUNG : OUTCOME_CRASHED;
    }
    if (specimen_faults != 0) {
        return OUTCOME_LATER;
    }
    return records_are_equal(&seen, &expected->gone_on) ? OUTCOME_HARMLESS : OUTCOME_UNNOTICED;
}

static bool is_header(const uint8_t *place) {
    for (size_t i = 0; i < field_count; i++) {
        if (fields[i].begin == place && (strstr(fields[i].kind, "header") != NULL ||
                                         strcmp(fields[i].kind, "end marker") == 0)) {
            return true;
        }
    }
    return false;
}

/* Returns whether the flip gave a used block a size that ends where another block begins or a pool
 * ends. No second word contradicts that size, so level 2 accepts it, even across pools. */
static bool size_is_believed(void) {
    if (strcmp(damaged.field->kind, "used header") != 0) {
        return false;
    }
    const uint8_t *header = damaged.bytes + (damaged.field->begin - sound.begin);
    const outer_size n = block_size((const block *)(const void *)header);
    return is_header(damaged.field->begin + size_bytes(n));
}

/* Checks that the bytes between the regions are unchanged. Counts the calls that changed them. */
static void look_outside(const request *r) {
    const bool is_clean = specimen_is_clean_outside(&heap);
    outside += !is_clean;
    check(is_clean || TLSF_HARDENING < 2 || (TLSF_HARDENING == 2 && size_is_believed()), r,
          "a byte is written outside");
}

/* The check finds this heap broken: no call has to notice more, but every call has to return. */
static void go_on_with_wreck(const request *r) {
    if (TLSF_HARDENING < 2 ||
        damaged.number % WRECKS_STRIDE != (size_t)(r - requests) % WRECKS_STRIDE) {
        return;
    }
    const size_t with_effect = requests_told_with_effect, late = requests_told_late;
    const bool is_good = run(call_program, NULL) == CAME_BACK && specimen_is_clean_outside(&heap);
    requests_told_with_effect = with_effect; /* do not count: more than one bit is wrong */
    requests_told_late = late;
    wrecks++;
    wrecked += !is_good;
    check(is_good || TLSF_HARDENING < 3, r, "a program that goes on with it does not come back");
}

/* Returns whether the heap differs from that without the flip in the flipped bit alone. */
static bool bit_is_all(const reference *expected) {
    flip();
    const bool is_all = heap_bytes_are(expected->bytes);
    flip();
    return is_all;
}

static outcome request_outcome(const request *r, const reference *expected) {
    const size_t late = requests_told_late;
    restore();
    flip();
    const ending how = run(call_request, r);
    const bool is_told = specimen_faults != 0;
    const bool is_same = records_are_equal(&seen, &expected->seen);
    check(how == CAME_BACK || (TLSF_HARDENING < 2 && !r->is_read_only), r, "it does not come back");
    look_outside(r);
    const int broken = heap_bytes_are(damaged.bytes) ? damaged.check : check_heap();
    if (how != CAME_BACK) {
        return how == HUNG ? OUTCOME_HUNG : OUTCOME_CRASHED;
    }
    if (is_told) {
        check(heap_bytes_are(damaged.bytes) || requests_told_late > late || TLSF_HARDENING < 2, r,
              "it is told, and has an effect");
        go_on_with_wreck(r);
        return OUTCOME_TOLD;
    }
    if (broken != TLSF_SOUND) {
        const bool is_unmet = is_same && bit_is_all(expected);
        go_on_with_wreck(r);
        return is_unmet ? OUTCOME_UNMET : OUTCOME_CHECKED;
    }
    return is_same ? go_on(r, expected) : OUTCOME_UNNOTICED;
}

/* ---- counts ------------------------------------------------------------------------- */

typedef struct {
    const char *field, *request;
    size_t outcomes[OUTCOME_COUNT];
} pair_count;

typedef struct {
    const char *field;
    size_t all, checked, told, unnoticed;
} bit_count;

static pair_count pair_counts[KINDS_MAX * 10];
static bit_count bit_counts[KINDS_MAX];

static pair_count *pair_count_of(const char *field_kind, const char *request_kind) {
    pair_count *c = pair_counts;
    while (c->field != NULL &&
           (strcmp(c->field, field_kind) != 0 || strcmp(c->request, request_kind) != 0)) {
        c++;
    }
    c->field = field_kind;
    c->request = request_kind;
    return c;
}

static bit_count *bit_count_of(const char *field_kind) {
    bit_count *c = bit_counts;
    while (c->field != NULL && strcmp(c->field, field_kind) != 0) {
        c++;
    }
    c->field = field_kind;
    return c;
}

static void counts_print(void) {
    for (const pair_count *c = pair_counts; c->field != NULL; c++) {
        printf("pairs\t%s\t%s", c->field, c->request);
        for (size_t i = 0; i < OUTCOME_COUNT; i++) {
            printf("\t%zu", c->outcomes[i]);
        }
        printf("\n");
    }
    for (const bit_count *c = bit_counts; c->field != NULL; c++) {
        printf("bits\t%s\t%zu\t%zu\t%zu\t%zu\n", c->field, c->all, c->checked, c->told,
               c->unnoticed);
    }
}

/* ---- the whole ---------------------------------------------------------------------- */

static void requests_on_damage(size_t stride, size_t offset) {
    size_t outcomes[OUTCOME_COUNT] = {0};
    for (size_t i = 0; i < request_count; i++) {
        if (requests[i].is_read_only || (damaged.number + i) % stride == offset % stride) {
            const outcome o = request_outcome(&requests[i], &references[i]);
            outcomes[o]++;
            pair_count_of(damaged.field->kind, requests[i].kind)->outcomes[o]++;
        }
    }
    bit_count *c = bit_count_of(damaged.field->kind);
    const bool is_checked = damaged.check != TLSF_SOUND;
    const bool is_told = outcomes[OUTCOME_TOLD] + outcomes[OUTCOME_LATER] != 0;
    c->all++;
    c->checked += is_checked;
    c->told += !is_checked && is_told;
    c->unnoticed += !is_checked && !is_told && outcomes[OUTCOME_UNNOTICED] != 0;
}

/* Makes each request on the undamaged heap: there is no fault, and the heap stays sound. */
static void references_make(void) {
    const field none = {"sound heap", sound.begin, 0};
    damaged.field = &none;
    references = calloc(request_count, sizeof(references[0]));
    if (references == NULL) {
        abort();
    }
    for (size_t i = 0; i < request_count; i++) {
        restore();
        check(run(call_request, &requests[i]) == CAME_BACK && specimen_faults == 0, &requests[i],
              "it goes wrong on a sound heap");
        references[i].seen = seen;
        memcpy(references[i].bytes, heap.begin, SPECIMEN_BYTES);
        check(check_heap() == TLSF_SOUND, &requests[i], "the heap is not sound behind it");
        check(run(call_program, NULL) == CAME_BACK && specimen_faults == 0, &requests[i],
              "the program behind it goes wrong");
        check(seen.count <= RECORD_MAX, &requests[i], "RECORD_MAX is too small");
        references[i].gone_on = seen;
    }
}

static size_t number_of(const char *argument) { return strtoul(argument, NULL, 10); }

int main(int count, char **arguments) {
    if (count != 4 && count != 6) {
        fprintf(stderr, "usage: flips SITUATION STRIDE OFFSET [BYTE BIT]\n");
        return 2;
    }
    protect_begin();
    sound = specimen_make((situation)number_of(arguments[1]));
    memcpy(sound_bytes, sound.begin, SPECIMEN_BYTES);
    field_count = fields_of(&sound, fields);
    request_count = requests_on(&sound, requests);
    references_make();
    for (size_t i = 0; i < field_count; i++) {
        for (size_t bit = 0; bit < fields[i].bytes * 8; bit++) {
            if (count == 4 ||
                (fields[i].begin - sound.begin == (ptrdiff_t)number_of(arguments[4]) &&
                 bit == number_of(arguments[5]))) {
                damage_make(&fields[i], bit);
                requests_on_damage(number_of(arguments[2]), number_of(arguments[3]));
            }
        }
    }
    check(requests_told_with_effect == requests_told_late || TLSF_HARDENING < 2, &walk_request,
          "no call may report twice, or report and have an effect");
    counts_print();
    printf("outside\t%zu\nwrecks\t%zu\t%zu\nlate\t%zu\n", outside, wrecks, wrecked,
           requests_told_late);
    printf("%zu passed, %zu failed\n", passed, failed);
    free(references);
    return failed != 0;
}
