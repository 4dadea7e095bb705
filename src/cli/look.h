/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands that look at sockets share: the stack's reply to "sockets" as plain values, and the spellings of
 * states and addresses. Texts are clean of what a terminal would act on. The view owns the reply.
 */
#ifndef WEIR_CLI_LOOK_H
#define WEIR_CLI_LOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <weir/view.h>

/* Long options of the commands that look. */
enum { LOOK_HOST = 256, LOOK_AS, LOOK_MORE, LOOK_KERNEL_COUNTS };

enum { LOOK_ADDR_BYTES = 64, LOOK_PROGRAM_BYTES = 64, LOOK_HOST_BYTES = 128 };

struct look_end {
	char addr[LOOK_ADDR_BYTES];
	unsigned port; /* 0: any */
	bool any;      /* the wildcard address of its family */
};

/* Bytes in Weir's queue, and those that the program has on the other side of it. */
struct look_queue {
	uint64_t bytes, unsent, limit, hidden;
	bool exact;
};

struct look_program {
	bool known, has_fd;
	int64_t pid, fd;
	char name[LOOK_PROGRAM_BYTES];
};

struct look_timer {
	enum weir_timer_kind kind;
	uint64_t left_ns, retransmits;
};

/* Of a connection; all zero when the stack did not tell. */
struct look_tcp {
	uint64_t cwnd_bytes, ssthresh_bytes /* 0: not set */, snd_mss, rcv_mss;
	uint64_t srtt_ns, rttvar_ns, rto_ns;
	uint64_t snd_wnd, rcv_wnd, snd_wscale, rcv_wscale;
	uint64_t segs_in, segs_out, bytes_resent, resent;
	uint64_t text_segs_in, text_segs_out, delivered_segs, since_sent_ns, since_text_ns, since_heard_ns;
	uint64_t busy_ns, window_limited_ns, queue_limited_ns;
	uint64_t delivery_bytes_per_s, rcv_rtt_ns, marked_out;
	bool delivery_limited;
	uint64_t dsacks, reorderings, out_of_order_segs, timeouts, min_rtt_ns;
	bool known, timestamps;
};

struct look_socket {
	json_t *json;
	uint64_t id;
	const char *proto;
	bool tcp, v6, v6only;
	enum weir_tcp_state state;
	struct look_end local, remote;
	struct look_queue recvq, sendq;
	uint64_t out_of_order, written, delivered;
	const char *linger; /* of close() with SO_LINGER: "waits", "time is up", or NULL */
	uint64_t accept_len, backlog, incomplete_len, accept_dropped, uid, inode;
	struct look_program program;
	struct look_timer timer;
	struct look_tcp conn;
};

struct look_host {
	char name[LOOK_HOST_BYTES];
	struct look_socket *sockets;
	size_t count;
};

struct look_view {
	json_t *reply;
	struct look_host *hosts;
	size_t count;
};

/*
 * Asks for the sockets of one host, or of all (NULL). CLI_DONE and a view to be freed with look_free(), or the status
 * to leave with, the error printed.
 */
int look_ask(struct look_view *view, const char *host);

/* Reads a reply, which the view then owns. False when it is not what it should be: then *why names the place. */
bool look_read(struct look_view *view, json_t *take_reply, const char **why);
void look_free(struct look_view *view);

/*
 * Keeps the sockets that a command shows, in the order of weight (equal weights as they came), in the view as in its
 * reply, so that tables and --json tell the same.
 */
void look_select(struct look_view *view, bool (*shows)(const struct look_socket *, const void *ctx),
                 unsigned (*weight)(const struct look_socket *), const void *ctx);

/* What Recv-Q and Send-Q say. kernel_counts adds SYN and FIN as Linux counts them. */
uint64_t look_recvq(const struct look_socket *sock, bool kernel_counts);
uint64_t look_sendq(const struct look_socket *sock, bool kernel_counts);

static inline bool look_is_listening(const struct look_socket *sock)
{
	return sock->tcp && sock->state == WEIR_TCP_LISTEN;
}

static inline bool look_is_exact(const struct look_socket *sock)
{
	return sock->recvq.exact && sock->sendq.exact;
}

/* --- the reply for --json --- */
void look_print_json(const json_t *document);

/* --- spellings of states (state_names.c) --- */

enum state_spelling {
	STATE_RFC,     /* SYN_RCVD FIN_WAIT_1 LISTEN */
	STATE_NETSTAT, /* SYN_RECV FIN_WAIT1 LISTEN */
	STATE_BOOK,    /* SYN_RCVD FIN_WAIT_1 LISTENING */
	STATE_SS,      /* SYN-RECV FIN-WAIT-1 LISTEN, ESTAB, UNCONN */
	STATE_FILTER,  /* syn-recv fin-wait-1 listening, as the filters of ss say it */
};

const char *state_name(enum weir_tcp_state state, enum state_spelling spelling);

/* The state of this RFC name; false when there is none. */
bool state_read(const char *name, enum weir_tcp_state *state);

/* Sets of states: a bit each. */
static inline unsigned state_bit(enum weir_tcp_state state)
{
	return 1u << state;
}

/* The set that a word of ss's filters means, in any case of letters; 0 when it means none. */
unsigned state_set_read(const char *word);

/* The words that state_set_read() takes, NULL after the last. For cli_nearest(). */
const char *state_set_word(const void *ctx, size_t i);

/* --- spellings of ends (endpoint.c) --- */

enum { ENDPOINT_BYTES = LOOK_ADDR_BYTES + 16 };

/* As net-tools prints it: v4-mapped addresses as IPv4, cut to 22 columns unless wide. */
void endpoint_netstat(char *text, const struct look_end *end, bool wide, bool book);

/* As ss prints it, in two columns: "[::1]:" and "80". */
void endpoint_ss_addr(char *text, const struct look_end *end, bool v6only);
void endpoint_ss_port(char *text, const struct look_end *end);

#endif
