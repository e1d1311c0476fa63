/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mocked platform of the tests of FMemp. Force-included (-include) into the library's sources
 * and into the tests, so that these can count locks, read what FMemp prints, and go on after the
 * default fault hook has stopped the program.
 */
#ifndef FMEMP_PORT_MOCK_H
#define FMEMP_PORT_MOCK_H

#undef FMEMP_LOCK
#define FMEMP_LOCK 1

/* 1 builds library and tests with tags. */
#ifndef FMEMP_TEST_TAG
#define FMEMP_TEST_TAG 0
#endif
#undef FMEMP_TAG_DEBUG
#define FMEMP_TAG_DEBUG FMEMP_TEST_TAG

int mock_print(const char *format, ...);
void mock_stop(void);

#define FMEMP_PRINT(...) mock_print(__VA_ARGS__)
#define FMEMP_STOP() mock_stop()

#endif
