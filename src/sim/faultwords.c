/* SPDX-License-Identifier: Apache-2.0
 *
 * Words for faults aimed at single segments:
 *	drop { from = "A", flags = "FIN", nth = 1 }
 *	delay { from = "B", flags = "SYN,ACK", nth = 2, by = "5s" }
 *	hold { from = "A", data = true, nth = 4, onward = true }      release "A"
 *	drop { from = "A", udp = true, port = 53, nth = 2 }
 *	cut { link = "lan", after = "1s", before = "3s" }
 */
#include "sim/script.h"

#include <lauxlib.h>

#include <string.h>

static int read_host(lua_State *lua, const char *key)
{
	const char *name = luaL_checkstring(lua, -1);
	int host = plan_find_host(&script_of(lua)->sim.plan, name);

	if (host < 0)
		luaL_error(lua, "%s = '%s': there is no such host", key, name);
	return host;
}

static int read_link(lua_State *lua)
{
	const struct plan *plan = &script_of(lua)->sim.plan;
	const char *name = luaL_checkstring(lua, -1);

	for (unsigned i = 0; i < plan->links; i++) {
		if (strcmp(plan->link[i].name, name) == 0)
			return (int)i;
	}
	return luaL_error(lua, "link = '%s': there is no such link", name);
}

static weir_duration read_duration(lua_State *lua, const char *key)
{
	weir_duration d = {0};

	if (!lua_isstring(lua, -1) || !plan_parse_duration(lua_tostring(lua, -1), &d))
		luaL_error(lua, "%s: expected a duration, as in '20ms'", key);
	return d;
}

/* The value on the top belongs to this key. */
static void read_key(lua_State *lua, const char *word, const char *key, struct sim_aim_rule *rule)
{
	if (strcmp(key, "from") == 0) {
		rule->from = read_host(lua, key);
	} else if (strcmp(key, "to") == 0) {
		rule->to = read_host(lua, key);
	} else if (strcmp(key, "link") == 0) {
		rule->link = read_link(lua);
	} else if (strcmp(key, "flags") == 0) {
		rule->flags = script_flags(lua);
	} else if (strcmp(key, "port") == 0) {
		rule->port = (uint16_t)script_count(lua, key, 1, UINT16_MAX);
	} else if (strcmp(key, "udp") == 0) {
		rule->udp = lua_toboolean(lua, -1);
	} else if (strcmp(key, "data") == 0) {
		rule->data = lua_toboolean(lua, -1);
	} else if (strcmp(key, "byte") == 0) {
		rule->byte = script_count(lua, key, 0, UINT32_MAX);
		rule->has_byte = true;
	} else if (strcmp(key, "nth") == 0) {
		rule->nth = (uint32_t)script_count(lua, key, 1, UINT32_MAX);
	} else if (strcmp(key, "onward") == 0) {
		rule->onward = lua_toboolean(lua, -1);
	} else if (strcmp(key, "after") == 0) {
		rule->after = weir_time_add((weir_time){0}, read_duration(lua, key));
	} else if (strcmp(key, "before") == 0) {
		rule->before = weir_time_add((weir_time){0}, read_duration(lua, key));
	} else if (strcmp(key, "by") == 0 && rule->action == LINK_AIM_DELAY) {
		rule->extra = read_duration(lua, key);
	} else {
		luaL_error(lua, "%s has no setting '%s'", word, key);
	}
}

static int add_rule(lua_State *lua, const char *word, enum link_aim_action action, bool any_packet)
{
	struct sim_aim_rule rule = {
	    .action = action, .from = -1, .to = -1, .link = -1, .any_packet = any_packet, .before = WEIR_NEVER};

	luaL_checktype(lua, 1, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		if (lua_type(lua, -2) != LUA_TSTRING)
			return luaL_error(lua, "settings of %s are named, as in { from = \"A\" }", word);
		read_key(lua, word, lua_tostring(lua, -2), &rule);
	}
	if (action == LINK_AIM_DELAY && rule.extra.ns == 0)
		return luaL_error(lua, "delay needs 'by', as in by = '5s'");
	if (!sim_aims_add(&script_of(lua)->sim.aims, &rule))
		return luaL_error(lua, "no memory");
	return 0;
}

static int word_drop(lua_State *lua)
{
	return add_rule(lua, "drop", LINK_AIM_DROP, false);
}

static int word_delay(lua_State *lua)
{
	return add_rule(lua, "delay", LINK_AIM_DELAY, false);
}

static int word_hold(lua_State *lua)
{
	return add_rule(lua, "hold", LINK_AIM_HOLD, false);
}

static int word_duplicate(lua_State *lua)
{
	return add_rule(lua, "duplicate", LINK_AIM_DUPLICATE, false);
}

static int word_corrupt(lua_State *lua)
{
	return add_rule(lua, "corrupt", LINK_AIM_CORRUPT, false);
}

static int word_cut(lua_State *lua)
{
	return add_rule(lua, "cut", LINK_AIM_DROP, true);
}

/* release(host): what was held of its segments goes, and its hold rules end. */
static int word_release(lua_State *lua)
{
	struct sim *sim = &script_of(lua)->sim;
	struct sim_host *host;

	lua_settop(lua, 1);
	script_running(lua, "release");
	host = &sim->host[read_host(lua, "host")];
	for (unsigned i = 0; i < sim->aims.rules; i++) {
		struct sim_aim_rule *rule = &sim->aims.rule[i];

		if (rule->action == LINK_AIM_HOLD && (rule->from < 0 || rule->from == (int)host->index))
			rule->ended = true;
	}
	for (unsigned i = 0; i < host->interfaces; i++)
		sim_pipe_release(&host->interface[i].pipe, sim->now);
	return 0;
}

void fault_words(lua_State *lua)
{
	lua_register(lua, "drop", word_drop);
	lua_register(lua, "delay", word_delay);
	lua_register(lua, "hold", word_hold);
	lua_register(lua, "duplicate", word_duplicate);
	lua_register(lua, "corrupt", word_corrupt);
	lua_register(lua, "cut", word_cut);
	lua_register(lua, "release", word_release);
}
