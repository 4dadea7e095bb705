/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs: coroutines that block in virtual time. How they wait, go on and end; the words that make them are in
 * lives.c.
 */
#include "sim/script.h"

#include <lauxlib.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PROGRAMS_MAX = 65536 };

struct script *script_of(lua_State *lua)
{
	return *(struct script **)lua_getextraspace(lua);
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

	if (script->sim.timeline.out == NULL || p->host < 0)
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
	case CALL_CLOSE:
		snprintf(text, PROGRAM_TEXT, "close()");
		break;
	case CALL_SELECT:
		snprintf(text, PROGRAM_TEXT, "select()");
		break;
	case CALL_SEGMENT:
		snprintf(text, PROGRAM_TEXT, "expect_segment()");
		break;
	case CALL_JOIN:
		snprintf(text, PROGRAM_TEXT, "join()");
		break;
	case CALL_NONE:
	case CALL_START:
	case CALL_SLEEP:
		snprintf(text, PROGRAM_TEXT, "sleep()");
		break;
	}
	return text;
}

void program_resume(struct script *script, struct program *p)
{
	if (p->state != PROGRAM_BLOCKED)
		return;
	if (p->frozen) {
		p->woken = true;
		return;
	}
	if (p->go_on != NULL && !p->go_on(script, p))
		return;
	p->state = PROGRAM_RUNNABLE;
	p->next_runnable = NULL;
	*script->runnable_end = p;
	script->runnable_end = &p->next_runnable;
}

static void start_wait(struct script *script, struct program *p, enum program_call call, struct sim_socket *on,
                       weir_time until)
{
	p->call = call;
	p->on = on;
	p->until = until;
	p->expired = false;
	script->joiners += call == CALL_JOIN;
	if (on != NULL)
		on->waiting++;
	if (!weir_time_is_never(until)) {
		script->sleepers++;
		sim_program_due(&script->sim, p->index, until);
	}
}

void program_stirs(struct script *script, struct program *p)
{
	if (p->stirs)
		return;
	p->stirs = true;
	p->next_stirred = script->stirred[p->host];
	script->stirred[p->host] = p;
}

int program_block_until(lua_State *lua, enum program_call call, struct sim_socket *on, weir_time until,
                        lua_KFunction again)
{
	struct script *script = script_of(lua);
	struct program *p = script->current;

	if (!lua_isyieldable(lua)) {
		p->go_on = NULL;
		return luaL_error(lua, "this call would have to wait, which it cannot do here");
	}
	if (p->call == CALL_NONE)
		start_wait(script, p, call, on, until);
	if (call == CALL_WRITE || call == CALL_CLOSE)
		program_stirs(script, p);
	p->state = PROGRAM_BLOCKED;
	return lua_yieldk(lua, 0, 0, again);
}

int program_block(lua_State *lua, enum program_call call, struct sim_socket *on, lua_KFunction again)
{
	return program_block_until(lua, call, on, WEIR_NEVER, again);
}

void program_unblock(struct script *script, struct program *p)
{
	if (p->call == CALL_NONE)
		return;
	script->joiners -= p->call == CALL_JOIN;
	if (p->watch != NULL)
		segment_unwatch(script, p->watch);
	p->watch = NULL;
	if (p->on != NULL)
		p->on->waiting--;
	for (unsigned i = 0; i < p->amongs; i++)
		p->among[i]->waiting--;
	free(p->among);
	p->among = NULL;
	p->amongs = 0;
	if (!weir_time_is_never(p->until)) {
		script->sleepers--;
		sim_program_due(&script->sim, p->index, WEIR_NEVER);
	}
	p->call = CALL_NONE;
	p->on = NULL;
	p->go_on = NULL;
	p->until = WEIR_NEVER;
	p->told = false;
}

/* -- ends */

static bool any_alive(const struct script *script, const struct sim_socket *socket)
{
	for (unsigned i = 0; i < socket->users; i++) {
		if (script->program[script->program[socket->user[i]]->process]->threads > 0)
			return true;
	}
	return false;
}

