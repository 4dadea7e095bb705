/* SPDX-License-Identifier: Apache-2.0
 *
 * What the path carries, and so how large our segments are [9293 s3.7.2]. Two sources:
 *
 * Routers say that a packet was too big [1191, 8201]. Anybody can say that: it must be about something under way, and
 * once as much as a full segment has been acknowledged it waits for evidence, which is that nothing gets through any
 * more [5927 s7.2]. What is under way goes again in smaller pieces, without a reaction of congestion control.
 *
 * Segments get through, or do not [4821, 8899]. When full ones are lost time after time, smaller ones are tried (a path
 * may drop what is too big without a word); when these arrive, the size is searched upwards with probes: ordinary new
 * data in one larger segment, whose loss is no sign of congestion. After ten minutes it is searched again.
 *
 * All this costs a connection nothing whose path carries what its interface does: it has no struct mtu_search then.
 */
#ifndef WEIR_TCP_MTU_H
#define WEIR_TCP_MTU_H

#include "tcp/tcb.h"

enum { MTU_SEARCH_ORDER = 8 };

#define MTU_PROBE_WAITS UINT32_MAX

enum mtu_state {
	MTU_DONE,    /* until raise_at */
	MTU_SUSPECT, /* smaller segments are tried: do they get through? */
	MTU_PROBING,
};

struct mtu_search {
	uint8_t state;    /* enum mtu_state */
	uint8_t losses;   /* probes of this size that were lost */
	bool proven : 1;  /* something got through where something larger did not */
	bool probing : 1; /* probe_seq ... probe_end is under way, */
	bool lost : 1;    /* ... or lost, and going again */
	uint16_t claimed; /* MTU that a router told and nothing has shown; 0 = none */
	uint16_t size;    /* packet of the probe */
	uint16_t failed;  /* smallest packet that did not get through; 0 = none known */
	seq_t claimed_seq;
	seq_t probe_seq, probe_end;
	seq_t suspect_una;
	uint32_t prior_ssthresh; /* before the losses that made us suspect */
	weir_time lowered_at;    /* by a router's word */
	weir_time raise_at;      /* [4821 s7.7; 8899 s5.1.1 PMTU_RAISE_TIMER] */
};

_Static_assert(sizeof(struct mtu_search) <= 1u << MTU_SEARCH_ORDER, "it fits its buffer");

/* mtu.c. snd.mss from what the peer takes, the interface and the path. */
void tcp_mtu_fit(struct tcb *tcb);
/* The SYNs have agreed. */
void tcp_mtu_begin(struct host *h, struct tcb *tcb);
/* Nothing gets through. True: a router has said why, and it goes again in smaller pieces. */
bool tcp_mtu_stalled(struct host *h, struct tcb *tcb);
/* NULL: no memory. */
struct mtu_search *tcp_mtu_search_get(struct host *h, struct tcb *tcb);
void tcp_mtu_search_free(struct host *h, struct tcb *tcb);

/* mtu_search.c. The retransmission timer has gone off, again perhaps. */
void tcp_mtu_timeout(struct host *h, struct tcb *tcb);
/* SND.UNA may have moved. Only with a search. */
void tcp_mtu_acknowledged(struct host *h, struct tcb *tcb);
/* Text of a probe that should go now, of so many bytes that may; 0 = none, MTU_PROBE_WAITS = soon, and nothing else
 * before it. Only with a search. */
uint32_t tcp_mtu_probe_bytes(const struct host *h, struct tcb *tcb, uint32_t sendable);
void tcp_mtu_probe_sent(struct tcb *tcb, seq_t seq, uint32_t len);
/* Something leaves again. Only with a search. */
void tcp_mtu_resent(struct tcb *tcb, seq_t seq, uint32_t len);
/* Something is lost: is it the probe and nothing else? Only with a search. */
bool tcp_mtu_probe_lost(struct host *h, struct tcb *tcb);

#endif
