/* SPDX-License-Identifier: Apache-2.0
 *
 * select { read = { s, ... }, write = { ... }, except = { ... }, timeout = "1s" }: waits until one of the sockets is
 * ready, and returns three lists: readable, writable, with an exception (urgent data, an error). Without sockets ready
 * when the time is up all three are empty.
 */
#include "sim/calls.h"

#include <lauxlib.h>

#include <stdlib.h>
#include <string.h>

enum { SOCKETS_MAX = 1024 };

static const struct {
	const char *key;
	unsigned wanted;
} sets[] = {
    {"read", WEIR_IN | WEIR_RDHUP | WEIR_HUP | WEIR_ERR},
    {"write", WEIR_OUT | WEIR_ERR},
    {"except", WEIR_PRI},
};

enum { SETS = sizeof(sets) / sizeof(sets[0]) };

/* Pushes the list of those sockets of one set that are ready. Returns how many; *all counts all. */
static unsigned push_ready(lua_State *lua, const char *key, unsigned wanted, unsigned *all)
{
	lua_Integer ready = 0;
	struct program *p;

	lua_newtable(lua);
	if (lua_getfield(lua, 1, key) == LUA_TNIL) {
		lua_pop(lua, 1);
		return 0;
	}
	if (!lua_istable(lua, -1))
		luaL_error(lua, "select: %s is a list of sockets", key);
	for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
		const struct sim_socket *socket = call_open(lua, lua_gettop(lua), "select", &p);

		++*all;
		if (weir_poll(socket->sock) & wanted) {
			lua_rawseti(lua, -3, ++ready);
			continue;
		}
		lua_pop(lua, 1);
	}
	lua_pop(lua, 2);
	return (unsigned)ready;
}

/* Remembers whom to wait for; p is told when one of them changes. */
static void remember(lua_State *lua, struct program *p, unsigned count)
{
	p->among = calloc(count + 1, sizeof(struct sim_socket *));
	if (p->among == NULL)
		luaL_error(lua, "no memory");
	for (unsigned set = 0; set < SETS; set++) {
		if (lua_getfield(lua, 1, sets[set].key) != LUA_TTABLE) {
			lua_pop(lua, 1);
			continue;
		}
		for (lua_Integer i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL && p->amongs < count; i++) {
			p->among[p->amongs] = call_socket(lua, -1);
			p->among[p->amongs++]->waiting++;
			lua_pop(lua, 1);
		}
		lua_pop(lua, 2);
	}
}

static weir_time deadline(lua_State *lua, weir_time now)
{
	weir_time until = WEIR_NEVER;

	if (lua_getfield(lua, 1, "timeout") != LUA_TNIL)
		until = weir_time_add(now, script_duration(lua, -1));
	lua_pop(lua, 1);
	return until;
}

static int select_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);
	struct program *p = program_calling(lua, "select", false);
	unsigned ready[SETS], all = 0, any = 0;
	weir_time until = p->call == CALL_NONE ? deadline(lua, script->sim.now) : p->until;

	(void)status;
	(void)ctx;
	lua_settop(lua, 1);
	for (unsigned set = 0; set < SETS; set++) {
		ready[set] = push_ready(lua, sets[set].key, sets[set].wanted, &all);
		any += ready[set];
	}
	if (any == 0 && weir_time_before(script->sim.now, until)) {
		lua_settop(lua, 1);
		if (all > SOCKETS_MAX || (all == 0 && weir_time_is_never(until)))
			return luaL_error(lua, "select: between 1 and %d sockets, or a timeout, are expected",
			                  SOCKETS_MAX);
		if (!p->told)
			program_tell(script, p, "select waits");
		if (p->call == CALL_NONE)
			remember(lua, p, all);
		p->told = true;
		return program_block_until(lua, CALL_SELECT, NULL, until, select_again);
	}
	program_unblock(script, p);
	if (any > 0)
		program_tell(script, p, "select = %u, %u, %u", ready[0], ready[1], ready[2]);
	else
		program_tell(script, p, "select: time-out");
	return SETS;
}

/* Lua's own select(n, ...) goes on to work. */
static int word_select(lua_State *lua)
{
	if (lua_istable(lua, 1)) {
		for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
			const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
			bool known = strcmp(key, "timeout") == 0;

			for (unsigned set = 0; set < SETS; set++)
				known = known || strcmp(key, sets[set].key) == 0;
			if (!known)
				return luaL_error(lua, "select has no setting '%s'", key);
		}
		return select_again(lua, LUA_OK, 0);
	}
	lua_pushvalue(lua, lua_upvalueindex(1));
	lua_insert(lua, 1);
	lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
	return lua_gettop(lua);
}

void select_words(lua_State *lua)
{
	lua_getglobal(lua, "select");
	lua_pushcclosure(lua, word_select, 1);
	lua_setglobal(lua, "select");
}
