/* SPDX-License-Identifier: BSD-3-Clause */
/* A program of newlib's on examples/newlib_malloc.c: what it asks for, and what newlib asks for to
 * print, comes from that heap. */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlsf.h"

char end[1]; /* newlib's system calls want it; there is no memory behind it */

/* start.s calls these. */
_Noreturn void platform_exit(int status);
_Noreturn void exception_report(uintptr_t cause, uintptr_t address);
void initialise_monitor_handles(void);

_Noreturn void platform_exit(int status) { _Exit(status); }

_Noreturn void exception_report(uintptr_t cause, uintptr_t address) {
    (void)cause;
    (void)address;
    _Exit(3);
}

static int fails(void *block) { return block == NULL && errno == ENOMEM; }

int main(void) {
    initialise_monitor_handles();
    char *block = malloc(100);
    char *aligned = memalign(256, 10);
    char *zeros = calloc(10, 10);
    int right = block != NULL && aligned != NULL && (uintptr_t)aligned % 256 == 0;

    right = right && zeros != NULL && zeros[0] == 0 && memcmp(zeros, zeros + 1, 99) == 0;
    right = right && malloc_usable_size(block) >= 100;
    block[99] = 'x';
    block = realloc(block, 3000);
    right = right && block != NULL && block[99] == 'x';
    errno = 0;
    right = right && fails(malloc(16384));
    right = right && realloc(block, 0) == NULL;
    free(aligned);
    free(zeros);
    printf("newlib: %.2f %s\n", 0.25 + (double)right, right ? "served" : "failed");
    return fflush(stdout);
}
