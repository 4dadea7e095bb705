/* SPDX-License-Identifier: Apache-2.0
 *
 * The packetdrill adapter: one host under virtual time behind the tool's interface (interface.h). Scripts that were
 * written for a kernel run against this stack, in as long as it takes to compute them.
 *
 * Files: init.c (life, the table of calls), flags.c and profile.c (what --so_flags says), commands.c (what a script's
 * shell commands said), clock.c (time, and threads that wait), packets.c (in and out), file.c (descriptors), address.c,
 * socket.c (open to close), receive.c and send.c, option.c, control.c (fcntl, ioctl), errors.c and zerocopy.c (the
 * error queue), poll.c, epoll.c, pipe.c (splice), connections.c (the list that a script's commands look at), import.c
 * (what its assertions look at).
 *
 * Time stands still but for usleep(), gettimeofday() and netdev_receive(): they alone move it, from one deadline of the
 * stack to the next. What a call brings about leaves the stack before the call returns, with the time of that moment.
 *
 * Threads: the tool runs the script on one, and calls that are to block on a second. One lock guards everything here.
 * Each call is adapter_enter() ... adapter_leave(); whoever finds that another thread may go on hands it the lock and
 * waits until that thread has asked for the time, so that the time of its return is the one at which it could go on.
 */
#ifndef WEIR_PACKETDRILL_ADAPTER_H
#define WEIR_PACKETDRILL_ADAPTER_H

#include "base/list.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <weir/weir.h>

enum adapter_profile { PROFILE_LINUX, PROFILE_FREEBSD };

struct adapter_flags {
	enum adapter_profile profile;
	unsigned version; /* 4 or 6: of the packets */
	weir_addr local, remote;
	unsigned local_prefix, remote_prefix;
	bool has_local, has_remote;
	uint16_t mtu;
	char control_dir[256]; /* "" = none */
};

struct adapter {
	pthread_mutex_t lock;
	pthread_t main_thread; /* the one that loaded us: if it waits, nobody else moves time */
	struct adapter_flags flags;
	struct weir_config config;
	struct weir_stack *stack; /* NULL until a call needs it: the script's first commands configure it */
	unsigned ifindex;
	bool large_packets; /* the link would cut them */
	weir_time now;

	struct list waiters;     /* struct waiter */
	pthread_cond_t released; /* the woken thread has asked for the time */
	bool woken;              /* a thread was woken and has not asked yet */
	bool returning;          /* ... since the script slept last */
	pthread_t woken_thread;

	struct list sent; /* struct packet: left the stack, the tool has not taken them */

	struct list files; /* struct file */

	off_t commands_read; /* bytes of the file of commands */
	char *connections;   /* as written last */
};

/* init.c */
/* Takes the lock, and notices what happened outside since the last call. */
void adapter_enter(struct adapter *a);
/* Lets everything out and gives the lock back; a negative result becomes -1 and errno. */
int64_t adapter_leave(struct adapter *a, int64_t result);
/* Makes the stack, if it is not there yet. 0 or -errno. */
int adapter_need_stack(struct adapter *a);

/* clock.c */
/* The next moment at which anything happens by itself, or WEIR_NEVER. */
weir_time clock_next(const struct adapter *a);
/* Moves time on, running everything that is due on the way. */
void clock_advance(struct adapter *a, weir_time to);
/* To the next moment; false when there is none. */
bool clock_step(struct adapter *a);
weir_time clock_after_ms(const struct adapter *a, int ms); /* negative: never */
/* Packets out, waiting threads on. After each change. */
void clock_settle(struct adapter *a);
/* Waits, with the lock given away, until ready() says so; false: the deadline came first, or it can never be. */
bool clock_wait(struct adapter *a, bool (*ready)(void *ctx), void *ctx, weir_time deadline);
/* The calling thread, if it was woken, has run on: the others may too. */
void clock_release(struct adapter *a);

/* packets.c */
void packets_pump(struct adapter *a);
void packets_drop(struct adapter *a);

/* flags.c: 0, or -EINVAL with a message on standard error. */
int flags_parse(const char *text, struct adapter_flags *flags);

/* profile.c */
void profile_configure(const struct adapter_flags *flags, struct weir_config *config);
/* A kernel's name for a setting ("net.ipv4.tcp_rmem") and its value; false when it stands for nothing here. */
bool profile_set(struct weir_config *config, const char *name, const char *value);

/* commands.c */
void commands_read(struct adapter *a);

/* connections.c */
void connections_write(struct adapter *a);

#endif
