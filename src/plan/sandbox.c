/* SPDX-License-Identifier: Apache-2.0
 *
 * The sandbox: an allocator that counts, a hook that counts.
 */
#include "plan/sandbox.h"

#include <lauxlib.h>
#include <lualib.h>

#include <stdlib.h>

enum { HOOK_EVERY = 10000 };

static struct sandbox *sandbox_of(lua_State *lua)
{
	void *sandbox;

	(void)lua_getallocf(lua, &sandbox);
	return sandbox;
}

static void *limited_alloc(void *ctx, void *old, size_t old_bytes, size_t bytes)
{
	struct sandbox *sandbox = ctx;
	void *fresh;

	if (old == NULL) /* then Lua tells a kind of object in place of a size */
		old_bytes = 0;
	if (bytes == 0) {
		free(old);
		sandbox->memory_bytes -= old_bytes;
		return NULL;
	}
	if (bytes > old_bytes && sandbox->memory_bytes + (bytes - old_bytes) > sandbox->memory_max)
		return NULL;
	fresh = realloc(old, bytes);
	if (fresh != NULL)
		sandbox->memory_bytes += bytes - old_bytes;
	return fresh;
}

static void count_instructions(lua_State *lua, lua_Debug *debug)
{
	struct sandbox *sandbox = sandbox_of(lua);

	(void)debug;
	sandbox->instructions += HOOK_EVERY;
	if (sandbox->instructions <= sandbox->instructions_max)
		return;
	lua_sethook(lua, count_instructions, LUA_MASKCOUNT, 1); /* a pcall() in the script must not keep it alive */
	luaL_where(lua, 0);
	lua_pushfstring(lua, "%s runs for too long (over %I instructions)", sandbox->what,
	                (LUAI_UACINT)sandbox->instructions_max);
	lua_concat(lua, 2);
	lua_error(lua);
}

void sandbox_open(lua_State *lua)
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

lua_State *sandbox_new(struct sandbox *sandbox)
{
	lua_State *lua;

	sandbox->instructions = 0;
	sandbox->memory_bytes = 0;
	lua = lua_newstate(limited_alloc, sandbox);
	if (lua != NULL)
		lua_sethook(lua, count_instructions, LUA_MASKCOUNT, HOOK_EVERY);
	return lua;
}
