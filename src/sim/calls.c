/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that programs of a scenario make on their sockets: accept, read, write, shutdown, close, abort. Each tries,
 * and when it cannot go on yet blocks its program, unless the socket is a non-blocking one. What fails returns nil and
 * the error's name.
 */
#include "sim/calls.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <inttypes.h>
#include <string.h>

int call_error(lua_State *lua, int64_t error)
{
	lua_pushnil(lua);
	lua_pushstring(lua, script_error_name((int)-error));
	return 2;
}

struct sim_socket *call_socket(lua_State *lua, int arg)
{
	return *(struct sim_socket **)luaL_checkudata(lua, arg, CALL_METATABLE);
}

struct sim_socket *call_open(lua_State *lua, int arg, const char *word, struct program **p)
{
	struct sim_socket *socket = call_socket(lua, arg);

	*p = program_calling(lua, word, false);
	if (socket->host->index != (unsigned)(*p)->host)
		luaL_error(lua, "%s: the socket belongs to host '%s'", word, socket->host->plan->name);
	if (socket->sock == NULL)
		luaL_error(lua, "%s: the socket has been closed", word);
	if (!sim_socket_used(socket, (*p)->index))
		luaL_error(lua, "no memory");
	return socket;
}

struct sim_socket *call_push(lua_State *lua, struct sim_host *host, struct weir_socket *sock, const struct program *p)
{
	struct sim_socket **box = lua_newuserdatauv(lua, sizeof(struct sim_socket *), 0);

	*box = sim_socket_new(host, sock);
	if (*box == NULL || !sim_socket_used(*box, p->index)) {
		weir_abort(sock);
		luaL_error(lua, "no memory");
	}
	luaL_setmetatable(lua, CALL_METATABLE);
	return *box;
}

void call_tell(lua_State *lua, const struct program *p, const char *call, int64_t result)
{
	if (result < 0)
		program_tell(script_of(lua), p, "%s: %s", call, script_error_name((int)-result));
	else
		program_tell(script_of(lua), p, "%s", call);
}

/* -- accept */

static int accept_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "accept", &p);
	struct weir_socket *sock;
	int error = weir_accept(socket->sock, &sock);

	(void)status;
	(void)ctx;
	if (error == -WEIR_EAGAIN && !socket->nonblocking) {
		if (!p->told)
			program_tell(script_of(lua), p, "accept waits");
		p->told = true;
		return program_block(lua, CALL_ACCEPT, socket, accept_again);
	}
	program_unblock(script_of(lua), p);
	if (error != 0) {
		call_tell(lua, p, "accept", error);
		return call_error(lua, error);
	}
	socket = call_push(lua, socket->host, sock, p);
	program_tell(script_of(lua), p, "accepted #%" PRIu64, socket->id);
	return 1;
}

static int method_accept(lua_State *lua)
{
	return accept_again(lua, LUA_OK, 0);
}

/* -- read, write */

static int64_t read_into(lua_State *lua, struct weir_socket *sock, size_t most, luaL_Buffer *buffer)
{
	char *room = luaL_buffinitsize(lua, buffer, most);
	int64_t n = weir_recv(sock, room, most, 0);

	luaL_pushresultsize(buffer, n > 0 ? (size_t)n : 0);
	return n;
}

/* read(n): what is there, at most n bytes; nil at the end of the stream. */
static int read_once(lua_State *lua, bool waits, lua_KFunction again)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "read", &p);
	lua_Integer most = luaL_checkinteger(lua, 2);
	luaL_Buffer buffer;
	int64_t n;

	waits = waits && !socket->nonblocking;
	luaL_argcheck(lua, most > 0 && most <= (1 << 24), 2, "1 .. 16777216 bytes can be read at once");
	n = read_into(lua, socket->sock, (size_t)most, &buffer);
	if (n == -WEIR_EAGAIN && waits) {
		lua_pop(lua, 1);
		if (!p->told)
			program_tell(script_of(lua), p, "read(%lld) waits", (long long)most);
		p->told = true;
		return program_block(lua, CALL_READ, socket, again);
	}
	program_unblock(script_of(lua), p);
	if (n > 0 || (n == 0 && socket->datagrams)) {
		program_tell(script_of(lua), p, "read(%lld) = %" PRId64, (long long)most, n);
		return 1;
	}
	program_tell(script_of(lua), p, "read(%lld): %s", (long long)most,
	             n == 0 ? "end of stream" : script_error_name((int)-n));
	if (n < 0)
		return call_error(lua, n);
	lua_pushnil(lua);
	return 1;
}

