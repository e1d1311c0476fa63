/* SPDX-License-Identifier: BSD-3-Clause */
#include "load.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An array that grows by doubling. */
typedef struct {
    void *items;
    size_t count;
    size_t capacity;
} array;

static bool array_reserve(array *grown, size_t item_bytes) {
    if (grown->count < grown->capacity) {
        return true;
    }
    size_t capacity = grown->capacity == 0 ? 4096 : 2 * grown->capacity;
    void *items = realloc(grown->items, capacity * item_bytes);
    if (items == NULL) {
        return false;
    }
    grown->items = items;
    grown->capacity = capacity;
    return true;
}

#define NO_SLOT UINT32_MAX

/* The state of decoding, besides the load that it makes. */
typedef struct {
    array operations; /* operation */
    array slot_of;    /* uint32_t: slot of each block ever allocated; NO_SLOT once it is freed */
    array sizes;      /* size_t: bytes in each slot */
    array free_slots; /* uint32_t */
    size_t live_bytes;
    size_t peak_bytes;
} decoder;

static const char no_memory[] = "not enough memory to decode it";

static const char *allocation_decode(decoder *state, operation *decoded) {
    uint32_t *free_slots = state->free_slots.items;
    size_t *sizes;
    if (!array_reserve(&state->slot_of, sizeof(uint32_t))) {
        return no_memory;
    }
    if (state->free_slots.count > 0) {
        decoded->slot = free_slots[--state->free_slots.count];
    } else if (state->sizes.count < NO_SLOT && array_reserve(&state->sizes, sizeof(size_t))) {
        decoded->slot = (uint32_t)state->sizes.count++;
    } else {
        return no_memory;
    }
    ((uint32_t *)state->slot_of.items)[state->slot_of.count++] = decoded->slot;
    sizes = state->sizes.items;
    sizes[decoded->slot] = decoded->size;
    state->live_bytes += decoded->size;
    return NULL;
}

/* The slot of the block that is `age` blocks old. NULL when that block is not live. */
static uint32_t *live_block_find(decoder *state, uint64_t age) {
    uint32_t *slot_of = state->slot_of.items;
    if (age >= state->slot_of.count) {
        return NULL;
    }
    uint32_t *slot = &slot_of[state->slot_of.count - 1 - (size_t)age];
    return *slot == NO_SLOT ? NULL : slot;
}

static const char *realloc_decode(decoder *state, operation *decoded, uint64_t age) {
    const uint32_t *slot = live_block_find(state, age);
    size_t *sizes = state->sizes.items;
    if (slot == NULL) {
        return "it reallocates a block that is not live";
    }
    decoded->slot = *slot;
    state->live_bytes += decoded->size - sizes[*slot];
    sizes[*slot] = decoded->size;
    return NULL;
}

static const char *free_decode(decoder *state, operation *decoded, uint64_t age) {
    uint32_t *slot = live_block_find(state, age);
    const size_t *sizes = state->sizes.items;
    if (slot == NULL) {
        return "it frees a block that is not live";
    }
    if (!array_reserve(&state->free_slots, sizeof(uint32_t))) {
        return no_memory;
    }
    decoded->slot = *slot;
    *slot = NO_SLOT;
    state->live_bytes -= sizes[decoded->slot];
    ((uint32_t *)state->free_slots.items)[state->free_slots.count++] = decoded->slot;
    return NULL;
}

static const char *operation_decode(decoder *state, const load_operation *recorded) {
    operation decoded = {.size = (size_t)recorded->size,
                         .kind = (uint8_t)recorded->kind,
                         .align_log2 = (uint8_t)recorded->align_log2};
    const char *error;
    if (recorded->size > PTRDIFF_MAX) {
        return "it has a block larger than this machine's memory";
    }
    if (recorded->kind == LOAD_FREE) {
        error = free_decode(state, &decoded, recorded->age);
    } else if (recorded->kind == LOAD_REALLOC) {
        error = realloc_decode(state, &decoded, recorded->age);
    } else {
        error = allocation_decode(state, &decoded);
    }
    if (error != NULL) {
        return error;
    }
    if (state->live_bytes > state->peak_bytes) {
        state->peak_bytes = state->live_bytes;
    }
    if (!array_reserve(&state->operations, sizeof(operation))) {
        return no_memory;
    }
    ((operation *)state->operations.items)[state->operations.count++] = decoded;
    return NULL;
}

static const char *stream_decode(decoder *state, const unsigned char *in,
                                 const unsigned char *end) {
    load_operation recorded;
    size_t header_bytes = sizeof load_header;
    bool is_ours = (size_t)(end - in) >= header_bytes && memcmp(in, load_header, header_bytes) == 0;
    if (!is_ours) {
        return "it is no load, or of another version of the format";
    }
    in += header_bytes;
    for (;;) {
        size_t bytes = load_operation_read(in, end, &recorded);
        if (bytes == 0) {
            return "it is damaged or cut off";
        }
        if (recorded.kind == LOAD_END) {
            return NULL;
        }
        const char *error = operation_decode(state, &recorded);
        if (error != NULL) {
            return error;
        }
        in += bytes;
    }
}

/* Returns the whole file in allocated memory; NULL when it cannot be read. */
static unsigned char *file_read(const char *path, size_t *bytes) {
    array content = {0};
    size_t got = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    do {
        content.count += got;
        if (!array_reserve(&content, 1)) {
            break;
        }
        got = fread((unsigned char *)content.items + content.count, 1,
                    content.capacity - content.count, file);
    } while (got > 0);
    bool is_whole = feof(file) && !ferror(file);
    fclose(file);
    if (!is_whole) {
        free(content.items);
        return NULL;
    }
    *bytes = content.count;
    return content.items;
}

const char *load_read(load *result, const char *path) {
    decoder state = {0};
    size_t bytes;
    unsigned char *content = file_read(path, &bytes);
    if (content == NULL) {
        return "it cannot be read";
    }
    const char *error = stream_decode(&state, content, content + bytes);
    if (error == NULL && state.operations.count == 0) {
        error = "it is empty";
    }
    free(content);
    free(state.slot_of.items);
    free(state.sizes.items);
    free(state.free_slots.items);
    *result = (load){.operations = state.operations.items,
                     .count = state.operations.count,
                     .slots = state.sizes.count,
                     .peak_bytes = state.peak_bytes};
    if (error != NULL) {
        load_release(result);
    }
    return error;
}

void load_release(load *released) {
    free(released->operations);
    *released = (load){0};
}
