/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* The choices of a program that uses the ring. The build force-includes this file into the library,
 * the ring and the suite. */
#ifndef RING_OPTIONS_H
#define RING_OPTIONS_H

unsigned test_time(void);

#define TRACE_RING_EVENTS 64
#define TRACE_RING_TIME() test_time()
#define TRACE_RING_TICKS_PER_SECOND 1000
#define TRACE_RING_TASK() 7

#endif
