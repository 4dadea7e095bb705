/* SPDX-License-Identifier: Apache-2.0
 *
 * The socket structure (T1.1, Fig. 6.1) and the tables of one host's sockets. Every TCP connection, listener
 * and UDP socket is a struct weir_socket: those with a handle belong to a program, the others live as long as the
 * protocol needs them (T1.3).
 *
 * Where a socket is:
 *	table->all          every one, in order of id
 *	table->tuples       connections and connected UDP sockets, by both ends (demux.c)
 *	sock_port.owners    bound and listening ones, by port (port.c)
 *	table->output[i]    wants tcp_output() when interface i is asked; table->waiting[i]: its next hop is asked for
 *	table->ready        readiness may have changed (settle.c)
 *	table->time_wait    oldest first
 *
 * The rule that keeps all this true: whoever calls the tcp room about a connection calls sock_settle() next.
 */
#ifndef WEIR_SOCK_SOCK_H
#define WEIR_SOCK_SOCK_H

#include "net/net.h"
#include "tcp/tcp.h"
#include "udp/queue.h"

#include <weir/error.h>

enum sock_kind {
	SOCK_FRESH, /* TCP, neither connected nor listening */
	SOCK_LISTENER,
	SOCK_CONNECTION, /* u.tcb; stays so after its end, until the handle is given back */
	SOCK_DATAGRAM,
};

/* What a program sets; a connection made from a listener inherits all of it. Bytes, not bits: option.c points
 * into it. */
struct sock_options {
	uint32_t sndbuf, rcvbuf, rcvlowat;
	uint16_t keep_idle_s, keep_interval_s;
	uint32_t user_timeout_ms;
	uint16_t max_seg; /* 0 = not set */
	uint16_t linger_s;
	uint8_t linger, keep_count, syn_retries;
	uint8_t reuse_addr, reuse_port, v6only, broadcast, keepalive, oob_inline;
	uint8_t no_delay, cork, quick_ack;
	uint8_t congestion; /* tcp_cc_at() */
	uint8_t fast_open_connect, fast_open_no_cookie;
	uint8_t sndbuf_set, rcvbuf_set; /* by the program: they stay as they are */
	uint8_t defer_accept;           /* time-outs of a SYN,ACK that the third message waits for text */
	uint16_t fast_open_queue;       /* of a listener: at most so many open before their third message */
	uint8_t recverr4, recverr6, priority;
	uint8_t multicast_ttl, multicast_hops, multicast_loop4, multicast_loop6;
	/* What each packet needs stands last: behind it comes the rest of what packets touch. */
	uint8_t ttl, hops; /* 0 = the stack's */
	uint8_t tos, tclass, mtu_discover;
	struct tcp_tuning *tuning; /* the socket's own; NULL = none */
};

struct sock_table;
struct sock_port;
struct sock_reports;
struct fast_open_memory;
struct sock_groups;

struct weir_socket {
	/* What packets do not touch. */
	struct list port_link;
	struct list time_wait_link;
	struct list all_link;
	struct sock_port *port;
	struct sock_options opt;
	/* What they do, from here on: among many thousands of connections each line costs a journey to memory. */
	struct hash_node tuple_node;
	struct weir_endpoint local, remote; /* remote.ifindex only where the address is link-local */
	struct sock_table *table;
	uint64_t id;
	uint8_t family, type, kind;
	uint8_t last_state; /* of the tcb, as sock_settle() saw it last */
	uint8_t port_class; /* how it is counted in port (port.c) */
	uint8_t error;      /* pending, of sockets without a tcb */
	bool has_handle : 1;
	bool in_tuples : 1;
	bool explicit_port : 1;             /* bind() gave or picked the port: kept until the handle is given back */
	bool explicit_addr : 1;             /* bind() gave a local address */
	bool any4 : 1;                      /* bind() gave an AF_INET6 socket the IPv4 wildcard */
	bool port_counted : 1;              /* counted in port, not on its list of owners */
	bool ephemeral : 1;                 /* connect() picked the port */
	bool connect_reports : 1;           /* connect() has yet to say how it went */
	bool connected : 1;                 /* UDP */
	bool shut_read : 1, shut_write : 1; /* UDP */
	bool orphan : 1;                    /* counted in orphan_count */
	void *user;
	struct net_path path; /* connections and connected UDP sockets */
	struct list output_link;
	struct list ready_link;
	struct wheel_timer timer;     /* never later than tcp_deadline() */
	uint32_t reserved;            /* bytes that weir_send_reserve() gave and weir_send_commit() may take */
	struct sock_reports *reports; /* not read yet (report.h); NULL = none */
	union {
		struct tcb tcb;
		struct tcp_listener listener;
		struct {
			struct udp_queue udp;
			struct sock_groups *groups; /* NULL = nothing about multicast was asked for */
		};
	} u;
};

