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
enum program_call {
	CALL_NONE,
	CALL_START,
	CALL_SLEEP,
	CALL_CONNECT,
	CALL_ACCEPT,
	CALL_READ,
	CALL_WRITE,
	CALL_CLOSE,
	CALL_SELECT,
	CALL_SEGMENT,
	CALL_JOIN,
};

struct segment_watch;
struct script;

struct program {
	char name[PLAN_NAME];
	uint32_t index;
	/* Programs that spawn() makes are threads of the one that called it: they hold its sockets, and die with it. */
	uint32_t process; /* index of the first of them */
	uint32_t threads; /* of the first: how many have not ended */
	int host;         /* -1: of no host, made by at() */
	weir_time start;
	lua_State *co;
	int ref; /* keeps the coroutine */
	enum program_state state;
	/* The call it is blocked in. */
	enum program_call call;
	struct sim_socket *on;
	struct sim_socket **among; /* select() */
	unsigned amongs;
	struct segment_watch *watch; /* expect_segment() */
	uint32_t joins;              /* join(): the program's index */
	weir_time until;             /* when the call gives up; WEIR_NEVER = it does not */
	bool expired;                /* ... which has come */
	bool stirs;                  /* tried again after each step of its host, not only when its socket is ready */
	uint64_t total, done;        /* bytes to write, written */
	const char *text;            /* to write; NULL: write(n) makes them up. The coroutine's stack holds it */
	/* NULL, or: goes on with the call without its coroutine. true: it is done with, and `came` is what came of it.
	 */
	bool (*go_on)(struct script *script, struct program *p);
	int64_t came;
	bool told;          /* the timeline has the call's beginning */
	bool frozen, woken; /* woken: while it was frozen */
	struct program *next_runnable, *next_stirred;
};

struct script {
	struct sim sim;
	struct sandbox sandbox;
	lua_State *lua;
	const struct scenario_options *options;
	struct scenario_result *result;
	struct program **program;
	uint32_t programs, alive;
	uint32_t sleepers;        /* programs that wait for an instant */
	uint32_t joiners;         /* in join() */
	uint8_t *pattern;         /* what write(n) writes, PATTERN_BYTES of it twice; NULL until it is asked for */
	struct program **stirred; /* of each host: those that its steps try again */
	struct segment_watch *watching; /* of those in expect_segment() */
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
/* The same until an instant at the latest: then p->expired. */
int program_block_until(lua_State *lua, enum program_call call, struct sim_socket *on, weir_time until,
                        lua_KFunction again);
/* Ends the wait of a call that went through. */
void program_unblock(struct script *script, struct program *p);
/* A blocked program is to try again; a frozen one when it thaws. */
void program_resume(struct script *script, struct program *p);
void program_run_next(struct script *script);
void program_wake(void *script, uint32_t program);
void program_ready(void *script, struct sim_socket *socket);
void program_stirred(void *script, const struct sim_host *host);
/* Readiness to write comes with a third of SendQ; a blocking write takes each byte of room (T3.2): it is tried again
 * after the next step of its host. */
void program_stirs(struct script *script, struct program *p);
/* A new program with the function at this argument; its process: its own, or that of `of`. */
struct program *program_new(lua_State *lua, int function, const char *name, int host, weir_time start,
                            const struct program *of);
/* It never runs again. closes: its process gives back the sockets that nobody else uses; else they go with the host. */
void program_end(struct script *script, struct program *p, bool closes);
void programs_free(struct script *script);

/* "write(1500) with 500 bytes left": what a blocked program is in. text holds PROGRAM_TEXT bytes. */
enum { PROGRAM_TEXT = 96 };
const char *program_doing(const struct program *p, char *text);

/* -- words.c: what all words share */

/* The duration at this argument of a word. */
weir_duration script_duration(lua_State *lua, int arg);
/* Pushes the text of an argument; of a table its kind, because its address differs from run to run. */
void script_push_text(lua_State *lua, int arg);
/* "ECONNREFUSED", without the name the number. */
const char *script_error_name(int error);
/* "SYN,ACK" on the top of the stack. */
uint8_t script_flags(lua_State *lua);
/* An integer of a field on the top of the stack, from least to most. */
uint64_t script_count(lua_State *lua, const char *key, lua_Integer least, lua_Integer most);
/* Words must not be used while the script only describes. */
struct script *script_running(lua_State *lua, const char *word);

/* -- lives.c: program, at, spawn, join, sleep, now; freeze, thaw, crash, kill, boot */

void life_words(lua_State *lua);

/* -- calls.c, opencalls.c, datagrams.c, select.c: connect, listen, tcp, udp, select, and what sockets can do */

void call_words(lua_State *lua);

/* -- faultwords.c: drop, delay, hold, duplicate, corrupt, cut, release */

void fault_words(lua_State *lua);

/* -- segments.c: inject, expect_segment, expect_no_segment */

void segment_words(lua_State *lua);
void segment_unwatch(struct script *script, struct segment_watch *watch);
void segment_passes(void *script, const struct sim_segment *segment, int from, int to);

/* -- viewwords.c: expect, mark, print, netstat, queues, sockets, state, demux, stuck */

void view_words(lua_State *lua);
/* Counts an expectation and tells when it does not hold; level: whose line, as for luaL_where. */
void script_expect(lua_State *lua, int level, bool holds, const char *id, const char *what, const char *wanted,
                   const char *got);

/* -- stuck.c */

/* Says which programs wait for each other for ever; false: none does. */
bool stuck_tell(struct script *script, FILE *out);
/* True when all programs that have not ended are among them. */
bool stuck_all(struct script *script);

#endif
