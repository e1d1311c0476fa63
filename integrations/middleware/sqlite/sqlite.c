/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* SQLite: a database in memory, with a limit of its own, in a pool. */
#include <sqlite3.h>
#include <string.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

static void *sqlite_malloc(int bytes) { return pool_malloc((size_t)bytes); }
static void *sqlite_realloc(void *ptr, int bytes) { return pool_realloc(ptr, (size_t)bytes); }
static int sqlite_size(void *ptr) { return (int)pool_block_size(ptr); }
static int sqlite_roundup(int bytes) { return (bytes + 7) & ~7; }
static int sqlite_begin(void *user) { return (void)user, SQLITE_OK; }
static void sqlite_end(void *user) { (void)user; }

static int pool_is_given(void) {
    static const sqlite3_mem_methods methods = {
        sqlite_malloc,  pool_free,    sqlite_realloc, sqlite_size,
        sqlite_roundup, sqlite_begin, sqlite_end,     NULL};
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

/* ---- the scenario ---------------------------------------------------------------------------- */

enum { LIMIT = 96 * 1024, DEVICES = 20, READINGS = 120, CHECKSUM = 23040 };

static const char tables[] = "pragma page_size = 512; pragma cache_size = 100;"
                             "create table device(id integer primary key, name text);"
                             "create table reading(device integer, at integer, value real);"
                             "create index reading_at on reading(device, at);";
static const char changes[] =
    "begin; update reading set value = value + 1 where device % 2 = 0;"
    "delete from reading where at % 10 = 3; commit; drop index reading_at;";
static const char question[] =
    "select cast(sum(total) as integer) from (select name, sum(value) * count(*) as total "
    "from reading join device on id = device group by name order by name)";

static int device_insert(sqlite3_stmt *insert, int number) {
    char name[] = "sensor a";
    name[7] = (char)('a' + number % 7);
    const int status = sqlite3_bind_text(insert, 1, name, -1, SQLITE_TRANSIENT);
    (void)sqlite3_step(insert);
    const int end = sqlite3_reset(insert); /* what the step said */
    return status == SQLITE_OK ? end : status;
}

static int reading_insert(sqlite3_stmt *insert, int number) {
    (void)sqlite3_bind_int(insert, 1, number % DEVICES + 1);
    (void)sqlite3_bind_int(insert, 2, number);
    (void)sqlite3_bind_double(insert, 3, number * number % 31);
    (void)sqlite3_step(insert);
    return sqlite3_reset(insert);
}

/* Runs a statement with each number from 1 to `last`. */
static int rows_insert(sqlite3 *database, const char *text, int (*insert)(sqlite3_stmt *, int),
                       int last) {
    sqlite3_stmt *prepared = NULL;
    int status = sqlite3_prepare_v2(database, text, -1, &prepared, NULL);
    for (int i = 1; status == SQLITE_OK && i <= last; i++) {
        status = insert(prepared, i);
    }
    (void)sqlite3_finalize(prepared);
    return status;
}

static int answer(sqlite3 *database, int *value) {
    sqlite3_stmt *asked = NULL;
    int status = sqlite3_prepare_v2(database, question, -1, &asked, NULL);
    if (status == SQLITE_OK && sqlite3_step(asked) == SQLITE_ROW) {
        *value = sqlite3_column_int(asked, 0);
    }
    const int end = sqlite3_finalize(asked);
    return status == SQLITE_OK ? end : status;
}

/* A request above the limit fails in SQLite, and the database goes on. */
static bool limit_holds(sqlite3 *database) {
    return sqlite3_exec(database, "select randomblob(90000) || randomblob(90000)", NULL, NULL,
                        NULL) == SQLITE_NOMEM;
}

static scenario_outcome database_use(sqlite3 *database) {
    int value = 0;
    int status = sqlite3_exec(database, tables, NULL, NULL, NULL);
    if (status == SQLITE_OK) {
        status =
            rows_insert(database, "insert into device(name) values(?)", device_insert, DEVICES);
    }
    if (status == SQLITE_OK) {
        status =
            rows_insert(database, "insert into reading values(?, ?, ?)", reading_insert, READINGS);
    }
    if (status == SQLITE_OK && !limit_holds(database)) {
        return SCENARIO_WRONG;
    }
    if (status == SQLITE_OK) {
        status = sqlite3_exec(database, changes, NULL, NULL, NULL);
    }
    if (status == SQLITE_OK) {
        status = answer(database, &value);
    }
    if (status != SQLITE_OK) {
        return status == SQLITE_NOMEM ? SCENARIO_NO_MEMORY : SCENARIO_WRONG;
    }
    return value == CHECKSUM ? SCENARIO_DONE : SCENARIO_WRONG;
}

scenario_outcome scenario_run(void) {
    sqlite3 *database = NULL;
    scenario_outcome outcome = SCENARIO_NO_MEMORY;
    if (pool_is_given() != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK) {
        return SCENARIO_WRONG;
    }
    if (sqlite3_initialize() == SQLITE_OK) {
        (void)sqlite3_hard_heap_limit64(LIMIT);
        if (sqlite3_open(":memory:", &database) == SQLITE_OK) {
            outcome = database_use(database);
        }
        if (sqlite3_close(database) != SQLITE_OK) {
            outcome = SCENARIO_WRONG;
        }
    }
    (void)sqlite3_shutdown();
    return outcome;
}
