/* SPDX-License-Identifier: Apache-2.0
 *
 * read(), recv() and their kin: all are one transfer into a list of pieces.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum { MOST_PIECES = 1024 };

struct transfer {
	const struct iovec *piece;
	size_t pieces;
	int flags;
	struct weir_endpoint from; /* of a datagram */
	bool has_from, truncated;
};

static int check_pieces(const struct transfer *t, size_t *bytes)
{
	*bytes = 0;
	if (t->pieces > MOST_PIECES)
		return -EMSGSIZE;
	for (size_t i = 0; i < t->pieces; i++) {
		if (!t->piece[i].iov_base && t->piece[i].iov_len > 0)
			return -EFAULT;
		*bytes += t->piece[i].iov_len;
	}
	return 0;
}

/* What is there now, into the pieces behind the first `skip` bytes. */
static int64_t take_stream(struct file *f, const struct transfer *t, size_t skip)
{
	bool peek = t->flags & MSG_PEEK;
	struct weir_slice have[2];
	int64_t taken = weir_recv_view(f->sock, have);
	size_t at = 0;

	if (taken <= 0)
		return taken;
	for (size_t i = 0; i < t->pieces && at < (size_t)taken; i++) {
		size_t room = t->piece[i].iov_len;
		uint8_t *to = t->piece[i].iov_base;

		if (skip >= room) {
			skip -= room;
			continue;
		}
		to += skip;
		room -= skip;
		skip = 0;
		while (room > 0 && at < (size_t)taken) {
			bool first = at < have[0].len;
			const uint8_t *from = first ? have[0].data + at : have[1].data + (at - have[0].len);
			size_t n = first ? have[0].len - at : (size_t)taken - at;

			n = n < room ? n : room;
			if (!(t->flags & MSG_TRUNC))
				memcpy(to, from, n);
			to += n;
			room -= n;
			at += n;
		}
	}
	if (!peek)
		weir_recv_consume(f->sock, at);
	return (int64_t)at;
}

static int64_t take_datagram(struct file *f, struct transfer *t)
{
	uint8_t data[65536];
	unsigned flags = (t->flags & MSG_PEEK ? WEIR_MSG_PEEK : 0U) | WEIR_MSG_TRUNC;
	int64_t whole = weir_recvfrom(f->sock, data, sizeof(data), flags, &t->from);
	size_t at = 0;

	if (whole < 0)
		return whole;
	t->has_from = true;
	for (size_t i = 0; i < t->pieces && at < (size_t)whole; i++) {
		size_t n = (size_t)whole - at < t->piece[i].iov_len ? (size_t)whole - at : t->piece[i].iov_len;

		memcpy(t->piece[i].iov_base, data + at, n);
		at += n;
	}
	t->truncated = at < (size_t)whole;
	return t->flags & MSG_TRUNC ? whole : (int64_t)at;
}

/* One byte, which never blocks. */
static int64_t take_urgent(struct file *f, const struct transfer *t)
{
	size_t i = 0;

	while (i < t->pieces && t->piece[i].iov_len == 0)
		i++;
	return weir_recv(f->sock, i < t->pieces ? t->piece[i].iov_base : NULL, i < t->pieces,
	                 WEIR_MSG_OOB | (t->flags & MSG_PEEK ? WEIR_MSG_PEEK : 0U));
}

static int64_t take(struct adapter *a, struct file *f, struct transfer *t)
{
	bool nonblocking = f->nonblocking || (t->flags & MSG_DONTWAIT);
	size_t bytes, done = 0, wanted;
	int64_t r = check_pieces(t, &bytes);

	if (r < 0)
		return r;
	if (t->flags & MSG_OOB)
		return f->type == SOCK_STREAM ? take_urgent(f, t) : -EOPNOTSUPP;
	if (t->flags & MSG_ERRQUEUE)
		return -EAGAIN; /* the error queue is recvmsg()'s */
	if (bytes == 0 && f->type == SOCK_STREAM)
		return 0;
	wanted = (t->flags & MSG_WAITALL) && !(t->flags & MSG_PEEK) ? bytes : 1;
	for (;;) {
		r = f->type == SOCK_STREAM ? take_stream(f, t, done) : take_datagram(f, t);
		if (r > 0)
			done += (size_t)r;
		if (r == 0 || done >= wanted || (r < 0 && r != -EAGAIN))
			break;
		r = file_wait(a, f, WEIR_IN, nonblocking, f->receive_timeout_us);
		if (r < 0)
			break;
	}
	return done > 0 ? (int64_t)done : r;
}

