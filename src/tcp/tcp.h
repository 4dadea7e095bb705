/* SPDX-License-Identifier: Apache-2.0
 *
 * The protocol: what the room above (sock) calls. After every call that changes a tcb, the room above settles it:
 *	tcb->changed            readiness may have changed (clear it)
 *	tcp_output_wanted(tcb)  put it where tcp_output() will be called
 *	tcp_deadline(tcb)       when tcp_expire() is needed
 *	state CLOSED            the protocol is done with it: off the demultiplexing tables; free it when
 *	                        no handle and no accept list holds it
 */
#ifndef WEIR_TCP_TCP_H
#define WEIR_TCP_TCP_H

#include "tcp/tcb.h"

/* The two lists of a listening socket (T5.4, T5.5). */
struct tcp_listener {
	struct list incomplete; /* struct tcb.listener_link: SYN_RCVD */
	struct list accept;     /* completed, oldest first */
	uint32_t incomplete_len, accept_len, backlog;
	uint64_t dropped;        /* handshakes refused a place */
	weir_time cookies_until; /* SYN cookies may come back until then; 0 = none is out */
	bool changed;            /* accept list grew: the room above clears it */
	/* Fast Open (fastopen.h). The keys are set before listening starts: two at most, the first makes cookies; none
	 * = the host's. */
	struct list fast; /* struct fast_open.link: opened before their third message */
	uint32_t fast_pending, fast_held;
	weir_time fast_held_until;
	uint8_t fast_keys;
	struct siphash_key fast_key[2];
};

void tcp_listener_init(struct tcp_listener *l, uint32_t backlog);
/* Those that it had opened fast live on without it. */
void tcp_listener_deinit(struct tcp_listener *l);
static inline uint32_t tcp_listener_incomplete_limit(const struct tcp_listener *l)
{
	return l->backlog < 8 ? 8 : l->backlog;
}
/* Takes the oldest completed connection off, or NULL. */
struct tcb *tcp_listener_accept(struct tcp_listener *l);

/* What became of a segment. */
struct tcp_verdict {
	enum drop drop;           /* why it (or its text) was not used; DROP_NONE */
	enum drop reset;          /* DROP_NONE, or why `reply` (a RST) is to be sent */
	struct tcp_segment reply; /* ports not filled in */
};

/* What a listener's segment is good for. */
enum tcp_listen_step {
	TCP_LISTEN_DONE,         /* the verdict says all */
	TCP_LISTEN_CHILD,        /* make a child and call tcp_open_passive() with it */
	TCP_LISTEN_COOKIE,       /* answer it with tcp_cookie_answer() (cookie.h) */
	TCP_LISTEN_CHECK_COOKIE, /* ask tcp_cookie_good() */
};

/* LISTEN state [9293 s3.10.7.2]. */
enum tcp_listen_step tcp_listen_arrives(struct host *h, struct tcp_listener *l, const struct tcp_segment *seg,
                                        struct tcp_verdict *verdict);
/* Is there a place on both lists? */
bool tcp_listener_has_room(const struct tcp_listener *l);

/* No connection [9293 s3.10.7.1]: fills in the RST where one is due. */
void tcp_closed_arrives(const struct tcp_segment *seg, struct tcp_verdict *verdict);

/* All other states [9293 s3.10.7.3, s3.10.7.4]. */
void tcp_segment_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg, struct tcp_verdict *verdict);

/* True when a SYN for a TIME_WAIT connection may start a new one [6191; 9293 MAY-2]: then the room above drops the
 * old tcb and hands the segment to the listener, with an ISS above *iss_floor. */
bool tcp_time_wait_reusable(const struct tcb *tcb, const struct tcp_segment *seg, seq_t *iss_floor);

/* ICMP error about a segment of ours with sequence number seq. hard errors end a connection only before it is
 * synchronised [5927 s5.2]. error: WEIR_E*. False: it is about nothing that is under way, and was ignored. */
bool tcp_icmp_error(struct host *h, struct tcb *tcb, seq_t seq, int error, bool hard);

/* A router says that a segment of ours with sequence number seq was too big, and that its link carries mtu bytes.
 * false: that cannot be true. */
bool tcp_mtu_too_big(struct host *h, struct tcb *tcb, seq_t seq, uint16_t mtu);

