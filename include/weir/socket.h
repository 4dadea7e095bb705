/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets. All calls return at once: what would block returns -WEIR_EAGAIN, and the socket shows
 * up in weir_ready() when trying again makes sense. errno values follow Linux where Linux and POSIX
 * differ. The handle belongs to the caller until weir_close() or weir_abort(); the structure
 * behind it lives on as long as the protocol needs it (T1.3) and stays visible in views.
 */
#ifndef WEIR_SOCKET_H
#define WEIR_SOCKET_H

#include <weir/addr.h>
#include <weir/packet.h>
#include <weir/stack.h>

struct weir_socket;

enum weir_family { WEIR_INET = 2, WEIR_INET6 = 10 };
enum weir_type { WEIR_STREAM = 1, WEIR_DGRAM = 2 };

/* Readiness, with the values of Linux's poll(). */
enum weir_readiness {
	WEIR_IN = 0x001,
	WEIR_PRI = 0x002,
	WEIR_OUT = 0x004,
	WEIR_ERR = 0x008,
	WEIR_HUP = 0x010,
	WEIR_RDHUP = 0x2000,
};

enum weir_message_flags {
	WEIR_MSG_OOB = 0x01, /* urgent data: below */
	WEIR_MSG_PEEK = 0x02,
	WEIR_MSG_TRUNC = 0x20,
	WEIR_MSG_EOR = 0x80,
	WEIR_MSG_MORE = 0x8000,
};
enum weir_shutdown_how { WEIR_SHUT_RD = 0, WEIR_SHUT_WR = 1, WEIR_SHUT_RDWR = 2 };

/* 0, -WEIR_EAFNOSUPPORT, -WEIR_EINVAL (type), -WEIR_ENOBUFS (max_sockets), -WEIR_ENOMEM. */
int weir_socket_new(struct weir_stack *stack, enum weir_family family, enum weir_type type, struct weir_socket **sock);

/* Local address (may be the wildcard) and port (0 = pick one). T8.4, T8.5.
 * 0, -WEIR_EINVAL (bound already, wrong family), -WEIR_EADDRNOTAVAIL, -WEIR_EADDRINUSE. */
int weir_bind(struct weir_socket *sock, const struct weir_endpoint *local);

/* Turns a TCP socket into a listener; again = new backlog. Holds backlog + 1 completed connections.
 * 0, -WEIR_EADDRINUSE, -WEIR_EINVAL (connected), -WEIR_EOPNOTSUPP (UDP), -WEIR_ENOMEM. */
int weir_listen(struct weir_socket *sock, int backlog);

/* Starts the opening handshake (UDP: sets the remote end, 0). -WEIR_EINPROGRESS on start, then as Linux:
 * -WEIR_EALREADY, 0 once after success, -WEIR_EISCONN; -WEIR_ENETUNREACH, -WEIR_EADDRNOTAVAIL,
 * -WEIR_EAFNOSUPPORT, -WEIR_ECONNREFUSED, -WEIR_ETIMEDOUT, -WEIR_ECONNABORTED. */
int weir_connect(struct weir_socket *sock, const struct weir_endpoint *remote);

/* Takes the oldest completed connection. 0, -WEIR_EAGAIN, -WEIR_EINVAL (not listening), -WEIR_EOPNOTSUPP. */
int weir_accept(struct weir_socket *sock, struct weir_socket **accepted);

/*
 * Copies into SendQ as much as there is room for. Returns the bytes taken (> 0, or 0 for an empty
 * vector), -WEIR_EAGAIN (no room, or connecting), -WEIR_EPIPE, -WEIR_ECONNRESET once, or another pending error;
 * -WEIR_EINPROGRESS where an empty vector opens a connection (TCP_FASTOPEN_CONNECT).
 * WEIR_MSG_MORE: more follows at once; a segment that is not full waits for it, for an acknowledgement, or 200 ms.
 * WEIR_MSG_EOR: the end of these bytes ends a record; no segment reaches across it.
 */
int64_t weir_send(struct weir_socket *sock, const struct weir_slice *vec, size_t n, unsigned flags);

/* Copies out of RecvQ, at most len. Returns the bytes (0 = end of stream), -WEIR_EAGAIN, -WEIR_ENOTCONN,
 * or the pending error once. WEIR_MSG_PEEK leaves them there. */
