/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C++ on a Cortex-M without an operating system and without a C library: a vector and an object on
 * a pool, by integrations/cpp. No exceptions, no RTTI.
 */
#include <vector>

#include "fmemp.hpp"

extern "C" {
void console_print(const char *format, ...); /* these two are of bare_metal */
[[noreturn]] void platform_exit(int status);
void abort() { platform_exit(4); }
int main();
}

/* What a vector calls that would be too long: it would throw, but there are no exceptions here. */
namespace std {
void __throw_length_error(const char * /* what */) { abort(); }
} // namespace std

namespace {

unsigned char memory[4096];
FMemp pool = FMEMP_STATIC_INIT(memory, memory + sizeof memory);

class Filter {
  public:
    explicit Filter(unsigned long first) : average(first) {}
    unsigned long add(unsigned long sample) { return average = (average * 3 + sample) / 4; }

  private:
    unsigned long average;
};

unsigned long bytes_used() {
    FMempStats stats;
    (void)FMempGetStats(&pool, &stats);
    return static_cast<unsigned long>(stats.used_bytes);
}

bool samples_filter() {
    std::vector<unsigned long, fmemp::allocator<unsigned long>> samples{
        fmemp::allocator<unsigned long>(pool)};
    for (unsigned long i = 0; i < 100; i++) {
        samples.push_back(i * i);
    }
    auto filter = fmemp::make_unique<Filter>(pool, 0UL);
    if (filter == nullptr) {
        return false;
    }
    unsigned long average = 0;
    for (const unsigned long sample : samples) {
        average = filter->add(sample);
    }
    console_print("c++: average %lu of %lu samples, %s\n", average,
                  static_cast<unsigned long>(samples.size()),
                  bytes_used() > 400 ? "on the pool" : "elsewhere");
    return true;
}

} // namespace

int main() {
    const bool filtered = samples_filter();
    console_print("c++: %lu bytes in use at the end\n", bytes_used());
    return filtered && bytes_used() == 0 ? 0 : 1;
}
