/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that programs of a scenario make: connect, listen; accept, read, write, shutdown, close and abort of a
 * socket. Each tries, and when it cannot go on yet blocks its program. What fails returns nil and the error's name.
 */
#include "sim/script.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <inttypes.h>
#include <string.h>

static const char metatable[] = "weir.socket";

enum { PIECE = 65536 };

static int give_error(lua_State *lua, int64_t error)
{
	lua_pushnil(lua);
	lua_pushstring(lua, script_error_name((int)-error));
	return 2;
}

struct sim_socket *call_socket(lua_State *lua, int arg)
{
	return *(struct sim_socket **)luaL_checkudata(lua, arg, metatable);
}

/* The socket at argument 1, still open, and of the host of the program that calls. */
static struct sim_socket *open_socket(lua_State *lua, const char *word, struct program **p)
{
	struct sim_socket *socket = call_socket(lua, 1);

	*p = program_calling(lua, word, false);
	if (socket->host->index != (unsigned)(*p)->host)
		luaL_error(lua, "%s: the socket belongs to host '%s'", word, socket->host->plan->name);
	if (socket->sock == NULL)
		luaL_error(lua, "%s: the socket has been closed", word);
	if (!sim_socket_used(socket, (*p)->index))
		luaL_error(lua, "no memory");
	return socket;
}

static struct sim_socket *push_socket(lua_State *lua, struct sim_host *host, struct weir_socket *sock,
                                      const struct program *p)
{
	struct sim_socket **box = lua_newuserdatauv(lua, sizeof(struct sim_socket *), 0);

	*box = sim_socket_new(host, sock);
	if (*box == NULL || !sim_socket_used(*box, p->index)) {
		weir_abort(sock);
		luaL_error(lua, "no memory");
	}
	luaL_setmetatable(lua, metatable);
	return *box;
}

static void ended(lua_State *lua, struct program *p, const char *call, int64_t result)
{
	if (result < 0)
		program_tell(script_of(lua), p, "%s: %s", call, script_error_name((int)-result));
	else
		program_tell(script_of(lua), p, "%s", call);
}

/* -- connect */

/* "B" or "10.0.0.2", and a port. */
static struct weir_endpoint read_remote(lua_State *lua)
{
	const char *name = luaL_checkstring(lua, 1);
	const struct sim_host *host = sim_find_host(&script_of(lua)->sim, name);
	lua_Integer port = luaL_checkinteger(lua, 2);
	struct weir_endpoint remote = {.port = (uint16_t)port};
	struct plan_addr addr;

	luaL_argcheck(lua, port > 0 && port <= UINT16_MAX, 2, "a port is expected");
	if (host != NULL && host->interfaces > 0 && host->interface[0].addrs > 0)
		remote.addr = host->interface[0].addr[0].addr;
	else if (plan_parse_addr(name, &addr))
		remote.addr = addr.addr;
	else
		luaL_argerror(lua, 1, "a host or an address is expected");
	return remote;
}

static int connect_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct sim_socket *socket = *(struct sim_socket **)lua_touserdata(lua, -1);
	struct program *p = script_of(lua)->current;
	struct weir_endpoint remote = read_remote(lua);
	int result = weir_connect(socket->sock, &remote);

	(void)status;
	(void)ctx;
	if (result == -WEIR_EINPROGRESS || result == -WEIR_EALREADY)
		return program_block(lua, CALL_CONNECT, socket, connect_again);
	program_unblock(p);
	ended(lua, p, result < 0 ? "connect" : "connected", result);
	if (result == 0)
		return 1;
	weir_close(socket->sock);
	socket->sock = NULL;
	return give_error(lua, result);
}

static struct weir_endpoint any_of(const weir_addr *like)
{
	return (struct weir_endpoint){.addr = weir_addr_is_v4(like) ? WEIR_ADDR_ANY4 : WEIR_ADDR_ANY6};
}

/* connect(host or address, port [, settings]) */
static int word_connect(lua_State *lua)
{
	struct program *p = program_calling(lua, "connect", false);
	struct weir_endpoint remote = read_remote(lua), local = any_of(&remote.addr);
	struct sim_host *host = program_host(lua, p);
	struct sim_socket *socket;
	struct weir_socket *sock;
	int backlog = 0, error;

	lua_settop(lua, 3);
	program_tell(script_of(lua), p, "connect(%s, %u)", lua_tostring(lua, 1), remote.port);
	error =
	    weir_socket_new(host->stack, weir_addr_is_v4(&remote.addr) ? WEIR_INET : WEIR_INET6, WEIR_STREAM, &sock);
	if (error != 0)
		return give_error(lua, error);
	socket = push_socket(lua, host, sock, p);
	error = call_options(lua, 3, sock, &local, &backlog);
	if (error == 0 && (local.port != 0 || !weir_addr_is_any(&local.addr)))
		error = weir_bind(sock, &local);
	if (error != 0) {
		ended(lua, p, "connect", error);
		weir_close(sock);
		socket->sock = NULL;
		return give_error(lua, error);
	}
	return connect_again(lua, LUA_OK, 0);
}

