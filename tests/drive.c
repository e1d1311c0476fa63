/* SPDX-License-Identifier: BSD-3-Clause */
#include "drive.h"

enum { STEPS_BETWEEN_CONTENT = 64 };

_Static_assert((int)STREAM_SLOTS <= (int)MODEL_SLOTS && (int)STREAM_REGIONS <= (int)MODEL_REGIONS,
               "the model has what the stream can name");

static void empty_slot(model *m, unsigned slot) {
    if (m->blocks[slot].begin != NULL) {
        model_free(m, slot);
        model_verify(m);
    }
}

/* What the contract leaves open: a wrong alignment together with size 0. */
static size_t size_with_align(const request *r) {
    const int is_valid = (r->align & (r->align - 1)) == 0;
    return r->size == 0 && !is_valid ? 1 : r->size;
}

static void do_request(model *m, const request *r) {
    const unsigned number = r->slot % STREAM_REGIONS;
    switch (r->kind) {
    case REQUEST_MALLOC:
        empty_slot(m, r->slot);
        model_malloc(m, r->slot, r->size);
        break;
    case REQUEST_CALLOC:
        empty_slot(m, r->slot);
        model_calloc(m, r->slot, r->count, r->size);
        break;
    case REQUEST_MEMALIGN:
        empty_slot(m, r->slot);
        model_memalign(m, r->slot, r->align, r->size);
        break;
    case REQUEST_REALLOC:
        model_realloc(m, r->slot, r->size);
        break;
    case REQUEST_REALLOC_ALIGNED:
        model_realloc_aligned(m, r->slot, r->align, size_with_align(r));
        break;
    case REQUEST_FREE:
        model_free(m, r->slot);
        break;
    case REQUEST_ADD_POOL:
        model_add_pool(m, number, number == 0 ? 0 : r->align % 64, r->size);
        break;
    case REQUEST_REMOVE_POOL:
        if (number != 0) {
            model_remove_pool(m, number);
        }
        break;
    case REQUEST_RESET:
        model_reset(m);
        break;
    case REQUEST_LARGEST: /* must be served, to the last byte */
        empty_slot(m, r->slot);
        model_malloc(m, r->slot, tlsf_largest(m->t));
        break;
    }
}

void drive_request(model *m, const request *r) {
    m->step++;
    do_request(m, r);
    model_verify(m);
    if (m->step % STEPS_BETWEEN_CONTENT == 0) {
        model_verify_content(m);
    }
}

void drive_bytes(model *m, const uint8_t *bytes, size_t count) {
    stream s = stream_of(bytes, count);
    request r;
    while (stream_next(&s, &r)) {
        drive_request(m, &r);
    }
}
