/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/* Lua 5.4: a script with a memory limit of its own, in a pool. */
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "../common/pool.h"
#include "../common/scenario.h"

const size_t scenario_blocks_kept = 0;
const bool scenario_may_abort = false;

/* ---- the hook -------------------------------------------------------------------------------- */

typedef struct {
    size_t used;
    size_t limit;
} lua_memory;

/* A lua_Alloc. If ptr is NULL, old_bytes is no size. */
static void *lua_resize(void *user, void *ptr, size_t old_bytes, size_t bytes) {
    lua_memory *const memory = user;
    const size_t others = memory->used - (ptr == NULL ? 0 : old_bytes);
    if (bytes == 0) {
        pool_free(ptr);
        memory->used = others;
        return NULL;
    }
    void *const block = bytes > memory->limit - others ? NULL : pool_realloc(ptr, bytes);
    if (block != NULL) {
        memory->used = others + bytes;
    }
    return block;
}

/* ---- the scenario ---------------------------------------------------------------------------- */

enum { LIMIT = 80 * 1024 };

static const char work[] =
    "local readings, names = {}, {}\n"
    "for i = 1, 200 do readings[i] = { id = i, value = i * i % 97, unit = 'mV' .. i % 7 } end\n"
    "table.sort(readings, function(a, b)\n"
    "  return a.value < b.value or a.value == b.value and a.id < b.id end)\n"
    "for i, r in ipairs(readings) do\n"
    "  names[i] = string.format('%d:%d%s', r.id, r.value, r.unit) end\n"
    "local co = coroutine.wrap(function() for n in table.concat(names, ','):gmatch('[^,]+') do\n"
    "  coroutine.yield(#n) end end)\n"
    "local sum = 0\n"
    "for length in co do sum = sum + length end\n"
    "return sum\n";
enum { WORK_RESULT = 1659 };

static const char hog[] = "local t = {} while true do t[#t + 1] = ('x'):rep(100) .. #t end";

static scenario_outcome outcome_of(int status) {
    return status == LUA_ERRMEM ? SCENARIO_NO_MEMORY : SCENARIO_WRONG;
}

static int libraries_open(lua_State *state) {
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_COLIBNAME, luaopen_coroutine}};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(state, libraries[i].name, libraries[i].func, 1);
        lua_pop(state, 1);
    }
    return 0;
}

/* Runs a text. Its result is left on the stack. */
static int text_run(lua_State *state, const char *text) {
    lua_settop(state, 0);
    const int status = luaL_loadstring(state, text);
    return status == LUA_OK ? lua_pcall(state, 0, 1, 0) : status;
}

static scenario_outcome scripts_run(lua_State *state) {
    lua_pushcfunction(state, libraries_open);
    int status = lua_pcall(state, 0, 0, 0);
    /* A script that takes all memory ends, and the next one finds it free. */
    for (int i = 0; status == LUA_OK && i < 2; i++) {
        status = text_run(state, work);
        if (status == LUA_OK && lua_tointeger(state, -1) != WORK_RESULT) {
            return SCENARIO_WRONG;
        }
        if (status == LUA_OK && text_run(state, hog) != LUA_ERRMEM) {
            return SCENARIO_WRONG;
        }
    }
    return status == LUA_OK ? SCENARIO_DONE : outcome_of(status);
}

scenario_outcome scenario_run(void) {
    lua_memory memory = {0, LIMIT};
    lua_State *const state = lua_newstate(lua_resize, &memory);
    if (state == NULL) {
        return SCENARIO_NO_MEMORY;
    }
    const scenario_outcome outcome = scripts_run(state);
    lua_close(state);
    return memory.used == 0 ? outcome : SCENARIO_WRONG;
}
