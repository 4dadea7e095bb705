/* SPDX-License-Identifier: Apache-2.0
 *
 * How programs get sockets: connect and listen make one ready for use; tcp and udp one that the program's own calls
 * bind, connect, set to listen.
 */
#include "sim/calls.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <string.h>

enum { BACKLOG = 5 };

static lua_Integer check_port(lua_State *lua, int arg, lua_Integer least)
{
	lua_Integer port = luaL_checkinteger(lua, arg);

	luaL_argcheck(lua, port >= least && port <= UINT16_MAX, arg, "a port is expected");
	return port;
}

struct weir_endpoint call_remote(lua_State *lua, int arg)
{
	const char *name = luaL_checkstring(lua, arg);
	const struct sim_host *host = sim_find_host(&script_of(lua)->sim, name);
	struct weir_endpoint remote = {.port = (uint16_t)check_port(lua, arg + 1, 1)};
	struct plan_addr addr;

	if (host != NULL && host->interfaces > 0 && host->interface[0].addrs > 0)
		remote.addr = host->interface[0].addr[0].addr;
	else if (plan_parse_addr(name, &addr))
		remote.addr = addr.addr;
	else
		luaL_argerror(lua, arg, "a host or an address is expected");
	return remote;
}

/* The wildcard of a family, or of that of the address in the settings at this argument. */
static weir_addr local_any(lua_State *lua, int settings, const weir_addr *like)
{
	weir_addr addr = like != NULL && !weir_addr_is_v4(like) ? WEIR_ADDR_ANY6 : WEIR_ADDR_ANY4;

	if (like == NULL && lua_istable(lua, settings)) {
		if (lua_getfield(lua, settings, "address") == LUA_TSTRING && strchr(lua_tostring(lua, -1), ':'))
			addr = WEIR_ADDR_ANY6;
		lua_pop(lua, 1);
	}
	return addr;
}

/* Pushes a socket, with the settings at this argument and bound if they name an address or a port, or if it must be.
 * 0, or a negative error: then nothing is pushed. */
static int make(lua_State *lua, struct program *p, enum weir_type type, int table, struct call_settings *settings,
                bool must)
{
	struct sim_host *host = program_host(lua, p);
	bool v4 = weir_addr_is_v4(&settings->local.addr);
	struct sim_socket *socket;
	struct weir_socket *sock;
	int error = weir_socket_new(host->stack, v4 ? WEIR_INET : WEIR_INET6, type, &sock);

	if (error != 0)
		return error;
	socket = call_push(lua, host, sock, p);
	socket->datagrams = type == WEIR_DGRAM;
	error = call_options(lua, table, socket, settings);
	if (error == 0 && (must || settings->local.port != 0 || !weir_addr_is_any(&settings->local.addr)))
		error = weir_bind(sock, &settings->local);
	if (error != 0) {
		weir_close(sock);
		socket->sock = NULL;
		lua_pop(lua, 1);
	}
	return error;
}

/* -- connect: the socket, host and port are the arguments of the methods */

static int connect_end(lua_State *lua, struct sim_socket *socket, struct program *p, int result, bool gives_up)
{
	program_unblock(script_of(lua), p);
	call_tell(lua, p, result < 0 ? "connect" : "connected", result);
	if (result == 0 || (gives_up && result == -WEIR_EINPROGRESS)) {
		lua_pushvalue(lua, 1);
		if (!gives_up)
			lua_pushboolean(lua, true);
		if (result == 0)
			return 1;
		lua_pushstring(lua, script_error_name(-result));
		return 2;
	}
	if (gives_up) {
		weir_close(socket->sock);
		socket->sock = NULL;
	}
	return call_error(lua, result);
}

static int connect_on(lua_State *lua, bool gives_up, lua_KFunction again)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "connect", &p);
	struct weir_endpoint remote = call_remote(lua, 2);
	int result;

	sim_introduce(socket->host, &remote.addr);
	result = weir_connect(socket->sock, &remote);

	if ((result == -WEIR_EINPROGRESS || result == -WEIR_EALREADY) && !socket->nonblocking)
		return program_block(lua, CALL_CONNECT, socket, again);
	return connect_end(lua, socket, p, result, gives_up);
}

static int connect_again(lua_State *lua, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return connect_on(lua, false, connect_again);
}

static int connect_new_again(lua_State *lua, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return connect_on(lua, true, connect_new_again);
}

/* s:connect(host or address, port): true; of a non-blocking socket nil and EINPROGRESS first. */
static int method_connect(lua_State *lua)
{
	struct program *p = program_calling(lua, "connect", false);

	call_remote(lua, 2);
	lua_settop(lua, 3);
	program_tell(script_of(lua), p, "connect(%s, %s)", lua_tostring(lua, 2), luaL_tolstring(lua, 3, NULL));
	lua_settop(lua, 3);
	return connect_again(lua, LUA_OK, 0);
}

/* connect(host or address, port [, settings]): a socket; non-blocking, with EINPROGRESS beside it. */
static int word_connect(lua_State *lua)
{
	struct program *p = program_calling(lua, "connect", false);
	struct weir_endpoint remote = call_remote(lua, 1);
	struct call_settings settings = {.local.addr = local_any(lua, 0, &remote.addr)};
	int error;

	lua_settop(lua, 3);
	program_tell(script_of(lua), p, "connect(%s, %u)", lua_tostring(lua, 1), remote.port);
	error = make(lua, p, WEIR_STREAM, 3, &settings, false);
	if (error != 0) {
		call_tell(lua, p, "connect", error);
		return call_error(lua, error);
	}
	lua_insert(lua, 1);
	lua_settop(lua, 3);
	return connect_new_again(lua, LUA_OK, 0);
}

