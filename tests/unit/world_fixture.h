/* SPDX-License-Identifier: Apache-2.0
 *
 * A world in the test's own process, on a clock that the test turns, and the test as a program of it: it speaks the
 * protocol by hand, as the shim does.
 */
#ifndef WORLD_FIXTURE_H
#define WORLD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "world/protocol.h"

struct world;

struct fixture {
	struct world *world;
	weir_time now;
	char path[64];
	int control; /* the program's connection */
};

/* The default world, or one whose link has this delay. The program is on no host yet. */
void fixture_up(struct fixture *f, weir_duration delay);
void fixture_down(struct fixture *f);

/* Lets the world work without time passing; lets time pass, in steps. */
void settle(struct fixture *f);
void pass(struct fixture *f, weir_duration time);

/* A control connection, before hello. */
int dial(struct fixture *f);
/* A connection that has said hello. */
int program_on(struct fixture *f, const char *host);

/* A request and its reply; fails the test when there is none. */
struct world_reply ask(struct fixture *f, int control, struct world_request request);
void post(struct fixture *f, int control, struct world_request request, int attached);

/* A new TCP socket: returns A. */
int new_socket(struct fixture *f, int control, uint64_t id, int family);

struct weir_endpoint at(const char *addr, uint16_t port);

/* Takes an entry from a listener's pair, as accept() does; returns A. */
int take_accepted(int listener, struct world_accepted *accepted);

/* poll() with everything asked for, now. */
int events_of(int fd);

/* A request to the view socket, and its answer as text (static). */
const char *look(struct fixture *f, const char *request);

/* Only the request; the descriptor is the caller's. */
int look_only(struct fixture *f, const char *request);

#endif
