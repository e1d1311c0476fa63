/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An image whose blocks keep their call sites. Each way to ask for memory is called by one function
 * here, by the name of which the block must be known. Prints the listings of both heaps, writes the
 * memory into the file DUMP, and writes behind a block, whose report must name it, too.
 */
#include <cstdlib>
#include <fcntl.h>
#include <malloc.h>
#include <new>
#include <unistd.h>

#include "FreeRTOS.h"
#include "fmemory_pool.h"
#include "fmemp_malloc.h"
#include "heap_fmemp.h"

/* `volatile` keeps the call from being the function's last deed, a jump.
 * NOLINTBEGIN(bugprone-macro-parentheses): no parentheses around a function's name */
#define ASKS(name, call) \
    extern "C" __attribute__((noinline)) void *name() { \
        void *volatile block = call; \
        return block; \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static void *posix_memalign_of(std::size_t align, std::size_t bytes) {
    void *block = nullptr;
    return posix_memalign(&block, align, bytes) == 0 ? block : nullptr;
}

ASKS(asks_malloc, malloc(100))
ASKS(asks_malloc_r, _malloc_r(_REENT, 100))
ASKS(asks_calloc, calloc(10, 10))
ASKS(asks_realloc_of_null, realloc(nullptr, 100))
ASKS(asks_realloc, realloc(malloc(100), 2000))
ASKS(asks_memalign, memalign(64, 100))
ASKS(asks_aligned_alloc, aligned_alloc(64, 128))
ASKS(asks_posix_memalign, posix_memalign_of(64, 100))
ASKS(asks_new, ::operator new(100))
ASKS(asks_new_array, ::operator new[](100))
ASKS(asks_new_aligned, ::operator new(100, std::align_val_t(64)))
ASKS(asks_new_nothrow, ::operator new(100, std::nothrow))
ASKS(asks_port_malloc, pvPortMalloc(100))
ASKS(asks_port_calloc, pvPortCalloc(10, 10))
ASKS(asks_and_overruns, malloc(5000)) /* no hole is so large, */
ASKS(asks_behind, malloc(5000))       /* so this block comes behind it */

static void *(*const asks[])() = {
    asks_malloc,      asks_malloc_r,    asks_calloc,        asks_realloc_of_null,
    asks_realloc,     asks_memalign,    asks_aligned_alloc, asks_posix_memalign,
    asks_new,         asks_new_array,   asks_new_aligned,   asks_new_nothrow,
    asks_port_malloc, asks_port_calloc, asks_and_overruns,  asks_behind,
};

static bool memory_is_written() {
    const int file = open(DUMP, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    auto *const begin = reinterpret_cast<char *>(0x20000000);
    const int bytes = 0x40000;
    return file >= 0 && write(file, begin, bytes) == bytes && close(file) == 0;
}

int main() {
    void *last = nullptr;
    for (const auto &ask : asks) {
        last = ask();
        if (last == nullptr) {
            return 1;
        }
    }
    FMemListAll(fmemp_malloc_pool());
    FMemListAll(fmemp_freertos_pool());
    if (FMempCheck(fmemp_malloc_pool(), nullptr) != FMEMP_SUCCESS || !memory_is_written()) {
        return 2;
    }
    char *const behind = static_cast<char *>(last);
    for (int header = -4; header < 0; header++) {
        static_cast<volatile char *>(behind)[header] = 'x'; /* by asks_and_overruns's user */
    }
    free(behind);
    return 0; /* not reached: the report stops the program */
}