/* Initial sequence number [6528; 9293 SHLD-1, MUST-9], honours config.fixed_iss. */
seq_t tcp_isn(const struct host *h, const struct weir_endpoint *local, const struct weir_endpoint *remote);

/* User calls [9293 s3.10]. Path values: MTU of the path, largest GSO packet (0 = none). */
void tcp_open_active(struct host *h, struct tcb *tcb, seq_t iss, uint16_t mtu, uint32_t gso_max);
void tcp_open_passive(struct host *h, struct tcb *tcb, struct tcp_listener *l, const struct tcp_segment *syn, seq_t iss,
                      uint16_t mtu, uint32_t gso_max);
/* Same results as weir_send / reserve / commit / recv / view / consume. */
int64_t tcp_send(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n);
int64_t tcp_send_reserve(struct host *h, struct tcb *tcb, size_t want, struct weir_mut_slice piece[2]);
int tcp_send_commit(struct host *h, struct tcb *tcb, size_t len);
int64_t tcp_receive(struct host *h, struct tcb *tcb, void *buffer, size_t len, bool peek);
int64_t tcp_receive_view(struct host *h, struct tcb *tcb, struct weir_slice piece[2]);
int tcp_receive_consume(struct host *h, struct tcb *tcb, size_t len);
int64_t tcp_urgent_send(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n);
int64_t tcp_urgent_receive(struct host *h, struct tcb *tcb, uint8_t *buffer, size_t len, bool peek);
/* weir_at_mark(), weir_readable() */
bool tcp_at_mark(const struct tcb *tcb);
uint32_t tcp_readable(const struct tcb *tcb);
/* Half-close: our FIN behind what SendQ holds [W-SM-4]. */
void tcp_close_send(struct host *h, struct tcb *tcb);
void tcp_shut_receive(struct host *h, struct tcb *tcb);
/* The program gives the connection up. With unread data, or abortive (SO_LINGER {1,0}) it is a RST [9293 SHLD-3].
 * Returns true when rst is to be sent; the state is then CLOSED. */
bool tcp_close(struct host *h, struct tcb *tcb, bool abortive, struct tcp_segment *rst, enum drop *reason);
/* ABORT [W-SM-5]: true when rst is to be sent; the state is CLOSED afterwards in any case. */
bool tcp_abort(struct host *h, struct tcb *tcb, struct tcp_segment *rst);
/* no_delay, cork, keepalive, keep_* or user_timeout_ms were set from outside: timers and wishes follow. */
void tcp_option_changed(struct host *h, struct tcb *tcb);
/* What SendQ ends with is the end of a record: no segment reaches across it (record.c). */
void tcp_record_end(struct host *h, struct tcb *tcb);
/* user_timeout_ms was set from outside. */
void tcp_user_timeout_changed(const struct host *h, struct tcb *tcb);
/* What Nagle's rule or a cork holds back goes, once. */
void tcp_push(struct tcb *tcb);
/* New bounds of the queues, applied at once where nothing is lost. */
void tcp_set_sndbuf(struct host *h, struct tcb *tcb, uint32_t bytes);
void tcp_set_rcvbuf(struct host *h, struct tcb *tcb, uint32_t bytes);
/* Takes the pending error (positive, 0 = none). */
int tcp_take_error(struct tcb *tcb);
/* How much of what was written has left, acknowledged or not. */
uint64_t tcp_bytes_sent(const struct tcb *tcb);
/* Readiness of a connection (weir_readiness). */
unsigned tcp_poll(const struct tcb *tcb);

/* Does tcp_output() have something to say? Cheap, may be true once too often. */
bool tcp_output_wanted(const struct tcb *tcb);
/*
 * The next segment to send, or false. Ports are the caller's to fill in. seg->text references SendQ. *gso_bytes as in
 * struct weir_packet. Each segment returned counts as sent.
 */
bool tcp_output(struct host *h, struct tcb *tcb, struct tcp_segment *seg, uint16_t *gso_bytes);

/* Earliest timer, or WEIR_NEVER; and running what is due. May set verdict->reset (RST on giving up). */
weir_time tcp_deadline(const struct tcb *tcb);
void tcp_expire(struct host *h, struct tcb *tcb, struct tcp_verdict *verdict);

/* TCP's part of the snapshot. */
void tcp_fill_info(const struct host *h, const struct tcb *tcb, struct weir_socket_info *info);

#endif
