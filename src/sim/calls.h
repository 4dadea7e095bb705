/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files share that hold the programs' socket calls: opencalls.c makes sockets, calls.c has what streams do,
 * writes.c what moves their bytes,
 * datagrams.c what datagrams do, options.c settings, select.c waiting for many. Each adds its methods to the table of
 * methods on the top of the stack.
 */
#ifndef WEIR_SIM_CALLS_H
#define WEIR_SIM_CALLS_H

#include "sim/script.h"

#define CALL_METATABLE "weir.socket"

/* The socket at this argument. */
struct sim_socket *call_socket(lua_State *lua, int arg);
/* The same, still open, and of the host of the program that calls. */
struct sim_socket *call_open(lua_State *lua, int arg, const char *word, struct program **p);
/* Pushes a new one. */
struct sim_socket *call_push(lua_State *lua, struct sim_host *host, struct weir_socket *sock, const struct program *p);
/* Pushes nil and the name of a negative error. Returns 2. */
int call_error(lua_State *lua, int64_t error);
/* For the timeline: the call, and the error if the result is one. */
void call_tell(lua_State *lua, const struct program *p, const char *call, int64_t result);
/* "B" or "10.0.0.2" at this argument, and a port at the next. */
struct weir_endpoint call_remote(lua_State *lua, int arg);
/* The bytes that write(n) sends: each tells its place in the stream. */
void call_fill(uint8_t *piece, uint64_t from, size_t n);

/* What a table of settings says beside options. */
struct call_settings {
	struct weir_endpoint local;
	int backlog;
};

/* Applies the table of settings at this argument to a socket; 0, or a negative error. settings NULL: options only. */
int call_options(lua_State *lua, int arg, struct sim_socket *socket, struct call_settings *settings);

void open_words(lua_State *lua);
void select_words(lua_State *lua);
void open_methods(lua_State *lua);
void write_methods(lua_State *lua);
void datagram_methods(lua_State *lua);
void option_methods(lua_State *lua);

#endif
