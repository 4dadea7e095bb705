/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs: coroutines that block in virtual time.
 */
#include "sim/script.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAMS_MAX = 65536 };

struct script *script_of(lua_State *lua)
{
	return *(struct script **)lua_getextraspace(lua);
}

weir_duration script_duration(lua_State *lua, int arg)
{
	weir_duration d = {0};

	if (!plan_parse_duration(luaL_checkstring(lua, arg), &d))
		luaL_argerror(lua, arg, "a duration is expected, as in '20ms' or '1.5s'");
	return d;
}

const char *script_error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
	    {WEIR_EACCES, "EACCES"},
	    {WEIR_EADDRINUSE, "EADDRINUSE"},
	    {WEIR_EADDRNOTAVAIL, "EADDRNOTAVAIL"},
	    {WEIR_EAFNOSUPPORT, "EAFNOSUPPORT"},
	    {WEIR_EAGAIN, "EAGAIN"},
	    {WEIR_EALREADY, "EALREADY"},
	    {WEIR_EBADF, "EBADF"},
	    {WEIR_ECONNABORTED, "ECONNABORTED"},
	    {WEIR_ECONNREFUSED, "ECONNREFUSED"},
	    {WEIR_ECONNRESET, "ECONNRESET"},
	    {WEIR_EHOSTUNREACH, "EHOSTUNREACH"},
	    {WEIR_EINVAL, "EINVAL"},
	    {WEIR_EISCONN, "EISCONN"},
	    {WEIR_ENETUNREACH, "ENETUNREACH"},
	    {WEIR_ENOBUFS, "ENOBUFS"},
	    {WEIR_ENOMEM, "ENOMEM"},
	    {WEIR_ENOTCONN, "ENOTCONN"},
	    {WEIR_EOPNOTSUPP, "EOPNOTSUPP"},
	    {WEIR_EPIPE, "EPIPE"},
	    {WEIR_ETIMEDOUT, "ETIMEDOUT"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return "another error";
}

struct program *program_calling(lua_State *lua, const char *word, bool anywhere)
{
	struct program *p = script_of(lua)->current;

	if (p == NULL || (p->host < 0 && !anywhere))
		luaL_error(lua, "%s belongs into a program: program(\"host\", function() ... end)", word);
	return p;
}

struct sim_host *program_host(lua_State *lua, const struct program *p)
{
	return &script_of(lua)->sim.host[p->host];
}

void program_tell(struct script *script, const struct program *p, const char *format, ...)
{
	char text[128], line[200];
	va_list args;

	if (script->options->out == NULL || p->host < 0)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (strcmp(p->name, script->sim.plan.host[p->host].name) == 0)
		snprintf(line, sizeof(line), "%s", text);
	else
		snprintf(line, sizeof(line), "%s: %s", p->name, text);
	timeline_at(&script->sim.timeline, script->sim.now, (unsigned)p->host, line);
}

const char *program_doing(const struct program *p, char *text)
{
	switch (p->call) {
	case CALL_CONNECT:
		snprintf(text, PROGRAM_TEXT, "connect()");
		break;
	case CALL_ACCEPT:
		snprintf(text, PROGRAM_TEXT, "accept()");
		break;
	case CALL_READ:
		snprintf(text, PROGRAM_TEXT, "read()");
		break;
	case CALL_WRITE:
		snprintf(text, PROGRAM_TEXT, "write(%llu) with %llu bytes left", (unsigned long long)p->total,
		         (unsigned long long)(p->total - p->done));
		break;
	default:
		snprintf(text, PROGRAM_TEXT, "sleep()");
		break;
	}
	return text;
}

static void make_runnable(struct script *script, struct program *p)
{
	if (p->state != PROGRAM_BLOCKED)
		return;
	p->state = PROGRAM_RUNNABLE;
	p->next_runnable = NULL;
	*script->runnable_end = p;
	script->runnable_end = &p->next_runnable;
}

int program_block(lua_State *lua, enum program_call call, struct sim_socket *on, lua_KFunction again)
{
	struct script *script = script_of(lua);
	struct program *p = script->current;

	if (!lua_isyieldable(lua))
		return luaL_error(lua, "this call would have to wait, which it cannot do here");
	if (p->call == CALL_NONE) {
		p->call = call;
		p->on = on;
		script->sleepers += call == CALL_SLEEP;
		script->writers += call == CALL_WRITE;
		if (on != NULL)
			on->waiting++;
	}
	p->state = PROGRAM_BLOCKED;
	return lua_yieldk(lua, 0, 0, again);
}

bool program_unblock(struct program *p)
{
	bool waited = p->call != CALL_NONE;

	if (p->on != NULL)
		p->on->waiting--;
	p->call = CALL_NONE;
	p->on = NULL;
	p->told = false;
	return waited;
}

static bool any_alive(const struct script *script, const struct sim_socket *socket)
{
	for (unsigned i = 0; i < socket->users; i++) {
		if (script->program[socket->user[i]]->state != PROGRAM_ENDED)
			return true;
	}
	return false;
}

/* A program that ends gives its sockets back, as a process does; one that others use too stays theirs. */
static void close_sockets(struct script *script, const struct program *p)
{
	struct sim_host *host;

	if (p->host < 0)
		return;
	host = &script->sim.host[p->host];
	for (size_t i = 0; i < host->sockets; i++) {
		struct sim_socket *socket = host->socket[i];

		if (socket->sock == NULL || socket->users == 0 || any_alive(script, socket))
			continue;
		program_tell(script, p, "ends: closes #%llu", (unsigned long long)socket->id);
		weir_close(socket->sock);
		socket->sock = NULL;
	}
	sim_touch(host);
}

