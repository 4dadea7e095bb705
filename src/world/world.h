/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon: one thread, one epoll, many hosts. A turn of its loop:
 *	1 wait for descriptors or the next deadline (daemon.c)
 *	2 hear them: requests of programs (program.c), bytes at the D ends (stream.c), views (viewer.c)
 *	3 settle: move bytes between D ends and sockets, packets between hosts, and what became ready,
 *	  round and round until nothing moves or the turn's budget is spent (settle.c)
 *	4 free what died in this turn
 * Nothing in it waits for a program: what a program does not take stays where it is, bounded.
 *
 * Memory of what an epoll event may still point to is freed at the end of the turn only (struct source).
 */
#ifndef WEIR_WORLD_WORLD_H
#define WEIR_WORLD_WORLD_H

#include "base/hashtab.h"
#include "base/list.h"
#include "base/siphash.h"
#include "link/link.h"
#include "link/tap.h"
#include "plan/plan.h"
#include "world/clock.h"
#include "world/paths.h"
#include "world/protocol.h"

#include <weir/view.h>

#include <sys/types.h>

enum {
	WORLD_EVENTS = 256,        /* of one epoll_wait */
	WORLD_PROGRAMS_MAX = 8192, /* control connections */
	WORLD_VIEWERS_MAX = 64,
	WORLD_ERRORS = 1024,  /* errors of connections that are gone, kept for SO_ERROR */
	WORLD_LINGERED = 64,  /* close() calls whose time was up, kept for the views */
	WORLD_ORPHANS = 1024, /* write histories kept after the program has gone */
	WORLD_SCRATCH = 65536,
};

/* What epoll's events point to. */
struct source {
	int fd;
	void (*ready)(struct source *source, uint32_t events);
	void (*free)(struct source *source); /* at the end of the turn in which it was closed */
	struct source *next_dead;
};

struct world_interface {
	struct weir_interface config;
	int ifindex;
	struct plan_addr addr[PLAN_ADDRS_MAX];
	unsigned addrs;
};

struct world_host {
	struct world *world;
	const struct plan_host *plan;
	struct weir_stack *stack;
	struct world_interface *interface;
	unsigned interfaces;
};

/* One link of the plan, or the pair between a host and its TAP. */
struct world_link {
	struct link *link;
	const struct plan_link *plan; /* NULL for a TAP's */
};

struct world_tap {
	struct source source;
	struct world *world;
	struct link_tap *tap;
};

/* The error of a connection that is gone. */
struct world_error {
	uint64_t id;
	int error;
};

/* A socket whose close() stopped waiting because its time was up. */
struct world_lingered {
	const struct world_host *host;
	uint64_t socket;
};

struct world {
	struct clock clock;
	weir_time now;
	struct plan plan;
	uint8_t number[8]; /* in the names of its sockets */

	int epoll;
	struct source *dead;
	bool stop;

	struct world_host *host;
	unsigned hosts;
	struct world_link *link;
	unsigned links;
	struct world_tap *tap;
	unsigned taps;

	struct memory memory; /* of the tables below */
	struct siphash_key key;
	struct hashtab streams; /* by id */
	struct list all_streams;
	struct list work; /* streams with something to do */
	unsigned stream_count;
	struct list programs, viewers;
	struct list lingerers; /* programs that wait in close() */
	struct world_lingered lingered[WORLD_LINGERED];
	unsigned next_lingered;
	unsigned program_count, viewer_count;
	uint64_t next_id;     /* of accepted sockets */
	int diag;             /* asks the kernel about pairs, for exact streams; -1 = not opened */
	unsigned entry_bytes; /* of a record in a listener's pair, as the kernel counts; 0 = not known yet */
	struct world_error error[WORLD_ERRORS];
	unsigned next_error;
	struct list orphans; /* write histories */
	unsigned orphan_count;

	struct source run, view; /* listening */
	char path[WORLD_PATH];
	int lock_fd;  /* held as long as the world listens */
	int farewell; /* whoever asked for the end: is told when it has come. -1 = nobody */
	uint8_t scratch[WORLD_SCRATCH];
};

/* daemon.c */

/* A world by this plan, which it takes. 0, or an exit status with *complaint. */
int world_new(struct plan *take_plan, struct clock clock, struct world **world, struct complaint *complaint);
void world_free(struct world *world);
/* Listens at path and path.run. 0, or an exit status with *complaint. */
int world_listen(struct world *world, const char *path, struct complaint *complaint);
/* Runs until something sets stop. */
void world_run(struct world *world);
/* One turn: waits at most `limit`. */
void world_turn(struct world *world, weir_duration limit);
/* Starts and ends the watching of a descriptor. watch returns false when the kernel refuses. */
bool world_watch(struct world *world, struct source *source, uint32_t events);
bool world_rewatch(struct world *world, struct source *source, uint32_t events);
/* Closes the descriptor; source->free() runs at the end of the turn. */
void world_close(struct world *world, struct source *source);

/* build.c */
int world_build(struct world *world, struct complaint *complaint);
void world_tear_down(struct world *world);
struct world_host *world_find_host(struct world *world, const char *name);
/* The host that has this address, or NULL. */
struct world_host *world_host_of(struct world *world, const weir_addr *addr);

/* settle.c */

/* Moves everything until nothing moves; false when the budget ended before. */
bool world_settle(struct world *world);
/* Reads the clock and tells the stacks. */
void world_tell_time(struct world *world);
/* Timers that are due. */
void world_expire(struct world *world);
/* When the world must look again although nobody calls. */
weir_time world_deadline(const struct world *world);

/* program.c and viewer.c: a connection has come in. They own fd from here on. */
void program_accept(struct world *world, int fd);
void viewer_accept(struct world *world, int fd);
void program_close_all(struct world *world);
void viewer_close_all(struct world *world);

/* errors.c: errors kept for SO_ERROR. */
void world_note_error(struct world *world, uint64_t id, int error);
/* The noted error, which is forgotten; 0 = none. */
int world_take_error(struct world *world, uint64_t id);

#endif
