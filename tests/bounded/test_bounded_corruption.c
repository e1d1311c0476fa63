/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A bounded heap with a corrupted lane.
 */
#include "support/bounded_internals.h"
#include "support/guarded_heap.h"
#include "support/internals.h"
#include "support/suite.h"
#include <string.h>

static size_t faults;

static void fault_count(tlsf_t t, const tlsf_fault_t *fault) {
    (void)t;
    (void)fault;
    faults++;
}

/* From level 2 on, what is cut off goes into no list that is corrupted. Where only that list is
 * asked, the block moves; with a pending block every list is refused. Verifies B7, B31. */
static void realloc_to_shrink_into_a_corrupted_list_keeps_the_content(void **state) {
    enum { BYTES = 600, FEWER = 230 };
    (void)state;
    region r = region_make(60000, 0);
    tlsf_bounded_t bounded = tlsf_bounded_create(r.begin, r.bytes, 40, 1000);
    unsigned char *p = tlsf_bounded_malloc(bounded, BYTES);
    assert_true(p != NULL && tlsf_bounded_malloc(bounded, BYTES) != NULL);
    memset(p, 6, BYTES);
    control *t = NULL;
    block_link *head = NULL;
    block_link sound_head = 0;
    header_word sound_pending = 0;
    if (TLSF_HARDENING >= 2) {
        t = control_of(bounded_of(bounded)->lanes[1].heap);
        head = &list_slot(t, class_floor(size_of_bytes(outer_of(p) - outer_needed(FEWER))))->next;
        sound_head = *head;
        sound_pending = t->pending_header;
        *head = link_of(t, block_of_payload(p));
        t->pending_header ^= TLSF_PENDING ? GRANULE_SIZE : 0;
    }
    tlsf_bounded_set_fault_hook(bounded, fault_count);
    unsigned char *resized = tlsf_bounded_realloc(bounded, p, FEWER);
    if (TLSF_HARDENING >= 2) {
        *head = sound_head;
        t->pending_header = sound_pending;
    }
    assert_int_equal(faults != 0, TLSF_HARDENING >= 2);
    assert_int_equal(resized == p, TLSF_HARDENING < 2);
    assert_int_equal(resized == NULL, TLSF_HARDENING >= 2 && TLSF_PENDING);
    const unsigned char *now = resized != NULL ? resized : p;
    for (size_t i = 0; i < FEWER; i++) {
        assert_int_equal(now[i], 6);
    }
    assert_int_equal(tlsf_bounded_check(bounded), TLSF_BOUNDED_SOUND);
    assert_true(region_is_guarded(&r));
    region_free(&r);
}

/* What the lane's heap refuses is refused, and the block stays. Verifies B7, B36, B37. */
static void free_and_realloc_in_a_corrupted_lane_leave_the_block(void **state) {
    (void)state;
    SKIP_BELOW_LEVEL_2();
    region r = region_make(60000, 0);
    tlsf_bounded_t bounded = tlsf_bounded_create(r.begin, r.bytes, 40, 1000);
    unsigned char *p = tlsf_bounded_malloc(bounded, 100);
    memset(p, 6, 100);
    control *t = control_of(bounded_of(bounded)->lanes[0].heap);
    tlsf_bounded_set_fault_hook(bounded, fault_count);
    faults = 0;
    t->class_end++;
    assert_null(tlsf_bounded_realloc(bounded, p, 900)); /* in another lane */
    assert_int_equal(faults, 1);
    if (TLSF_STATISTICS) { /* else a hook must not return from a free */
        tlsf_bounded_free(bounded, p);
        assert_true(faults >= 2); /* the statistics report it, too */
    }
    t->class_end--;
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(p[i], 6);
    }
    tlsf_bounded_stats_t stats;
    tlsf_bounded_stats(bounded, &stats);
    assert_int_equal(stats.live_blocks, 1);
    assert_int_equal(tlsf_bounded_check(bounded), TLSF_BOUNDED_SOUND);
    tlsf_bounded_free(bounded, p);
    region_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(realloc_to_shrink_into_a_corrupted_list_keeps_the_content),
        cmocka_unit_test(free_and_realloc_in_a_corrupted_lane_leave_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
