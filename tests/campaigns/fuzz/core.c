/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Target: the core, against the model.
 */
#include "model/drive.h"
#include "target.h"

const unsigned target_corrupting = 0;

size_t target_run(const uint8_t *bytes, size_t count) {
    return drive_stream(&model_core_calls, NULL, &FUZZ_CARE, bytes, count);
}
