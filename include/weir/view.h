/* SPDX-License-Identifier: Apache-2.0
 *
 * Snapshots: what netstat, ss, queues and tests look at. A snapshot is a copy; taking one changes
 * nothing. Sequence numbers here are absolute.
 */
#ifndef WEIR_VIEW_H
#define WEIR_VIEW_H

#include <weir/socket.h>

/* RFC 9293 s3.3.2. The numbers are Linux's (TCP_INFO). */
enum weir_tcp_state {
	WEIR_TCP_ESTABLISHED = 1,
	WEIR_TCP_SYN_SENT = 2,
	WEIR_TCP_SYN_RECEIVED = 3,
	WEIR_TCP_FIN_WAIT_1 = 4,
	WEIR_TCP_FIN_WAIT_2 = 5,
	WEIR_TCP_TIME_WAIT = 6,
	WEIR_TCP_CLOSED = 7,
	WEIR_TCP_CLOSE_WAIT = 8,
	WEIR_TCP_LAST_ACK = 9,
	WEIR_TCP_LISTEN = 10,
	WEIR_TCP_CLOSING = 11,
};

/* Which timer of a connection runs, as ss names them. */
enum weir_timer_kind {
	WEIR_TIMER_NONE = 0,
	WEIR_TIMER_RETRANSMIT = 1, /* "on" */
	WEIR_TIMER_KEEPALIVE = 2,
	WEIR_TIMER_TIME_WAIT = 3, /* also FIN_WAIT_2 of an orphan */
	WEIR_TIMER_PERSIST = 4,
};

/* What became of text on our SYN (Fast Open, RFC 7413). The numbers are Linux's (TCP_INFO). */
enum weir_fast_open_fail {
	WEIR_FAST_OPEN_NO_FAIL = 0, /* it was taken, or not asked for */
	WEIR_FAST_OPEN_NO_COOKIE = 1,
	WEIR_FAST_OPEN_NOT_TAKEN = 2, /* by the peer, or not all of it */
	WEIR_FAST_OPEN_SYN_REPEATED = 3,
};

struct weir_socket_info {
	uint64_t id;
	enum weir_family family; /* of the socket, so tcp or tcp6 */
	enum weir_type type;
	enum weir_tcp_state state; /* UDP: ESTABLISHED when connected, else CLOSED */
	bool has_handle;           /* false: closed by the program, or not accepted yet */
	bool in_accept_list;       /* completed, accept() has not taken it */
	uint64_t listener_id;      /* of a connection still on a listener's list, else 0 */
	struct weir_endpoint local, remote;
	bool v6only;
	void *user; /* as weir_socket_user(); NULL without a handle */

	/* Queues, application bytes only (SYN and FIN not counted). Exact. */
	uint64_t recvq_bytes;        /* in order, not read */
	uint64_t recvq_limit;        /* RQS */
	uint64_t out_of_order_bytes; /* in RecvQ's memory behind a gap; not in recvq_bytes */
	uint64_t sendq_bytes;        /* written, not acknowledged */
	uint64_t sendq_unsent_bytes; /* of these, never sent */
	uint64_t sendq_limit;        /* SQS */
	uint64_t written_bytes;      /* all that send() took */
	uint64_t delivered_bytes;    /* all that recv() gave */
	/* Urgent data: ours is not acknowledged; the peer's is not read; offset of that byte in the stream of all that
	 * the peer sends, from 0. */
	bool urgent_sending, urgent_waiting;
	uint64_t urgent_offset;
	/* UDP: datagrams in RecvQ; dropped because RecvQ was full */
	uint64_t recvq_datagrams, recvq_dropped;

	/* LISTEN */
	uint32_t backlog, accept_len, incomplete_len;
	uint64_t accept_dropped; /* handshakes refused a place */

	/* Timer that runs, how long it still has, how often it went off in a row. */
	enum weir_timer_kind timer;
	weir_duration timer_left;
	uint32_t retransmits;

