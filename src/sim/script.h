/* SPDX-License-Identifier: Apache-2.0
 *
 * A running scenario: the simulation, the Lua state, the programs. Each program is a coroutine; a call that must wait
 * yields, and is tried again when its socket or its time says so.
 */
#ifndef WEIR_SIM_SCRIPT_H
#define WEIR_SIM_SCRIPT_H

#include "plan/sandbox.h"
#include "sim/scenario.h"
#include "sim/sim.h"

#include <lua.h>

enum program_state { PROGRAM_RUNNABLE, PROGRAM_BLOCKED, PROGRAM_RUNS, PROGRAM_ENDED };
enum program_call { CALL_NONE, CALL_START, CALL_SLEEP, CALL_CONNECT, CALL_ACCEPT, CALL_READ, CALL_WRITE };

struct program {
	char name[PLAN_NAME];
	uint32_t index;
	int host; /* -1: of no host, made by at() */
	weir_time start;
	lua_State *co;
	int ref; /* keeps the coroutine */
	enum program_state state;
	/* The call it is blocked in. */
	enum program_call call;
	struct sim_socket *on;
	uint64_t total, done; /* bytes to write, written */
	bool told;            /* the timeline has the call's beginning */
	struct program *next_runnable;
};

struct script {
	struct sim sim;
	struct sandbox sandbox;
	lua_State *lua;
	const struct scenario_options *options;
	struct scenario_result *result;
	struct program **program;
	uint32_t programs, alive;
	uint32_t sleepers; /* programs that wait for an instant */
	uint32_t writers;  /* blocked in write() */
	struct program *runnable, **runnable_end;
	struct program *current;
	bool running; /* the world has been made */
	bool failed;  /* a program raised an error: error has the text */
	weir_time limit;
	char error[512];
};

/* -- program.c */

struct script *script_of(lua_State *lua);
/* The program that is calling; an error where no program calls. With a host, unless `anywhere`. */
struct program *program_calling(lua_State *lua, const char *word, bool anywhere);
struct sim_host *program_host(lua_State *lua, const struct program *p);
void program_tell(struct script *script, const struct program *p, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Blocks the calling program; `again` is called when it may go on. Returns from the C function. */
int program_block(lua_State *lua, enum program_call call, struct sim_socket *on, lua_KFunction again);
/* Ends the wait of a call that went through; true: it had waited. */
bool program_unblock(struct program *p);
void program_run_next(struct script *script);
void program_wake(void *script, uint32_t program);
void program_ready(void *script, struct sim_socket *socket);
void program_stirred(void *script, const struct sim_host *host);
/* Words: program, at, sleep, now. */
void program_words(lua_State *lua);
/* The duration at this argument of a word. */
weir_duration script_duration(lua_State *lua, int arg);
/* Pushes the text of an argument; of a table its kind, because its address differs from run to run. */
void script_push_text(lua_State *lua, int arg);
/* "ECONNREFUSED", without the name the number. */
const char *script_error_name(int error);

/* "write(1500) with 500 bytes left": what a blocked program is in. text holds PROGRAM_TEXT bytes. */
enum { PROGRAM_TEXT = 96 };
const char *program_doing(const struct program *p, char *text);

/* -- calls.c, options.c: connect, listen, and what can be done with sockets */

void call_words(lua_State *lua);
struct sim_socket *call_socket(lua_State *lua, int arg);
/* Applies the table of options at this argument to a new socket; 0, or a negative error. */
int call_options(lua_State *lua, int arg, struct weir_socket *sock, struct weir_endpoint *local, int *backlog);

/* -- faultwords.c: drop, delay, hold, duplicate, corrupt, cut, release */

void fault_words(lua_State *lua);

/* -- viewwords.c: expect, mark, print, netstat, queues, sockets, state, demux, stuck */

void view_words(lua_State *lua);

/* -- stuck.c */

/* Says which programs wait for each other for ever; false: none does. */
bool stuck_tell(struct script *script, FILE *out);
/* True when all programs that have not ended are among them. */
bool stuck_all(struct script *script);

#endif