int64_t weir_recv(struct weir_socket *sock, void *buffer, size_t len, unsigned flags);

/*
 * The same without a copy. reserve gives up to two pieces of free SendQ memory (in all at most
 * want bytes) and returns their sum or an error as weir_send(); commit makes the first len bytes of
 * them part of SendQ. view gives the readable bytes of RecvQ, consume takes len of them off.
 * Valid until the next call on the stack. commit and consume return 0 or -WEIR_EINVAL (more
 * than was given).
 */
int64_t weir_send_reserve(struct weir_socket *sock, size_t want, struct weir_mut_slice piece[2]);
int weir_send_commit(struct weir_socket *sock, size_t len);
int64_t weir_recv_view(struct weir_socket *sock, struct weir_slice piece[2]);
int weir_recv_consume(struct weir_socket *sock, size_t len);

/*
 * Urgent data (RFC 9293 s3.8.5, RFC 6093). New programs should not use it: middleboxes clear it, and there is one mark
 * only, which a newer one takes the place of.
 *
 * weir_send() with WEIR_MSG_OOB makes the last byte that it takes the urgent one, and tells the peer at once; also
 * -WEIR_ENOBUFS. The receiving socket shows up in weir_ready() when a mark is announced, again when its byte has
 * arrived, and has WEIR_PRI from then until it is read. weir_recv() stops in front of the mark; called there, it
 * leaves the urgent byte out. weir_recv() with WEIR_MSG_OOB gives that one byte: 1, -WEIR_EAGAIN (announced, not here
 * yet), -WEIR_EINVAL (none, read already, or SO_OOBINLINE), 0 (the stream ended before it). With SO_OOBINLINE it is an
 * ordinary byte, and only the mark remains. UDP: -WEIR_EOPNOTSUPP.
 */
/* Is the next byte of the stream the urgent one, or, when that has been read, the one behind it (SIOCATMARK)? 0 or 1.
 */
int weir_at_mark(const struct weir_socket *sock);

/* Bytes that can be read without reaching the mark (SIOCINQ; the end of the stream does not count); UDP: of the next
 * datagram. -WEIR_EINVAL on a listener. */
int64_t weir_readable(const struct weir_socket *sock);

/*
 * Connects and sends at once, as sendto() with MSG_FASTOPEN does [7413]: where the peer's cookie is known, as much of
 * the text as the SYN has room for goes with it, and its length is returned. Else the SYN asks for a cookie for the
 * next time, nothing is taken, and the result is -WEIR_EINPROGRESS, as of weir_connect(). Errors as weir_connect(), and
 * -WEIR_EOPNOTSUPP (UDP, or weir_config.fast_open is against it), -WEIR_EALREADY, -WEIR_EISCONN. With
 * TCP_FASTOPEN_CONNECT weir_connect() itself returns 0 where the cookie is known, and the first weir_send() is this
 * one.
 */
int64_t weir_connect_send(struct weir_socket *sock, const struct weir_slice *vec, size_t n,
                          const struct weir_endpoint *remote);

/* UDP. to NULL = the connected remote end. Returns len, -WEIR_EDESTADDRREQ, -WEIR_EMSGSIZE, -WEIR_EAGAIN, ... */
int64_t weir_sendto(struct weir_socket *sock, const void *data, size_t len, const struct weir_endpoint *to);
/* One datagram, cut to len (with WEIR_MSG_TRUNC the real length is returned). from may be NULL. */
int64_t weir_recvfrom(struct weir_socket *sock, void *buffer, size_t len, unsigned flags, struct weir_endpoint *from);

/* Who reports (Linux's SO_EE_ORIGIN_*). */
enum weir_error_origin {
	WEIR_ORIGIN_LOCAL = 1,
	WEIR_ORIGIN_ICMP = 2,
	WEIR_ORIGIN_ICMP6 = 3,
	WEIR_ORIGIN_TIMESTAMPING = 4
};

/* What happened to the last byte of a write (Linux's SCM_TSTAMP_*). */
enum weir_stamp { WEIR_STAMP_SENT = 0, WEIR_STAMP_QUEUED = 1, WEIR_STAMP_ACKED = 2 };