/* -- listen */

/* listen(port [, settings]) */
static int word_listen(lua_State *lua)
{
	struct program *p = program_calling(lua, "listen", false);
	lua_Integer port = check_port(lua, 1, 0);
	struct call_settings settings = {.local = {.port = (uint16_t)port}, .backlog = BACKLOG};
	int error;

	lua_settop(lua, 2);
	settings.local.addr = local_any(lua, 2, NULL);
	program_tell(script_of(lua), p, "listen(%lld)", (long long)port);
	error = make(lua, p, WEIR_STREAM, 2, &settings, true);
	if (error == 0) {
		struct sim_socket *socket = call_socket(lua, -1);

		error = weir_listen(socket->sock, settings.backlog);
		if (error == 0)
			return 1;
		weir_close(socket->sock);
		socket->sock = NULL;
	}
	call_tell(lua, p, "listen", error);
	return call_error(lua, error);
}

/* s:listen([backlog]) */
static int method_listen(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "listen", &p);
	int error = weir_listen(socket->sock, (int)luaL_optinteger(lua, 2, BACKLOG));

	call_tell(lua, p, "listen", error);
	if (error != 0)
		return call_error(lua, error);
	lua_pushboolean(lua, true);
	return 1;
}

/* s:bind(port [, address]) */
static int method_bind(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "bind", &p);
	struct weir_endpoint local = {.port = (uint16_t)check_port(lua, 2, 0)};
	struct weir_socket_info info;
	struct plan_addr addr;
	int error;

	weir_socket_get_info(socket->sock, &info);
	local.addr = info.family == WEIR_INET6 ? WEIR_ADDR_ANY6 : WEIR_ADDR_ANY4;
	if (!lua_isnoneornil(lua, 3)) {
		luaL_argcheck(lua, plan_parse_addr(luaL_checkstring(lua, 3), &addr), 3, "an address is expected");
		local.addr = addr.addr;
	}
	error = weir_bind(socket->sock, &local);
	program_tell(script_of(lua), p, "bind(%u)%s%s", local.port, error != 0 ? ": " : "",
	             error != 0 ? script_error_name(-error) : "");
	if (error != 0)
		return call_error(lua, error);
	lua_pushboolean(lua, true);
	return 1;
}

/* -- tcp, udp */

/* tcp([settings]): neither connected nor listening; { address = "::" } makes one of IPv6. */
static int word_tcp(lua_State *lua)
{
	struct program *p = program_calling(lua, "tcp", false);
	struct call_settings settings = {.backlog = BACKLOG};
	int error;

	lua_settop(lua, 1);
	settings.local.addr = local_any(lua, 1, NULL);
	error = make(lua, p, WEIR_STREAM, 1, &settings, false);
	if (error == 0)
		return 1;
	call_tell(lua, p, "tcp", error);
	return call_error(lua, error);
}

/* udp([port [, settings]]): bound when a port is given; 0 picks one. */
static int word_udp(lua_State *lua)
{
	struct program *p = program_calling(lua, "udp", false);
	bool bound = !lua_isnoneornil(lua, 1);
	struct call_settings settings = {.local.port = bound ? (uint16_t)check_port(lua, 1, 0) : 0};
	int error;

	lua_settop(lua, 2);
	settings.local.addr = local_any(lua, 2, NULL);
	program_tell(script_of(lua), p, "udp(%s)", bound ? luaL_tolstring(lua, 1, NULL) : "");
	lua_settop(lua, 2);
	error = make(lua, p, WEIR_DGRAM, 2, &settings, bound);
	if (error == 0)
		return 1;
	call_tell(lua, p, "udp", error);
	return call_error(lua, error);
}

/* address(), peer(): address and port. */
static int push_end(lua_State *lua, const char *word, int (*get)(const struct weir_socket *, struct weir_endpoint *))
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, word, &p);
	struct weir_endpoint end;
	char text[WEIR_ADDR_TEXT];
	int error = get(socket->sock, &end);

	if (error != 0)
		return call_error(lua, error);
	weir_addr_format(&end.addr, text);
	lua_pushstring(lua, text);
	lua_pushinteger(lua, end.port);
	return 2;
}

static int method_address(lua_State *lua)
{
	return push_end(lua, "address", weir_getsockname);
}

static int method_peer(lua_State *lua)
{
	return push_end(lua, "peer", weir_getpeername);
}

void open_words(lua_State *lua)
{
	lua_register(lua, "connect", word_connect);
	lua_register(lua, "listen", word_listen);
	lua_register(lua, "tcp", word_tcp);
	lua_register(lua, "udp", word_udp);
}

void open_methods(lua_State *lua)
{
	static const luaL_Reg methods[] = {{"connect", method_connect}, {"listen", method_listen},
	                                   {"bind", method_bind},       {"address", method_address},
	                                   {"peer", method_peer},       {NULL, NULL}};

	luaL_setfuncs(lua, methods, 0);
}
