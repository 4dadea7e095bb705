/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario may say of a socket when it makes one.
 */
#include "sim/script.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <string.h>

enum { LEVEL_SOCKET = 1, LEVEL_TCP = 6 };

/* Names and numbers of Linux. */
static const struct {
	const char *key;
	int level, name;
} options[] = {
    {"reuse", LEVEL_SOCKET, 2},      {"sndbuf", LEVEL_SOCKET, 7}, {"rcvbuf", LEVEL_SOCKET, 8},
    {"reuseport", LEVEL_SOCKET, 15}, {"nodelay", LEVEL_TCP, 1},   {"mss", LEVEL_TCP, 2},
};

/* The value on the top as an int: a number, a size, or true and false. */
static int int_value(lua_State *lua, const char *key)
{
	uint64_t size;

	if (lua_isboolean(lua, -1))
		return lua_toboolean(lua, -1);
	if (!lua_isstring(lua, -1) || !plan_parse_size(lua_tostring(lua, -1), &size) || size > INT32_MAX)
		luaL_error(lua, "%s: expected a number, a size as in '64KiB', or true or false", key);
	else
		return (int)size;
	return 0;
}

static int apply(lua_State *lua, const char *key, struct weir_socket *sock)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].key, key) == 0) {
			int value = int_value(lua, key);

			return weir_setsockopt(sock, options[i].level, options[i].name, &value, sizeof(value));
		}
	}
	return luaL_error(lua, "sockets have no setting '%s'", key);
}

static int read_one(lua_State *lua, const char *key, struct weir_socket *sock, struct weir_endpoint *local,
                    int *backlog)
{
	struct plan_addr addr;

	if (strcmp(key, "address") == 0) {
		if (!plan_parse_addr(luaL_checkstring(lua, -1), &addr))
			return luaL_error(lua, "address = '%s': expected an address", lua_tostring(lua, -1));
		local->addr = addr.addr;
		return 0;
	}
	if (strcmp(key, "port") == 0 || strcmp(key, "backlog") == 0) {
		int value = int_value(lua, key);

		if (key[0] == 'p' && value > UINT16_MAX)
			return luaL_error(lua, "port = %d: expected 0 .. 65535", value);
		if (key[0] == 'p')
			local->port = (uint16_t)value;
		else
			*backlog = value;
		return 0;
	}
	return apply(lua, key, sock);
}

int call_options(lua_State *lua, int arg, struct weir_socket *sock, struct weir_endpoint *local, int *backlog)
{
	int error = 0;

	if (lua_isnoneornil(lua, arg))
		return 0;
	luaL_checktype(lua, arg, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, arg) != 0; lua_pop(lua, 1)) {
		int one;

		if (lua_type(lua, -2) != LUA_TSTRING)
			return luaL_error(lua, "settings of a socket are named, as in { sndbuf = 500 }");
		one = read_one(lua, lua_tostring(lua, -2), sock, local, backlog);
		error = error == 0 ? one : error;
	}
	return error;
}
