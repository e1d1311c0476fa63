/* SPDX-License-Identifier: BSD-3-Clause */
#include "repetitions.h"

#include "../../support/statistics.h"

/* Subtracts the timer's own time. */
static uint32_t net_ticks(uint32_t ticks, uint32_t timer_overhead) {
    return ticks > timer_overhead ? ticks - timer_overhead : 0;
}

/* The median of call `index`; counts its disturbed repetitions. */
static uint32_t call_sum_up(const sample *samples, size_t calls, size_t repetitions, size_t index,
                            uint32_t disturbance_ticks, size_t *disturbed) {
    uint32_t sorted[REPETITIONS_MAX] = {0};
    for (size_t r = 0; r < repetitions; r++) {
        size_t place = r;
        for (; place > 0 && sorted[place - 1] > samples[r * calls + index].ticks; place--) {
            sorted[place] = sorted[place - 1];
        }
        sorted[place] = samples[r * calls + index].ticks;
    }
    uint32_t middle = sorted[repetitions / 2];
    for (size_t r = repetitions / 2 + 1; r < repetitions; r++) {
        *disturbed += sorted[r] - middle > middle + disturbance_ticks;
    }
    return middle;
}

void repetitions_sum_up(const sample *samples, size_t calls, size_t repetitions, function summed,
                        uint32_t timer_overhead, uint32_t disturbance_ticks, latencies *result) {
    double sum = 0;
    result->count = 0;
    result->disturbed = 0;
    for (size_t i = 0; i < calls; i++) {
        if (samples[i].function == (uint32_t)summed) {
            uint32_t ticks =
                call_sum_up(samples, calls, repetitions, i, disturbance_ticks, &result->disturbed);
            result->ticks[result->count] = net_ticks(ticks, timer_overhead);
            sum += result->ticks[result->count++];
        }
    }
    result->mean = result->count == 0 ? 0 : sum / (double)result->count;
    ticks_sort(result->ticks, result->count);
}
