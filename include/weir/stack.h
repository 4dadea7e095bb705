/* SPDX-License-Identifier: Apache-2.0
 *
 * A stack is one host: interfaces, addresses, routes, sockets. It is sans-IO: packets and time
 * are arguments, packets and one next deadline are results. It starts no thread, makes no system
 * call, has no global; two stacks share nothing. One stack is used by one thread at a time.
 *
 * The embedder's loop:
 *	weir_input(stack, ifindex, packets, n, now);       what arrived
 *	weir_expire(stack, now);                           when weir_deadline() is reached
 *	while ((n = weir_ready(stack, socks, max)) > 0)    sockets whose readiness changed
 *		... weir_recv, weir_send, weir_accept ...
 *	while ((n = weir_output(stack, ifindex, now, packets, max)) > 0)
 *		... give them to the link ...
 *	sleep until weir_deadline(stack)
 *
 * Socket calls only change state and queues; what follows from them leaves with weir_output().
 */
#ifndef WEIR_STACK_H
#define WEIR_STACK_H

#include <weir/addr.h>
#include <weir/packet.h>
#include <weir/time.h>

struct weir_stack;
struct weir_observer;

/* Memory. alloc returns zeroed or unzeroed memory aligned to 16, or NULL (the stack copes);
 * free is told the size that was asked for. ctx is handed through. */
struct weir_allocator {
	void *(*alloc)(void *ctx, size_t bytes);
	void (*free)(void *ctx, void *memory, size_t bytes);
	void *ctx;
};

/* Explicit congestion notification (RFC 3168), by the values of Linux's tcp_ecn. */
enum weir_ecn {
	WEIR_ECN_OFF = 0,
	WEIR_ECN_ON = 1,     /* asks for it when we connect, grants it to a peer that asks */
	WEIR_ECN_ACCEPT = 2, /* grants it, does not ask */
	/* With accurate feedback (RFC 9768), which falls back to the plain one as far as the peer has no better. */
	WEIR_ECN_ACCURATE = 3,        /* asks for the accurate one, grants both */
	WEIR_ECN_GRANT_ACCURATE = 4,  /* asks for the plain one, grants both */
	WEIR_ECN_ACCEPT_ACCURATE = 5, /* grants both, does not ask */
};

struct weir_config {
	struct weir_allocator allocator;
	/* 128 bits from a cryptographic source, for ISNs (RFC 6528), hash tables and ports
	 * (RFC 6056). Same secret and same inputs give the same outputs, byte for byte. */
	uint8_t secret[16];

	/* Default bounds of the queues, bytes, 1 .. max_buffer_bytes: SQS and RQS. */
	uint32_t sndbuf_bytes;     /* 256 KiB */
	uint32_t rcvbuf_bytes;     /* 256 KiB */
	uint32_t max_buffer_bytes; /* 16 MiB: the most a socket option may ask for */
	/* 0, the default: queues keep the bounds above, exactly. Else those of a TCP connection grow up to these as the
	 * path asks for it, unless SO_SNDBUF or SO_RCVBUF was set (src/tcp/autotune.h). At most max_buffer_bytes. */
	uint32_t sndbuf_auto_max_bytes;
	uint32_t rcvbuf_auto_max_bytes;

	uint32_t max_sockets;    /* 1,048,576: all kinds, TIME_WAIT included */
	uint32_t max_time_wait;  /* 262,144: beyond it the oldest goes */
	uint32_t max_orphans;    /* 65,536 connections that their programs have closed; who closes one more resets it */
	uint32_t max_neighbours; /* 1,024 a stack */
	uint32_t max_backlog;    /* 4,096: listen() above it is lowered (SOMAXCONN) */