enum { SOCK_EPHEMERAL_COUNTERS = 64 };

struct sock_table {
	struct host *host;
	struct net *net;
	struct hashtab tuples;
	struct weir_socket
	    *recent; /* of tuples: what sent or received last, which is often what the next packet is for */
	struct hashtab ports;
	struct slab streams, datagrams, port_slab, address_slab;
	struct list all, ready, time_wait;
	struct list output[NET_MAX_INTERFACES + 1], waiting[NET_MAX_INTERFACES + 1];
	uint64_t last_id;
	uint32_t count, time_wait_count, orphan_count;
	uint32_t binds;                              /* automatic ones so far, so that each starts elsewhere */
	uint32_t ephemeral[SOCK_EPHEMERAL_COUNTERS]; /* RFC 6056 s3.3.4 */
	struct fast_open_memory *fast_open;          /* servers that gave cookies; NULL = none yet */
};

/* table.c: the table, and structures coming and going. */
void sock_table_init(struct sock_table *t, struct host *h, struct net *net);
/* Frees every socket without a word to anybody. */
void sock_table_deinit(struct sock_table *t);
/* A structure without a handle: 0, -WEIR_ENOBUFS, -WEIR_ENOMEM. */
int sock_new(struct sock_table *t, uint8_t family, uint8_t type, struct weir_socket **sock);
/* Off every list and table, and gone. */
void sock_free(struct weir_socket *s);
/* Back to where it was before connect(): port and address stay as far as bind() gave them. */
void sock_make_fresh(struct weir_socket *s);

/* option.c: the memory behind opt.tuning. sock_tuning() makes it when there is none; NULL = no memory. */
struct tcp_tuning *sock_tuning(struct weir_socket *s);
void sock_tuning_free(struct weir_socket *s);
/* opt has been copied from another socket. */
void sock_tuning_inherit(struct weir_socket *s);

/* settle.c: after a call on the tcp room. Returns false when the socket is gone with it. */
bool sock_settle(struct weir_socket *s);
/* The same after tcp_output() has said that there is nothing to send: it is not asked again until something happens. */
void sock_settle_silent(struct weir_socket *s);
/* Readiness may have changed. */
void sock_mark_ready(struct weir_socket *s);
/* Runs what is due. */
void sock_expire(struct weir_socket *s);
/* TIME_WAIT ends now, without a segment. Returns as sock_settle(). */
bool sock_end_time_wait(struct weir_socket *s);

/* demux.c */
struct sock_tuple {
	uint8_t protocol;
	struct weir_endpoint local, remote;
};

uint32_t sock_tuple_hash(const struct sock_table *t, const struct sock_tuple *tuple);
struct weir_socket *sock_find_tuple(const struct sock_table *t, const struct sock_tuple *tuple, uint32_t hash);
/* Is this the tuple of a socket that is in the table? */
bool sock_has_tuple(const struct weir_socket *s, const struct sock_tuple *tuple);
/* Best of the bound ones (T8.2); *wildcards 2 or 3. */
struct weir_socket *sock_find_bound(const struct sock_table *t, const struct sock_tuple *tuple, uint32_t hash,
                                    unsigned *wildcards);
