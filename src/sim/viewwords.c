/* SPDX-License-Identifier: Apache-2.0
 *
 * Words that look, and words that judge: netstat, queues, sockets, state, demux, stuck; mark, print, expect.
 */
#include "sim/script.h"
#include "sim/views.h"

#include <lauxlib.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct sim *running(lua_State *lua)
{
	struct script *script = script_of(lua);

	if (!script->running)
		luaL_error(lua, "nothing can be looked at before the scenario runs: do it in a program or at()");
	return &script->sim;
}

static struct sim_host *check_host(lua_State *lua, int arg)
{
	const char *name = luaL_checkstring(lua, arg);
	struct sim_host *host = sim_find_host(running(lua), name);

	if (host == NULL)
		luaL_argerror(lua, arg, "there is no such host");
	else
		sim_wake(host);
	return host;
}

/* Text that a view writes, as a Lua string: without the last newline. */
struct text {
	FILE *file;
	char *data;
	size_t len;
};

static FILE *text_open(lua_State *lua, struct text *text)
{
	text->data = NULL;
	text->file = open_memstream(&text->data, &text->len);
	if (text->file == NULL)
		luaL_error(lua, "no memory");
	return text->file;
}

static void text_push(lua_State *lua, struct text *text)
{
	if (fclose(text->file) != 0) {
		free(text->data);
		luaL_error(lua, "no memory");
	}
	while (text->len > 0 && text->data[text->len - 1] == '\n')
		text->len--;
	lua_pushlstring(lua, text->data, text->len);
	free(text->data);
}

/* netstat(host): its rows, without the header */
static int word_netstat(lua_State *lua)
{
	struct sim_host *host = check_host(lua, 1);
	struct text text;

	view_netstat(host, false, text_open(lua, &text));
	text_push(lua, &text);
	return 1;
}

static int word_queues(lua_State *lua)
{
	struct text text;

	script_running(lua, "queues");
	view_queues(&script_of(lua)->sim, text_open(lua, &text));
	text_push(lua, &text);
	return 1;
}

static int word_stuck(lua_State *lua)
{
	struct text text;
	bool any;

	script_running(lua, "stuck");
	any = stuck_tell(script_of(lua), text_open(lua, &text));
	text_push(lua, &text);
	if (!any)
		lua_pushnil(lua);
	return 1;
}

/* -- sockets as tables */

static void set_number(lua_State *lua, const char *key, uint64_t n)
{
	lua_pushinteger(lua, (lua_Integer)n);
	lua_setfield(lua, -2, key);
}

static void set_end(lua_State *lua, const char *key, const struct weir_endpoint *end)
{
	char text[VIEW_END];

	lua_pushstring(lua, view_end(end, text));
	lua_setfield(lua, -2, key);
}

static void push_info(lua_State *lua, const struct weir_socket_info *info)
{
	lua_createtable(lua, 0, 20);
	lua_pushstring(lua, weir_tcp_state_name(info->state));
	lua_setfield(lua, -2, "state");
	set_end(lua, "here", &info->local);
	set_end(lua, "there", &info->remote);
	set_number(lua, "id", info->id);
	set_number(lua, "recvq", info->recvq_bytes);
	set_number(lua, "recvq_limit", info->recvq_limit);
	set_number(lua, "sendq", info->sendq_bytes);
	set_number(lua, "sendq_limit", info->sendq_limit);
	set_number(lua, "unsent", info->sendq_unsent_bytes);
	set_number(lua, "written", info->written_bytes);
	set_number(lua, "delivered", info->delivered_bytes);
	set_number(lua, "accept_list", info->accept_len);
	set_number(lua, "incomplete", info->incomplete_len);
	set_number(lua, "listener", info->listener_id);
	set_number(lua, "resent", info->resent);
	set_number(lua, "dropped", info->recvq_dropped);
	set_number(lua, "cwnd", info->cwnd_bytes);
	lua_pushboolean(lua, info->has_handle);
	lua_setfield(lua, -2, "has_program");
	lua_pushnumber(lua, (lua_Number)info->timer_left.ns / 1e9);
	lua_setfield(lua, -2, "timer_left");
}