struct weir_error_report {
	int error; /* WEIR_E*, positive */
	enum weir_error_origin origin;
	uint8_t type, code; /* ICMP's */
	uint32_t info; /* parameter problem: where; too big: what the router's link carries; LOCAL: how often it has
	                  been repeated; TIMESTAMPING: enum weir_stamp */
	weir_addr offender;          /* who sent the ICMP error; LOCAL: all zero */
	struct weir_endpoint remote; /* where our packet was going */
	/* TIMESTAMPING only: */
	uint32_t number; /* with SOF_TIMESTAMPING_OPT_ID: which byte of the stream, else 0 */
	weir_time at;    /* on the stack's clock */
};

/*
 * The oldest report that was not read, of a socket with IP_RECVERR (about IPv4 packets) or IPV6_RECVERR: an ICMP error
 * about what it has sent, or, of a connection, that something has been repeated three times in vain [9293 SHLD-9].
 * Of a stream socket with SO_TIMESTAMPING, also when the last byte of each write left for the link (QUEUED and SENT, at
 * the same moment) and when it was acknowledged; error is WEIR_ENOMSG. Of 16 writes at a time, later ones are
 * counted in report_lost as well; there are no stamps of what arrives, nor of UDP.
 * While there is one, WEIR_ERR is set. At most 16 are kept, later ones are counted (report_lost). 0, or -WEIR_EAGAIN.
 * As on Linux an ICMP error then is also the pending error of the socket, which the next call returns once. Without
 * these options an error about a connection that goes on is only what SO_ERROR gives, until the peer is heard of again.
 */
int weir_recv_error(struct weir_socket *sock, struct weir_error_report *report);

/* 0, -WEIR_EINVAL (how), -WEIR_ENOTCONN. */
int weir_shutdown(struct weir_socket *sock, enum weir_shutdown_how how);

/*
 * Gives the handle back. Unread data or SO_LINGER {1,0} make it a RST, else TCP goes on in the
 * background: SendQ, FIN, TIME_WAIT. Never fails. To wait as SO_LINGER {1,n} asks, use weir_shutdown()
 * and watch weir_socket_info.sendq_bytes and state before calling this.
 */
void weir_close(struct weir_socket *sock);

/* Gives the handle back with a RST where RFC 9293 ABORT wants one. */
void weir_abort(struct weir_socket *sock);

/* Options by Linux's level, name and value layout. 0, -WEIR_ENOPROTOOPT, -WEIR_EINVAL, -WEIR_EDOM, -WEIR_ENOBUFS.
 * SO_SNDBUF and SO_RCVBUF set the bound exactly as given, 1 byte and up (T4.2); an
 * emulation of Linux's doubling is the business of the layer above.
 * UDP sockets join and leave groups by IP_ADD_MEMBERSHIP and IPV6_JOIN_GROUP (T8.6); each socket on the group's port
 * gets a copy. Then also: -WEIR_ENODEV, -WEIR_EADDRINUSE, -WEIR_EADDRNOTAVAIL, -WEIR_ENOBUFS (20 a socket, 256 an
 * interface), -WEIR_ENOMEM. Membership is heard by the interface, not reported to routers. */
int weir_setsockopt(struct weir_socket *sock, int level, int name, const void *value, uint32_t len);
int weir_getsockopt(struct weir_socket *sock, int level, int name, void *value, uint32_t *len);

int weir_getsockname(const struct weir_socket *sock, struct weir_endpoint *local);
int weir_getpeername(const struct weir_socket *sock, struct weir_endpoint *remote);

/* Current readiness, as Linux's poll() would say (weir_readiness). */
unsigned weir_poll(const struct weir_socket *sock);

/*
 * Sockets whose readiness may have changed since they were last returned here, oldest first. Only
 * sockets with a handle. Edge-like: each change shows once; ask weir_poll() for the level.
 */
size_t weir_ready(struct weir_stack *stack, struct weir_socket **socks, size_t max);

/* The embedder's own pointer. A socket accepted has NULL. */
void weir_socket_set_user(struct weir_socket *sock, void *user);
void *weir_socket_user(const struct weir_socket *sock);

/* Unique in the stack, never used again; counts from 1. */
uint64_t weir_socket_id(const struct weir_socket *sock);

#endif
