/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every `new` and `delete` of the program from one pool, which the program defines:
 *
 *     static unsigned char memory[65536];
 *     FMemp fmemp_new_pool = FMEMP_STATIC_INIT(memory, memory + sizeof memory);
 *
 * With -DFMEMP_NEW_FROM_MALLOC they take malloc, memalign and free of the C library instead:
 * integrations/c_library puts these on a heap of the core. Either way the C++ library's own `new`
 * is not linked, which throws even in a program without exceptions.
 *
 * A request that fails calls the new-handler, and tries again, until there is no handler. Then it
 * throws std::bad_alloc, or calls std::abort without exceptions; the nothrow forms return null.
 * With FMEMP_CALL_SITES 1 each block is known by the line that says `new`; the malloc must then be
 * that of integrations/c_library.
 */
#include <cstddef>
#include <new>

#include "fmemp.hpp"

#ifdef FMEMP_NEW_FROM_MALLOC
#include <malloc.h>
#if FMEMP_CALL_SITES
#include "../c_library/fmemp_malloc.h"
#endif
#endif

/* The line that says `new`, if the pool keeps it: an operator that was inlined would not know. */
#if FMEMP_CALL_SITES
#define CALLER() FMEMP_CALLER()
#define KEEPS_CALL_SITE __attribute__((noinline))
#else
#define CALLER() nullptr
#define KEEPS_CALL_SITE
#endif

namespace {

using std::size_t;

constexpr size_t default_align = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

#ifdef FMEMP_NEW_FROM_MALLOC
void *request(size_t bytes, size_t align, [[maybe_unused]] const void *caller) noexcept {
    void *block = align <= default_align ? malloc(bytes) : memalign(align, bytes);
#if FMEMP_CALL_SITES
    fmemp_malloc_set_call_site(block, caller);
#endif
    return block;
}

void release(void *block) noexcept { free(block); }
#else
void *request(size_t bytes, size_t align, const void *caller) noexcept {
    void *block = fmemp::detail::request(fmemp_new_pool, bytes, align);
    return FMempSetCallSite(&fmemp_new_pool, block, caller);
}

void release(void *block) noexcept { FMempFree(&fmemp_new_pool, block); }
#endif

/* Returns null if there is no handler. */
void *request_until_served(size_t bytes, size_t align, const void *caller) {
    for (;;) {
        void *block = request(bytes, align, caller);
        if (block != nullptr) {
            return block;
        }
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) {
            return nullptr;
        }
        handler();
    }
}

void *request_or_fail(size_t bytes, size_t align, const void *caller) {
    void *block = request_until_served(bytes, align, caller);
    if (block == nullptr) {
        fmemp::detail::fail();
    }
    return block;
}

/* A handler may throw. */
void *request_or_null(size_t bytes, size_t align, const void *caller) noexcept {
#ifdef __cpp_exceptions
    try {
        return request_until_served(bytes, align, caller);
    } catch (...) {
        return nullptr;
    }
#else
    return request_until_served(bytes, align, caller);
#endif
}

} // namespace

/* ---- requests that throw ------------------------------------------------------------ */

KEEPS_CALL_SITE void *operator new(size_t bytes) {
    return request_or_fail(bytes, default_align, CALLER());
}

KEEPS_CALL_SITE void *operator new[](size_t bytes) {
    return request_or_fail(bytes, default_align, CALLER());
}

KEEPS_CALL_SITE void *operator new(size_t bytes, std::align_val_t align) {
    return request_or_fail(bytes, static_cast<size_t>(align), CALLER());
}

KEEPS_CALL_SITE void *operator new[](size_t bytes, std::align_val_t align) {
    return request_or_fail(bytes, static_cast<size_t>(align), CALLER());
}

/* ---- requests that return null ------------------------------------------------------ */

KEEPS_CALL_SITE void *operator new(size_t bytes, const std::nothrow_t & /* tag */) noexcept {
    return request_or_null(bytes, default_align, CALLER());
}

KEEPS_CALL_SITE void *operator new[](size_t bytes, const std::nothrow_t & /* tag */) noexcept {
    return request_or_null(bytes, default_align, CALLER());
}

KEEPS_CALL_SITE void *operator new(size_t bytes, std::align_val_t align,
                                   const std::nothrow_t & /* tag */) noexcept {
    return request_or_null(bytes, static_cast<size_t>(align), CALLER());
}

KEEPS_CALL_SITE void *operator new[](size_t bytes, std::align_val_t align,
                                     const std::nothrow_t & /* tag */) noexcept {
    return request_or_null(bytes, static_cast<size_t>(align), CALLER());
}

/* ---- frees -------------------------------------------------------------------------- */

void operator delete(void *block) noexcept { release(block); }

void operator delete[](void *block) noexcept { release(block); }

void operator delete(void *block, size_t /* bytes */) noexcept { release(block); }

void operator delete[](void *block, size_t /* bytes */) noexcept { release(block); }

void operator delete(void *block, std::align_val_t /* align */) noexcept { release(block); }

void operator delete[](void *block, std::align_val_t /* align */) noexcept { release(block); }

void operator delete(void *block, size_t /* bytes */, std::align_val_t /* align */) noexcept {
    release(block);
}

void operator delete[](void *block, size_t /* bytes */, std::align_val_t /* align */) noexcept {
    release(block);
}

void operator delete(void *block, const std::nothrow_t & /* tag */) noexcept { release(block); }

void operator delete[](void *block, const std::nothrow_t & /* tag */) noexcept { release(block); }

void operator delete(void *block, std::align_val_t /* align */,
                     const std::nothrow_t & /* tag */) noexcept {
    release(block);
}

void operator delete[](void *block, std::align_val_t /* align */,
                       const std::nothrow_t & /* tag */) noexcept {
    release(block);
}
