/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemp.hpp: an FMemp pool for C++17 and later. Standard containers, std::pmr and std::unique_ptr
 * take their memory from the pool that they are given. fmemp_new.cpp, a file of its own, gives the
 * whole program `new` from a pool.
 *
 *     static unsigned char memory[9000];
 *     static FMemp pool = FMEMP_STATIC_INIT(memory, memory + sizeof memory);
 *
 *     std::vector<int, fmemp::allocator<int>> numbers{fmemp::allocator<int>(pool)};
 *     fmemp::memory_resource resource(pool);
 *     std::pmr::string text{&resource};
 *     auto driver = fmemp::make_unique<Driver>(pool, 115200);
 *
 * What holds for everything here
 *   Pool         It outlives what uses it. Nothing here makes it ready or removes it: a pool with
 *                FMEMP_STATIC_INIT serves constructors of static objects, too.
 *   Alignment    Every object is aligned as its type asks for. Where TLSF_GRANULE is less, a
 *                request goes to FMempMallocAlign.
 *   Failure      A request that the pool refuses throws std::bad_alloc. Without exceptions
 *                (-fno-exceptions) it calls std::abort. make_unique alone gives an empty pointer.
 *   Time         O(1) and what the constructors and destructors take.
 *   Threads      As FMemp: with a lock port (FMEMP_LOCK 1) tasks may share a pool.
 *   RTTI         is not needed.
 */
#ifndef FMEMP_HPP
#define FMEMP_HPP

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#if __has_include(<memory_resource>)
#include <memory_resource>
#endif

#include "fmemory_pool.h"

extern "C" {
/* Your program defines it if it compiles fmemp_new.cpp. `new` and `delete` use it. */
extern FMemp fmemp_new_pool;
}

namespace fmemp {

namespace detail {

[[noreturn]] inline void fail() {
#ifdef __cpp_exceptions
    throw std::bad_alloc();
#else
    std::abort();
#endif
}

[[noreturn]] inline void fail_length() {
#ifdef __cpp_exceptions
    throw std::bad_array_new_length();
#else
    std::abort();
#endif
}

/* Returns  a block, or null. align is a power of two. */
inline void *request(FMemp &from, std::size_t bytes, std::size_t align) noexcept {
    return align <= TLSF_GRANULE ? FMempMalloc(&from, bytes)
                                 : FMempMallocAlign(&from, bytes, align);
}

inline void *request_or_fail(FMemp &from, std::size_t bytes, std::size_t align) {
    void *block = request(from, bytes, align);
    if (block == nullptr) {
        fail();
    }
    return block;
}

/* Frees memory that holds no object yet. */
struct release {
    FMemp *pool;
    void operator()(void *block) const noexcept { FMempFree(pool, block); }
};

} // namespace detail

/* An allocator for containers. Copies, and those rebound to another type, are equal: each frees
 * what another allocated. Allocators of different pools differ. A container that is moved from or
 * swapped takes its allocator along, so that a move and a swap take O(1) always. */
template <class T> class allocator {
  public:
    using value_type = T;
    using is_always_equal = std::false_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;

    explicit allocator(FMemp &from) noexcept : pool_(&from) {}
    template <class U> allocator(const allocator<U> &other) noexcept : pool_(&other.pool()) {}

    /* Throws std::bad_array_new_length if count objects are more than SIZE_MAX bytes. */
    [[nodiscard]] T *allocate(std::size_t count) {
        if (count > SIZE_MAX / sizeof(T)) {
            detail::fail_length();
        }
        return static_cast<T *>(detail::request_or_fail(*pool_, count * sizeof(T), alignof(T)));
    }

    void deallocate(T *objects, std::size_t /* count */) noexcept { FMempFree(pool_, objects); }

    [[nodiscard]] FMemp &pool() const noexcept { return *pool_; }

  private:
    FMemp *pool_;
};

template <class T, class U>
[[nodiscard]] bool operator==(const allocator<T> &a, const allocator<U> &b) noexcept {
    return &a.pool() == &b.pool();
}

template <class T, class U>
[[nodiscard]] bool operator!=(const allocator<T> &a, const allocator<U> &b) noexcept {
    return !(a == b);
}

#if __has_include(<memory_resource>)
/* A memory resource for std::pmr. It is equal to itself alone. */
class memory_resource : public std::pmr::memory_resource {
  public:
    explicit memory_resource(FMemp &from) noexcept : pool_(&from) {}

  private:
    void *do_allocate(std::size_t bytes, std::size_t align) override {
        return detail::request_or_fail(*pool_, bytes, align);
    }

    void do_deallocate(void *block, std::size_t /* bytes */, std::size_t /* align */) override {
        FMempFree(pool_, block);
    }

    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
        return this == &other;
    }

    FMemp *pool_;
};
#endif

/* Ends an object and frees its block. Without a pool it is for an empty pointer. It does not
 * convert to the deleter of a base class, as a base may begin elsewhere than the block. */
template <class T> class deleter {
    static_assert(!std::is_array_v<T>, "use a container for arrays");

  public:
    deleter() noexcept : pool_(nullptr) {}
    explicit deleter(FMemp &from) noexcept : pool_(&from) {}

    void operator()(T *object) const noexcept {
        object->~T();
        FMempFree(pool_, object);
    }

  private:
    FMemp *pool_;
};

template <class T> using unique_ptr = std::unique_ptr<T, deleter<T>>;

/* Makes an object in the pool.
 * Returns  its owner; an empty one if and only if the pool refuses the request: then no constructor
 *          runs. If the constructor throws, the memory is free again. */
template <class T, class... Arguments>
[[nodiscard]] unique_ptr<T> make_unique(FMemp &from, Arguments &&...arguments) {
    std::unique_ptr<void, detail::release> memory(detail::request(from, sizeof(T), alignof(T)),
                                                  detail::release{&from});
    if (memory == nullptr) {
        return unique_ptr<T>();
    }
    T *object = ::new (memory.get()) T(std::forward<Arguments>(arguments)...);
    (void)memory.release();
    return unique_ptr<T>(object, deleter<T>(from));
}

} // namespace fmemp

#endif
