/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The promises of integrations/cpp, one case each, on a host and on a Cortex-M4, with and without
 * exceptions. Prints "ok NAME" or "failed NAME" for each. With the argument "fail" it asks for more
 * than there is: without exceptions it must abort.
 */
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "fmemp.hpp"

#ifdef FMEMP_NEW_FROM_MALLOC
#include <malloc.h>
#else
static unsigned char new_memory[100000];
FMemp fmemp_new_pool = FMEMP_STATIC_INIT(new_memory, new_memory + sizeof new_memory);
#endif

static unsigned char memory[60000], other_memory[9000];
static FMemp pool = FMEMP_STATIC_INIT(memory, memory + sizeof memory);
static FMemp other_pool = FMEMP_STATIC_INIT(other_memory, other_memory + sizeof other_memory);

namespace {

using std::size_t;

constexpr size_t too_large = SIZE_MAX / 4;

struct alignas(64) line {
    unsigned char bytes[64];
};

/* Counts its objects. */
class counted {
  public:
    static int live;
    explicit counted(int value = 0) : value_(value) { live++; }
    ~counted() { live--; }
    counted(const counted &) = delete;
    counted &operator=(const counted &) = delete;
    [[nodiscard]] int value() const { return value_; }

  private:
    int value_;
};
int counted::live = 0;

size_t bytes_used(FMemp &memp) {
    FMempStats stats;
    return FMempGetStats(&memp, &stats) == FMEMP_SUCCESS ? static_cast<size_t>(stats.used_bytes)
                                                         : 0;
}

size_t bytes_of_new() {
#ifdef FMEMP_NEW_FROM_MALLOC
    return mallinfo().uordblks;
#else
    return bytes_used(fmemp_new_pool);
#endif
}

bool is_aligned(const void *block, size_t align) {
    return reinterpret_cast<std::uintptr_t>(block) % align == 0;
}

bool lies_in(const void *block, const unsigned char *begin, size_t bytes) {
    return block >= begin && block < begin + bytes;
}

bool lies_in_pool(const void *block) { return lies_in(block, memory, sizeof memory); }

/* Whether the call throws this exception; true without exceptions, where it would abort. */
template <class Exception, class Call> bool throws(Call call) {
#ifdef __cpp_exceptions
    try {
        call();
    } catch (const Exception &) {
        return true;
    }
    return false;
#else
    (void)call;
    return true;
#endif
}

/* ---- new and delete ----------------------------------------------------------------- */

struct early {
    void *block = ::operator new(100);
};
const early before_main;

bool new_before_main_is_served() { return before_main.block != nullptr && bytes_of_new() >= 100; }

/* Frees the block, and tells whether it was right, and took memory until now. */
bool right(void *block, size_t align, size_t before, void (*free)(void *)) {
    const bool is_right = block != nullptr && is_aligned(block, align) && bytes_of_new() > before;
    free(block);
    return is_right && bytes_of_new() == before;
}

bool unaligned_forms_serve_and_free() {
    const size_t before = bytes_of_new(), align = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
    const auto &nothrow = std::nothrow;
    const std::array<void (*)(void *), 3> frees{
        [](void *p) { ::operator delete(p); }, [](void *p) { ::operator delete (p, size_t{100}); },
        [](void *p) { ::operator delete(p, std::nothrow); }};
    const std::array<void (*)(void *), 3> array_frees{
        [](void *p) { ::operator delete[](p); },
        [](void *p) { ::operator delete[](p, size_t{100}); },
        [](void *p) { ::operator delete[](p, std::nothrow); }};
    bool is_right = true;
    for (size_t i = 0; i < frees.size(); i++) {
        is_right = is_right && right(::operator new(100), align, before, frees[i]) &&
                   right(::operator new(100, nothrow), align, before, frees[i]) &&
                   right(::operator new[](100), align, before, array_frees[i]) &&
                   right(::operator new[](100, nothrow), align, before, array_frees[i]);
    }
    return is_right;
}

bool aligned_forms_serve_and_free() {
    static constexpr std::align_val_t align{256};
    const size_t before = bytes_of_new();
    const auto &nothrow = std::nothrow;
    const std::array<void (*)(void *), 3> frees{
        [](void *p) { ::operator delete(p, align); },
        [](void *p) { ::operator delete (p, size_t{100}, align); },
        [](void *p) { ::operator delete(p, align, std::nothrow); }};
    const std::array<void (*)(void *), 3> array_frees{
        [](void *p) { ::operator delete[](p, align); },
        [](void *p) { ::operator delete[](p, size_t{100}, align); },
        [](void *p) { ::operator delete[](p, align, std::nothrow); }};
    bool is_right = true;
    for (size_t i = 0; i < frees.size(); i++) {
        is_right = is_right && right(::operator new(100, align), 256, before, frees[i]) &&
                   right(::operator new(100, align, nothrow), 256, before, frees[i]) &&
                   right(::operator new[](100, align), 256, before, array_frees[i]) &&
                   right(::operator new[](100, align, nothrow), 256, before, array_frees[i]);
    }
    return is_right;
}

bool new_of_0_gives_blocks_that_differ() {
    void *one = ::operator new(0), *two = ::operator new(0);
    const bool is_right = one != nullptr && two != nullptr && one != two;
    ::operator delete(one);
    ::operator delete(two);
    return is_right;
}

bool new_expressions_align_and_destroy() {
    const size_t before = bytes_of_new();
    auto *lines = new line[3];
    auto *objects = new counted[5];
    const bool is_right = is_aligned(lines, 64) && counted::live == 5;
    delete[] lines;
    delete[] objects;
    return is_right && counted::live == 0 && bytes_of_new() == before;
}

bool new_too_large_fails() {
    constexpr std::align_val_t align{64};
    void *(*volatile plain)(size_t) = ::operator new;
    return ::operator new(too_large, std::nothrow) ==
           nullptr && ::operator new[](too_large, std::nothrow) ==
           nullptr && ::operator new(too_large, align, std::nothrow) ==
           nullptr && ::operator new[](too_large, align, std::nothrow) ==
           nullptr &&throws<std::bad_alloc>([=] { plain(too_large); });
}

void *reserve;
int handler_calls;

void free_reserve() {
    handler_calls++;
    ::operator delete(reserve);
    reserve = nullptr;
    if (handler_calls == 3) {
        std::set_new_handler(nullptr);
    }
}

bool new_handler_is_called_until_memory_is_found() {
    /* All of the memory, as large as it comes. */
    size_t bytes = 1000000;
    while ((reserve = ::operator new(bytes, std::nothrow)) == nullptr) {
        bytes -= bytes / 16;
    }
    handler_calls = 0;
    std::set_new_handler(free_reserve);
    void *block = ::operator new(bytes / 2);
    const bool is_right = block != nullptr && handler_calls == 1;
    ::operator delete(block);
    return is_right && ::operator new(too_large, std::nothrow) == nullptr &&handler_calls == 3;
}

#ifdef __cpp_exceptions
void throw_bad_alloc() { throw std::bad_alloc(); }

bool new_handler_that_throws_ends_the_request() {
    void *(*volatile plain)(size_t) = ::operator new;
    std::set_new_handler(throw_bad_alloc);
    const bool is_right = ::operator new(too_large, std::nothrow) ==
                          nullptr &&throws<std::bad_alloc>([=] { plain(too_large); });
    std::set_new_handler(nullptr);
    return is_right;
}
#endif

bool containers_by_default_use_new() {
    const size_t before = bytes_of_new();
    std::vector<int> numbers(1000, 7);
    return bytes_of_new() >= before + 1000 * sizeof(int) && numbers[999] == 7;
}

#if FMEMP_CALL_SITES
/* No tail call: the block is written to before the return. */
__attribute__((noinline)) void *allocate_here(bool is_array) {
    void *block = is_array ? ::operator new[](10) : ::operator new(10);
    std::memset(block, 0, 10);
    return block;
}

bool call_site_is_the_line_that_says_new() {
    const auto begin = reinterpret_cast<std::uintptr_t>(&allocate_here);
    for (const bool is_array : {false, true}) {
        void *block = allocate_here(is_array);
        FMempBlock found;
        const bool is_found = FMempLocate(&fmemp_new_pool, block, &found) == 1;
        const auto site = reinterpret_cast<std::uintptr_t>(found.caller);
        is_array ? ::operator delete[](block) : ::operator delete(block);
        if (!is_found || site <= begin || site > begin + 200) {
            return false;
        }
    }
    return true;
}
#endif

/* ---- allocator ---------------------------------------------------------------------- */

template <class T> using pool_vector = std::vector<T, fmemp::allocator<T>>;

bool allocator_gives_containers_the_pool() {
    const size_t before = bytes_used(pool), before_new = bytes_of_new();
    {
        const fmemp::allocator<int> from(pool);
        pool_vector<int> numbers(from);
        std::list<int, fmemp::allocator<int>> list(from);
        using pair = std::pair<const int, int>;
        std::map<int, int, std::less<>, fmemp::allocator<pair>> map{std::less<>(), from};
        for (int i = 0; i < 100; i++) {
            numbers.push_back(i);
            list.push_front(i);
            map[i] = i;
        }
        const auto shared = std::allocate_shared<counted>(from, 42);
        if (!lies_in_pool(numbers.data()) || !lies_in_pool(&list.front()) ||
            !lies_in_pool(&map[50]) || !lies_in_pool(shared.get()) || shared->value() != 42 ||
            numbers[99] != 99 || map[99] != 99 || list.size() != 100) {
            return false;
        }
    }
    return bytes_used(pool) == before && bytes_of_new() == before_new && counted::live == 0;
}

bool allocator_meets_the_alignment_of_its_type() {
    pool_vector<line> lines(3, fmemp::allocator<line>(pool));
    return is_aligned(lines.data(), 64);
}

bool allocators_are_equal_if_their_pool_is() {
    const fmemp::allocator<int> one(pool), two(other_pool);
    const fmemp::allocator<char> rebound(one);
    return one == rebound && one != two && !(one == two) && !(one != rebound);
}

bool allocator_moves_with_its_container() {
    pool_vector<int> from(10, 3, fmemp::allocator<int>(pool));
    pool_vector<int> to((fmemp::allocator<int>(other_pool)));
    const int *data = from.data();
    to = std::move(from);
    pool_vector<int> other(5, 4, fmemp::allocator<int>(other_pool));
    swap(to, other);
    return other.data() == data && &other.get_allocator().pool() == &pool &&
           &to.get_allocator().pool() == &other_pool && to.size() == 5;
}

bool allocator_refuses_what_is_too_much() {
    fmemp::allocator<line> from(pool);
    const size_t before = bytes_used(pool);
    return throws<std::bad_array_new_length>([&] { (void)from.allocate(SIZE_MAX / 64 + 1); }) &&
           throws<std::bad_alloc>([&] { (void)from.allocate(1000000); }) &&
           bytes_used(pool) == before;
}

/* ---- std::pmr ----------------------------------------------------------------------- */

bool resource_gives_containers_the_pool() {
    const size_t before = bytes_used(pool), before_new = bytes_of_new();
    {
        fmemp::memory_resource resource(pool);
        std::pmr::vector<std::pmr::string> texts(&resource);
        texts.emplace_back("a text that is longer than what a string keeps in itself");
        texts.emplace_back("short");
        if (!lies_in_pool(texts.data()) || !lies_in_pool(texts[0].data()) || texts[1] != "short") {
            return false;
        }
    }
    return bytes_used(pool) == before && bytes_of_new() == before_new;
}

bool resource_meets_alignments_and_serves_0_bytes() {
    fmemp::memory_resource resource(pool);
    const size_t before = bytes_used(pool);
    for (size_t align = 1; align <= 1024; align *= 2) {
        void *block = resource.allocate(10, align), *empty = resource.allocate(0, align);
        const bool is_right = is_aligned(block, align) && is_aligned(empty, align) &&
                              empty != nullptr && block != empty;
        resource.deallocate(block, 10, align);
        resource.deallocate(empty, 0, align);
        if (!is_right) {
            return false;
        }
    }
    return bytes_used(pool) == before;
}

bool resource_is_equal_to_itself_alone() {
    const fmemp::memory_resource one(pool), two(other_pool);
    return one.is_equal(one) && one != two && !one.is_equal(*std::pmr::new_delete_resource());
}

bool resource_that_is_full_fails() {
    fmemp::memory_resource resource(other_pool);
    return throws<std::bad_alloc>([&] { (void)resource.allocate(1000000); });
}

bool other_resources_stand_on_it() {
    const size_t before = bytes_used(pool);
    fmemp::memory_resource resource(pool);
    {
        std::pmr::monotonic_buffer_resource buffer(500, &resource);
        std::pmr::vector<int> numbers(100, 5, &buffer);
        if (!lies_in_pool(numbers.data())) {
            return false;
        }
    }
    return bytes_used(pool) == before;
}

/* ---- unique_ptr --------------------------------------------------------------------- */

bool unique_ptr_ends_object_and_frees() {
    const size_t before = bytes_used(pool);
    {
        const auto object = fmemp::make_unique<counted>(pool, 42);
        const auto aligned = fmemp::make_unique<line>(pool);
        if (!lies_in_pool(object.get()) || object->value() != 42 || counted::live != 1 ||
            !is_aligned(aligned.get(), 64)) {
            return false;
        }
        const fmemp::unique_ptr<counted> nothing;
    }
    return counted::live == 0 && bytes_used(pool) == before;
}

struct huge {
    counted content;
    unsigned char rest[100000];
};

bool make_unique_without_room_gives_nothing() {
    const auto object = fmemp::make_unique<huge>(pool);
    return object == nullptr && counted::live == 0;
}

#ifdef __cpp_exceptions
struct thrower {
    thrower() { throw 5; }
};

bool make_unique_frees_if_constructor_throws() {
    const size_t before = bytes_used(pool);
    return throws<int>([] { (void)fmemp::make_unique<thrower>(pool); }) &&
           bytes_used(pool) == before;
}
#endif

bool pools_are_sound() {
    FMempReport report;
    return FMempCheck(&pool, &report) == FMEMP_SUCCESS &&
           FMempCheck(&other_pool, &report) == FMEMP_SUCCESS;
}

/* ---- all of them -------------------------------------------------------------------- */

struct promise {
    const char *name;
    bool (*is_kept)();
};

#define CASE(name) \
    { #name, name }

const promise promises[] = {
    CASE(new_before_main_is_served),
    CASE(unaligned_forms_serve_and_free),
    CASE(aligned_forms_serve_and_free),
    CASE(new_of_0_gives_blocks_that_differ),
    CASE(new_expressions_align_and_destroy),
    CASE(new_too_large_fails),
    CASE(new_handler_is_called_until_memory_is_found),
    CASE(containers_by_default_use_new),
    CASE(allocator_gives_containers_the_pool),
    CASE(allocator_meets_the_alignment_of_its_type),
    CASE(allocators_are_equal_if_their_pool_is),
    CASE(allocator_moves_with_its_container),
    CASE(allocator_refuses_what_is_too_much),
    CASE(resource_gives_containers_the_pool),
    CASE(resource_meets_alignments_and_serves_0_bytes),
    CASE(resource_is_equal_to_itself_alone),
    CASE(resource_that_is_full_fails),
    CASE(other_resources_stand_on_it),
    CASE(unique_ptr_ends_object_and_frees),
    CASE(make_unique_without_room_gives_nothing),
#if FMEMP_CALL_SITES
    CASE(call_site_is_the_line_that_says_new),
#endif
#ifdef __cpp_exceptions
    CASE(new_handler_that_throws_ends_the_request),
    CASE(make_unique_frees_if_constructor_throws),
#endif
    CASE(pools_are_sound),
};

/* What must not return. */
int fail(std::string_view how) {
    if (how == "new") {
        void *(*volatile plain)(size_t) = ::operator new;
        plain(too_large);
    } else if (how == "allocator") {
        (void)fmemp::allocator<int>(pool).allocate(1000000);
    } else if (how == "length") {
        (void)fmemp::allocator<int>(pool).allocate(SIZE_MAX);
    }
    return 1;
}

} // namespace

int main(int argc, char **argv) {
    if (argc == 2) {
        return fail(argv[1]);
    }
    for (const promise &each : promises) {
        std::printf("%s %s\n", each.is_kept() ? "ok" : "failed", each.name);
    }
    return 0;
}
