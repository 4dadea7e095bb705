/* SPDX-License-Identifier: Apache-2.0
 *
 * What a scenario may say of a socket: settings when it makes one, s:set{...} and s:get(name) later; s:join(group) and
 * s:leave(group).
 */
#include "sim/calls.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <string.h>

/* Levels and names of Linux. */
enum { LEVEL_IP = 0, LEVEL_SOCKET = 1, LEVEL_TCP = 6, LEVEL_IPV6 = 41 };
enum { JOIN4 = 35, LEAVE4 = 36, JOIN6 = 20, LEAVE6 = 21, IF4 = 32, IF6 = 17 };

/* How a value is written: a number or a size, true or false, a duration in seconds or milliseconds, a name; linger is
 * false or a duration, an error the name of the one that is pending. */
enum form { NUMBER, TRUTH, SECONDS, MILLISECONDS, NAME, LINGER, ERROR, INTERFACE };

static const struct option {
	const char *key;
	enum form form;
	int level, name;
	int level6, name6; /* of a socket of IPv6, where they are others */
} options[] = {
    {"reuse", TRUTH, LEVEL_SOCKET, 2, 0, 0},
    {"error", ERROR, LEVEL_SOCKET, 4, 0, 0},
    {"broadcast", TRUTH, LEVEL_SOCKET, 6, 0, 0},
    {"sndbuf", NUMBER, LEVEL_SOCKET, 7, 0, 0},
    {"rcvbuf", NUMBER, LEVEL_SOCKET, 8, 0, 0},
    {"keepalive", TRUTH, LEVEL_SOCKET, 9, 0, 0},
    {"oobinline", TRUTH, LEVEL_SOCKET, 10, 0, 0},
    {"linger", LINGER, LEVEL_SOCKET, 13, 0, 0},
    {"reuseport", TRUTH, LEVEL_SOCKET, 15, 0, 0},
    {"rcvlowat", NUMBER, LEVEL_SOCKET, 18, 0, 0},
    {"nodelay", TRUTH, LEVEL_TCP, 1, 0, 0},
    {"mss", NUMBER, LEVEL_TCP, 2, 0, 0},
    {"cork", TRUTH, LEVEL_TCP, 3, 0, 0},
    {"keepidle", SECONDS, LEVEL_TCP, 4, 0, 0},
    {"keepintvl", SECONDS, LEVEL_TCP, 5, 0, 0},
    {"keepcnt", NUMBER, LEVEL_TCP, 6, 0, 0},
    {"syncnt", NUMBER, LEVEL_TCP, 7, 0, 0},
    {"linger2", SECONDS, LEVEL_TCP, 8, 0, 0},
    {"defer_accept", SECONDS, LEVEL_TCP, 9, 0, 0},
    {"window_clamp", NUMBER, LEVEL_TCP, 10, 0, 0},
    {"quickack", TRUTH, LEVEL_TCP, 12, 0, 0},
    {"congestion", NAME, LEVEL_TCP, 13, 0, 0},
    {"user_timeout", MILLISECONDS, LEVEL_TCP, 18, 0, 0},
    {"fastopen", NUMBER, LEVEL_TCP, 23, 0, 0},
    {"notsent_lowat", NUMBER, LEVEL_TCP, 25, 0, 0},
    {"fastopen_connect", TRUTH, LEVEL_TCP, 30, 0, 0},
    {"tos", NUMBER, LEVEL_IP, 1, LEVEL_IPV6, 67},
    {"ttl", NUMBER, LEVEL_IP, 2, LEVEL_IPV6, 16},
    {"v6only", TRUTH, LEVEL_IPV6, 26, 0, 0},
    {"multicast_if", INTERFACE, LEVEL_IP, IF4, LEVEL_IPV6, IF6},
    {"multicast_ttl", NUMBER, LEVEL_IP, 33, LEVEL_IPV6, 18},
    {"multicast_loop", TRUTH, LEVEL_IP, 34, LEVEL_IPV6, 19},
};

static const struct option *find(const char *key)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i].key, key) == 0)
			return &options[i];
	}
	return NULL;
}

static bool is_v6(const struct sim_socket *socket)
{
	struct weir_socket_info info;

	weir_socket_get_info(socket->sock, &info);
	return info.family == WEIR_INET6;
}

/* Level and name for this socket. */
static int level_of(const struct option *o, const struct sim_socket *socket, int *name)
{
	bool other = o->level6 != 0 && is_v6(socket);

	*name = other ? o->name6 : o->name;
	return other ? o->level6 : o->level;
}

/* The number of "eth0" on the socket's host; 0: it has none of that name. */
static unsigned interface_index(const struct sim_socket *socket, const char *name)
{
	for (unsigned i = 0; i < socket->host->interfaces; i++) {
		if (strcmp(socket->host->interface[i].config.name, name) == 0)
			return socket->host->interface[i].ifindex;
	}
	return 0;
}

