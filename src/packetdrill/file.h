/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands behind a descriptor. The numbers are real descriptors (an eventfd that nothing happens to, or a pipe), so
 * that they collide with none of the tool's own, and so that it may close what a script left open with its C library;
 * they are high ones, so that such a number is not soon another's.
 */
#ifndef WEIR_PACKETDRILL_FILE_H
#define WEIR_PACKETDRILL_FILE_H

#include "packetdrill/adapter.h"

#include <sys/socket.h>

struct sock_extended_err;

enum file_kind { FILE_SOCKET, FILE_EPOLL, FILE_PIPE };

struct file {
	struct list link;
	int fd;
	enum file_kind kind;
	unsigned users; /* calls under way that stand on it, besides the descriptor itself */
	bool closed;
	bool nonblocking;

	/* FILE_SOCKET */
	struct weir_socket *sock; /* NULL once closed */
	int domain, type;
	int64_t receive_timeout_us, send_timeout_us; /* 0 = none */
	bool rounded;                                /* its RQS is as large as FreeBSD makes it */
	bool wants_inq;                              /* TCP_INQ */
	bool zerocopy;                               /* SO_ZEROCOPY */
	bool zerocopy_told;                          /* writes from zerocopy_low on are over, and nobody knows yet */
	uint32_t zerocopy_low, zerocopy_next;

	/* FILE_EPOLL */
	struct list watches;
	/* Readiness as epoll.c saw it last. */
	unsigned seen;
	uint64_t seen_received;
};

/* A new descriptor: NULL with *error set to -errno. A socket's file owns sock. */
struct file *file_new(struct adapter *a, enum file_kind kind, int *error);
/* The same for a descriptor that is there already, which the file then owns. */
struct file *file_adopt(struct adapter *a, enum file_kind kind, int fd, int *error);
/* Of this descriptor, or NULL. */
struct file *file_find(struct adapter *a, int fd);
/* A socket's: NULL with *error -EBADF or -ENOTSOCK. */
struct file *file_find_socket(struct adapter *a, int fd, int *error);
/* The descriptor is closed; the structure goes with its last user. */
void file_close(struct adapter *a, struct file *f);
void file_get(struct file *f);
void file_put(struct adapter *a, struct file *f);

/* Waits for readiness. 0, -EAGAIN (non-blocking, or time is up), -EBADF (closed meanwhile). */
int file_wait(struct adapter *a, struct file *f, unsigned events, bool nonblocking, int64_t timeout_us);

/* address.c: 0 or -errno. */
int address_read(const struct file *f, const struct sockaddr *addr, socklen_t len, struct weir_endpoint *end);
void address_write(const struct file *f, const struct weir_endpoint *end, struct sockaddr *addr, socklen_t *len);

/* option.c: what an opening makes of SO_RCVBUF; after anything that may have opened it. */
void option_opened(const struct adapter *a, struct file *f);

/* poll.c: as poll() shows it, POLLRDNORM and POLLWRNORM included. */
unsigned poll_file(const struct file *f);

/* zerocopy.c. A write with MSG_ZEROCOPY has been taken; what the error queue is to say of such writes, if anything. */
void zerocopy_done(struct adapter *a, struct file *f);
bool zerocopy_take(struct file *f, struct sock_extended_err *to);

/* errors.c. recvmsg(MSG_ERRQUEUE): 0 or -EAGAIN. */
int64_t errors_take(struct file *f, struct msghdr *msg);

/* epoll.c */
void epoll_error(struct adapter *a, struct file *f);  /* there is something new in its error queue */
void epoll_forget(struct adapter *a, struct file *f); /* closed: off all sets, or its own set gone */
/* What changed, for edge-triggered watches. */
void epoll_notice(struct adapter *a);
bool epoll_any(const struct file *epoll); /* is there something to report? */

#endif
