/* SPDX-License-Identifier: Apache-2.0
 *
 * One socket of a program on the stream plane: Weir's socket and the D end of its pair.
 *
 * Invariants
 *	- Only bytes that SendQ has room for are read from D, and only bytes that D took are consumed from RecvQ:
 *nothing waits in the daemon.
 *	- Of the bytes at the head of D's queue, the first `stale` have been taken before. After the first byte ever the
 *	  queue is never read empty before the program ends its stream: the last byte taken stays (the lag byte).
 *	- The peer's FIN becomes shutdown(D) after RecvQ has been delivered; the program's end of stream becomes a
 *	  FIN after D's queue has been taken.
 */
#ifndef WEIR_WORLD_STREAM_H
#define WEIR_WORLD_STREAM_H

#include "world/world.h"

struct history;
struct kept_option;
struct program;

struct stream {
	struct source source;  /* D */
	struct hash_node node; /* in world->streams */
	struct list all;       /* in world->all_streams */
	struct list work;      /* in world->work */
	struct world_host *host;
	struct weir_socket *sock;
	uint64_t id;
	pid_t pid; /* of the process that last spoke for it; views look closer */
	uint8_t family;

	uint32_t stale;
	uint32_t urgent_after;
	uint32_t filled; /* bytes that make A look unwritable; stale counts them too once they are known */

	bool seeded;             /* the first lag byte has been seen */
	bool in_ready;           /* D may have bytes */
	bool room;               /* SendQ may have room */
	bool out_ready;          /* D may take bytes */
	bool net_ready;          /* RecvQ may have bytes, an end or an error */
	bool watch_out;          /* epoll is asked for EPOLLOUT */
	bool ended;              /* the program has shut down its sending side, or closed */
	bool hung_up;            /* D has hung up: no program has A, or both directions are shut down */
	bool end_told;           /* weir_shutdown(WR) has been called */
	bool end_given;          /* D has been shut down: the program sees the peer's FIN */
	bool deaf;               /* the program has shut down its receiving side */
	int error;               /* why SendQ takes nothing any more; 0 = it does */
	bool connected;          /* bytes may flow */
	bool connecting;         /* weir_connect() is under way */
	bool in_call;            /* inside WORLD_CONNECT: its reply tells the outcome */
	bool waiting;            /* a caller waits for a token */
	bool fill_asked;         /* the shim fills A; until the count comes, A is not drained */
	bool urgent;             /* a byte of D's queue is urgent: the one behind urgent_after fresh bytes */
	bool listening, stopped; /* stopped: shutdown(SHUT_RD) */

	bool exact;          /* its queues are exact (exact.c): */
	bool looked;         /* far_inode has been asked for */
	uint32_t far_inode;  /* A; 0 = not known */
	uint64_t lent;       /* of RecvQ's first bytes, written to D and still counted in RecvQ */
	uint64_t allowed;    /* the program may write so many that SendQ has room for */
	struct list senders; /* programs that wait for room */

	int backlog;
	unsigned pair_places; /* entries that the pair may hold */

	struct history *history;
	struct kept_option *options; /* a list */
};

/* stream.c */

/* A stream around sock and D, both of which it takes, watched by epoll. NULL: no memory, or the kernel refuses; they
 * are then still the caller's. */
struct stream *stream_new(struct world_host *host, uint64_t id, uint8_t family, struct weir_socket *take_sock,
                          int take_fd);
struct stream *stream_find(struct world *world, uint64_t id);
/* Does what can be done now. */
void stream_work(struct stream *s);
/* The stack says that the socket's readiness changed. */
void stream_wake(struct stream *s);
/* The program is gone: what it wrote is still sent, or a RST is, as `reset` says. */
void stream_close(struct stream *s, bool reset);
/* The connection is gone with an error: the program sees it at A, and SO_ERROR names it. */
void stream_fail(struct stream *s, int error);
/* Puts it on the world's work list. */
void stream_queue(struct stream *s);
/* Gives D the name that tells the program what there is. */
void stream_name_far_end(struct stream *s, enum world_name_kind kind);
/* Bytes that the program has written and SendQ has not taken. */
uint32_t stream_hidden_out(const struct stream *s);

/* transfer.c: bytes between D and the socket. */

/* D to SendQ. Returns true when it moved something. */
bool stream_take(struct stream *s);
/* RecvQ to D, the peer's FIN, errors. */
bool stream_deliver(struct stream *s);
/* What A sends next is urgent, or not after all. 0, or -WEIR_EAGAIN without a connection. */
int stream_mark_urgent(struct stream *s, bool urgent);
/* Consumes stale bytes except for the lag byte. */
void stream_drain_stale(struct stream *s);

/* connect.c */
/* A becomes writable: what filled it is taken out. */
void stream_unfill(struct stream *s);
void stream_connect(struct stream *s, const struct weir_endpoint *to, bool wait, struct world_reply *reply);
void stream_cancel_wait(struct stream *s, struct world_reply *reply);
void stream_filled(struct stream *s, int32_t count);
/* A connection under way: has it got anywhere? */
void stream_check_connect(struct stream *s);

/* listener.c */
int listener_start(struct stream *s, int backlog, struct world_reply *reply);
/* Hands completed connections to the program. */
void listener_push(struct stream *s);
void listener_stop(struct stream *s);

/* options.c */
int options_set(struct stream *s, const struct world_option *option);
int options_get(struct stream *s, const struct world_option *asked, struct world_option *answer);
/* For an accepted socket: what it inherits from its listener; a_fd is the end that goes to the program. */
void options_inherit(struct stream *s, const struct stream *listener, int a_fd);
void options_free(struct stream *s);
/* True when SO_LINGER {1,0} asks for a RST at close. */
bool options_resets(const struct stream *s);

/* exact.c: queues that are exact to the byte. */

/* False when the kernel does not tell what has been read. */
bool exact_possible(struct world *world);
/* Takes off RecvQ what the program has read since. Returns true when it was something. */
bool exact_settle(struct stream *s);
/* All that was written to D has been read. */
void exact_settle_all(struct stream *s);
/* WORLD_SEND: allows some of a write, lets the program wait, or says why not. */
void exact_ask(struct stream *s, struct program *program, const struct world_request *request,
               struct world_reply *reply);
void exact_give_back(struct stream *s, uint64_t bytes);
/* So many bytes have come out of the pair. */
void exact_taken(struct stream *s, uint64_t bytes);
/* SendQ may have room: those who wait may go on. */
void exact_serve(struct stream *s);
/* The stream goes: those who wait are told. */
void exact_dismiss(struct stream *s);
/* Bytes of a write that its program is blocked in, not copied yet. */
uint64_t exact_uncopied(const struct stream *s);

/* history.c */
void history_note(struct stream *s, uint64_t bytes);
/* The last write is longer (or shorter) than was noted. */
void history_extend(struct stream *s, int64_t bytes);
/* The stream goes; the socket may live on. */
void history_orphan(struct stream *s);
void history_free_all(struct world *world);
/* The history of a socket, or NULL. */
const struct history *history_of(struct world *world, const struct world_host *host, uint64_t socket_id,
                                 const struct stream *s);

#endif
