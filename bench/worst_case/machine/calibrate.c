/* SPDX-License-Identifier: BSD-3-Clause */
#include "calibrate.h"

#include "machine.h"

static const struct {
    machine_function function;
    unsigned instructions;
} calibrations[] = {{calibrate_0, 1}, {calibrate_10, 11}, {calibrate_57, 58}, {calibrate_200, 201}};

#define ROUNDS 64u

void machine_calibrate(void) {
    for (unsigned i = 0; i < ROUNDS * sizeof calibrations / sizeof calibrations[0]; i++) {
        const machine_function function = calibrations[i / ROUNDS].function;
        const unsigned instructions = calibrations[i / ROUNDS].instructions;
        machine_cost cost;
        uintptr_t result;
        (void)machine_count(function, 0, 0, 0, &cost);
        if (cost.instructions != instructions) {
            machine_fail("calibration: wrong count of a function of known length");
        }
        if (machine_can_step && machine_step(function, 0, 0, 0, &result) != instructions) {
            machine_fail("calibration: wrong steps through a function of known length");
        }
    }
    machine_print("calibrated\n");
}
