/* SPDX-License-Identifier: BSD-3-Clause */
#include "workload.h"

const char *load_workload(workload *made, const char *path) {
    *made = (workload){0};
    const char *error = load_read(&made->served, path);
    if (error == NULL) {
        for (size_t i = 0; i < made->served.count; i++) {
            operation *raised = &made->served.operations[i];
            raised->size += raised->kind != LOAD_FREE && raised->size == 0;
        }
    }
    return error;
}
