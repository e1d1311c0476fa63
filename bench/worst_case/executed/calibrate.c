/* SPDX-License-Identifier: BSD-3-Clause */
#include "machine.h"

static const struct {
    machine_function function;
    unsigned instructions;
} calibrations[] = {{calibrate_0, 1}, {calibrate_10, 11}, {calibrate_57, 58}, {calibrate_200, 201}};

void machine_calibrate(void) {
    for (unsigned round = 0; round < 64; round++) {
        for (unsigned i = 0; i < sizeof calibrations / sizeof calibrations[0]; i++) {
            machine_cost cost;
            uintptr_t result;
            (void)machine_count(calibrations[i].function, 0, 0, 0, &cost);
            if (cost.instructions != calibrations[i].instructions) {
                machine_fail("calibration: a function of known length is counted wrongly");
            }
            if (machine_can_step && machine_step(calibrations[i].function, 0, 0, 0, &result) !=
                                        calibrations[i].instructions) {
                machine_fail("calibration: a function of known length is stepped wrongly");
            }
        }
    }
    machine_print("calibrated\n");
}
