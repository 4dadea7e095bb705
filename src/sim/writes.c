/* SPDX-License-Identifier: Apache-2.0
 *
 * write() and drain(): the calls that move many bytes. A call that waits goes on without its coroutine, in C, each time
 * that its host has moved: of a transfer of gigabytes Lua sees the beginning and the end.
 */
#include "sim/calls.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <inttypes.h>
#include <stdlib.h>

/* -- write */

/* The pattern repeats after so many bytes; a piece may be as long. */
enum { PATTERN_BYTES = 65536 };

void call_fill(uint8_t *piece, uint64_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		piece[i] = (uint8_t)((from + i) * 31 + ((from + i) >> 8));
}

static bool make_pattern(struct script *script)
{
	if (script->pattern != NULL)
		return true;
	script->pattern = malloc((size_t)2 * PATTERN_BYTES);
	if (script->pattern == NULL)
		return false;
	call_fill(script->pattern, 0, (size_t)2 * PATTERN_BYTES);
	return true;
}

/* Copies as much as SendQ has room for. true: all of it, or p->came is an error other than EAGAIN. */
static bool copy_on(struct script *script, struct program *p, struct sim_socket *socket)
{
	while (p->done < p->total) {
		uint64_t left = p->total - p->done;
		struct weir_slice piece = {.len = left < PATTERN_BYTES ? (size_t)left : PATTERN_BYTES};

		if (p->text != NULL)
			piece.data = (const uint8_t *)p->text + p->done;
		else
			piece.data = script->pattern + socket->written % PATTERN_BYTES;
		p->came = weir_send(socket->sock, &piece, 1, left > piece.len ? WEIR_MSG_MORE : 0);
		if (p->came < 0)
			return p->came != -WEIR_EAGAIN;
		if (!sim_socket_wrote(socket, (uint64_t)p->came, p->done == 0))
			p->came = -WEIR_ENOMEM;
		if (p->came < 0)
			return true;
		p->done += (uint64_t)p->came;
	}
	return true;
}

static bool write_on(struct script *script, struct program *p)
{
	if (copy_on(script, p, p->on))
		return true;
	program_stirs(script, p);
	return false;
}

static int took_some(lua_State *lua, const struct program *p)
{
	program_tell(script_of(lua), p, "write(%" PRIu64 ") = %" PRIu64, p->total, p->done);
	lua_pushinteger(lua, (lua_Integer)p->done);
	return 1;
}

static int write_end(lua_State *lua, struct program *p, const struct sim_socket *socket)
{
	struct script *script = script_of(lua);
	int64_t came = p->came;

	program_unblock(script, p);
	if (came < 0 && p->done > 0 && socket->nonblocking)
		return took_some(lua, p);
	if (came < 0) {
		program_tell(script, p, "write(%" PRIu64 "): %s", p->total, script_error_name((int)-came));
		return call_error(lua, came);
	}
	program_tell(script, p, "write(%" PRIu64 ") done", p->total);
	lua_pushinteger(lua, (lua_Integer)p->done);
	return 1;
}

static int write_woken(lua_State *lua, int status, lua_KContext ctx)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "write", &p);

	(void)status;
	(void)ctx;
	return write_end(lua, p, socket);
}

/* A number means so many bytes, text means itself. */
static void start_write(lua_State *lua, struct program *p)
{
	size_t len = 0;
	lua_Integer n;

	p->text = NULL;
	if (lua_type(lua, 2) == LUA_TSTRING) {
		p->text = lua_tolstring(lua, 2, &len);
		n = (lua_Integer)len;
	} else {
		n = luaL_checkinteger(lua, 2);
	}
	luaL_argcheck(lua, n >= 0, 2, "a number of bytes, or text, is expected");
	if (!make_pattern(script_of(lua)))
		luaL_error(lua, "no memory");
	p->total = (uint64_t)n;
	p->done = 0;
	p->came = 0;
}

static int method_write(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "write", &p);

	start_write(lua, p);
	if (copy_on(script, p, socket) || socket->nonblocking)
		return write_end(lua, p, socket);
	program_tell(script, p, "write(%" PRIu64 ") waits", p->total);
	p->go_on = write_on;
	return program_block(lua, CALL_WRITE, socket, write_woken);
}

/* try_write(n): how many SendQ took, or nil and EAGAIN. */
static int method_try_write(lua_State *lua)
{
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "write", &p);

	start_write(lua, p);
	copy_on(script_of(lua), p, socket);
	if (p->came < 0 && p->done == 0)
		return call_error(lua, p->came);
	return took_some(lua, p);
}

/* -- drain */

/* Takes off what RecvQ has. true: the stream has ended, or p->came is an error other than EAGAIN. */
static bool take_all(struct program *p, struct weir_socket *sock)
{
	struct weir_slice piece[2];

	while ((p->came = weir_recv_view(sock, piece)) > 0) {
		weir_recv_consume(sock, (size_t)p->came);
		p->done += (uint64_t)p->came;
	}
	return p->came != -WEIR_EAGAIN;
}

static bool drain_on(struct script *script, struct program *p)
{
	(void)script;
	return take_all(p, p->on->sock);
}

static int drain_woken(lua_State *lua, int status, lua_KContext ctx)
{
	struct script *script = script_of(lua);
	struct program *p;
	int64_t came;

	(void)status;
	(void)ctx;
	call_open(lua, 1, "drain", &p);
	came = p->came;
	program_unblock(script, p);
	if (came < 0) {
		program_tell(script, p, "drain: %" PRIu64 " bytes, then %s", p->done, script_error_name((int)-came));
		return call_error(lua, came);
	}
	program_tell(script, p, "drain: %" PRIu64 " bytes, end of stream", p->done);
	lua_pushinteger(lua, (lua_Integer)p->done);
	return 1;
}

/* drain(): reads to the end of the stream and tells how many bytes that were. */
static int method_drain(lua_State *lua)
{
	struct script *script = script_of(lua);
	struct program *p;
	struct sim_socket *socket = call_open(lua, 1, "drain", &p);

	luaL_argcheck(lua, !socket->datagrams, 1, "a stream is expected");
	p->done = 0;
	if (take_all(p, socket->sock))
		return drain_woken(lua, LUA_OK, 0);
	program_tell(script, p, "drain waits");
	p->go_on = drain_on;
	return program_block(lua, CALL_READ, socket, drain_woken);
}

void write_methods(lua_State *lua)
{
	static const luaL_Reg methods[] = {
	    {"write", method_write}, {"try_write", method_try_write}, {"drain", method_drain}, {NULL, NULL}};

	luaL_setfuncs(lua, methods, 0);
}
