/* SPDX-License-Identifier: BSD-3-Clause */
#include "populated.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"

enum { POOL_BYTES = 16384, PAYLOAD = 0x5A };

/* Blocks of even number stay used, those of odd number become free. The free ones come in pairs of
 * neighbours that share a class. The last pair is too large for lists of one size, so that its
 * second block is pending. */
static size_t bytes_of_block(size_t i) {
    const size_t pair = i / 4;
    const size_t free_bytes =
        pair == POPULATED_BLOCKS / 4 - 1 ? inner_for(65 * GRANULE) : 100 + pair * 90;
    return i % 2 == 0 ? 40 : free_bytes;
}

static void fill_first_pool(populated *p) {
    for (size_t i = 0; i < POPULATED_BLOCKS; i++) {
        void *payload = tlsf_malloc(p->t, bytes_of_block(i));
        assert_non_null(payload);
        memset(payload, PAYLOAD, tlsf_block_size(payload));
        p->blocks[i] = block_of_payload(payload);
    }
    void *rest = tlsf_malloc(p->t, tlsf_largest(p->t));
    assert_non_null(rest);
    memset(rest, PAYLOAD, tlsf_block_size(rest));
    assert_int_equal(tlsf_largest(p->t), 0);
}

populated populated_make(void) {
    populated p = {.h = heap_make_empty(2 * POOL_BYTES)};
    p.t = p.h.t;
    p.first = tlsf_add_pool(p.t, heap_spare(&p.h), POOL_BYTES);
    assert_non_null(p.first);
    fill_first_pool(&p);
    p.second = tlsf_add_pool(p.t, heap_spare(&p.h) + POOL_BYTES, POOL_BYTES);
    assert_non_null(p.second);
    assert_non_null(tlsf_malloc(p.t, 200));
    for (size_t i = 1; i < POPULATED_BLOCKS; i += 2) {
        tlsf_free(p.t, block_payload(p.blocks[i]));
    }
    assert_int_equal(tlsf_check(p.t), TLSF_SOUND);
    assert_ptr_equal(link_block(p.t, p.t->pending),
                     TLSF_PENDING ? p.blocks[POPULATED_BLOCKS - 1] : &p.t->null);
    p.sound = malloc(p.h.memory.bytes);
    assert_non_null(p.sound);
    memcpy(p.sound, p.h.memory.begin, p.h.memory.bytes);
    return p;
}

void populated_restore(populated *p) { memcpy(p->h.memory.begin, p->sound, p->h.memory.bytes); }

void populated_end(populated *p) {
    free(p->sound);
    heap_end(&p->h);
}

/* The report has the result of tlsf_check, and names a block inside the pool that it names. */
static void expect_report(const populated *p, int expected) {
    tlsf_report_t report;
    memset(&report, 0xFF, sizeof(report));
    assert_int_equal(tlsf_check_report(p->t, &report), expected);
    assert_int_equal(report.broken, expected);
    if (expected == TLSF_SOUND || expected == TLSF_BROKEN_CONTROL) {
        assert_null(report.pool);
        assert_null(report.block);
    } else if (report.block != NULL) {
        assert_ptr_equal(tlsf_owner(p->t, report.block), report.pool);
    }
}

void populated_expect(populated *p, int expected) {
    uint8_t *broken = malloc(p->h.memory.bytes);
    assert_non_null(broken);
    memcpy(broken, p->h.memory.begin, p->h.memory.bytes);
    assert_int_equal(tlsf_check(p->t), expected);
    expect_report(p, expected);
    assert_memory_equal(broken, p->h.memory.begin, p->h.memory.bytes);
    free(broken);
    populated_restore(p);
    assert_int_equal(tlsf_check(p->t), TLSF_SOUND);
}
