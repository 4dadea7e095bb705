/* SPDX-License-Identifier: Apache-2.0
 *
 * From a script's text to its end. First the script itself runs, and describes; then the world is made, and its
 * programs run until nothing more can happen.
 */
#include "sim/script.h"

#include <weir/error.h>

#include "plan/words.h"

#include <lauxlib.h>

#include <stdlib.h>
#include <string.h>

enum {
	INSTRUCTIONS_MAX = 200000000,
	MEMORY_MAX = 256 << 20,
	STEPS_AT_ONCE = 10000000,
	LIMIT_S = 3600,
	TICK_EVERY = 1024
};

/* -- what would make two runs differ */

static int compare_keys(lua_State *lua)
{
	bool number_a = lua_type(lua, 1) == LUA_TNUMBER, number_b = lua_type(lua, 2) == LUA_TNUMBER;

	lua_pushboolean(lua, number_a != number_b ? number_a : lua_compare(lua, 1, 2, LUA_OPLT));
	return 1;
}

/* Upvalues: the table, its sorted keys, where we are. */
static int next_sorted(lua_State *lua)
{
	lua_Integer at = lua_tointeger(lua, lua_upvalueindex(3)) + 1;

	lua_pushinteger(lua, at);
	lua_replace(lua, lua_upvalueindex(3));
	if (lua_rawgeti(lua, lua_upvalueindex(2), at) == LUA_TNIL)
		return 1;
	lua_pushvalue(lua, -1);
	lua_gettable(lua, lua_upvalueindex(1));
	return 2;
}

/* pairs() in the order of the keys: Lua's own order differs from run to run. */
static int word_pairs(lua_State *lua)
{
	lua_Integer count = 0;

	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	lua_newtable(lua);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		if (lua_type(lua, -2) != LUA_TNUMBER && lua_type(lua, -2) != LUA_TSTRING)
			return luaL_error(lua, "pairs: a key is a %s; only numbers and text have an order",
			                  luaL_typename(lua, -2));
		lua_pushvalue(lua, -2);
		lua_rawseti(lua, 2, ++count);
	}
	lua_getglobal(lua, "table");
	lua_getfield(lua, -1, "sort");
	lua_pushvalue(lua, 2);
	lua_pushcfunction(lua, compare_keys);
	lua_call(lua, 2, 0);
	lua_settop(lua, 2);
	lua_pushinteger(lua, 0);
	lua_pushcclosure(lua, next_sorted, 3);
	return 1;
}

static int word_tostring(lua_State *lua)
{
	luaL_checkany(lua, 1);
	script_push_text(lua, 1);
	return 1;
}

static void make_repeatable(lua_State *lua, uint64_t seed)
{
	lua_register(lua, "pairs", word_pairs);
	lua_register(lua, "tostring", word_tostring);
	lua_pushnil(lua);
	lua_setglobal(lua, "next");
	lua_getglobal(lua, "math");
	lua_getfield(lua, -1, "randomseed");
	lua_pushinteger(lua, (lua_Integer)seed);
	lua_call(lua, 1, 0);
	lua_pop(lua, 1);
}

/* -- scenario { title = , figure = , shows = , stop = , limit = } */

static void take_text(lua_State *lua, const char *key, char to[SCENARIO_TEXT])
{
	size_t len;
	const char *text = lua_isstring(lua, -1) ? lua_tolstring(lua, -1, &len) : NULL;

	if (text == NULL || len >= SCENARIO_TEXT || strpbrk(text, "\n\r\t\033") != NULL)
		luaL_error(lua, "%s: expected text of at most %d bytes on one line", key, SCENARIO_TEXT - 1);
	else
		memcpy(to, text, len + 1);
}

static int word_scenario(lua_State *lua)
{
	struct script *script = script_of(lua);

	luaL_checktype(lua, 1, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";
		weir_duration d = {0};

		if (strcmp(key, "title") == 0)
			take_text(lua, key, script->result->title);
		else if (strcmp(key, "figure") == 0)
			take_text(lua, key, script->result->figure);
		else if (strcmp(key, "shows") == 0)
			take_text(lua, key, script->result->shows);
		else if (strcmp(key, "stop") != 0)
			return luaL_error(lua, "scenario has no setting '%s'", key);
		else if (!lua_isstring(lua, -1) || !plan_parse_duration(lua_tostring(lua, -1), &d) || d.ns == 0)
			return luaL_error(lua, "stop: expected a duration, as in '10s'");
		else
			script->limit = weir_time_add((weir_time){0}, d);
	}
	return 0;
}

/* -- running */

/* Runs protected: argument 1 is the path. */
static int load_file(lua_State *lua)
{
	const char *path = lua_touserdata(lua, 1);
	struct script *script = script_of(lua);

	sandbox_open(lua);
	make_repeatable(lua, script->options->seed);
	words_bind(lua, &script->sim.plan);
	words_register(lua);
	words_register_scenario(lua);
	life_words(lua);
	call_words(lua);
	fault_words(lua);
	segment_words(lua);
	view_words(lua);
	lua_register(lua, "scenario", word_scenario);
	if (luaL_loadfilex(lua, path, "t") != LUA_OK)
		return lua_error(lua);
	lua_call(lua, 0, 0);
	if (script->sim.plan.hosts == 0)
		return luaL_error(lua, "%s: the scenario has no host", path);
	return 0;
}

