/* SPDX-License-Identifier: Apache-2.0
 *
 * World files: Lua 5.4, with world{}, host{}, link{} and tap{}. The script has no files, no processes, no code loading;
 *it is stopped when it runs for too long or wants too much memory. Every complaint names the file and the line.
 *
 *	host { name = "a", address = { "10.0.0.1/24", "fd00::1/64" }, time_wait = "60s", route = { { to = "0.0.0.0/0",
 *via = "10.0.0.9" } } } link { name = "lan", "a", "b", delay = "20ms", loss = "1%", rate = "10Mbit/s", queue = 50, seed
 *= 1 } link { "a", { host = "c", address = "10.1.0.1/24" } } tap  { host = "a", name = "weir0", address =
 *"10.9.0.1/24", neighbour = { ["fd09::2"] = "02:00:00:00:00:02" } }
 */
#include "world/worldfile.h"
#include "world/plan.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdlib.h>
#include <string.h>

enum { INSTRUCTIONS_MAX = 20000000, HOOK_EVERY = 10000, MEMORY_MAX = 64 << 20 };

struct reader {
	struct plan *plan;
	size_t memory_bytes;
	unsigned long instructions;
};

static struct reader *reader_of(lua_State *lua)
{
	struct reader *reader;

	lua_getfield(lua, LUA_REGISTRYINDEX, "weir");
	reader = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return reader;
}

struct plan *worldfile_plan(lua_State *lua)
{
	return reader_of(lua)->plan;
}

static void *limited_alloc(void *ctx, void *old, size_t old_bytes, size_t bytes)
{
	struct reader *reader = ctx;
	void *fresh;

	if (old == NULL) /* then Lua tells a kind of object in place of a size */
		old_bytes = 0;
	if (bytes == 0) {
		free(old);
		reader->memory_bytes -= old_bytes;
		return NULL;
	}
	if (bytes > old_bytes && reader->memory_bytes + (bytes - old_bytes) > MEMORY_MAX)
		return NULL;
	fresh = realloc(old, bytes);
	if (fresh != NULL)
		reader->memory_bytes += bytes - old_bytes;
	return fresh;
}

static void count_instructions(lua_State *lua, lua_Debug *debug)
{
	struct reader *reader = reader_of(lua);

	(void)debug;
	reader->instructions += HOOK_EVERY;
	if (reader->instructions <= INSTRUCTIONS_MAX)
		return;
	lua_sethook(lua, count_instructions, LUA_MASKCOUNT, 1); /* a pcall() in the script must not keep it alive */
	luaL_where(lua, 0);
	lua_pushfstring(lua, "the world file runs for too long (over %d instructions)", INSTRUCTIONS_MAX);
	lua_concat(lua, 2);
	lua_error(lua);
}

/* Only what cannot reach out of the script. */
static void open_libraries(lua_State *lua)
{
	static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
	                                     {LUA_TABLIBNAME, luaopen_table},
	                                     {LUA_STRLIBNAME, luaopen_string},
	                                     {LUA_MATHLIBNAME, luaopen_math}};
	static const char *const forbidden[] = {"dofile", "loadfile", "load", "collectgarbage", "print"};

	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		luaL_requiref(lua, libraries[i].name, libraries[i].func, 1);
		lua_pop(lua, 1);
	}
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		lua_pushnil(lua);
		lua_setglobal(lua, forbidden[i]);
	}
}

/* Runs protected: argument 1 is the path. */
static int run_file(lua_State *lua)
{
	const char *path = lua_touserdata(lua, 1);

	open_libraries(lua);
	worldfile_register(lua);
	if (luaL_loadfilex(lua, path, "t") != LUA_OK)
		return lua_error(lua);
	lua_call(lua, 0, 0);
	if (worldfile_plan(lua)->hosts == 0)
		return luaL_error(lua, "%s: the world has no host", path);
	return 0;
}

static int refuse(struct complaint *complaint, const char *path, const char *saw)
{
	char what[sizeof(complaint->what)];

	snprintf(what, sizeof(what), "cannot read the world file %s", path);
	return complain(complaint, 4, what, saw, "weir help up (it shows what a world file may hold)");
}

int plan_read(struct plan *plan, const char *path, struct complaint *complaint)
{
	struct reader reader = {.plan = plan};
	lua_State *lua = lua_newstate(limited_alloc, &reader);
	int status = 0;

	if (lua == NULL)
		return refuse(complaint, path, "no memory");
	lua_sethook(lua, count_instructions, LUA_MASKCOUNT, HOOK_EVERY);
	lua_pushlightuserdata(lua, &reader);
	lua_setfield(lua, LUA_REGISTRYINDEX, "weir");
	lua_pushcfunction(lua, run_file);
	lua_pushlightuserdata(lua, (void *)(uintptr_t)path);
	if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
		const char *saw = lua_tostring(lua, -1);

		status = refuse(complaint, path, saw != NULL ? saw : "an error without a message");
		plan_deinit(plan);
	}
	lua_close(lua);
	return status;
}
