/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Controls: a malloc that goes wrong once, though no mistake was made. The linker puts it before
 * the library's (--wrap=tlsf_malloc). The environment variable BREAKAGE names how it goes wrong.
 */
#include "content.h"
#include "tlsf.h"

#include <stdlib.h>
#include <string.h>

enum { GOES_WRONG_AT = 1800 /* calls of malloc: after those that make the first heap */ };

void *__real_tlsf_malloc(tlsf_t t, size_t bytes);
void *__wrap_tlsf_malloc(tlsf_t t, size_t bytes);

static void hang(void) {
    for (volatile bool is_hung = true; is_hung;) {
    }
}

static void report(tlsf_t t) {
    const tlsf_fault_hook hook = tlsf_set_fault_hook(t, NULL);
    const tlsf_fault_t fault = {.kind = TLSF_FAULT_NOT_A_BLOCK};
    tlsf_set_fault_hook(t, hook);
    hook(t, &fault);
}

/* `before` is the block of the call before, which is still live in the run of the controls. */
static void *go_wrong(tlsf_t t, uint8_t *before, uint8_t *block) {
    const char *const named = getenv("BREAKAGE");
    const char *const how = named != NULL ? named : "";
    if (strcmp(how, "overlap") == 0) {
        return before;
    }
    if (strcmp(how, "outside") == 0) {
        return block + REGION_BYTES;
    }
    if (strcmp(how, "content") == 0) {
        before[0] ^= 0xFF;
    } else if (strcmp(how, "crash") == 0) {
        abort();
    } else if (strcmp(how, "hang") == 0) {
        hang();
    } else if (strcmp(how, "report") == 0) {
        report(t);
    }
    return block;
}

void *__wrap_tlsf_malloc(tlsf_t t, size_t bytes) {
    static size_t calls;
    static uint8_t *before;
    uint8_t *block = __real_tlsf_malloc(t, bytes);
    if (++calls == GOES_WRONG_AT) {
        block = go_wrong(t, before, block);
    }
    before = block;
    return block;
}