static bool out_of_time(struct script *script, weir_time *checked)
{
	/* Nothing is left but time-outs of connections whose programs are stuck. */
	if (script->sleepers > 0 || script->alive == 0 || weir_time_since(script->sim.now, *checked).ns < WEIR_NS_PER_S)
		return false;
	*checked = script->sim.now;
	return stuck_all(script);
}

static void run(struct script *script)
{
	struct sim *sim = &script->sim;
	const struct scenario_options *options = script->options;
	weir_time checked = sim->now;
	uint64_t steps = 0, turns = 0;

	for (;;) {
		if (options->tick != NULL && turns++ % TICK_EVERY == 0)
			options->tick(options->tick_ctx, sim->now, script->limit, sim->events);
		if (script->runnable != NULL)
			program_run_next(script);
		else if (!sim_step(sim)) {
			weir_time before = sim->now;

			if (out_of_time(script, &checked) || !sim_advance(sim, script->limit))
				return;
			if (weir_time_before(before, sim->now))
				steps = 0;
		}
		if (script->failed)
			return;
		if (++steps > STEPS_AT_ONCE) {
			snprintf(script->error, sizeof(script->error),
			         "time stands still: too much happens at one instant");
			script->failed = true;
			return;
		}
	}
}

static void tell_end(struct script *script)
{
	FILE *out = script->options->out;
	char time[TIMELINE_TIME], doing[PROGRAM_TEXT];

	if (out == NULL)
		return;
	fprintf(out, "\nended at t = %s s\n", timeline_time(script->sim.now, time));
	if (stuck_tell(script, out))
		return;
	for (uint32_t i = 0; i < script->programs; i++) {
		const struct program *p = script->program[i];

		if (p->state == PROGRAM_BLOCKED)
			fprintf(out, "  %s is %s in %s\n", p->name, p->frozen ? "frozen" : "still",
			        program_doing(p, doing));
	}
}

static int refuse(struct complaint *complaint, const char *path, const char *saw)
{
	char what[sizeof(complaint->what)];

	snprintf(what, sizeof(what), "cannot run the scenario %s", path);
	return complain(complaint, 4, what, saw, "weir help sim (it shows what a scenario may hold)");
}

static int run_world(struct script *script, const char *path, struct complaint *complaint)
{
	const char *where;
	char saw[128];
	int error = sim_build(&script->sim, &where);

	script->stirred = calloc(script->sim.hosts + 1, sizeof(struct program *));
	if (error == 0 && (script->stirred == NULL || !sim_add_programs(&script->sim, script->programs)))
		error = -WEIR_ENOMEM;
	if (error != 0) {
		snprintf(saw, sizeof(saw), "'%s' cannot be made: %s", where, script_error_name(-error));
		return refuse(complaint, path, saw);
	}
	script->running = true;
	for (uint32_t i = 0; i < script->programs; i++)
		sim_program_due(&script->sim, i, script->program[i]->start);
	run(script);
	script->result->events = script->sim.events;
	script->result->ended = script->sim.now;
	if (script->failed)
		return refuse(complaint, path, script->error);
	tell_end(script);
	return script->result->failed > 0 ? 1 : 0;
}

static int with_script(const char *path, const struct scenario_options *options, bool runs,
                       struct scenario_result *result, struct complaint *complaint)
{
	struct script script = {
	    .sandbox = {.what = "the scenario", .instructions_max = INSTRUCTIONS_MAX, .memory_max = MEMORY_MAX},
	    .options = options,
	    .result = result,
	    .limit = {LIMIT_S * WEIR_NS_PER_S},
	};
	int status = 0;

	*result = (struct scenario_result){.title = ""};
	sim_init(&script.sim, options->seed, options->brief ? NULL : options->out, options->ascii);
	script.sim.ctx = &script;
	script.sim.wake = program_wake;
	script.sim.ready = program_ready;
	script.sim.stirred = program_stirred;
	script.sim.passes = segment_passes;
	script.runnable_end = &script.runnable;
	script.lua = sandbox_new(&script.sandbox);
	if (script.lua == NULL)
		return refuse(complaint, path, "no memory");
	*(struct script **)lua_getextraspace(script.lua) = &script;
	lua_pushcfunction(script.lua, load_file);
	lua_pushlightuserdata(script.lua, (void *)(uintptr_t)path);
	if (lua_pcall(script.lua, 1, 0, 0) != LUA_OK) {
		const char *saw = lua_tostring(script.lua, -1);

		status = refuse(complaint, path, saw != NULL ? saw : "an error without a message");
	}
	if (status == 0 && runs)
		status = run_world(&script, path, complaint);
	lua_close(script.lua);
	sim_deinit(&script.sim);
	programs_free(&script);
	return status;
}

int scenario_run(const char *path, const struct scenario_options *options, struct scenario_result *result,
                 struct complaint *complaint)
{
	return with_script(path, options, true, result, complaint);
}

int scenario_describe(const char *path, struct scenario_result *result, struct complaint *complaint)
{
	static const struct scenario_options none;

	return with_script(path, &none, false, result, complaint);
}
