/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random request streams against the model heap, verified after each request. Each profile stands
 * for one kind of load. TLSF_TEST_SEED repeats a run; TLSF_TEST_STEPS sets its length. The fuzz
 * corpus is a load too: parts of its files in new combinations.
 *
 * Each case verifies T1, T4, T11, T19, T103, T105, T106, T110, T113, T116, T119, T125, T136, T147,
 * T163, T164, T165, T166, T168, T169, T170, T171, T172.
 */
#define _DEFAULT_SOURCE /* scandir */

#include "drive.h"
#include "profiles.h"
#include "support/suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_STEPS = 12000, RAW_BYTES = 4096 };

static void run_profile(const profile *p) {
    const uint64_t seed = random_seed(p->name, 20240607);
    const size_t steps = random_steps(DEFAULT_STEPS);
    random_source source = random_from(seed);
    static model m;
    model_make(&m, p->first_bytes, p->region_bytes, p->planned);
    for (size_t step = 0; step < steps; step++) {
        uint8_t bytes[STREAM_LONG_BYTES];
        drive_bytes(&m, bytes, profile_request(&source, p, step, bytes));
    }
    fprintf(stderr, "%s: %zu steps, %zu served, %zu failures, peak %zu of %zu bytes\n", p->name,
            m.step, m.served, m.failures, m.peak, m.survey.pool_bytes);
    assert_int_equal(m.step, steps);
    assert_true(steps < 1000 || m.served > steps / 20);
    model_end(&m);
}

#define PROFILE_CASE(index, name) \
    static void random_stream_##name##_agrees_with_model(void **state) { \
        (void)state; \
        run_profile(&profiles[index]); \
    }

PROFILE_CASE(0, small)
PROFILE_CASE(1, mixed)
PROFILE_CASE(2, large)
PROFILE_CASE(3, alignments)
PROFILE_CASE(4, realloc)
PROFILE_CASE(5, pools)
PROFILE_CASE(6, hostile)
PROFILE_CASE(7, tiny)

/* What a fuzzer starts from: bytes without bias, and heaps of any shape. */
static void random_stream_raw_bytes_agrees_with_model(void **state) {
    random_source source = random_from(random_seed("raw bytes", 7));
    const size_t steps = random_steps(DEFAULT_STEPS);
    uint8_t bytes[RAW_BYTES];
    size_t done = 0;
    (void)state;
    while (done < steps) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (uint8_t)(random_bits(&source) & 0xFFu);
        }
        done += drive_stream(&model_core_calls, NULL, &drive_walks_always, bytes, sizeof(bytes));
    }
    assert_true(done >= steps);
}

/* ---- the fuzz corpus ---------------------------------------------------------------- */

enum { CORPUS_FILES = 300, CORPUS_FILE_BYTES = 4096 };

typedef struct {
    uint8_t bytes[CORPUS_FILE_BYTES];
    size_t count;
} corpus_file;

static corpus_file corpus[CORPUS_FILES];

static void read_file(const char *name, corpus_file *file) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", FUZZ_CORPUS, name);
    FILE *opened = fopen(path, "rb");
    assert_non_null(opened);
    file->count = fread(file->bytes, 1, sizeof(file->bytes), opened);
    fclose(opened);
}

/* Reads the files in the order of their names, so that a seed means the same on every machine. */
static size_t read_corpus(void) {
    struct dirent **entries = NULL;
    const int count = scandir(FUZZ_CORPUS, &entries, NULL, alphasort);
    size_t files = 0;
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.' && files < CORPUS_FILES) {
            read_file(entries[i]->d_name, &corpus[files++]);
        }
        free(entries[i]);
    }
    free((void *)entries);
    return files;
}

/* Appends a part of a file. Most parts begin at a request. */
static size_t append_part(random_source *source, size_t files, uint8_t *bytes, size_t count) {
    const corpus_file *file = &corpus[random_below(source, files)];
    const size_t requests = file->count / STREAM_SHORT_BYTES;
    const size_t begin = STREAM_SHORT_BYTES * random_below(source, requests + 1);
    const size_t part = random_below(source, file->count - begin + 1);
    memcpy(bytes + count, file->bytes + begin, part);
    return count + part;
}

static void random_stream_of_the_corpus_agrees_with_model(void **state) {
    random_source source = random_from(random_seed("corpus", 11));
    const size_t steps = random_steps(DEFAULT_STEPS);
    const size_t files = read_corpus();
    size_t done = 0;
    (void)state;
    assert_true(files > 0);
    for (size_t next = 0; done < steps; next = next + 1 < files ? next + 1 : 0) {
        static uint8_t bytes[8 * CORPUS_FILE_BYTES];
        const corpus_file *first = &corpus[next];
        size_t count = first->count;
        memcpy(bytes, first->bytes, count);
        for (size_t parts = random_below(&source, 7); parts > 0; parts--) {
            count = append_part(&source, files, bytes, count);
        }
        done += 1 + drive_stream(&model_core_calls, NULL, &drive_walks_always, bytes, count);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_stream_small_agrees_with_model),
        cmocka_unit_test(random_stream_mixed_agrees_with_model),
        cmocka_unit_test(random_stream_large_agrees_with_model),
        cmocka_unit_test(random_stream_alignments_agrees_with_model),
        cmocka_unit_test(random_stream_realloc_agrees_with_model),
        cmocka_unit_test(random_stream_pools_agrees_with_model),
        cmocka_unit_test(random_stream_hostile_agrees_with_model),
        cmocka_unit_test(random_stream_tiny_agrees_with_model),
        cmocka_unit_test(random_stream_raw_bytes_agrees_with_model),
        cmocka_unit_test(random_stream_of_the_corpus_agrees_with_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
