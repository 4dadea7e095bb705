/* SPDX-License-Identifier: Apache-2.0
 *
 * Observation: one stream of events a stack. Off (no observer) it costs one predictable branch an
 * event. The observer is called from inside a call on the stack: it may read snapshots,
 * and must not call anything that changes the stack.
 */
#ifndef WEIR_OBSERVE_H
#define WEIR_OBSERVE_H

#include <weir/view.h>

enum weir_event_kind {
	WEIR_EVENT_SEGMENT_IN = 1, /* TCP segment accepted by demultiplexing */
	WEIR_EVENT_SEGMENT_OUT,
	WEIR_EVENT_STATE,      /* connection changed state */
	WEIR_EVENT_WRITE,      /* bytes entered SendQ */
	WEIR_EVENT_READ,       /* bytes left RecvQ */
	WEIR_EVENT_DROP,       /* a packet was dropped: reason */
	WEIR_EVENT_RESET_SENT, /* a RST is sent: reason */
	WEIR_EVENT_TIMEOUT,    /* a timer went off */
	WEIR_EVENT_CREATED,    /* a socket structure came to be */
	WEIR_EVENT_GONE,       /* a socket structure is freed */
	WEIR_EVENT_REPORT,     /* an ICMP error about a socket's packets, or R1 is reached: reason, to is the error */
	WEIR_EVENT_URGENT,     /* the peer announces urgent data, or more of it */
};

struct weir_event {
	enum weir_event_kind kind;
	weir_time at;
	uint64_t socket_id; /* 0 = none */
	/* STATE: from, to. TIMEOUT: to is a weir_timer_kind. */
	int from, to;
	/* SEGMENT_*: header fields; flags as on the wire. */
	uint32_t seq, ack, window_bytes;
	uint8_t flags;
	/* SEGMENT_*: payload. WRITE, READ: bytes; offset counts the stream's bytes from 0. URGENT: offset of the urgent
	 * byte, and how many are to be read before it. */
	uint64_t bytes, offset;
	/* DROP, RESET_SENT: name of the counter. REPORT: in words. */
	const char *reason;
};

struct weir_observer {
	void (*event)(void *ctx, const struct weir_event *event);
	void *ctx;
};

#endif
