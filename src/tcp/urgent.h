/* SPDX-License-Identifier: Apache-2.0
 *
 * Urgent data [9293 s3.8.5, MUST-30; RFC 6093]: one mark a direction, in memory that a connection has only while there
 * is one. New programs should not use it; stacks must still have it.
 *
 * The urgent byte stays at its place in RecvQ. A read stops in front of it; the next read leaves it out, unless
 * SO_OOBINLINE is set; WEIR_MSG_OOB reads it alone. As on Linux a newer mark takes the place of an older one, whose
 * byte is ordinary then.
 */
#ifndef WEIR_TCP_URGENT_H
#define WEIR_TCP_URGENT_H

#include "tcp/tcb.h"

enum urgent_mark {
	MARK_NONE,
	MARK_UNREAD, /* announced; its byte may be still to come */
	MARK_READ,   /* by WEIR_MSG_OOB, and still in RecvQ: bytes in front of it are unread */
	MARK_TAKEN,  /* the same, off RecvQ: the next byte to be read was behind it */
};

struct urgent {
	uint64_t at;  /* position of the urgent byte in RecvQ's stream [9293 MUST-62]: RCV.UP - 1 */
	seq_t snd_up; /* SND.UP, behind our last urgent byte; while sending */
	uint8_t mark; /* enum urgent_mark */
	bool sending; /* SND.UNA < SND.UP */
};

void tcp_urgent_free(struct host *h, struct tcb *tcb);
void tcp_urgent_check(const struct tcb *tcb);

/* A segment is about to leave: URG and its pointer, as long as SND.UP lies ahead of it. */
void tcp_urgent_emit(struct host *h, struct tcb *tcb, struct tcp_segment *seg);
/* Is urgent text still to be sent? Then no rule but the windows holds it back. */
bool tcp_urgent_unsent(const struct tcb *tcb);

/* The sixth check: a segment with URG [W-SM-41]. */
void tcp_urgent_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg);
/* Bytes that a read may give now; the first of them is `skip` bytes behind RecvQ's head. */
uint32_t tcp_urgent_readable(const struct tcb *tcb, uint32_t *skip);
/* RecvQ's head has moved. */
void tcp_urgent_passed(struct host *h, struct tcb *tcb);
/* The urgent byte is here and unread. */
bool tcp_urgent_waits(const struct tcb *tcb);

#endif