struct listing {
	lua_State *lua;
	lua_Integer count;
};

static bool push_socket(void *ctx, const struct weir_socket_info *info)
{
	struct listing *listing = ctx;

	if (info->type == WEIR_STREAM && info->state == WEIR_TCP_CLOSED)
		return true;
	push_info(listing->lua, info);
	lua_rawseti(listing->lua, -2, ++listing->count);
	return true;
}

/* sockets(host): a list of tables, in the order of their making */
static int word_sockets(lua_State *lua)
{
	struct sim_host *host = check_host(lua, 1);
	struct listing listing = {lua, 0};

	lua_newtable(lua);
	weir_sockets_each(host->stack, push_socket, &listing);
	return 1;
}

static bool add_state(void *ctx, const struct weir_socket_info *info)
{
	luaL_Buffer *buffer = ctx;

	if (info->type != WEIR_STREAM || info->state == WEIR_TCP_CLOSED)
		return true;
	if (luaL_bufflen(buffer) > 0)
		luaL_addchar(buffer, ' ');
	luaL_addstring(buffer, weir_tcp_state_name(info->state));
	return true;
}

/* state(host): "LISTEN ESTABLISHED", in the order of their making; "" = no socket */
static int word_state(lua_State *lua)
{
	struct sim_host *host = check_host(lua, 1);
	luaL_Buffer buffer;

	luaL_buffinit(lua, &buffer);
	weir_sockets_each(host->stack, add_state, &buffer);
	luaL_pushresult(&buffer);
	return 1;
}

/* -- wires(): what has passed each pipe */

static void push_wire(lua_State *lua, const char *from, const char *to, const struct sim_pipe *pipe)
{
	const struct link_fault_stats *stats = link_fault_stats(pipe->fault);

	lua_createtable(lua, 0, 6);
	lua_pushfstring(lua, "%s>%s", from, to);
	lua_setfield(lua, -2, "name");
	set_number(lua, "taken", stats->taken);
	set_number(lua, "bytes", stats->delivered_bytes);
	set_number(lua, "delivered", stats->delivered);
	set_number(lua, "lost", stats->lost + stats->aimed_drops);
	set_number(lua, "dropped", stats->queue_drops);
	lua_rawseti(lua, -2, (lua_Integer)lua_rawlen(lua, -2) + 1);
}

static int word_wires(lua_State *lua)
{
	const struct sim *sim = running(lua);

	lua_newtable(lua);
	for (unsigned i = 0; i < sim->links; i++) {
		const struct sim_link *link = &sim->link[i];

		for (unsigned k = 0; k < link->plan->members; k++)
			push_wire(lua, link->member[k]->host->plan->name, link->plan->name, &link->member[k]->pipe);
	}
	for (unsigned i = 0; i < sim->trunks; i++) {
		const struct sim_trunk *trunk = &sim->trunk[i];

		for (unsigned k = 0; k < 2; k++)
			push_wire(lua, sim->link[trunk->plan->link[k]].plan->name,
			          sim->link[trunk->plan->link[1 - k]].plan->name, &trunk->pipe[k]);
	}
	return 1;
}

/* -- demux(host, "172.16.1.10:56789", "10.1.2.3:99"): the winner's id, and how many wildcards it has */

static struct weir_endpoint check_end(lua_State *lua, int arg)
{
	const char *text = luaL_checkstring(lua, arg), *colon = strrchr(text, ':');
	char addr[WEIR_ADDR_TEXT], *end;
	struct weir_endpoint e = {.port = 0};
	unsigned long port;

	if (colon == NULL || (size_t)(colon - text) >= sizeof(addr))
		luaL_argerror(lua, arg, "an address and a port are expected, as in '10.0.0.1:80'");
	else {
		memcpy(addr, text, (size_t)(colon - text));
		addr[colon - text] = '\0';
		port = strtoul(colon + 1, &end, 10);
		if (*end != '\0' || port == 0 || port > UINT16_MAX || weir_addr_parse(addr, &e.addr) != 0)
			luaL_argerror(lua, arg, "an address and a port are expected, as in '10.0.0.1:80'");
		e.port = (uint16_t)port;
	}
	return e;
}