static int check_interface(lua_State *lua, int arg, const struct sim_socket *socket)
{
	const char *name = luaL_checkstring(lua, arg);
	unsigned ifindex = interface_index(socket, name);

	if (ifindex == 0)
		return luaL_error(lua, "host '%s' has no interface '%s'; its first is eth0", socket->host->plan->name,
		                  name);
	return (int)ifindex;
}

/* -- values */

/* The value on the top as an int: a number, a size, or true and false. */
static int int_value(lua_State *lua, const char *key)
{
	uint64_t size;

	if (lua_isboolean(lua, -1))
		return lua_toboolean(lua, -1);
	if (lua_isinteger(lua, -1) && lua_tointeger(lua, -1) < 0 && lua_tointeger(lua, -1) >= INT32_MIN)
		return (int)lua_tointeger(lua, -1);
	if (!lua_isstring(lua, -1) || !plan_parse_size(lua_tostring(lua, -1), &size) || size > INT32_MAX)
		luaL_error(lua, "%s: expected a number, a size as in '64KiB', or true or false", key);
	else
		return (int)size;
	return 0;
}

/* "1500ms" in units of so many nanoseconds, rounded up; a number counts units. */
static int units_value(lua_State *lua, const char *key, int64_t unit_ns)
{
	weir_duration d;

	if (lua_isinteger(lua, -1))
		return int_value(lua, key);
	if (!lua_isstring(lua, -1) || !plan_parse_duration(lua_tostring(lua, -1), &d) || d.ns / unit_ns >= INT32_MAX)
		return luaL_error(lua, "%s: expected a duration, as in '5s'", key);
	return (int)((d.ns + unit_ns - 1) / unit_ns);
}

static int set_linger(lua_State *lua, const char *key, struct weir_socket *sock)
{
	int32_t on_seconds[2] = {0, 0};

	if (!lua_isboolean(lua, -1) || lua_toboolean(lua, -1)) {
		on_seconds[0] = 1;
		on_seconds[1] = units_value(lua, key, WEIR_NS_PER_S);
	}
	return weir_setsockopt(sock, LEVEL_SOCKET, 13, on_seconds, sizeof(on_seconds));
}

/* IP_MULTICAST_IF takes group, address, interface; IPV6_MULTICAST_IF the interface. */
static int set_interface(lua_State *lua, const struct sim_socket *socket)
{
	int32_t ifindex = check_interface(lua, lua_gettop(lua), socket), request[3] = {0, 0, ifindex};

	if (is_v6(socket))
		return weir_setsockopt(socket->sock, LEVEL_IPV6, IF6, &ifindex, sizeof(ifindex));
	return weir_setsockopt(socket->sock, LEVEL_IP, IF4, request, sizeof(request));
}

/* The value on the top. */
static int set_one(lua_State *lua, const char *key, const struct sim_socket *socket)
{
	const struct option *o = find(key);
	int name, level, value = 0;
	const char *text;
	size_t len;

	if (o == NULL || o->form == ERROR)
		return luaL_error(lua, "sockets have no setting '%s'", key);
	level = level_of(o, socket, &name);
	switch (o->form) {
	case NAME:
		text = lua_tolstring(lua, -1, &len);
		if (text == NULL)
			return luaL_error(lua, "%s: expected a name", key);
		return weir_setsockopt(socket->sock, level, name, text, (uint32_t)len);
	case LINGER:
		return set_linger(lua, key, socket->sock);
	case INTERFACE:
		return set_interface(lua, socket);
	case SECONDS:
		value = units_value(lua, key, WEIR_NS_PER_S);
		break;
	case MILLISECONDS:
		value = units_value(lua, key, WEIR_NS_PER_MS);
		break;
	case NUMBER:
	case TRUTH:
	case ERROR:
		value = int_value(lua, key);
		break;
	}
	return weir_setsockopt(socket->sock, level, name, &value, sizeof(value));
}

/* -- tables of settings */

static int read_one(lua_State *lua, const char *key, struct sim_socket *socket, struct call_settings *settings)
{
	struct plan_addr addr;

	if (strcmp(key, "nonblock") == 0) {
		socket->nonblocking = lua_toboolean(lua, -1);
		return 0;
	}
	if (settings != NULL && strcmp(key, "address") == 0) {
		if (!lua_isstring(lua, -1) || !plan_parse_addr(lua_tostring(lua, -1), &addr))
			return luaL_error(lua, "address = '%s': expected an address", luaL_tolstring(lua, -1, NULL));
		settings->local.addr = addr.addr;
		return 0;
	}
	if (settings != NULL && (strcmp(key, "port") == 0 || strcmp(key, "backlog") == 0)) {
		int value = int_value(lua, key);

		if (key[0] == 'p' && (value < 0 || value > UINT16_MAX))
			return luaL_error(lua, "port = %d: expected 0 .. 65535", value);
		if (key[0] == 'p')
			settings->local.port = (uint16_t)value;
		else
			settings->backlog = value;
		return 0;
	}
	return set_one(lua, key, socket);
}

