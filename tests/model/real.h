/* SPDX-License-Identifier: Apache-2.0
 *
 * The real side of the model check: one whole stack, driven by packets, calls and time, with a peer that is made of
 * hand-made packets. What it emits goes to the model.
 */
#ifndef WEIR_TESTS_MODEL_REAL_H
#define WEIR_TESTS_MODEL_REAL_H

#include "model.h"

#include "sock/sock.h"
#include "support/packet.h"
#include "tcp/internal.h"

#include <weir/weir.h>

enum { REAL_OUR_PORT = 5000, REAL_PEER_PORT = 40000, REAL_TRACE = 400, REAL_LINE = 200 };

struct real {
	struct weir_stack *stack;
	unsigned ifindex;
	struct sock_table *table;
	struct weir_observer observer;
	struct weir_socket *listener, *sock; /* sock: the program's handle of the connection */
	bool v6;
	weir_time now;
	size_t allocated;
	const char *wrong_step; /* a change of state that the diagram does not have */
	enum model_state wrong_from, wrong_to;
	/* what happened, for a failure */
	bool tracing;
	char trace[REAL_TRACE][REAL_LINE];
	unsigned traced;
};

struct real_setting {
	struct model_setting rules;
	uint32_t iss;
	uint8_t window_shift;
	bool listener;
};

void real_begin(struct real *r, const struct real_setting *set);
/* Also checks that all memory has come back. */
void real_end(struct real *r, struct model *m);
void real_note(struct real *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void real_note_segment(struct real *r, const struct model_segment *seg);
/* The packet arrives; the model is told of all that is emitted. */
void real_arrives(struct real *r, struct model *m, const struct model_segment *seg);
/* To that instant, or to the stack's next deadline when it comes first; returns whether it is there. */
bool real_time(struct real *r, struct model *m, int64_t until);
void real_drain(struct real *r, struct model *m);
/* An ICMP error that quotes this number arrives; returns what it tells a program. */
uint8_t real_icmp(struct real *r, uint32_t seq, bool port);
weir_addr real_address(const struct real *r, unsigned host);
/* The connection's control block, or NULL. */
struct tcb *real_tcb(struct real *r);
enum model_state real_state(struct real *r);
/* Both sides are at the same point, or the model complains. */
void real_compare(struct real *r, struct model *m);

/* Calls; results as the API's. */
int real_connects(struct real *r);
int real_accepts(struct real *r);
int64_t real_sends(struct real *r, uint64_t offset, uint32_t n);
/* Complains when the bytes are not the peer's. */
int64_t real_reads(struct real *r, struct model *m, uint32_t n);
int real_shuts(struct real *r);
void real_closes(struct real *r, bool abort);
/* Structures of connections that ended before somebody accepted them. */
void real_sweeps(struct real *r);
void real_sets_rcvbuf(struct real *r, uint32_t bytes);

#endif
