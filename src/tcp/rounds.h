/* SPDX-License-Identifier: Apache-2.0
 *
 * What is measured once a round trip, and only of connections that carry some: the rate at which what we send arrives
 * (for views; BBR has its own samples, pace.h), the round trip as who only receives sees it, and what the program reads
 * in one (autotune.h). Made with the first 64 KiB of either direction; without memory nothing is measured.
 *
 * The delivery rate is that of draft-cheng-iccrg-delivery-rate-estimation for one segment a round trip: the first that
 * left after the last sample. So much has been delivered since, and it took the longer of the time since and the time
 * in which what left before it had been sent, which was a round trip. Where nothing was under way the clock starts when
 * something leaves. A sample is limited when the program had let the window stand open; it counts when it is larger.
 */
#ifndef WEIR_TCP_ROUNDS_H
#define WEIR_TCP_ROUNDS_H

#include "tcp/tcb.h"

enum { ROUNDS_ORDER = 8, ROUNDS_FROM_BYTES = 65536, ROUNDS_RTTS = 4, ROUNDS_TEXT_SEGMENTS = 16 };

struct rounds {
	/* delivery: this round began */
	weir_time sent_from;     /* ... then, */
	weir_duration sent_rtt;  /* ... with this round trip; 0: with nothing under way */
	uint32_t sent_delivered; /* ... when so much had been delivered: SND.UNA and what SACK tells of */
	seq_t sent_una;
	bool idle : 1;           /* it begins when something leaves */
	bool limited : 1;        /* what was under way then was all there was, */
	bool limited_next : 1;   /* ... and so is what leaves in this round */
	bool sample_limited : 1; /* the sample */
	uint32_t sample_bytes;
	weir_duration sample_time; /* 0 = none */

	/* the round trip of a receiver: the least of the last samples */
	uint32_t rtt_us[ROUNDS_RTTS]; /* 0 = none */
	uint8_t next_rtt;
	bool edge_waits : 1; /* without timestamps: the byte at edge has not come, */
	seq_t edge;          /* ... which the peer was not allowed to send before */
	weir_time edge_at;

	/* reading */
	bool reads : 1;
	weir_time read_from; /* when the round began, */
	uint64_t read_head;  /* ... and what had been read then */
	uint64_t last_read;  /* in the round before, for a round trip */
};

_Static_assert(sizeof(struct rounds) <= 1u << ROUNDS_ORDER, "it fits its buffer");

/* Makes it when there is none; NULL = no memory. */
struct rounds *tcp_rounds_get(struct host *h, struct tcb *tcb);
void tcp_rounds_free(struct host *h, struct tcb *tcb);

/* SND.UNA is about to move to ack, which ends a round, or all that was under way; rtt: of it. */
void tcp_rounds_acknowledged(struct host *h, struct tcb *tcb, seq_t ack, weir_duration rtt);
/* The program has written so much. */
void tcp_rounds_written(struct tcb *tcb, size_t bytes);
/* One of many segments with text has come; it has not been taken yet. */
void tcp_rounds_text(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);

/* Bytes a second; *limited as above. 0 = not known. */
uint64_t tcp_delivery_rate(const struct tcb *tcb, bool *limited);
/* 0 = not known. */
weir_duration tcp_receiver_rtt(const struct tcb *tcb);

#endif
