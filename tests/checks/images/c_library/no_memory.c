/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the memory is too small, or ends before it begins, each request fails with ENOMEM, and
 * nothing else happens. The exit status is the number of the first promise that is not kept. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "fmemp_malloc.h"

static void *(*volatile request)(size_t) = malloc;
static void *(*volatile request_zeros)(size_t, size_t) = calloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void *(*volatile request_at)(size_t, size_t) = memalign;

static int fails(void *block) {
    const int is_right = block == NULL && errno == ENOMEM;

    errno = 0;
    return is_right;
}

static int first_broken(void) {
    const int kept[] = {fails(request(1)),           fails(request_zeros(1, 1)),
                        fails(resize(NULL, 1)),      fails(request_at(64, 1)),
                        fmemp_malloc_heap() == NULL, mallinfo().arena == 0};

    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (!kept[i]) {
            return 10 + (int)i;
        }
    }
    return 0;
}

int main(void) {
    free(NULL);
    _Exit(first_broken());
}
