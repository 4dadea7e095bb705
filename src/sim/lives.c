/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that make programs and end them:
 *	program("A", "client", function() ... end, { start = "1s" })      at("50ms", function() ... end)
 *	local thread = spawn(function() ... end)      join(thread)
 *	freeze "client"      thaw "client"      crash "client"      kill "A"      boot "A"
 * A program's name stands for its whole process; a host's name for all programs on it.
 */
#include "sim/script.h"

#include <lauxlib.h>

#include <string.h>

/* program(host, [name,] function [, { start = "1s" }]) */
static int word_program(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *host_name = luaL_checkstring(lua, 1), *name = host_name;
	int host = plan_find_host(&script->sim.plan, host_name), function = 2;
	weir_time start = script->sim.now;

	if (host < 0)
		return luaL_error(lua, "program: no host '%s' has been declared before", host_name);
	if (script->running && script->sim.host[host].off)
		return luaL_error(lua, "program: host '%s' is off", host_name);
	if (lua_type(lua, 2) == LUA_TSTRING)
		name = lua_tostring(lua, function++);
	luaL_checktype(lua, function, LUA_TFUNCTION);
	if (lua_istable(lua, function + 1) && lua_getfield(lua, function + 1, "start") != LUA_TNIL)
		start = weir_time_add((weir_time){0}, script_duration(lua, -1));
	if (weir_time_before(start, script->sim.now))
		return luaL_error(lua, "program '%s' would start in the past", name);
	program_new(lua, function, name, host, start, NULL);
	return 0;
}

/* at(instant, function) */
static int word_at(lua_State *lua)
{
	struct script *script = script_of(lua);
	weir_time start = weir_time_add((weir_time){0}, script_duration(lua, 1));

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	if (weir_time_before(start, script->sim.now))
		return luaL_error(lua, "at('%s') is in the past", lua_tostring(lua, 1));
	program_new(lua, 2, "at", -1, start, NULL);
	return 0;
}

/* spawn([name,] function): a thread of the program that calls. Returns what join() takes. */
static int word_spawn(lua_State *lua)
{
	const struct program *p = program_calling(lua, "spawn", true), *thread;
	const char *name = p->name;
	int function = 1;

	if (lua_type(lua, 1) == LUA_TSTRING)
		name = lua_tostring(lua, function++);
	luaL_checktype(lua, function, LUA_TFUNCTION);
	thread = program_new(lua, function, name, p->host, script_of(lua)->sim.now, p);
	lua_pushinteger(lua, thread->index);
	return 1;
}

/* -- waiting */

static int join_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);
	struct program *p = script->current;

	(void)status;
	(void)ctx;
	if (script->program[p->joins]->state != PROGRAM_ENDED)
		return program_block(lua, CALL_JOIN, NULL, join_again);
	program_unblock(script, p);
	return 0;
}

/* join(thread): until it has ended. */
static int word_join(lua_State *lua)
{
	struct program *p = program_calling(lua, "join", true);
	lua_Integer thread = luaL_checkinteger(lua, 1);

	luaL_argcheck(lua, thread >= 0 && thread < script_of(lua)->programs && thread != p->index, 1,
	              "a thread that spawn() made is expected");
	p->joins = (uint32_t)thread;
	return join_again(lua, LUA_OK, 0);
}

static int sleep_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);

	(void)status;
	(void)ctx;
	program_unblock(script, script->current);
	return 0;
}

static int word_sleep(lua_State *lua)
{
	struct program *p = program_calling(lua, "sleep", true);
	struct script *script = script_of(lua);
	weir_duration d = script_duration(lua, 1);

	program_tell(script, p, "sleep %s", lua_tostring(lua, 1));
	return program_block_until(lua, CALL_SLEEP, NULL, weir_time_add(script->sim.now, d), sleep_again);
}

static int word_now(lua_State *lua)
{
	lua_pushnumber(lua, (lua_Number)script_of(lua)->sim.now.ns / 1e9);
	return 1;
}

