/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A mocked platform. The build force-includes it (-include) into the sources of the library and
 * of the tests. The tests count locks, read the output, and run on after the default fault hook
 * has stopped the program.
 */
#ifndef FMEMP_PORT_MOCK_H
#define FMEMP_PORT_MOCK_H

#undef FMEMP_LOCK
#define FMEMP_LOCK 1

/* 1 builds the library and the tests with tags, whatever the build has. */
#ifdef FMEMP_TEST_TAG
#undef FMEMP_TAG_DEBUG
#define FMEMP_TAG_DEBUG FMEMP_TEST_TAG
#endif

/* 1 builds the library and the tests with call sites. */
#ifndef FMEMP_TEST_CALL_SITES
#define FMEMP_TEST_CALL_SITES 0
#endif
#undef FMEMP_CALL_SITES
#define FMEMP_CALL_SITES FMEMP_TEST_CALL_SITES

int mock_print(const char *format, ...);
void mock_stop(void);
void mock_flush(void);

#define FMEMP_PRINT(...) mock_print(__VA_ARGS__)
#define FMEMP_STOP() mock_stop()
#define FMEMP_FLUSH() mock_flush()

#endif
