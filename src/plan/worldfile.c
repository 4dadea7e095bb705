/* SPDX-License-Identifier: Apache-2.0
 *
 * World files: Lua 5.4 in a sandbox, with world{}, host{}, link{} and tap{}; `weir help up` shows them. Every complaint
 * names the file and the line.
 */
#include "plan/plan.h"
#include "plan/sandbox.h"
#include "plan/words.h"

#include <lauxlib.h>

enum { INSTRUCTIONS_MAX = 20000000, MEMORY_MAX = 64 << 20 };

/* Runs protected: argument 1 is the path. */
static int run_file(lua_State *lua)
{
	const char *path = lua_touserdata(lua, 1);
	struct plan *plan = lua_touserdata(lua, 2);

	sandbox_open(lua);
	words_bind(lua, plan);
	words_register(lua);
	words_register_world(lua);
	if (luaL_loadfilex(lua, path, "t") != LUA_OK)
		return lua_error(lua);
	lua_call(lua, 0, 0);
	if (plan->hosts == 0)
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
	struct sandbox sandbox = {
	    .what = "the world file", .instructions_max = INSTRUCTIONS_MAX, .memory_max = MEMORY_MAX};
	lua_State *lua = sandbox_new(&sandbox);
	int status = 0;

	if (lua == NULL)
		return refuse(complaint, path, "no memory");
	lua_pushcfunction(lua, run_file);
	lua_pushlightuserdata(lua, (void *)(uintptr_t)path);
	lua_pushlightuserdata(lua, plan);
	if (lua_pcall(lua, 2, 0, 0) != LUA_OK) {
		const char *saw = lua_tostring(lua, -1);

		status = refuse(complaint, path, saw != NULL ? saw : "an error without a message");
		plan_deinit(plan);
	}
	lua_close(lua);
	return status;
}
