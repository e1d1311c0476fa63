/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The alarm of trace_alarm.h.
 *
 * Free bytes and the largest block are in the heap. How many free blocks there are is not: they are
 * counted once, when the watch begins, and from then on as they come and go.
 */
#include "trace_alarm.h"

#include <stdint.h>

#include "tlsf_language.h"

trace_alarm tlsf_trace_alarm;

/* ---- thresholds --------------------------------------------------------------------------- */

/* Where a value that fell below the limit is back. */
static size_t eighth_above(size_t limit) {
    return limit > SIZE_MAX - limit / 8 ? SIZE_MAX : limit + limit / 8;
}

static trace_alarm_values back_of(const trace_alarm_values *limits) {
    const trace_alarm_values back = {eighth_above(limits->free_bytes),
                                     eighth_above(limits->largest),
                                     limits->free_blocks - limits->free_blocks / 8};
    return back;
}

/* The bits of the values that are past the limits. */
static unsigned bits_past(const trace_alarm_values *now, const trace_alarm_values *limits) {
    return (now->free_bytes < limits->free_bytes ? (unsigned)TRACE_ALARM_FREE_BYTES : 0U) |
           (now->largest < limits->largest ? (unsigned)TRACE_ALARM_LARGEST : 0U) |
           (now->free_blocks > limits->free_blocks ? (unsigned)TRACE_ALARM_FREE_BLOCKS : 0U);
}

/* ---- the watch ---------------------------------------------------------------------------- */

int tlsf_trace_alarm_set(tlsf_t t, const trace_alarm_values *limits, trace_alarm_hook hook) {
    trace_alarm *alarm = &tlsf_trace_alarm;
    tlsf_survey_t survey;
    alarm->heap = NULL;
    if (hook == NULL || !tlsf_survey(t, &survey)) {
        return 0;
    }
    alarm->free_blocks = survey.free_blocks;
    alarm->raised = 0;
    alarm->limits = *limits;
    alarm->back = back_of(limits);
    alarm->hook = hook;
    alarm->heap = t;
    return 1;
}

/* Apart, so that a change which passes no threshold is short. */
static RARE void alarm_call(unsigned passed, const trace_alarm_values *now) {
    tlsf_trace_alarm.hook(tlsf_trace_alarm.heap, passed, now);
}

void tlsf_trace_alarm_ask(void) {
    trace_alarm *alarm = &tlsf_trace_alarm;
    tlsf_stats_t stats;
    (void)tlsf_stats(alarm->heap, &stats);
    const trace_alarm_values now = {stats.free_bytes, stats.largest, alarm->free_blocks};
    const unsigned past = bits_past(&now, &alarm->limits);
    const unsigned passed = past & ~alarm->raised;
    alarm->raised = past | (alarm->raised & bits_past(&now, &alarm->back));
    if (passed != 0) {
        alarm_call(passed, &now);
    }
}