	/* TCP connections */
	uint32_t iss, irs, snd_una, snd_nxt, snd_wnd, rcv_nxt, rcv_wnd;
	uint8_t snd_wscale, rcv_wscale;
	bool timestamps, sack;
	uint16_t snd_mss, rcv_mss;
	/* Of what is under way: known to have arrived behind a gap; taken for lost and not sent again yet; sent again;
	 * all but the first two. */
	uint32_t sacked_bytes, lost_bytes, again_bytes, pipe_bytes;
	const char *congestion;                            /* the algorithm's name, as in TCP_CONGESTION */
	uint32_t cwnd_bytes, ssthresh_bytes;               /* ssthresh UINT32_MAX = not set */
	weir_duration srtt, rttvar, rto, min_rtt;          /* 0 = no sample */
	uint64_t segs_in, segs_out, bytes_resent, resent;  /* all but the bytes modulo 2^32 */
	uint64_t text_segs_in, text_segs_out;              /* of these, with text */
	uint64_t delivered_segs;                           /* of ours, known to have arrived; the SYN counts */
	weir_duration since_sent, since_text, since_heard; /* something left, text came, anything came; last */
	/* How long SendQ has not been empty; how long, of that, the peer's window held back, and how long SendQ's own
	 * bound did: all of it was under way and the program had more. To about a millisecond. */
	weir_duration busy, window_limited, queue_limited;
	/* Duplicates that the peer told of; late arrivals that were no losses, and by how many bytes one was late at
	 * most; segments that came ahead of their turn; time-outs, what they were in a row, and how long that took. */
	uint32_t dsacks, reorderings, reorder_most_bytes, out_of_order_segs, timeouts, timeout_episodes;
	weir_duration timeout_time;
	/* The rate at which what we send arrives, in bytes a second, as last measured: over a round trip, or over what
	 * was sent at once. limited: the program gave less than the path may take, and a larger one has not been seen
	 * since. */
	uint64_t delivery_rate;
	bool delivery_limited;
	weir_duration rcv_rtt; /* the round trip as text that arrives shows it; 0 = no sample */
	/* Congestion marks (ECN): segments that came marked; of ours that did, as the peer tells. Bytes of text by
	 * marking: with plain ECN (RFC 3168) only those that came marked are known; accurate_bytes: the peer tells
	 * them. */
	uint32_t marked_in, marked_out;
	uint32_t ect0_bytes_in, ect1_bytes_in, ce_bytes_in, ect0_bytes_out, ect1_bytes_out, ce_bytes_out;
	bool accurate_bytes;
	enum weir_fast_open_fail fast_open_fail;
	weir_duration
	    user_timeout; /* R2 as the program, or the peer (RFC 5482), has set it; 0 = a number of repetitions */
	int error;        /* pending, positive; 0 = none */
	int soft_error;   /* what ICMP said last of a connection that goes on; 0 = none */
};

/*
 * Visits all sockets of a stack in order of id, TIME_WAIT, incomplete and orphaned ones included,
 * until visit returns false. visit must not change the stack.
 */
void weir_sockets_each(struct weir_stack *stack, bool (*visit)(void *ctx, const struct weir_socket_info *info),
                       void *ctx);

/* The same for one. */
void weir_socket_get_info(const struct weir_socket *sock, struct weir_socket_info *info);

/* RFC's spelling: "SYN_RCVD", "FIN_WAIT_1", "LISTEN", ... */
const char *weir_tcp_state_name(enum weir_tcp_state state);

/*
 * Demultiplexing (Fig. 6.12) of a packet with this protocol (6 or 17), remote and local end: the
 * structure it goes to. *wildcards = how many fields of the winner were wildcards (0 .. 3: local
 * address, remote address, remote port). Returns its id, or 0 when nobody takes it.
 */
uint64_t weir_demux(struct weir_stack *stack, unsigned protocol, const struct weir_endpoint *remote,
                    const struct weir_endpoint *local, unsigned *wildcards);

#endif
