/* SPDX-License-Identifier: BSD-3-Clause */
#include "drive.h"

const drive_care drive_walks_always = {1, 64, 0};
const drive_care drive_walks_rarely = {64, 256, 16};

static void empty_slot(model *m, unsigned slot) {
    if (m->blocks[slot].begin != NULL) {
        model_free(m, slot);
        model_verify_counts(m);
    }
}

/* Avoids what the contract leaves open: an invalid alignment together with size 0. */
static size_t size_with_align(const request *r) {
    const int is_valid = (r->align & (r->align - 1)) == 0;
    return r->size == 0 && !is_valid ? 1 : r->size;
}

/* Adds all the room of the region, or the size in the request. */
static void add_pool(model *m, unsigned number, const request *r) {
    const size_t misalignment = r->align % 64;
    const size_t room = model_region_room(m, number);
    const bool is_whole = r->count == 1 && misalignment < room;
    model_add_pool(m, number, misalignment, is_whole ? room - misalignment : r->size);
}

static void do_pool_request(model *m, const request *r) {
    const unsigned number = r->slot % STREAM_REGIONS;
    switch (r->kind) {
    case REQUEST_ADD_POOL:
        add_pool(m, number, r);
        break;
    case REQUEST_REMOVE_POOL:
        model_remove_pool(m, number);
        break;
    case REQUEST_RESET:
        model_reset(m);
        break;
    case REQUEST_RENEW:
        model_renew(m, (stream_creation)(r->slot % CREATIONS));
        break;
    default:
        model_query(m);
        break;
    }
}

static void do_request(model *m, const request *r) {
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
    case REQUEST_LARGEST: /* the heap must serve it, to the last byte */
        empty_slot(m, r->slot);
        model_malloc(m, r->slot, model_largest(m));
        break;
    default:
        do_pool_request(m, r);
        break;
    }
}

static void verify_step(model *m, const drive_care *care) {
    const size_t blocks = m->seen.used_blocks + m->seen.free_blocks;
    if (m->step % care->steps_between_walks == 0 || blocks <= care->always_walked) {
        model_verify(m);
    } else {
        model_verify_counts(m);
    }
    if (m->step % care->steps_between_content == 0) {
        model_verify_content(m);
    }
}

void drive_request(model *m, const request *r, const drive_care *care) {
    m->step++;
    m->doing = request_name(r->kind);
    do_request(m, r);
    verify_step(m, care);
}

void drive_bytes(model *m, const uint8_t *bytes, size_t count) {
    stream s = stream_of(bytes, count);
    request r;
    while (stream_next(&s, &r)) {
        drive_request(m, &r, &drive_walks_always);
    }
}

size_t drive_stream(const model_calls *calls, void *user, const drive_care *care,
                    const uint8_t *bytes, size_t count) {
    static model m;
    stream s;
    request r;
    const stream_shape shape = stream_begin(&s, bytes, count);
    model_make_shaped(&m, calls, user, &shape);
    while (stream_next(&s, &r)) {
        drive_request(&m, &r, care);
    }
    model_end(&m);
    return m.step;
}