/* -- listen, accept */

/* listen(port [, settings]) */
static int word_listen(lua_State *lua)
{
	struct program *p = program_calling(lua, "listen", false);
	lua_Integer port = luaL_checkinteger(lua, 1);
	struct weir_endpoint local = {.addr = WEIR_ADDR_ANY4, .port = (uint16_t)port};
	struct sim_host *host = program_host(lua, p);
	enum weir_family family = WEIR_INET;
	struct sim_socket *socket;
	struct weir_socket *sock;
	int backlog = 5, error;

	luaL_argcheck(lua, port >= 0 && port <= UINT16_MAX, 1, "a port is expected");
	lua_settop(lua, 2);
	if (lua_istable(lua, 2) && lua_getfield(lua, 2, "address") == LUA_TSTRING && strchr(lua_tostring(lua, -1), ':'))
		family = WEIR_INET6;
	error = weir_socket_new(host->stack, family, WEIR_STREAM, &sock);
	if (error != 0)
		return give_error(lua, error);
	program_tell(script_of(lua), p, "listen(%lld)", (long long)port);
	socket = push_socket(lua, host, sock, p);
	error = call_options(lua, 2, sock, &local, &backlog);
	if (error == 0)
		error = weir_bind(sock, &local);
	if (error == 0)
		error = weir_listen(sock, backlog);
	if (error == 0)
		return 1;
	ended(lua, p, "listen", error);
	weir_close(sock);
	socket->sock = NULL;
	return give_error(lua, error);
}

static int accept_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct program *p;
	struct sim_socket *socket = open_socket(lua, "accept", &p);
	struct weir_socket *sock;
	int error = weir_accept(socket->sock, &sock);

	(void)status;
	(void)ctx;
	if (error == -WEIR_EAGAIN) {
		if (!p->told)
			program_tell(script_of(lua), p, "accept waits");
		p->told = true;
		return program_block(lua, CALL_ACCEPT, socket, accept_again);
	}
	program_unblock(p);
	if (error != 0) {
		ended(lua, p, "accept", error);
		return give_error(lua, error);
	}
	socket = push_socket(lua, socket->host, sock, p);
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
	struct sim_socket *socket = open_socket(lua, "read", &p);
	lua_Integer most = luaL_checkinteger(lua, 2);
	luaL_Buffer buffer;
	int64_t n;

	luaL_argcheck(lua, most > 0 && most <= (1 << 24), 2, "1 .. 16777216 bytes can be read at once");
	n = read_into(lua, socket->sock, (size_t)most, &buffer);
	if (n == -WEIR_EAGAIN && waits) {
		lua_pop(lua, 1);
		if (!p->told)
			program_tell(script_of(lua), p, "read(%lld) waits", (long long)most);
		p->told = true;
		return program_block(lua, CALL_READ, socket, again);
	}
	program_unblock(p);
	if (n > 0) {
		program_tell(script_of(lua), p, "read(%lld) = %" PRId64, (long long)most, n);
		return 1;
	}
	program_tell(script_of(lua), p, "read(%lld): %s", (long long)most,
	             n == 0 ? "end of stream" : script_error_name((int)-n));
	if (n < 0)
		return give_error(lua, n);
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

/* The bytes that write(n) sends: each tells its place in the stream. */
static void fill(uint8_t *piece, uint64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		piece[i] = (uint8_t)((from + i) * 31 + ((from + i) >> 8));
}

/* Copies as much as SendQ has room for. Returns the last call's result. */
static int64_t copy_on(lua_State *lua, struct program *p, struct sim_socket *socket)
{
	size_t len;
	const char *data = lua_type(lua, 2) == LUA_TSTRING ? lua_tolstring(lua, 2, &len) : NULL;
	struct weir_socket_info info;
	uint8_t made[4096];
	int64_t n = 0;

	while (p->done < p->total) {
		uint64_t left = p->total - p->done;
		struct weir_slice piece = {made, left < sizeof(made) ? (size_t)left : sizeof(made)};

		if (data != NULL) {
			piece =
			    (struct weir_slice){(const uint8_t *)data + p->done, left < PIECE ? (size_t)left : PIECE};
		} else {
			weir_socket_get_info(socket->sock, &info);
			fill(made, info.written_bytes, piece.len);
		}
		n = weir_send(socket->sock, &piece, 1, left > piece.len ? WEIR_MSG_MORE : 0);
		if (n < 0)
			return n;
		if (!sim_socket_wrote(socket, (uint64_t)n, p->done == 0))
			luaL_error(lua, "no memory");
		p->done += (uint64_t)n;
	}
	return n;
}

