/* SPDX-License-Identifier: Apache-2.0
 *
 * Explicit congestion notification [3168; 9293 SHLD-8]: a router marks packets instead of dropping them; the receiver
 * echoes the mark (ECE) until the sender tells that it has reduced its window (CWR).
 *
 * New data alone leave as ECN-capable: not SYNs, pure acknowledgements, probes, nor what is sent again, whose loss or
 * mark nobody would learn of or would count twice. A mark acts on congestion control as a loss does, at most
 * once a window, but nothing is sent again; the window goes down in the course of a round trip.
 */
#ifndef WEIR_TCP_ECN_H
#define WEIR_TCP_ECN_H

#include "tcp/tcb.h"

/* What we are ready for, as tcp_options_offer(). */
void tcp_ecn_offer(const struct host *h, struct tcb *tcb);
/* What our SYN asks for, or our answer grants. After two SYNs without an answer it asks no more: some path may not
 * like the bits [3168 s6.1.1.1]. */
void tcp_ecn_for_syn(const struct tcb *tcb, struct tcp_segment *seg);
/* The peer's SYN, or its answer to ours. */
void tcp_ecn_agree(struct host *h, struct tcb *tcb, const struct tcp_segment *syn);

/* A SYN becomes a plain acknowledgement: its bits have another meaning there. */
void tcp_ecn_forget_syn(const struct tcb *tcb, struct tcp_segment *seg);

/* Where it was agreed. An acceptable segment, before anything else is learned from its acknowledgement. */
void tcp_ecn_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
/* Every segment that leaves but a SYN: the echo. */
void tcp_ecn_tell(struct tcb *tcb, struct tcp_segment *seg);
/* It carries new data. */
void tcp_ecn_new_data(struct tcb *tcb, struct tcp_segment *seg);

/* An acknowledgement while ecn_reducing: cwnd follows SND.UNA down. */
void tcp_ecn_reduce_on(struct tcb *tcb);
/* A loss has reduced the window, or is about to: the peer is told of that as well. */
void tcp_ecn_reduced(struct tcb *tcb);

#endif