/* Does this bound socket take a packet for this tuple? *wildcards when it does. */
bool sock_matches_bound(const struct weir_socket *s, const struct sock_tuple *tuple, unsigned *wildcards);
void sock_tuples_insert(struct weir_socket *s);
void sock_tuples_remove(struct weir_socket *s);

/* stream.c: connect, listen, accept. */
/* A fresh socket begins to connect. 0: fast, its SYN waits for text; else -WEIR_EINPROGRESS, or an error. */
int sock_connect(struct weir_socket *s, const struct weir_endpoint *to, bool fast);
/* The structure of a connection that a listener's SYN asks for, not open yet; NULL when refused (counted). */
struct weir_socket *sock_child_new(struct weir_socket *listener, const struct net_packet *packet,
                                   const struct tcp_segment *syn);
/* A new connection for a SYN that a listener took; NULL when refused (counted). */
struct weir_socket *sock_child(struct weir_socket *listener, const struct net_packet *packet,
                               const struct tcp_segment *syn, const seq_t *iss_floor);
/* Options into the tcb. */
void sock_apply_options(struct weir_socket *s);
/* What the tcp room is told of the path: its MTU (lowered by TCP_MAXSEG), its largest packet or 0. */
uint16_t sock_told_mtu(const struct sock_options *opt, const weir_addr *remote, const struct net_path *path);
uint32_t sock_told_gso_max(const struct net_path *path);

/* cookie.c: SYN cookies. */
void sock_cookie_answer(struct weir_socket *listener, const struct net_packet *packet, const struct tcp_segment *syn);
/* The connection that this acknowledgement of a cookie makes, to be handed the segment next; or NULL, then the verdict
 * says why. */
struct weir_socket *sock_cookie_child(struct weir_socket *listener, const struct net_packet *packet,
                                      const struct tcp_segment *ack, struct tcp_verdict *verdict);

/* datagram.c: UDP's part of the calls. */
int sock_udp_connect(struct weir_socket *s, const struct weir_endpoint *to);
int64_t sock_udp_send(struct weir_socket *s, const struct weir_slice *vec, size_t n, const struct weir_endpoint *to);
int sock_udp_shutdown(struct weir_socket *s, enum weir_shutdown_how how);

/* address.c: destinations, routes and local ends for both protocols. */
/* The zone that belongs into an endpoint with this address. */
uint16_t sock_zone(const weir_addr *addr, unsigned ifindex);
/* May this socket use that address at all? mapped_on_v6only is the error for IPv4 on an IPv6-only one. */
int sock_check_family(const struct weir_socket *s, const weir_addr *addr, int mapped_on_v6only);
/* The destination as connect() and sendto() mean it: the wildcard is this host itself. */
int sock_normalise(const struct weir_socket *s, const struct weir_endpoint *to, struct weir_endpoint *remote);

/* arrive.c: packets for sockets. */
void sock_tcp_arrives(struct sock_table *t, const struct net_packet *packet, const struct tcp_segment *seg);
void sock_udp_arrives(struct sock_table *t, const struct net_packet *packet);
void sock_icmp_arrives(struct sock_table *t, const struct net_packet *packet);

/* path.c: what the path carries. A router says that a packet of this socket was too big. */
void sock_too_big(struct weir_socket *s, const struct wire_icmp *icmp);
/* The connection has learned something that the network layer can tell others. */
void sock_path_learned(struct weir_socket *s);
/* IP_MTU_DISCOVER says whether we find out what the path carries, and whether routers may cut our packets; of a
 * connection, which is to be told. */