	weir_duration time_wait;   /* 60 s = 2 MSL [9293 MUST-13]; T7.1 */
	weir_duration fin_wait_2;  /* 60 s for orphans; 0 = for ever, the book's way (T6.6) */
	weir_duration min_rto;     /* 200 ms */
	weir_duration delayed_ack; /* 40 ms */
	uint8_t syn_retries;       /* 7: about 180 s and more in all [9293 MUST-23] */
	uint8_t synack_retries;    /* 5 */
	/* false: the user time-out option (RFC 5482) is neither sent nor heard. true: a TCP_USER_TIMEOUT is told to the
	 * peer, and a connection without one takes the peer's, within these bounds: 100 s, 3600 s. */
	bool user_timeout_option;
	weir_duration user_timeout_least, user_timeout_most;
	/* 8: so many probes of a closed window, answered or not, until a connection whose program has closed it is
	 * reset: about 100 s; 0 = for ever (RFC 6429). */
	uint8_t orphan_probes;
	uint8_t data_retries; /* 15: R2 [9293 MUST-20] */
	bool timestamps;      /* RFC 7323, true */
	bool window_scaling;  /* RFC 7323, true */
	bool sack;            /* RFC 2018, true */
	uint8_t ecn;          /* enum weir_ecn: WEIR_ECN_ACCEPT, so that no SYN has bits that a path may dislike */
	uint8_t ttl;          /* 64 */
	uint16_t port_low, port_high; /* ephemeral ports, both included: 32768, 60999 */

	/* 0: the window shift that RQS needs; else at least this one, up to 14, for buffers that grow later. */
	uint8_t min_window_shift;
	/* 8: so many segments are acknowledged at once at the start of a connection and after a silence of one
	 * retransmission time-out, and as many large ones of a stream that comes more slowly than one in 4 ms; unless
	 * the program answers. Others as delayed_ack says. 0 = none. */
	uint8_t quick_acks;
	/* What a listener does whose list of incomplete handshakes is full: 0 = it drops the SYN; 1 (the default) = it
	 * answers with a SYN cookie (RFC 4987), which costs no memory. 2 = it answers every SYN with one. What is lost
	 * by a cookie: src/tcp/cookie.h. */
	uint8_t syn_cookies;
	/* false: options of a SYN in Linux's order; true: in FreeBSD's, without gaps. */
	bool bsd_syn_options;
	/* true: while the window is at least half of RQS, its right edge moves with every segment that leaves anyway,
	 * however little, as FreeBSD's does: no window is silly then. false: as RFC 9293 s3.8.6.2.2 proposes it. */
	bool eager_window;
	/* true: after a silence of more than a retransmission time-out the window shrinks, by half for each, to the
	 * initial one (RFC 5681 s4.1, RFC 2861). */
	bool slow_start_after_silence;
	/* 0, or: a large segment (gso_bytes) stands for no more than leaves in this time at the connection's rate, but
	 * at least for gso_segments (2), and for more the nearer the peer is. */
	weir_duration gso_time;
	uint8_t gso_segments;
	/* TCP Fast Open (RFC 7413) for programs that ask for it: 1 = as client, 2 = as server; 3 (the default) = as
	 * both. 0 = not even for them. More bits: 4 = every listener is asked for, its backlog the bound; 8 = a server
	 * takes text without a cookie, which only a network without strangers allows; 16 = a client sends it so. */
	uint8_t fast_open;
	/* All zero: the server's cookies are of a key made from `secret`. Else of this one, by Linux's formula, so that
	 * hosts that share an address share them. */
	uint8_t fast_open_key[16];
	/* 500 ms at least between challenge ACKs of one connection (RFC 5961 s7); 0 = no limit. */
	weir_duration challenge_interval;
	/* 1,000: so many RSTs a second, and at once, are drawn by segments that belong to no connection, from the
	 * sources of one network (/24, /64); ten times as many in all. 0 = no limit. At most 1,000,000. */
	uint32_t reset_rate;

	/* true: finds out what a path carries that drops without a word (RFC 4821, RFC 8899). */
	bool mtu_probing;

	/* Tests only: all connections start at this number when fixed_iss is true. */
	bool fixed_iss;
	uint32_t iss;

	/* NULL, or where events go (weir/observe.h). Must outlive the stack. */
	struct weir_observer *observer;
};

/* Fills the defaults above; allocator and secret stay to be set. */
void weir_config_init(struct weir_config *config);

/*
 * A new stack with a loopback interface (ifindex 1: 127.0.0.1/8, ::1/128). The configuration is
 * copied. 0, -WEIR_ENOMEM, or -WEIR_EINVAL for a value outside its range.
 */
int weir_stack_new(const struct weir_config *config, weir_time now, struct weir_stack **stack);

/*
 * Other settings for a stack that runs: they hold for what begins from now on, and for what is decided anew. What a
 * socket took from the old ones when it was made (sizes of queues, numbers of repetitions), what a SYN has offered or
 * two have agreed on stay; a limit that is lowered ends nothing that is there. `allocator`, `secret` and `observer` are
 * those of weir_stack_new(), whatever stands in the argument. 0, or -WEIR_EINVAL for a value outside its range: then
 * nothing has changed.
 */
