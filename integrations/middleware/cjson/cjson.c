/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* cJSON: a configuration is read, changed and printed, in a pool. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

static void pool_is_given(void) {
    cJSON_Hooks hooks = {pool_malloc, pool_free};
    cJSON_InitHooks(&hooks);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

enum { SENSORS = 40, TEXT_BYTES = 8192 };

static void text_write(char *text) {
    char *end = text + sprintf(text, "{\"name\":\"gateway\",\"sensors\":[");
    for (int i = 0; i < SENSORS; i++) {
        end += sprintf(end, "%s{\"id\":%d,\"unit\":\"mV\",\"limits\":[%d,%d],\"on\":%s}",
                       i == 0 ? "" : ",", i, -i, 100 + i, i % 3 == 0 ? "false" : "true");
    }
    (void)sprintf(end, "],\"period\":1.5}");
}

/* Adds a sensor, and takes the first away. Returns whether there was memory. */
static bool sensors_change(cJSON *sensors) {
    cJSON *const added = cJSON_CreateObject();
    const bool has_id = cJSON_AddNumberToObject(added, "id", SENSORS) != NULL;
    const bool has_unit = cJSON_AddStringToObject(added, "unit", "degree") != NULL;
    if (!has_id || !has_unit || !cJSON_AddItemToArray(sensors, added)) {
        cJSON_Delete(added);
        return false;
    }
    cJSON_DeleteItemFromArray(sensors, 0);
    return true;
}

/* Prints a value, reads it again, and compares. */
static scenario_outcome printed_is_the_same(const cJSON *value) {
    scenario_outcome outcome = SCENARIO_NO_MEMORY;
    char *const printed = cJSON_PrintUnformatted(value);
    cJSON *const again = printed == NULL ? NULL : cJSON_Parse(printed);
    if (again != NULL) {
        outcome = cJSON_Compare(value, again, cJSON_True) ? SCENARIO_DONE : SCENARIO_WRONG;
    }
    cJSON_Delete(again);
    cJSON_free(printed);
    return outcome;
}

static scenario_outcome value_use(cJSON *value) {
    cJSON *const sensors = cJSON_GetObjectItemCaseSensitive(value, "sensors");
    if (cJSON_GetArraySize(sensors) != SENSORS) {
        return SCENARIO_WRONG;
    }
    if (!sensors_change(sensors)) {
        return SCENARIO_NO_MEMORY;
    }
    const cJSON *const first = cJSON_GetArrayItem(sensors, 0);
    const cJSON *const id = cJSON_GetObjectItemCaseSensitive(first, "id");
    if (!cJSON_IsNumber(id) || id->valueint != 1) {
        return SCENARIO_WRONG;
    }
    return printed_is_the_same(value);
}

scenario_outcome scenario_run(void) {
    static char text[TEXT_BYTES];
    scenario_outcome outcome = SCENARIO_NO_MEMORY;
    text_write(text);
    pool_is_given();
    cJSON *const value = cJSON_Parse(text);
    if (value != NULL) {
        outcome = value_use(value);
    }
    cJSON_Delete(value);
    return outcome;
}
