/* SPDX-License-Identifier: Apache-2.0
 *
 * A world under virtual time: the hosts, links and faults of a plan, and programs on them. Time passes only from one
 * event to the next; at one instant pipes give what is due, then programs run, then hosts, round and round until
 * nothing moves. One seed gives one outcome, byte for byte, on every machine: nothing here asks a clock, an address or
 * the system's chance.
 *
 * A program is told that it may go on by wake(): the owner of the programs (script.c) gives it.
 */
#ifndef WEIR_SIM_SIM_H
#define WEIR_SIM_SIM_H

#include "link/random.h"
#include "plan/plan.h"
#include "sim/aim.h"
#include "sim/pipe.h"
#include "sim/timeline.h"

#include <weir/weir.h>

struct sim;
struct sim_host;

struct sim_interface {
	struct sim_host *host;
	struct link_port real; /* the stack's; the switch sees a port that also writes the timeline */
	struct sim_pipe pipe;  /* from the host into the switch */
	struct weir_interface config;
	const struct plan_addr *addr;
	unsigned addrs, ifindex, link;
};

/* Whose an address is. */
struct sim_owner {
	weir_addr addr;
	unsigned host;
};

/* A socket that a program has, or has had. */
struct sim_socket {
	struct weir_socket *sock; /* NULL: given back */
	struct sim_host *host;
	uint64_t id;
	uint64_t *write; /* bytes of each write, in order: those taken so far */
	size_t writes;
	uint64_t written; /* bytes of all of them */
	uint32_t *user;   /* programs that have called it */
	unsigned users;
	unsigned waiting; /* programs blocked in a call on it */
	bool datagrams;   /* of UDP */
	bool nonblocking; /* calls do not wait */
};

struct sim_host {
	struct sim *sim;
	const struct plan_host *plan;
	unsigned index;
	struct weir_stack *stack;
	struct sim_interface *interface;
	unsigned interfaces;
	struct weir_observer observer;
	bool dirty, stirred;
	bool off; /* without power: its stack is new and empty, and cut off */
	struct sim_host *next_dirty;
	struct sim_socket **socket; /* in the order of their making */
	size_t sockets;
};

struct sim_link {
	struct sim *sim;
	const struct plan_link *plan;
	struct link_switch *sw;
	struct sim_interface **member;
};

/* Joins two links: what one switch has for the other goes through pipe[0], back through pipe[1]. */
struct sim_trunk {
	const struct plan_trunk *plan;
	struct sim_pipe pipe[2];
};

struct sim {
	struct plan plan;
	uint64_t seed;
	weir_time now;
	struct sim_host *host;
	unsigned hosts;
	struct sim_link *link;
	unsigned links;
	struct sim_trunk *trunk;
	unsigned trunks;
	struct sim_queue queue; /* sources: hosts, pipes, programs */
	struct sim_pipe **pipe; /* by source, less hosts */
	uint32_t pipes;
	struct sim_owner *owner; /* in the order of the addresses */
	unsigned owners;
	bool strangers; /* too many hosts to introduce each to each: they are when one calls the other */
	struct sim_host *dirty_host, **dirty_host_end;
	struct sim_aims aims;
	struct timeline timeline;
	struct link_random random; /* for what the world is made with */
	uint64_t events;           /* steps of hosts and pipes */
	unsigned watchers;         /* who want to be told what passes */
	/* The programs' side. */
	void *ctx;
	void (*wake)(void *ctx, uint32_t program);             /* its instant has come */
	void (*ready)(void *ctx, struct sim_socket *socket);   /* of a socket: something has changed */
	void (*stirred)(void *ctx, const struct sim_host *of); /* packets or timers have been dealt with */
	/* A segment has left its host, an index, for another; -1: nobody here has the address. */
	void (*passes)(void *ctx, const struct sim_segment *segment, int from, int to);
};

/* Empty; fill sim->plan, then build. */
void sim_init(struct sim *sim, uint64_t seed, FILE *out, bool ascii);
void sim_deinit(struct sim *sim);

/* Makes hosts and links of the plan. 0, or a negative error with *where the name of what could not be made. */
int sim_build(struct sim *sim, const char **where);

/* Numbers programs as sources of the queue. false: no memory. */
bool sim_add_programs(struct sim *sim, uint32_t programs);
void sim_program_due(struct sim *sim, uint32_t program, weir_time at);

/* Tells a host's stack what time it is: before its sockets are called or looked at. A host at rest is not told, so that
 * an instant costs no more in a world of a thousand hosts. */
void sim_wake(struct sim_host *host);
/* To be called when a program has called a host's sockets. */
void sim_touch(struct sim_host *host);

/* One host does what it can do at this instant; false: none has anything to do. */
bool sim_step(struct sim *sim);
/* To the next event, perhaps at this instant; false: there is none, or none up to `until`, where time then stands if
 * something is left to do. */
bool sim_advance(struct sim *sim, weir_time until);

/* The power of a host fails: its stack and sockets are gone. 0, or a negative error when it cannot be made anew. */
int sim_power_off(struct sim_host *host);
void sim_power_on(struct sim_host *host);

/* Two hosts of a large network, one of which is about to call the other at this address, learn each other's addresses.
 */
void sim_introduce(struct sim_host *host, const weir_addr *to);

struct sim_host *sim_find_host(struct sim *sim, const char *name);
struct sim_host *sim_host_of(struct sim *sim, const weir_addr *addr);

/* A program's record of a socket; NULL: no memory. Lives as long as the simulation. */
struct sim_socket *sim_socket_new(struct sim_host *host, struct weir_socket *sock);
struct sim_socket *sim_socket_find(const struct sim_host *host, uint64_t id);
bool sim_socket_used(struct sim_socket *socket, uint32_t program);
/* Bytes of the newest write, or of a new one. false: no memory. */
bool sim_socket_wrote(struct sim_socket *socket, uint64_t bytes, bool fresh);

#endif
