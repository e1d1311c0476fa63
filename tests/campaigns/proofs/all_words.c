/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bit operations, of all 2^32 - 1 words: the portable ones, the multiplied ones, and those of
 * the build. What they should give is counted along: the words whose highest bit is b are those
 * from 2^b on, as many again; those whose lowest is b are 2^(b + 1) apart.
 */
#include <stdio.h>

/* All of the core stands before this file: inside.include_core. */

/* Nothing in these loops but the function and a count, so that compilers make vectors of them. */
#define TRY_HIGHEST(function, b) \
    for (uint32_t low = 0; low < UINT32_C(1) << (b); low++) { \
        wrong += function(UINT32_C(1) << (b) | low) != (b); \
    }
#define TRY_LOWEST(function, b) \
    for (uint32_t high = 0; high < UINT32_C(1) << (31 - (b)); high++) { \
        wrong += function((uint32_t)(2u * (uint64_t)high + 1) << (b)) != (b); \
    }

static unsigned of_low_half(uint32_t word) { return bits_last_set64(word); }

static unsigned of_high_half(uint32_t word) {
    return bits_last_set64((uint64_t)word << 32 | word) - 32;
}

static unsigned long long tried, failures;

static void tell(const char *function, uint32_t wrong) {
    printf("%s: %lu of %lu words wrong\n", function, (unsigned long)wrong,
           (unsigned long)UINT32_MAX);
    tried += UINT32_MAX;
    failures += wrong;
}

#define TRY_ALL(try_words, function) \
    { \
        uint32_t wrong = 0; \
        for (unsigned b = 0; b < 32; b++) { \
            try_words(function, b) \
        } \
        tell(#function, wrong); \
    }

int main(void) {
    TRY_ALL(TRY_HIGHEST, portable_last_set)
    TRY_ALL(TRY_HIGHEST, multiplied_last_set)
    TRY_ALL(TRY_HIGHEST, bits_last_set)
    TRY_ALL(TRY_HIGHEST, of_low_half)
    TRY_ALL(TRY_HIGHEST, of_high_half)
    TRY_ALL(TRY_LOWEST, portable_first_set)
    TRY_ALL(TRY_LOWEST, multiplied_first_set)
    TRY_ALL(TRY_LOWEST, bits_first_set)
    printf("%llu tried, %llu failed\n", tried, failures);
    return failures != 0;
}