static void end_program(struct script *script, struct program *p)
{
	p->state = PROGRAM_ENDED;
	script->alive--;
	close_sockets(script, p);
	luaL_unref(script->lua, LUA_REGISTRYINDEX, p->ref);
	p->co = NULL;
}

/* The first error ends the run. */
static void fail(struct script *script, struct program *p)
{
	const char *saw = lua_tostring(p->co, -1);

	script->failed = true;
	snprintf(script->error, sizeof(script->error), "%s", saw != NULL ? saw : "an error without a message");
	p->state = PROGRAM_ENDED;
}

void program_run_next(struct script *script)
{
	struct program *p = script->runnable;
	int results, status;

	script->runnable = p->next_runnable;
	if (script->runnable == NULL)
		script->runnable_end = &script->runnable;
	p->state = PROGRAM_RUNS;
	if (p->call == CALL_START) {
		script->sleepers--;
		p->call = CALL_NONE;
	}
	script->current = p;
	if (p->host >= 0)
		sim_wake(&script->sim.host[p->host]);
	status = lua_resume(p->co, script->lua, 0, &results);
	script->current = NULL;
	if (status == LUA_OK)
		end_program(script, p);
	else if (status != LUA_YIELD)
		fail(script, p);
	if (p->host >= 0)
		sim_touch(&script->sim.host[p->host]);
}

void program_wake(void *ctx, uint32_t program)
{
	struct script *script = ctx;

	make_runnable(script, script->program[program]);
}

void program_ready(void *ctx, struct sim_socket *socket)
{
	struct script *script = ctx;

	for (unsigned i = 0; socket->waiting > 0 && i < socket->users; i++) {
		struct program *p = script->program[socket->user[i]];

		if (p->state == PROGRAM_BLOCKED && p->on == socket)
			make_runnable(script, p);
	}
}

/* Readiness to write comes with a third of SendQ; a blocking write takes each byte of room (T3.2). */
void program_stirred(void *ctx, const struct sim_host *host)
{
	struct script *script = ctx;

	for (uint32_t i = 0; script->writers > 0 && i < script->programs; i++) {
		struct program *p = script->program[i];

		if (p->call == CALL_WRITE && p->host == (int)host->index)
			make_runnable(script, p);
	}
}

static struct program *add_program(lua_State *lua, int function, const char *name, int host, weir_time start)
{
	struct script *script = script_of(lua);
	struct program **more, *p;

	if (script->programs == PROGRAMS_MAX)
		luaL_error(lua, "more than %d programs", PROGRAMS_MAX);
	more = realloc(script->program, (script->programs + 1) * sizeof(struct program *));
	if (more != NULL)
		script->program = more;
	p = more != NULL ? calloc(1, sizeof(*p)) : NULL;
	if (p == NULL || (script->running && !sim_add_programs(&script->sim, script->programs + 1))) {
		free(p);
		luaL_error(lua, "no memory for one more program");
		return NULL;
	}
	script->program[script->programs] = p;
	p->index = script->programs++;
	p->host = host;
	p->start = start;
	p->state = PROGRAM_BLOCKED;
	p->call = CALL_START;
	script->sleepers++;
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->co = lua_newthread(lua);
	lua_pushvalue(lua, function);
	lua_xmove(lua, p->co, 1);
	p->ref = luaL_ref(lua, LUA_REGISTRYINDEX);
	script->alive++;
	if (script->running)
		sim_program_due(&script->sim, p->index, start);
	return p;
}

/* program(host, [name,] function [, { start = "1s" }]) */
static int word_program(lua_State *lua)
{
	struct script *script = script_of(lua);
	const char *host_name = luaL_checkstring(lua, 1), *name = host_name;
	int host = plan_find_host(&script->sim.plan, host_name), function = 2;
	weir_time start = script->sim.now;

	if (host < 0)
		return luaL_error(lua, "program: no host '%s' has been declared before", host_name);
	if (lua_type(lua, 2) == LUA_TSTRING)
		name = lua_tostring(lua, function++);
	luaL_checktype(lua, function, LUA_TFUNCTION);
	if (lua_istable(lua, function + 1) && lua_getfield(lua, function + 1, "start") != LUA_TNIL)
		start = weir_time_add((weir_time){0}, script_duration(lua, -1));
	if (weir_time_before(start, script->sim.now))
		return luaL_error(lua, "program '%s' would start in the past", name);
	add_program(lua, function, name, host, start);
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
	add_program(lua, 2, "at", -1, start);
	return 0;
}

static int sleep_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);

	(void)status;
	(void)ctx;
	script->sleepers--;
	program_unblock(script->current);
	return 0;
}

static int word_sleep(lua_State *lua)
{
	struct program *p = program_calling(lua, "sleep", true);
	struct script *script = script_of(lua);
	weir_duration d = script_duration(lua, 1);

	program_tell(script, p, "sleep %s", lua_tostring(lua, 1));
	sim_program_due(&script->sim, p->index, weir_time_add(script->sim.now, d));
	return program_block(lua, CALL_SLEEP, NULL, sleep_again);
}

static int word_now(lua_State *lua)
{
	lua_pushnumber(lua, (lua_Number)script_of(lua)->sim.now.ns / 1e9);
	return 1;
}

void program_words(lua_State *lua)
{
	lua_register(lua, "program", word_program);
	lua_register(lua, "at", word_at);
	lua_register(lua, "sleep", word_sleep);
	lua_register(lua, "now", word_now);
}
