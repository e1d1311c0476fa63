/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* jansson: a message is made, printed, read and compared, in a pool. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

static void pool_is_given(void) { json_set_alloc_funcs(pool_malloc, pool_free); }

/* ---- the scenario ---------------------------------------------------------------------------- */

enum { READINGS = 50 };

/* Returns NULL if there is no memory. */
static json_t *message_new(void) {
    json_t *const message = json_pack("{s:s, s:[], s:{s:i, s:f}}", "from", "gateway", "readings",
                                      "state", "uptime", 86400, "volt", 3.25);
    json_t *const readings = json_object_get(message, "readings");
    bool is_whole = readings != NULL;
    for (int i = 0; is_whole && i < READINGS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "sensor %d", i);
        json_t *const reading =
            json_pack("{s:s, s:i, s:b}", "name", name, "mV", i * i, "ok", i % 3);
        is_whole = json_array_append_new(readings, reading) == 0;
    }
    if (!is_whole) {
        json_decref(message);
        return NULL;
    }
    return message;
}

/* Without memory json_loads calls some texts invalid: what it says is not looked at. */
static scenario_outcome message_use(const json_t *message) {
    scenario_outcome outcome = SCENARIO_NO_MEMORY;
    char *const text = json_dumps(message, JSON_COMPACT | JSON_SORT_KEYS);
    json_t *const again = text == NULL ? NULL : json_loads(text, 0, NULL);
    if (again != NULL) {
        outcome = json_equal(message, again) &&
                          json_array_size(json_object_get(again, "readings")) == READINGS
                      ? SCENARIO_DONE
                      : SCENARIO_WRONG;
    }
    json_decref(again);
    pool_free(text);
    return outcome;
}

scenario_outcome scenario_run(void) {
    pool_is_given();
    json_object_seed(1);
    json_t *const message = message_new();
    const scenario_outcome outcome = message == NULL ? SCENARIO_NO_MEMORY : message_use(message);
    json_decref(message);
    return outcome;
}
