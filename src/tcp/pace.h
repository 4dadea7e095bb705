/* SPDX-License-Identifier: Apache-2.0
 *
 * Pacing: what may leave leaves at a rate, not in a burst; and the delivery rate, from which congestion control may
 * make a model of the path (delivery.c). A connection has none of it (tcb->pace is NULL) unless its algorithm wants it
 * or the program set SO_MAX_PACING_RATE: to others it costs a look at a bit.
 *
 * A quantum leaves together, and then nothing until it has been paid for (tcb->pace_wait); the wheel ends the wait. Who
 * is late, because a timer or a window was, may make up for one quantum.
 */
#ifndef WEIR_TCP_PACE_H
#define WEIR_TCP_PACE_H

#include "tcp/cc.h"

struct delivery;
struct tcp_news;

struct pace {
	uint64_t rate;    /* bytes a second; 0 = none */
	uint64_t limit;   /* SO_MAX_PACING_RATE; 0 = none */
	uint32_t quantum; /* bytes */
	weir_time next;   /* when what has left is paid for */
	weir_time wake;   /* ... and the next quantum may leave */
	struct delivery *delivery;
	void *model; /* the algorithm's, 1 << ops->model_order bytes */
};

/* pace.c. tcp_pace_get(): makes it when there is none; NULL = no memory. */
struct pace *tcp_pace_get(struct host *h, struct tcb *tcb);
/* What the old algorithm (tcb->cc) had goes, what the new one needs is made. False: no memory. */
bool tcp_pace_for(struct host *h, struct tcb *tcb, const struct tcp_cc_ops *cc);
void tcp_pace_free(struct host *h, struct tcb *tcb);
/* len bytes leave now. */
void tcp_pace_sent(struct host *h, struct tcb *tcb, uint32_t len);
/* The rate that holds; 0 = none. */
uint64_t tcp_pace_rate(const struct pace *pace);
/* The most that may leave together; at least one segment. */
uint32_t tcp_pace_quantum(const struct tcb *tcb);
/* SO_MAX_PACING_RATE, bytes a second; UINT32_MAX = no limit. False: no memory. */
bool tcp_pace_limit(struct host *h, struct tcb *tcb, uint32_t bytes_per_s);

/*
 * delivery.c [draft-ietf-ccwg-bbr s4.1]. What was known when something left, so that its acknowledgement tells at which
 * rate the path delivers. Not a note for each segment but for each instant, and no more than about a hundred of them
 * a round trip: what left between two of them counts from the earlier one, whose numbers belong together.
 */
enum { DELIVERY_ORDER = 13, DELIVERY_NOTES = 200 };

struct delivery_note {
	weir_time at;           /* something left, when */
	uint64_t delivered;     /* ... so much had arrived, */
	weir_time delivered_at; /* ... the last of it then, */
	weir_time first_sent_at;
	uint32_t lost; /* ... and so much was lost, modulo 2^32 */
	uint32_t in_flight : 31;
	uint32_t limited : 1; /* the program gave too little to tell the path's rate */
};

struct delivery {
	uint64_t delivered, limited_until; /* bytes; limited_until 0 = not limited */
	weir_time delivered_at, first_sent_at;
	uint32_t lost;
	uint16_t first, count;
	struct delivery_note note[DELIVERY_NOTES];
};

_Static_assert(sizeof(struct delivery) <= 1u << DELIVERY_ORDER, "it fits its buffer");

/* len bytes leave now, and are not part of the pipe yet. */
void tcp_delivery_sent(struct host *h, struct tcb *tcb, uint32_t len);
/* So much of what left at that instant is taken for lost. */
void tcp_delivery_lost(struct host *h, struct tcb *tcb, weir_time at, uint32_t bytes);
/* An acknowledgement has been worked off: the algorithm is told. */
void tcp_delivery_acknowledged(struct host *h, struct tcb *tcb, const struct tcp_news *news);
void tcp_delivery_mark_limited(struct tcb *tcb);

#endif
