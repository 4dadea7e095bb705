/* SPDX-License-Identifier: Apache-2.0
 *
 * Congestion control: what an algorithm is given and what it decides [9293 MUST-19, MAY-18]. All numbers are bytes.
 *
 * To add one: write src/tcp/NAME.c with a `const struct tcp_cc_ops tcp_cc_NAME`, name it here, in cc.c's table and in
 * meson.build. Nothing else knows the algorithms; TCP_CONGESTION finds it by its name.
 *
 * An algorithm owns tcb->cwnd, tcb->ssthresh and tcb->cc_state, and reads the rest of the control block. What is lost,
 * when recovery begins and ends and what is sent in it are not its business: between loss() and recovered(), cwnd
 * belongs to proportional rate reduction, which leads it to ssthresh [9937]. The window must never be 0. An algorithm
 * that paces and makes a model of the path fills in the last functions too, and owns cwnd all the time: bbr.c.
 */
#ifndef WEIR_TCP_CC_H
#define WEIR_TCP_CC_H

#include "tcp/tcb.h"

/* An acknowledgement outside fast recovery that moved SND.UNA. */
struct tcp_cc_ack {
	uint32_t acked;      /* bytes */
	uint32_t pipe;       /* what was under way before it, without what is lost or had arrived [6675] */
	weir_duration rtt;   /* of the newest of it that was sent once; 0 = none */
	bool window_limited; /* the window was in use: it says something about the path [7661 s4.3] */
};

/*
 * For an algorithm that makes a model of the path: what one acknowledgement tells of the rate at which the path
 * delivers (delivery.c). It comes with each that tells of something new, in fast recovery too.
 */
struct tcp_cc_sample {
	uint32_t acked, lost;     /* bytes newly known to have arrived; newly taken for lost */
	uint32_t pipe;            /* what was under way before it */
	weir_duration rtt;        /* of the newest of it that was sent once; 0 = none */
	uint64_t total;           /* bytes that have arrived since the connection began */
	bool valid;               /* what follows is: about the newest that has arrived */
	uint64_t prior_delivered; /* total when it left */
	uint64_t rate;            /* bytes/s that arrived since then; 0 = it cannot be told */
	weir_duration interval;   /* ... in which */
	uint32_t delivered;       /* ... so many did */
	uint32_t since_sent;      /* bytes lost since then */
	uint32_t in_flight;       /* under way then, itself included */
	bool limited;             /* the program gave too little then to tell the path's rate */
};

/* Bytes that are taken for lost now, which left together. */
struct tcp_cc_lost {
	uint32_t bytes;
	uint32_t in_flight, since_sent; /* as above, of when they left */
	bool limited;
};

struct tcp_cc_ops {
	const char *name; /* TCP_CONGESTION; at most 15 characters */
	/* The segment size is agreed, or the program has chosen this algorithm: cc_state is zero. cwnd is 0 in the
	 * first case (tcp_cc_initial_window()), else to be kept. */
	void (*init)(struct host *h, struct tcb *tcb);
	void (*acked)(struct host *h, struct tcb *tcb, const struct tcp_cc_ack *ack);
	/* A loss: sets ssthresh. flight: FlightSize of RFC 5681, without what limited transmit added. */
	void (*loss)(struct host *h, struct tcb *tcb, uint32_t flight);
	/* NULL = loss(), or: the path told of congestion by a mark; nothing was lost [3168]. Sets ssthresh, to which
	 * cwnd then goes down in the course of one round trip. */
	void (*marked)(struct host *h, struct tcb *tcb, uint32_t flight);
	/* The retransmission timer went off for the first time: sets ssthresh; the caller sets cwnd to one segment. */
	void (*timeout)(struct host *h, struct tcb *tcb, uint32_t flight);
	/* NULL, or: the last loss() or timeout() was for nothing; cwnd and ssthresh are what they were before it. */
	void (*undo)(struct host *h, struct tcb *tcb);
	/* NULL, or: it begins to send after a silence of more than a retransmission time-out. */
	void (*restart)(struct host *h, struct tcb *tcb);

	/* What follows is 0 and NULL, or: the algorithm makes a model. It sets tcb->pace->rate and, always and
	 * alone, cwnd; tcb->pace->model is 1 << model_order bytes for it. Without memory for that, CUBIC takes over. */
	uint8_t model_order;
	void (*model_acked)(struct host *h, struct tcb *tcb, const struct tcp_cc_sample *sample);
	void (*model_lost)(struct host *h, struct tcb *tcb, const struct tcp_cc_lost *lost);
	/* Something leaves after a pause of the program. */
	void (*model_idle)(struct host *h, struct tcb *tcb);
};

extern const struct tcp_cc_ops tcp_cc_cubic, tcp_cc_newreno, tcp_cc_bbr;

/* The table: number 0 is the default; NULL past the end. */
const struct tcp_cc_ops *tcp_cc_at(unsigned i);
/* By name, len bytes, perhaps with a NUL in them: its number, or -1. */
int tcp_cc_find(const char *name, size_t len);
/* The connection's algorithm from now on. */
void tcp_cc_set(struct host *h, struct tcb *tcb, const struct tcp_cc_ops *cc);

/* [6928 s2] */
uint32_t tcp_cc_initial_window(const struct tcb *tcb);
/* It begins to send: after a silence, what the window had found out about the path is old [5681 s4.1, 2861 s3]. */
void tcp_cc_note_silence(struct host *h, struct tcb *tcb);
/* Slow start with byte counting [5681 s3.1, 3465]: cwnd grows by what was acknowledged, up to ssthresh. Returns
 * the bytes that are left for congestion avoidance. */
uint32_t tcp_cc_slow_start(struct tcb *tcb, uint32_t acked);

enum { TCP_CC_WINDOW_MAX = 1 << 30 };

#endif