static int64_t receive(struct adapter *a, int fd, struct transfer *t, bool need_socket, struct file **found)
{
	struct file *f = file_find(a, fd);
	int64_t r;

	*found = f;
	if (!f)
		return -EBADF;
	if (f->kind == FILE_PIPE && !need_socket) {
		r = readv(fd, t->piece, (int)t->pieces);
		return r < 0 ? -errno : r;
	}
	if (f->kind != FILE_SOCKET)
		return need_socket ? -ENOTSOCK : -EINVAL;
	file_get(f);
	return take(a, f, t);
}

/* The call's end: the file is let go. */
static ssize_t finish(struct adapter *a, struct file *f, int64_t r)
{
	if (f && f->kind == FILE_SOCKET)
		file_put(a, f);
	return (ssize_t)adapter_leave(a, r);
}

static ssize_t simple(struct adapter *a, int fd, const struct iovec *piece, size_t pieces, int flags, bool need_socket)
{
	struct transfer t = {.piece = piece, .pieces = pieces, .flags = flags};
	struct file *f;
	int64_t r;

	adapter_enter(a);
	r = receive(a, fd, &t, need_socket, &f);
	return finish(a, f, r);
}

ssize_t receive_read(void *userdata, int fd, void *buf, size_t count)
{
	return simple(userdata, fd, &(struct iovec){buf, count}, 1, 0, false);
}

ssize_t receive_readv(void *userdata, int fd, const struct iovec *iov, int iovcnt)
{
	if (iovcnt < 0 || iovcnt > MOST_PIECES) {
		errno = EINVAL;
		return -1;
	}
	return simple(userdata, fd, iov, (size_t)iovcnt, 0, false);
}

ssize_t receive_recv(void *userdata, int fd, void *buf, size_t len, int flags)
{
	return simple(userdata, fd, &(struct iovec){buf, len}, 1, flags, true);
}

ssize_t receive_recvfrom(void *userdata, int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
                         socklen_t *addrlen)
{
	struct adapter *a = userdata;
	struct iovec piece = {buf, len};
	struct transfer t = {.piece = &piece, .pieces = 1, .flags = flags};
	struct file *f;
	int64_t r;

	adapter_enter(a);
	r = receive(a, fd, &t, true, &f);
	if (r >= 0 && t.has_from)
		address_write(f, &t.from, addr, addrlen);
	else if (r >= 0 && addrlen)
		*addrlen = 0;
	return finish(a, f, r);
}

/* TCP_INQ: how much more there is, an end counting as one byte. */
static void tell_inq(const struct file *f, struct msghdr *msg)
{
	struct weir_socket_info info;
	struct cmsghdr *c = msg->msg_control;
	int inq;

	if (!f->wants_inq || !c || msg->msg_controllen < CMSG_SPACE(sizeof(inq))) {
		msg->msg_controllen = 0;
		return;
	}
	weir_socket_get_info(f->sock, &info);
	inq = (int)info.recvq_bytes;
	if (inq == 0 && (weir_poll(f->sock) & WEIR_RDHUP))
		inq = 1;
	c->cmsg_level = IPPROTO_TCP;
	c->cmsg_type = TCP_INQ;
	c->cmsg_len = CMSG_LEN(sizeof(inq));
	memcpy(CMSG_DATA(c), &inq, sizeof(inq));
	msg->msg_controllen = CMSG_SPACE(sizeof(inq));
}

ssize_t receive_recvmsg(void *userdata, int fd, struct msghdr *msg, int flags)
{
	struct adapter *a = userdata;
	struct transfer t = {.piece = msg->msg_iov, .pieces = msg->msg_iovlen, .flags = flags};
	struct file *f;
	int64_t r;

	adapter_enter(a);
	f = file_find(a, fd);
	if ((flags & MSG_ERRQUEUE) && f && f->kind == FILE_SOCKET)
		return (ssize_t)adapter_leave(a, errors_take(f, msg));
	r = receive(a, fd, &t, true, &f);
	if (r >= 0) {
		msg->msg_flags = t.truncated ? MSG_TRUNC : 0;
		if (t.has_from)
			address_write(f, &t.from, msg->msg_name, &msg->msg_namelen);
		else
			msg->msg_namelen = 0;
		tell_inq(f, msg);
	}
	return finish(a, f, r);
}