static int word_demux(lua_State *lua)
{
	struct sim_host *host = check_host(lua, 1);
	struct weir_endpoint remote = check_end(lua, 2), local = check_end(lua, 3);
	unsigned wildcards;
	uint64_t id = view_demux(host, &remote, &local, &wildcards, script_of(lua)->options->out);

	lua_pushinteger(lua, (lua_Integer)id);
	lua_pushinteger(lua, wildcards);
	return 2;
}

/* -- mark, print, expect */

static int word_mark(lua_State *lua)
{
	const char *name = luaL_checkstring(lua, 1);
	struct script *script = script_running(lua, "mark");
	FILE *out = script->options->out;
	char time[TIMELINE_TIME];

	if (out == NULL)
		return 0;
	fprintf(out, "\n== %s  (t = %s s) ==\n", name, timeline_time(script->sim.now, time));
	for (unsigned i = 0; i < script->sim.hosts; i++) {
		fprintf(out, "host %s\n", script->sim.plan.host[i].name);
		view_netstat(&script->sim.host[i], true, out);
	}
	view_queues(&script->sim, out);
	stuck_tell(script, out);
	fputc('\n', out);
	return 0;
}

static int word_print(lua_State *lua)
{
	FILE *out = script_of(lua)->options->out;

	for (int i = 1; i <= lua_gettop(lua); i++) {
		script_push_text(lua, i);
		if (out != NULL)
			fprintf(out, "%s%s", i > 1 ? "  " : "", lua_tostring(lua, -1));
		lua_pop(lua, 1);
	}
	if (out != NULL)
		fputc('\n', out);
	return 0;
}

static const char *quoted(lua_State *lua, int arg)
{
	if (lua_type(lua, arg) == LUA_TSTRING)
		return lua_pushfstring(lua, "'%s'", lua_tostring(lua, arg));
	script_push_text(lua, arg);
	return lua_tostring(lua, -1);
}

void script_expect(lua_State *lua, int level, bool holds, const char *id, const char *what, const char *wanted,
                   const char *got)
{
	struct script *script = script_of(lua);
	char time[TIMELINE_TIME];

	script->result->expects++;
	if (!holds) {
		script->result->failed++;
		luaL_where(lua, level);
		fprintf(script->options->failures, "%sexpected %s %s: %s, got %s (t = %s s)\n", lua_tostring(lua, -1),
		        id, what, wanted, got, timeline_time(script->sim.now, time));
		lua_pop(lua, 1);
	}
	if (script->options->out != NULL)
		fprintf(script->options->out, "%s %s: %s\n", holds ? "ok    " : "FAILED", id, what);
}

/* expect(id, what, got [, wanted]); without `wanted`, got must be true */
static int word_expect(lua_State *lua)
{
	const char *id = luaL_checkstring(lua, 1), *what = luaL_checkstring(lua, 2), *got, *wanted;
	bool has_wanted = lua_gettop(lua) > 3, holds;

	luaL_checkany(lua, 3);
	holds = has_wanted ? lua_compare(lua, 3, 4, LUA_OPEQ) != 0 : lua_toboolean(lua, 3) != 0;
	got = quoted(lua, 3);
	wanted = has_wanted ? quoted(lua, 4) : "true";
	script_expect(lua, 1, holds, id, what, wanted, got);
	return 0;
}

void view_words(lua_State *lua)
{
	lua_register(lua, "netstat", word_netstat);
	lua_register(lua, "queues", word_queues);
	lua_register(lua, "stuck", word_stuck);
	lua_register(lua, "sockets", word_sockets);
	lua_register(lua, "state", word_state);
	lua_register(lua, "wires", word_wires);
	lua_register(lua, "demux", word_demux);
	lua_register(lua, "mark", word_mark);
	lua_register(lua, "print", word_print);
	lua_register(lua, "expect", word_expect);
}
