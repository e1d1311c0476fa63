/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs with one mistake each: mistakes NAME. "none" makes no mistake. The preload has to report
 * each other one. The program ends with status 0 if nobody notices.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Volatile, because compilers and analysers know these functions: they would warn, or omit
 * calls. */
static void *(*volatile request)(size_t) = malloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static void (*volatile release)(void *) = free;

static unsigned char *block, *behind, *other;
static unsigned char foreign[1000];

static void none(void) { release(block); }

static void double_free(void) {
    release(block);
    release(block);
}

/* Between the two frees the block becomes part of a larger free block. */
static void double_free_after_neighbour(void) {
    release(block);
    release(behind);
    release(block);
}

static void double_realloc(void) {
    release(block);
    block = resize(block, 500);
}

static void interior_pointer(void) { release(block + 32); }

static void misaligned_pointer(void) { release(block + 1); }

static void foreign_pointer(void) {
    block = foreign;
    release(block + 16);
}

static void overrun(void) {
    memset(block, 0x41, 100 + 64);
    release(block);
}

/* The block is in a free list, because another block was freed after it. */
static void write_after_free_of_links(void) {
    release(block);
    release(other);
    memset(block, 0x41, 32);
}

static void write_after_free(void) {
    write_after_free_of_links();
    other = request(100);
}

/* No request uses the overwritten bytes. The check at the end finds them. */
static void write_after_free_at_end(void) { write_after_free_of_links(); }

static const struct {
    const char *name;
    void (*make)(void);
} mistakes[] = {
    {"none", none},
    {"double-free", double_free},
    {"double-free-after-neighbour", double_free_after_neighbour},
    {"double-realloc", double_realloc},
    {"interior-pointer", interior_pointer},
    {"misaligned-pointer", misaligned_pointer},
    {"foreign-pointer", foreign_pointer},
    {"overrun", overrun},
    {"write-after-free", write_after_free},
    {"write-after-free-at-end", write_after_free_at_end},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (strcmp(argv[1], mistakes[i].name) == 0) {
            block = request(100);
            behind = request(100);
            other = request(100);
            mistakes[i].make();
            return 0;
        }
    }
    fprintf(stderr, "usage: mistakes NAME\n");
    return 2;
}