void sock_apply_mtu_discover(struct weir_socket *s);
/* IPv4: routers may cut this packet. */
void sock_may_be_cut(const struct weir_socket *s, struct wire_ip *ip);
/* How large this datagram may be: sets path->mtu_bytes, and whether routers may cut it. */
void sock_datagram_mtu(const struct weir_socket *s, struct net_path *path, struct wire_ip *ip);
enum { SOCK_MTU_DONT = 0, SOCK_MTU_WANT = 1, SOCK_MTU_DO = 2, SOCK_MTU_PROBE = 3 };
static inline bool sock_dont_fragment(const struct weir_socket *s)
{
	return s->opt.mtu_discover >= SOCK_MTU_WANT && s->opt.mtu_discover <= SOCK_MTU_PROBE;
}

/* reply.c: segments outside tcp_output(). */
/* The IP header of what this socket sends. */
void sock_fill_ip(const struct weir_socket *s, uint32_t payload_bytes, struct wire_ip *ip);
/* Sends a RST of a connection, counts it and tells the observer. */
void sock_send_reset(struct weir_socket *s, struct tcp_segment *rst, enum drop reason);
/* An answer of a listener to this packet, by this path to where it came from. */
void sock_answer_segment(struct weir_socket *listener, const struct net_packet *packet, struct net_path *path,
                         struct tcp_segment *seg);
/* A RST without a connection: an answer to this packet. */
void sock_answer_reset(struct sock_table *t, const struct net_packet *packet, struct tcp_segment *rst, enum drop reason,
                       uint64_t socket_id);

/* notice.c: events for the observer; called through the inline functions below, which cost a branch when there is
 * none. */
void sock_tell(const struct weir_socket *s, enum weir_event_kind kind);
void sock_tell_bytes(const struct weir_socket *s, enum weir_event_kind kind, uint64_t offset, uint64_t bytes);
void sock_tell_segment(const struct weir_socket *s, enum weir_event_kind kind, const struct tcp_segment *seg);
void sock_tell_state(const struct weir_socket *s, int from, int to);

/* 6 or 17. */
static inline unsigned sock_protocol(const struct weir_socket *s)
{
	return s->type == WEIR_STREAM ? IP_TCP : IP_UDP;
}

static inline struct weir_socket *sock_of_tcb(struct tcb *tcb)
{
	return weir_container(tcb, struct weir_socket, u.tcb);
}

static inline struct weir_socket *sock_of_listener(struct tcp_listener *l)
{
	return weir_container(l, struct weir_socket, u.listener);
}

static inline struct host *sock_host(const struct weir_socket *s)
{
	return s->table->host;
}

static inline void sock_notice(const struct weir_socket *s, enum weir_event_kind kind)
{
	if (host_observed(sock_host(s)))
		sock_tell(s, kind);
}

static inline void sock_notice_bytes(const struct weir_socket *s, enum weir_event_kind kind, uint64_t offset,
                                     uint64_t bytes)
{
	if (host_observed(sock_host(s)))
		sock_tell_bytes(s, kind, offset, bytes);
}

static inline void sock_notice_segment(const struct weir_socket *s, enum weir_event_kind kind,
                                       const struct tcp_segment *seg)
{
	if (host_observed(sock_host(s)))
		sock_tell_segment(s, kind, seg);
}

static inline void sock_notice_state(const struct weir_socket *s, int from, int to)
{
	if (host_observed(sock_host(s)))
		sock_tell_state(s, from, to);
}

/* Fetches a connection whole: among many thousands it is in no cache, and its lines are best asked for at once. */
static inline void sock_prefetch(const struct weir_socket *s)
{
	enum { LINE = 64, TUPLE = offsetof(struct weir_socket, tuple_node) / LINE * LINE };
	enum { WHOLE = offsetof(struct weir_socket, u) + offsetof(struct tcb, cc_state) };

	for (unsigned at = TUPLE; at < WHOLE; at += LINE)
		__builtin_prefetch((const char *)s + at);
}

static inline weir_addr sock_any(const struct weir_socket *s)
{
	return s->family == WEIR_INET || s->any4 ? WEIR_ADDR_ANY4 : WEIR_ADDR_ANY6;
}

#endif
