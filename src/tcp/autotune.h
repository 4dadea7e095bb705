/* SPDX-License-Identifier: Apache-2.0
 *
 * Queues that grow with the path: RQS with what the program reads in a round trip, SQS with the congestion window, up
 * to a bound of the configuration. A socket whose SO_RCVBUF or SO_SNDBUF was set keeps exactly that. They do not
 * shrink; the queues' memory goes when they are empty, as always.
 *
 * RQS follows what was read, not what was sent: who sends fast to a program that reads slowly gets no more room
 * [attacks Q-9]. The round trip is that of a receiver (rounds.h), and before there is a sample SRTT, which who only
 * receives has from the handshake.
 */
#ifndef WEIR_TCP_AUTOTUNE_H
#define WEIR_TCP_AUTOTUNE_H

#include "tcp/tcb.h"

enum { AUTOTUNE_LEAST_RQS = 16384 /* one step of the widest window field */ };

/* Does RQS of a connection with this bound grow? The most that it may become: */
static inline uint32_t tcp_largest_rqs(const struct host *h, uint32_t rcvbuf, bool set)
{
	uint32_t most = h->config.rcvbuf_auto_max_bytes;

	return set || rcvbuf < AUTOTUNE_LEAST_RQS || most < rcvbuf ? rcvbuf : most;
}

/* The program has read; it is about to write. Where rcv_auto and snd_auto. */
void tcp_autotune_read(struct host *h, struct tcb *tcb);
void tcp_autotune_write(const struct host *h, struct tcb *tcb);

#endif