static int write_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);
	struct program *p;
	struct sim_socket *socket = open_socket(lua, "write", &p);
	int64_t n = copy_on(lua, p, socket);

	(void)status;
	(void)ctx;
	if (n == -WEIR_EAGAIN) {
		if (!p->told)
			program_tell(script, p, "write(%" PRIu64 ") waits", p->total);
		p->told = true;
		return program_block(lua, CALL_WRITE, socket, write_again);
	}
	if (program_unblock(p))
		script->writers--;
	if (n < 0) {
		program_tell(script, p, "write(%" PRIu64 "): %s", p->total, script_error_name((int)-n));
		return give_error(lua, n);
	}
	program_tell(script, p, "write(%" PRIu64 ") done", p->total);
	lua_pushinteger(lua, (lua_Integer)p->done);
	return 1;
}

/* A number means so many bytes, text means itself. */
static void start_write(lua_State *lua, struct program *p)
{
	size_t len = 0;
	lua_Integer n;

	if (lua_type(lua, 2) == LUA_TSTRING) {
		lua_tolstring(lua, 2, &len);
		n = (lua_Integer)len;
	} else {
		n = luaL_checkinteger(lua, 2);
	}
	luaL_argcheck(lua, n >= 0, 2, "a number of bytes, or text, is expected");
	p->total = (uint64_t)n;
	p->done = 0;
}

static int method_write(lua_State *lua)
{
	struct program *p;

	open_socket(lua, "write", &p);
	start_write(lua, p);
	return write_again(lua, LUA_OK, 0);
}

/* try_write(n): how many SendQ took, or nil and EAGAIN. */
static int method_try_write(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = open_socket(lua, "write", &p);
	int64_t n;

	start_write(lua, p);
	n = copy_on(lua, p, socket);
	if (n < 0 && p->done == 0)
		return give_error(lua, n);
	program_tell(script_of(lua), p, "write(%" PRIu64 ") = %" PRIu64, p->total, p->done);
	lua_pushinteger(lua, (lua_Integer)p->done);
	return 1;
}

/* -- shutdown, close, abort */

static int method_shutdown(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = open_socket(lua, "shutdown", &p);
	int error;

	program_tell(script_of(lua), p, "shutdown output");
	error = weir_shutdown(socket->sock, WEIR_SHUT_WR);
	if (error != 0) {
		ended(lua, p, "shutdown output", error);
		return give_error(lua, error);
	}
	lua_pushboolean(lua, true);
	return 1;
}

static int give_back(lua_State *lua, const char *word, void (*end)(struct weir_socket *))
{
	struct program *p;
	struct sim_socket *socket = open_socket(lua, word, &p);

	if (socket->waiting > 0)
		return luaL_error(lua, "%s: another program is blocked in a call on this socket", word);
	program_tell(script_of(lua), p, "%s", word);
	end(socket->sock);
	socket->sock = NULL;
	return 0;
}

static int method_close(lua_State *lua)
{
	return give_back(lua, "close", weir_close);
}

static int method_abort(lua_State *lua)
{
	return give_back(lua, "abort", weir_abort);
}

static int method_id(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)call_socket(lua, 1)->id);
	return 1;
}

void call_words(lua_State *lua)
{
	static const luaL_Reg methods[] = {{"accept", method_accept},
	                                   {"read", method_read},
	                                   {"try_read", method_try_read},
	                                   {"write", method_write},
	                                   {"try_write", method_try_write},
	                                   {"shutdown", method_shutdown},
	                                   {"close", method_close},
	                                   {"abort", method_abort},
	                                   {"id", method_id},
	                                   {NULL, NULL}};

	luaL_newmetatable(lua, metatable);
	lua_newtable(lua);
	luaL_setfuncs(lua, methods, 0);
	lua_setfield(lua, -2, "__index");
	lua_pushliteral(lua, "socket");
	lua_setfield(lua, -2, "__metatable");
	lua_pop(lua, 1);
	lua_register(lua, "connect", word_connect);
	lua_register(lua, "listen", word_listen);
}