int call_options(lua_State *lua, int arg, struct sim_socket *socket, struct call_settings *settings)
{
	int error = 0;

	if (lua_isnoneornil(lua, arg))
		return 0;
	luaL_checktype(lua, arg, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, arg) != 0; lua_pop(lua, 1)) {
		int one;

		if (lua_type(lua, -2) != LUA_TSTRING)
			return luaL_error(lua, "settings of a socket are named, as in { sndbuf = 500 }");
		one = read_one(lua, lua_tostring(lua, -2), socket, settings);
		error = error == 0 ? one : error;
	}
	return error;
}

/* s:set { nodelay = true, linger = "5s" } */
static int method_set(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "set", &p);
	int error;

	luaL_checktype(lua, 2, LUA_TTABLE);
	lua_settop(lua, 2);
	error = call_options(lua, 2, socket, NULL);
	if (error != 0)
		return call_error(lua, error);
	lua_pushboolean(lua, true);
	return 1;
}

/* Pushes a value of so many units, as set{} takes it: seconds as a number. */
static int push_value(lua_State *lua, const struct option *o, const int32_t *value, uint32_t len)
{
	switch (o->form) {
	case NAME:
		lua_pushstring(lua, (const char *)value);
		break;
	case TRUTH:
		lua_pushboolean(lua, value[0] != 0);
		break;
	case LINGER:
		if (value[0] == 0)
			lua_pushboolean(lua, false);
		else
			lua_pushinteger(lua, value[1]);
		break;
	case ERROR:
		if (value[0] == 0)
			lua_pushnil(lua);
		else
			lua_pushstring(lua, script_error_name(value[0]));
		break;
	case NUMBER:
	case SECONDS:
	case MILLISECONDS:
	case INTERFACE:
		lua_pushinteger(lua, len >= sizeof(int32_t) ? value[0] : 0);
		break;
	}
	return 1;
}

/* s:get "sndbuf"; "error": the pending one's name, which is taken off, or nil. */
static int method_get(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "get", &p);
	const char *key = luaL_checkstring(lua, 2);
	const struct option *o = find(key);
	int32_t value[8] = {0};
	uint32_t len = sizeof(value) - 1;
	int level, name, error;

	if (o == NULL)
		return luaL_error(lua, "sockets have no setting '%s'", key);
	level = level_of(o, socket, &name);
	error = weir_getsockopt(socket->sock, level, name, value, &len);
	return error != 0 ? call_error(lua, error) : push_value(lua, o, value, len);
}

/* -- groups */

/* join(group [, "eth0"]), leave(group [, "eth0"]) */
static int membership(lua_State *lua, const char *word, int name4, int name6)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, word, &p);
	int32_t ifindex = lua_isnoneornil(lua, 3) ? 0 : check_interface(lua, 3, socket);
	uint8_t request[20] = {0};
	struct plan_addr group;
	int error;

	luaL_argcheck(lua, plan_parse_addr(luaL_checkstring(lua, 2), &group), 2, "a group's address is expected");
	if (weir_addr_is_v4(&group.addr)) { /* group, address, interface */
		memcpy(request, &group.addr.b[12], 4);
		memcpy(request + 8, &ifindex, 4);
		error = weir_setsockopt(socket->sock, LEVEL_IP, name4, request, 12);
	} else {
		memcpy(request, group.addr.b, 16);
		memcpy(request + 16, &ifindex, 4);
		error = weir_setsockopt(socket->sock, LEVEL_IPV6, name6, request, 20);
	}
	program_tell(script_of(lua), p, "%s(%s)%s%s", word, lua_tostring(lua, 2), error != 0 ? ": " : "",
	             error != 0 ? script_error_name(-error) : "");
	if (error != 0)
		return call_error(lua, error);
	lua_pushboolean(lua, true);
	return 1;
}

static int method_join(lua_State *lua)
{
	return membership(lua, "join", JOIN4, JOIN6);
}

static int method_leave(lua_State *lua)
{
	return membership(lua, "leave", LEAVE4, LEAVE6);
}

void option_methods(lua_State *lua)
{
	static const luaL_Reg methods[] = {
	    {"set", method_set}, {"get", method_get}, {"join", method_join}, {"leave", method_leave}, {NULL, NULL}};

	luaL_setfuncs(lua, methods, 0);
}
