/* SPDX-License-Identifier: Apache-2.0
 *
 * What few connections have: ends of records (record.c), counts of what went wrong, the time in which a window or a
 * full queue held them back (rare.c), and the TIME_WAIT in whose place they stand (reopen.c). Made when there is first
 * something to remember; without memory it is not remembered.
 */
#ifndef WEIR_TCP_RARE_H
#define WEIR_TCP_RARE_H

#include "tcp/reopen.h"
#include "tcp/tcb.h"

enum { RARE_ORDER = 8 };

/* What holds a connection back that has something to send. */
enum rare_limit { RARE_LIMIT_NONE, RARE_LIMIT_WINDOW, RARE_LIMIT_QUEUE };

struct rare {
	struct records *records; /* NULL = none */
	/* counts, as struct tcp_info shows them */
	uint64_t bytes_resent;
	uint32_t dsacks;       /* duplicates that the peer told of */
	uint32_t reorderings;  /* late arrivals that were no losses, */
	uint32_t reorder_most; /* ... and by how many bytes the latest of them was late */
	uint32_t out_of_order; /* segments that came ahead of their turn */
	uint32_t timeouts, timeout_episodes;
	uint32_t timeout_ticks, timeout_from; /* in episodes; when this one began */
	/* marks, where the plain feedback is agreed [3168] */
	uint32_t marked_in;       /* segments that came marked, */
	uint32_t marked_in_bytes; /* ... and their text; */
	uint64_t marked_out;      /* bytes of ours that were acknowledged with a mark's echo */
	/* time, in ticks */
	uint32_t window_ticks, queue_ticks, limit_from;
	uint8_t limit; /* enum rare_limit: now, since limit_from */

	struct quiet_time quiet; /* that this connection's SYN has ended */
};

_Static_assert(sizeof(struct rare) <= 1u << RARE_ORDER, "it fits its buffer");

/* About a millisecond: cheap to have from the clock. */
static inline uint32_t tcp_ticks(const struct host *h)
{
	return (uint32_t)(h->now.ns >> 20);
}

static inline weir_duration tcp_ticks_time(uint32_t ticks)
{
	return (weir_duration){(int64_t)ticks << 20};
}

/* Makes it when there is none; NULL = no memory. */
struct rare *tcp_rare_get(struct host *h, struct tcb *tcb);
void tcp_rare_free(struct host *h, struct tcb *tcb);

/* One more of one of the counts. */
void tcp_rare_resent(struct host *h, struct tcb *tcb, uint32_t bytes);
void tcp_rare_dsack(struct host *h, struct tcb *tcb);
void tcp_rare_reordering(struct host *h, struct tcb *tcb, uint32_t bytes_late);
void tcp_rare_out_of_order(struct host *h, struct tcb *tcb);
void tcp_rare_timeout(struct host *h, struct tcb *tcb, bool first);
void tcp_rare_marked_in(struct host *h, struct tcb *tcb, uint32_t bytes);
void tcp_rare_marked_out(struct host *h, struct tcb *tcb, uint32_t bytes);
/* What a time-out was for has arrived. */
void tcp_rare_timeout_over(struct host *h, struct tcb *tcb);

/* The time until now in which each of the two held it back. */
weir_duration tcp_rare_limited(const struct host *h, const struct tcb *tcb, enum rare_limit limit);
/* After a write, refused_write: it was not taken whole; or when the peer's window has moved. */
void tcp_rare_check_limit(struct host *h, struct tcb *tcb, bool refused_write);

static inline struct records *tcb_records(const struct tcb *tcb)
{
	return unlikely(tcb->rare != NULL) ? tcb->rare->records : NULL;
}

#endif