int weir_stack_configure(struct weir_stack *stack, const struct weir_config *config);

/* Forgets what was learnt of servers by Fast Open: cookies, and whose paths to leave alone. */
void weir_fast_open_forget(struct weir_stack *stack);

/* Frees everything the stack holds, without sending anything. Sockets become invalid. */
void weir_stack_free(struct weir_stack *stack);

enum weir_link_kind {
	WEIR_LINK_ETHERNET = 1, /* frames with Ethernet header, no FCS */
	WEIR_LINK_IP = 2,       /* bare IPv4 and IPv6 packets (TUN, tunnels) */
};

enum weir_if_flags {
	WEIR_IF_NO_CHECKSUM = 1, /* transport checksums are neither computed nor verified */
	/* They are not computed, the link does so where it must (WEIR_PACKET_TRUSTED); what arrives is verified. */
	WEIR_IF_CHECKSUM_LATER = 2,
};

struct weir_interface {
	char name[16]; /* NUL-terminated, unique in the stack */
	enum weir_link_kind kind;
	uint8_t mac[6]; /* Ethernet only: unicast, not zero */
	uint16_t
	    mtu_bytes;  /* of the IP packet: 576 .. 65535 (IPv6 needs 1280); where it varies, the least [9293 SHLD-6] */
	uint16_t flags; /* weir_if_flags */
	uint32_t gso_max_bytes; /* 0, or the largest IP packet with gso_bytes set, <= 65535 */
};

/* The new interface's index (2 and up), or -WEIR_EINVAL, -WEIR_EEXIST, -WEIR_ENOMEM, -WEIR_ENOSPC. */
int weir_interface_add(struct weir_stack *stack, const struct weir_interface *interface);

/* Adds an address with its on-link prefix. 0, -WEIR_EINVAL, -WEIR_EEXIST, -WEIR_ENOSPC. */
int weir_address_add(struct weir_stack *stack, unsigned ifindex, const weir_addr *addr, unsigned prefix_len);

/* Adds a route; gateway NULL = on-link. prefix_len counts bits of the address's own family.
 * 0, -WEIR_EINVAL, -WEIR_EEXIST, -WEIR_ENOSPC, -WEIR_ENETUNREACH (gateway not on a link). */
int weir_route_add(struct weir_stack *stack, const weir_addr *prefix, unsigned prefix_len, unsigned ifindex,
                   const weir_addr *gateway);

/* Adds or replaces a static neighbour; never evicted. 0, -WEIR_EINVAL, -WEIR_ENOSPC. */
int weir_neighbour_add(struct weir_stack *stack, unsigned ifindex, const weir_addr *addr, const uint8_t mac[6]);

/* Arrival of a batch on one interface, in order. Never fails: what is not good is counted and
 * dropped. Work is bounded by the batch. */
void weir_input(struct weir_stack *stack, unsigned ifindex, const struct weir_packet *packets, size_t n, weir_time now);

/*
 * Takes up to max packets that want to leave by this interface. Returns how many; 0 = nothing to
 * send now. Acknowledgements and data are decided here, once for all that happened since the last
 * call. Valid until the next call on the stack.
 */
size_t weir_output(struct weir_stack *stack, unsigned ifindex, weir_time now, struct weir_packet *packets, size_t max);

/* True when weir_output() for this interface may return something. */
bool weir_output_pending(const struct weir_stack *stack, unsigned ifindex);

/* Runs what is due at now. */
void weir_expire(struct weir_stack *stack, weir_time now);

/* When weir_expire() is needed next (may be early, never late), or WEIR_NEVER. */
weir_time weir_deadline(const struct weir_stack *stack);

/* Sets the stack's clock for socket calls made before the next input, output or expire. */
void weir_stack_now(struct weir_stack *stack, weir_time now);

/*
 * Counters: one for every reason for which a packet is dropped or a RST sent (src/base/drop.def),
 * and the usual totals. i counts from 0; NULL name past the end.
 */
const char *weir_counter_name(unsigned i);
uint64_t weir_counter(const struct weir_stack *stack, unsigned i);

/* Bytes that the stack holds from its allocator at this moment. */
size_t weir_memory(const struct weir_stack *stack);

#endif