static int read_again(lua_State *lua, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return read_once(lua, true, read_again);
}

static int method_read(lua_State *lua)
{
	return read_once(lua, true, read_again);
}

static int method_try_read(lua_State *lua)
{
	return read_once(lua, false, NULL);
}

/* -- shutdown, close, abort */

/* shutdown(["write" | "read" | "both"]) */
static int method_shutdown(lua_State *lua)
{
	static const char *const names[] = {"read", "write", "both", NULL};
	static const char *const told[] = {"shutdown input", "shutdown output", "shutdown both"};
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "shutdown", &p);
	int how = luaL_checkoption(lua, 2, "write", names);
	int error = weir_shutdown(socket->sock, (enum weir_shutdown_how)how);

	call_tell(lua, p, told[how], error);
	if (error != 0)
		return call_error(lua, error);
	lua_pushboolean(lua, true);
	return 1;
}

static int give_back(lua_State *lua, struct program *p, struct sim_socket *socket, const char *word,
                     void (*end)(struct weir_socket *))
{
	if (socket->waiting > 0)
		return luaL_error(lua, "%s: another program is blocked in a call on this socket", word);
	program_tell(script_of(lua), p, "%s", word);
	end(socket->sock);
	socket->sock = NULL;
	lua_pushboolean(lua, true);
	return 1;
}

/* How long close() is to wait for the closing handshake [T6.8]; 0: it does not. */
static weir_duration linger_of(const struct sim_socket *socket)
{
	int32_t on_seconds[2] = {0, 0};
	uint32_t len = sizeof(on_seconds);
	struct weir_socket_info info;

	weir_socket_get_info(socket->sock, &info);
	if (socket->nonblocking || info.type != WEIR_STREAM || info.recvq_bytes > 0 ||
	    weir_getsockopt(socket->sock, 1, 13, on_seconds, &len) != 0 || on_seconds[0] == 0)
		return weir_s(0);
	return weir_s(on_seconds[1]);
}

static bool closing(const struct sim_socket *socket)
{
	struct weir_socket_info info;

	weir_socket_get_info(socket->sock, &info);
	return info.state == WEIR_TCP_FIN_WAIT_1 || info.state == WEIR_TCP_CLOSING || info.state == WEIR_TCP_LAST_ACK;
}

/* The handle goes in any case; a time that ran out is told: nil and EAGAIN. */
static int close_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "close", &p);
	weir_duration linger = linger_of(socket);
	bool late = p->expired && p->call == CALL_CLOSE;

	(void)status;
	(void)ctx;
	if (closing(socket) && !late)
		return program_block_until(lua, CALL_CLOSE, socket, weir_time_add(script->sim.now, linger),
		                           close_again);
	late = closing(socket);
	program_unblock(script, p);
	if (late)
		program_tell(script, p, "close: the time is up");
	give_back(lua, p, socket, "close", weir_close);
	return late ? call_error(lua, -WEIR_EAGAIN) : 1;
}

static int method_close(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "close", &p);

	if (socket->waiting > 0 || linger_of(socket).ns == 0)
		return give_back(lua, p, socket, "close", weir_close);
	program_tell(script_of(lua), p, "close lingers");
	weir_shutdown(socket->sock, WEIR_SHUT_WR);
	return close_again(lua, LUA_OK, 0);
}

static int method_abort(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "abort", &p);

	return give_back(lua, p, socket, "abort", weir_abort);
}

static int method_id(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)call_socket(lua, 1)->id);
	return 1;
}

/* nonblock([false]): calls do not wait any more. */
static int method_nonblock(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "nonblock", &p);

	socket->nonblocking = lua_isnone(lua, 2) || lua_toboolean(lua, 2);
	return 0;
}

void call_words(lua_State *lua)
{
	static const luaL_Reg methods[] = {
	    {"accept", method_accept},     {"read", method_read},   {"try_read", method_try_read},
	    {"shutdown", method_shutdown}, {"close", method_close}, {"abort", method_abort},
	    {"nonblock", method_nonblock}, {"id", method_id},       {NULL, NULL}};

	luaL_newmetatable(lua, CALL_METATABLE);
	lua_newtable(lua);
	luaL_setfuncs(lua, methods, 0);
	open_methods(lua);
	write_methods(lua);
	datagram_methods(lua);
	option_methods(lua);
	lua_setfield(lua, -2, "__index");
	lua_pushliteral(lua, "socket");
	lua_setfield(lua, -2, "__metatable");
	lua_pop(lua, 1);
	open_words(lua);
	select_words(lua);
}
