/* SPDX-License-Identifier: Apache-2.0
 *
 * What the words of a scenario share: reading values, and naming errors.
 */
#include "sim/script.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <string.h>

weir_duration script_duration(lua_State *lua, int arg)
{
	weir_duration d = {0};

	if (!plan_parse_duration(luaL_checkstring(lua, arg), &d))
		luaL_argerror(lua, arg, "a duration is expected, as in '20ms' or '1.5s'");
	return d;
}

void script_push_text(lua_State *lua, int arg)
{
	int type = lua_type(lua, arg);

	if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING)
		luaL_tolstring(lua, arg, NULL);
	else
		lua_pushstring(lua, lua_typename(lua, type));
}

const char *script_error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
	    {WEIR_EPERM, "EPERM"},
	    {WEIR_ENOENT, "ENOENT"},
	    {WEIR_EBADF, "EBADF"},
	    {WEIR_EAGAIN, "EAGAIN"},
	    {WEIR_ENOMEM, "ENOMEM"},
	    {WEIR_EACCES, "EACCES"},
	    {WEIR_EEXIST, "EEXIST"},
	    {WEIR_ENODEV, "ENODEV"},
	    {WEIR_EINVAL, "EINVAL"},
	    {WEIR_ENOSPC, "ENOSPC"},
	    {WEIR_EPIPE, "EPIPE"},
	    {WEIR_EDOM, "EDOM"},
	    {WEIR_EDESTADDRREQ, "EDESTADDRREQ"},
	    {WEIR_EMSGSIZE, "EMSGSIZE"},
	    {WEIR_ENOPROTOOPT, "ENOPROTOOPT"},
	    {WEIR_EOPNOTSUPP, "EOPNOTSUPP"},
	    {WEIR_EAFNOSUPPORT, "EAFNOSUPPORT"},
	    {WEIR_EADDRINUSE, "EADDRINUSE"},
	    {WEIR_EADDRNOTAVAIL, "EADDRNOTAVAIL"},
	    {WEIR_ENETDOWN, "ENETDOWN"},
	    {WEIR_ENETUNREACH, "ENETUNREACH"},
	    {WEIR_ECONNABORTED, "ECONNABORTED"},
	    {WEIR_ECONNRESET, "ECONNRESET"},
	    {WEIR_ENOBUFS, "ENOBUFS"},
	    {WEIR_EISCONN, "EISCONN"},
	    {WEIR_ENOTCONN, "ENOTCONN"},
	    {WEIR_ETIMEDOUT, "ETIMEDOUT"},
	    {WEIR_ECONNREFUSED, "ECONNREFUSED"},
	    {WEIR_EHOSTUNREACH, "EHOSTUNREACH"},
	    {WEIR_EALREADY, "EALREADY"},
	    {WEIR_EINPROGRESS, "EINPROGRESS"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	return "another error";
}

uint8_t script_flags(lua_State *lua)
{
	static const struct {
		const char *name;
		uint8_t flag;
	} names[] = {{"SYN", TCP_SYN}, {"ACK", TCP_ACK}, {"FIN", TCP_FIN}, {"RST", TCP_RST},
	             {"PSH", TCP_PSH}, {"URG", TCP_URG}, {"ECE", TCP_ECE}, {"CWR", TCP_CWR}};
	enum { COUNT = sizeof(names) / sizeof(names[0]) };
	const char *text = luaL_checkstring(lua, -1);
	uint8_t flags = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ","), i = 0;

		while (i < COUNT && (strlen(names[i].name) != len || memcmp(names[i].name, text, len) != 0))
			i++;
		if (i == COUNT) {
			luaL_error(lua,
			           "flags = '%s': expected SYN, ACK, FIN, RST, PSH, URG, ECE or CWR, joined by commas",
			           lua_tostring(lua, -1));
			return 0;
		}
		flags |= names[i].flag;
		text += len + (text[len] == ',');
	}
	return flags;
}

uint64_t script_count(lua_State *lua, const char *key, lua_Integer least, lua_Integer most)
{
	int is_integer;
	lua_Integer n = lua_tointegerx(lua, -1, &is_integer);

	if (!is_integer || n < least)
		luaL_error(lua, "%s: expected a number from %I on", key, (LUAI_UACINT)least);
	if (n > most)
		luaL_error(lua, "%s: expected a number up to %I", key, (LUAI_UACINT)most);
	return (uint64_t)n;
}

struct script *script_running(lua_State *lua, const char *word)
{
	struct script *script = script_of(lua);

	if (!script->running)
		luaL_error(lua, "%s belongs into a program or at()", word);
	return script;
}
