/* SPDX-License-Identifier: Apache-2.0
 *
 * What datagram sockets do: sendto, recvfrom, join and leave.
 */
#include "sim/calls.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DATAGRAM_MAX = 65535 };

/* Text, or a number of bytes. NULL: no memory. */
static uint8_t *take_bytes(lua_State *lua, int arg, uint64_t from, size_t *len)
{
	bool text = lua_type(lua, arg) == LUA_TSTRING;
	const char *data = text ? lua_tolstring(lua, arg, len) : NULL;
	uint8_t *bytes;

	if (!text)
		*len = (size_t)luaL_checkinteger(lua, arg);
	luaL_argcheck(lua, *len <= DATAGRAM_MAX, arg, "text or a number of at most 65535 bytes is expected");
	bytes = lua_newuserdatauv(lua, *len + 1, 0);
	if (text)
		memcpy(bytes, data, *len);
	else
		call_fill(bytes, from, *len);
	return bytes;
}

/* sendto(text or n, host or address, port); without host to the connected one. Returns the bytes. */
static int method_sendto(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "sendto", &p);
	bool connected = lua_isnoneornil(lua, 3);
	struct weir_endpoint to = connected ? (struct weir_endpoint){.port = 0} : call_remote(lua, 3);
	struct weir_socket_info info;
	char where[PLAN_NAME + 16] = "";
	size_t len;
	const uint8_t *bytes;
	int64_t sent;

	weir_socket_get_info(socket->sock, &info);
	bytes = take_bytes(lua, 2, info.written_bytes, &len);
	if (!connected)
		sim_introduce(socket->host, &to.addr);
	sent = weir_sendto(socket->sock, bytes, len, connected ? NULL : &to);
	if (!connected)
		snprintf(where, sizeof(where), ", %.63s, %u", lua_tostring(lua, 3), to.port);
	program_tell(script_of(lua), p, "send(%zu%s)%s%s", len, where, sent < 0 ? ": " : "",
	             sent < 0 ? script_error_name((int)-sent) : "");
	if (sent < 0)
		return call_error(lua, sent);
	lua_pushinteger(lua, (lua_Integer)sent);
	return 1;
}

/* recvfrom([n]): one datagram, cut to n bytes; its sender's address and port. */
static int recvfrom_again(lua_State *lua, int status, lua_KContext ctx)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "recvfrom", &p);
	lua_Integer most = luaL_optinteger(lua, 2, DATAGRAM_MAX);
	struct weir_endpoint from = {.port = 0};
	char text[WEIR_ADDR_TEXT];
	luaL_Buffer buffer;
	int64_t n;

	(void)status;
	(void)ctx;
	luaL_argcheck(lua, most >= 0 && most <= DATAGRAM_MAX, 2, "0 .. 65535 bytes can be received at once");
	n = weir_recvfrom(socket->sock, luaL_buffinitsize(lua, &buffer, (size_t)most + 1), (size_t)most, 0, &from);
	luaL_pushresultsize(&buffer, n > 0 ? (size_t)n : 0);
	if (n == -WEIR_EAGAIN && !socket->nonblocking) {
		lua_pop(lua, 1);
		if (!p->told)
			program_tell(script_of(lua), p, "recvfrom waits");
		p->told = true;
		return program_block(lua, CALL_READ, socket, recvfrom_again);
	}
	program_unblock(script_of(lua), p);
	if (n < 0) {
		call_tell(lua, p, "recvfrom", n);
		return call_error(lua, n);
	}
	weir_addr_format(&from.addr, text);
	program_tell(script_of(lua), p, "recvfrom = %" PRId64 " from %s:%u", n, text, from.port);
	lua_pushstring(lua, text);
	lua_pushinteger(lua, from.port);
	return 3;
}

static int method_recvfrom(lua_State *lua)
{
	return recvfrom_again(lua, LUA_OK, 0);
}

void datagram_methods(lua_State *lua)
{
	static const luaL_Reg methods[] = {{"sendto", method_sendto}, {"recvfrom", method_recvfrom}, {NULL, NULL}};

	luaL_setfuncs(lua, methods, 0);
}