/* A process that ends gives its sockets back; one that others use too stays theirs. */
static void close_sockets(struct script *script, const struct program *p)
{
	struct sim_host *host = &script->sim.host[p->host];

	sim_wake(host);
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

static void wake_joiners(struct script *script, const struct program *ended)
{
	for (uint32_t i = 0; script->joiners > 0 && i < script->programs; i++) {
		struct program *p = script->program[i];

		if (p->call == CALL_JOIN && p->joins == ended->index)
			program_resume(script, p);
	}
}

void program_end(struct script *script, struct program *p, bool closes)
{
	struct program *first = script->program[p->process];

	if (p->state == PROGRAM_ENDED)
		return;
	program_unblock(script, p);
	p->state = PROGRAM_ENDED;
	script->alive--;
	if (--first->threads == 0 && closes && p->host >= 0)
		close_sockets(script, p);
	wake_joiners(script, p);
	luaL_unref(script->lua, LUA_REGISTRYINDEX, p->ref);
	p->co = NULL;
}

void programs_free(struct script *script)
{
	for (uint32_t i = 0; i < script->programs; i++) {
		free(script->program[i]->among);
		free(script->program[i]);
	}
	free(script->program);
	free(script->stirred);
	free(script->pattern);
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
	if (p->state == PROGRAM_ENDED)
		return;
	if (p->frozen) {
		p->state = PROGRAM_BLOCKED;
		p->woken = true;
		return;
	}
	p->state = PROGRAM_RUNS;
	if (p->call == CALL_START)
		program_unblock(script, p);
	script->current = p;
	if (p->host >= 0)
		sim_wake(&script->sim.host[p->host]);
	status = lua_resume(p->co, script->lua, 0, &results);
	script->current = NULL;
	if (status == LUA_OK)
		program_end(script, p, true);
	else if (status != LUA_YIELD)
		fail(script, p);
	if (p->host >= 0)
		sim_touch(&script->sim.host[p->host]);
}

void program_wake(void *ctx, uint32_t program)
{
	struct script *script = ctx;

	script->program[program]->expired = true;
	program_resume(script, script->program[program]);
}

static bool waits_for(const struct program *p, const struct sim_socket *socket)
{
	for (unsigned i = 0; i < p->amongs; i++) {
		if (p->among[i] == socket)
			return true;
	}
	return p->on == socket;
}

void program_ready(void *ctx, struct sim_socket *socket)
{
	struct script *script = ctx;

	for (unsigned i = 0; socket->waiting > 0 && i < socket->users; i++) {
		struct program *p = script->program[socket->user[i]];

		if (p->state == PROGRAM_BLOCKED && waits_for(p, socket))
			program_resume(script, p);
	}
}

void program_stirred(void *ctx, const struct sim_host *host)
{
	struct script *script = ctx;
	struct program *p = script->stirred[host->index], *next, *first = NULL;

	script->stirred[host->index] = NULL;
	for (; p != NULL; p = next) { /* who has waited longest comes first */
		next = p->next_stirred;
		p->next_stirred = first;
		first = p;
	}
	for (p = first; p != NULL; p = p->next_stirred) {
		p->stirs = false;
		if (p->call == CALL_WRITE || p->call == CALL_CLOSE)
			program_resume(script, p);
	}
}

/* The array's room is the next power of two. */
static bool make_room(struct script *script)
{
	uint32_t n = script->programs;
	struct program **more;

	if (n != 0 && (n & (n - 1)) != 0)
		return true;
	more = realloc(script->program, (n == 0 ? 1 : 2 * (size_t)n) * sizeof(struct program *));
	if (more != NULL)
		script->program = more;
	return more != NULL;
}

struct program *program_new(lua_State *lua, int function, const char *name, int host, weir_time start,
                            const struct program *of)
{
	struct script *script = script_of(lua);
	struct program *p;

	if (script->programs == PROGRAMS_MAX)
		luaL_error(lua, "more than %d programs", PROGRAMS_MAX);
	p = make_room(script) ? calloc(1, sizeof(*p)) : NULL;
	if (p == NULL || (script->running && !sim_add_programs(&script->sim, script->programs + 1))) {
		free(p);
		luaL_error(lua, "no memory for one more program");
		return NULL;
	}
	script->program[script->programs] = p;
	p->index = script->programs++;
	p->process = of != NULL ? of->process : p->index;
	script->program[p->process]->threads++;
	p->host = host;
	p->start = start;
	p->state = PROGRAM_BLOCKED;
	p->call = CALL_START;
	p->until = start;
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