/* -- accidents */

/* Does to each program of this name, or on the host of this name, what `act` does. */
static int each_named(lua_State *lua, const char *word, void (*act)(struct script *script, struct program *p))
{
	const char *name = luaL_checkstring(lua, 1);
	struct script *script = script_running(lua, word);
	int host = plan_find_host(&script->sim.plan, name);
	bool any = false;

	for (uint32_t i = 0; i < script->programs; i++) {
		struct program *p = script->program[i];

		if (p->state == PROGRAM_ENDED || p->host < 0)
			continue;
		if (p->host != host && strcmp(p->name, name) != 0 &&
		    strcmp(script->program[p->process]->name, name) != 0)
			continue;
		if (p == script->current)
			return luaL_error(lua, "%s: '%s' is the program that calls", word, name);
		act(script, p);
		any = true;
	}
	if (!any)
		return luaL_error(lua, "%s: no program '%s' is running", word, name);
	return 0;
}

static void freeze(struct script *script, struct program *p)
{
	if (!p->frozen)
		program_tell(script, p, "frozen");
	p->frozen = true;
}

static void thaw(struct script *script, struct program *p)
{
	if (!p->frozen)
		return;
	program_tell(script, p, "goes on");
	p->frozen = false;
	if (p->woken) {
		sim_wake(&script->sim.host[p->host]);
		program_resume(script, p);
		sim_touch(&script->sim.host[p->host]);
	}
	p->woken = false;
}

/* As kill -9: the sockets are closed by who runs the program, unread bytes and all. */
static void crash(struct script *script, struct program *p)
{
	program_tell(script, p, "crashes");
	program_end(script, p, true);
}

static int word_freeze(lua_State *lua)
{
	return each_named(lua, "freeze", freeze);
}

static int word_thaw(lua_State *lua)
{
	return each_named(lua, "thaw", thaw);
}

static int word_crash(lua_State *lua)
{
	return each_named(lua, "crash", crash);
}

static struct sim_host *read_host(lua_State *lua, const char *word)
{
	struct script *script = script_running(lua, word);
	struct sim_host *host = sim_find_host(&script->sim, luaL_checkstring(lua, 1));

	if (host == NULL)
		luaL_argerror(lua, 1, "there is no such host");
	return host;
}

static int check_power(lua_State *lua, int error)
{
	return error == 0 ? 0 : luaL_error(lua, "the host cannot be made anew: %s", script_error_name(-error));
}

/* kill(host): its power fails. Its programs and sockets are gone and it says nothing, until boot(host). */
static int word_kill(lua_State *lua)
{
	struct sim_host *host = read_host(lua, "kill");
	struct script *script = script_of(lua);

	if (script->current->host == (int)host->index)
		return luaL_error(lua, "kill: the program that calls is on host '%s'", host->plan->name);
	for (uint32_t i = 0; i < script->programs; i++) {
		if (script->program[i]->host == (int)host->index)
			program_end(script, script->program[i], false);
	}
	return check_power(lua, sim_power_off(host));
}

/* boot(host): it is there again, with its addresses and without any memory of what was. */
static int word_boot(lua_State *lua)
{
	struct sim_host *host = read_host(lua, "boot");

	if (!host->off)
		return luaL_error(lua, "boot: host '%s' is on", host->plan->name);
	sim_power_on(host);
	return 0;
}

void life_words(lua_State *lua)
{
	lua_register(lua, "program", word_program);
	lua_register(lua, "at", word_at);
	lua_register(lua, "spawn", word_spawn);
	lua_register(lua, "join", word_join);
	lua_register(lua, "sleep", word_sleep);
	lua_register(lua, "now", word_now);
	lua_register(lua, "freeze", word_freeze);
	lua_register(lua, "thaw", word_thaw);
	lua_register(lua, "crash", word_crash);
	lua_register(lua, "kill", word_kill);
	lua_register(lua, "boot", word_boot);
}
