/* SPDX-License-Identifier: BSD-3-Clause */
/* What the C++ library asks for, and an image with a start of its own has not got. */
#include <errno.h>
#include <stddef.h>

/* Names the program to the list of destructors. crtbegin.o has it. */
__attribute__((visibility("hidden"))) extern void *const __dso_handle;
void *const __dso_handle = NULL;

/* For random numbers that this image never asks for. newlib has none. */
int getentropy(void *buffer, size_t bytes);

int getentropy(void *buffer, size_t bytes) {
    (void)buffer;
    (void)bytes;
    return ENOSYS;
}
