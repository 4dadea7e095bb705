/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program's process and the world say to each other (the stream plane).
 *
 * A program's TCP socket is end A of a pair of AF_UNIX stream sockets; the world holds end D. Bytes flow through the
 * pair, so read, write, poll, epoll, dup, fork, exec and passing descriptors on stay the kernel's business. Who a
 * descriptor is can be asked of the kernel too: the ends are bound to abstract names, which hold a struct
 * world_name. Nothing is kept in a table beside the descriptors.
 *
 *	getsockname(A)   which socket this is; for accepted ones also its two addresses
 *	getpeername(A)   D's name: none before there is a connection, then WORLD_END_CONNECTED with its addresses;
 *	                 WORLD_END_LISTENING for a listener
 *
 * Calls that change a socket go over a control connection (SOCK_SEQPACKET, one a process): a request, and a reply
 *unless the request is WORLD_POSTED. The world answers at once, always: what takes time is announced through the pair.
 *
 *	lag byte      The first byte A ever sends means nothing, and from then on the world leaves the last byte it took
 *in D's queue: closing D with a byte unread is what gives A an ECONNRESET. pending       A connection that is not there
 *yet must not look writable: with result -EINPROGRESS and WORLD_FILL the shim writes until A is full and posts the
 *count (WORLD_FILLED); the world drains exactly that. token         connect() that blocks reads one byte from A: 0, or
 *the errno. WORLD_CANCEL ends the wait. accept queue  Records (struct world_accepted with the new A attached) in the
 *listener's pair.
 *	exact         A program that said hello with WORLD_EXACT asks for room in SendQ before it writes (WORLD_SEND)
 *and tells when it has read (WORLD_READ), so nothing waits in its pairs (world/exact.c). These questions, and
 *WORLD_LINGER, may be answered late: a thread that asks them has a connection of its own, on which it waits.
 */
#ifndef WEIR_WORLD_PROTOCOL_H
#define WEIR_WORLD_PROTOCOL_H

#include <weir/addr.h>

enum {
	WORLD_PROTOCOL = 2,
	WORLD_HOST_NAME = 64,     /* with its NUL */
	WORLD_OPTION_BYTES = 320, /* the largest option value: TCP_INFO */
	WORLD_RESOLVE_NAME = 256,
	WORLD_RESOLVE_ADDRS = 16,
	/* SO_SNDBUF of both ends (the kernel doubles it). The lag byte pins a buffer of up to 68 KiB, and a Unix
	 * socket is writable only while less than a quarter is used: so four times that and more. */
	WORLD_PAIR_SNDBUF = 212992,
};

#define WORLD_NAME_MAGIC "weir"

enum world_name_kind {
	WORLD_END_PROGRAM = 'P',   /* A */
	WORLD_END_CONNECTED = 'C', /* D */
	WORLD_END_LISTENING = 'L', /* D */
	WORLD_END_REFUSED = 'R',   /* a stand-in for a socket that Weir does not offer; no D */
};

enum world_name_flags { WORLD_NAME_ADDRESSES = 1 };

/* An abstract name, the leading zero byte included. Compared as bytes: no padding. */
struct world_name {
	uint8_t zero;
	char magic[4];
	uint8_t kind, family, flags;
	uint8_t world[8];                   /* this world's number */
	uint64_t id;                        /* this socket's, in the world */
	struct weir_endpoint local, remote; /* with WORLD_NAME_ADDRESSES, or as D's */
};

_Static_assert(sizeof(struct world_name) == 72, "must fit sun_path, without padding");

enum world_request_kind {
	WORLD_HELLO = 1,
	WORLD_NEW, /* D attached; posted */
	WORLD_BIND,
	WORLD_LISTEN,
	WORLD_CONNECT,
	WORLD_CANCEL,
	WORLD_FILLED,     /* posted */
	WORLD_SETSOCKOPT, /* posted or not */
	WORLD_GETSOCKOPT,
	WORLD_NAMES,
	WORLD_SHUTDOWN, /* posted: SHUT_RD of a listener, shutdown of a connection that is pending */
	WORLD_QUEUES,
	WORLD_RESOLVE,
	WORLD_NAME_OF,
	WORLD_SEND,   /* how much may be written now? With WORLD_WAIT answered when something may */
	WORLD_UNUSED, /* posted: so much of what was allowed was not written */
	WORLD_READ,   /* posted: the program has read */
	WORLD_LINGER, /* when the closing handshake is done, or the time is up: -EAGAIN */
	WORLD_URGENT, /* the byte behind what A has sent so far will be urgent; number 0: it will not, after all */
};

enum world_request_flags {
	WORLD_POSTED = 1, /* no reply */
	WORLD_WAIT = 2,   /* CONNECT: the caller blocks and reads a token. SEND: the caller waits for the reply */
	WORLD_EXACT = 4,  /* HELLO: the queues of this program's sockets are exact */
	WORLD_BEGIN = 8,  /* SEND: the first question of a write */
};

struct world_option {
	int32_t level, name;
	uint32_t len;
	uint8_t value[WORLD_OPTION_BYTES];
};

struct world_request {
	uint32_t kind, flags;
	uint64_t id;
	union {
		struct {
			uint32_t version;
			char host[WORLD_HOST_NAME]; /* "" = the world's first */
		} hello;
		uint32_t family;          /* NEW */
		struct weir_endpoint end; /* BIND, CONNECT, NAME_OF */
		int32_t number;           /* LISTEN backlog, FILLED count, SHUTDOWN how */
		struct world_option option;
		char name[WORLD_RESOLVE_NAME]; /* RESOLVE */
		uint64_t bytes;                /* SEND, UNUSED */
		struct {
			uint64_t socket; /* 0 = ask for it, before close() */
			int64_t ns;      /* how long at most */
		} linger;
	};
};

enum world_reply_flags {
	WORLD_FILL = 1,      /* CONNECT, SEND: fill A and post the count */
	WORLD_TOKEN = 2,     /* CONNECT: read the token; CANCEL: it was sent already */
	WORLD_FIRST = 4,     /* LISTEN: not a listener before */
	WORLD_CONNECTED = 8, /* NAMES: remote is valid */
};

struct world_reply {
	int32_t result; /* 0 or negative errno */
	uint32_t flags;
	union {
		uint8_t world[8]; /* HELLO */
		struct {
			struct weir_endpoint local, remote;
		} names;
		struct world_option option;
		struct {
			uint64_t unacknowledged_bytes, unsent_bytes, readable_bytes;
		} queues;
		struct {
			uint32_t count;
			weir_addr addr[WORLD_RESOLVE_ADDRS];
		} resolve;
		char name[WORLD_HOST_NAME]; /* NAME_OF */
		uint64_t bytes;             /* SEND: allowed */
		uint64_t socket;            /* LINGER */
	};
};

/* One entry of a listener's accept queue. */
struct world_accepted {
	uint64_t id;
	struct weir_endpoint local, remote;
	uint32_t family;
	uint32_t zero;
};

#endif
