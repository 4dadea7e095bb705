/* SPDX-License-Identifier: Apache-2.0
 *
 * write(), send() and their kin: all are one transfer out of a list of pieces.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <string.h>

enum { MOST_PIECES = 1024 };

_Static_assert((int)WEIR_MSG_MORE == MSG_MORE && (int)WEIR_MSG_OOB == MSG_OOB && (int)WEIR_MSG_EOR == MSG_EOR,
               "flags are handed on");

/* Those that have a meaning here, or whose absence no program can see. */
enum {
	KNOWN_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE | MSG_CONFIRM | MSG_DONTROUTE | MSG_EOR | MSG_ZEROCOPY |
	              MSG_OOB | MSG_FASTOPEN,
};

static int64_t check_pieces(const struct iovec *piece, size_t pieces)
{
	int64_t bytes = 0;

	if (pieces > MOST_PIECES)
		return -EMSGSIZE;
	for (size_t i = 0; i < pieces; i++) {
		if (!piece[i].iov_base && piece[i].iov_len > 0)
			return -EFAULT;
		bytes += (int64_t)piece[i].iov_len;
	}
	return bytes;
}

/* The pieces behind the first `skip` bytes. */
static size_t slices_of(const struct iovec *piece, size_t pieces, size_t skip, struct weir_slice *slice)
{
	size_t n = 0;

	for (size_t i = 0; i < pieces; i++) {
		size_t cut = skip < piece[i].iov_len ? skip : piece[i].iov_len;

		skip -= cut;
		if (piece[i].iov_len > cut)
			slice[n++] =
			    (struct weir_slice){(const uint8_t *)piece[i].iov_base + cut, piece[i].iov_len - cut};
	}
	return n;
}

static bool is_opening(const struct file *f)
{
	struct weir_socket_info info;

	weir_socket_get_info(f->sock, &info);
	return info.state == WEIR_TCP_SYN_SENT;
}

/* 0, or why it was not to be. */
static int wait_until_open(struct adapter *a, struct file *f)
{
	uint32_t len = sizeof(int);
	int r = file_wait(a, f, WEIR_OUT, false, f->send_timeout_us), error = 0;

	if (r == -EBADF)
		return r;
	if (r == 0)
		weir_getsockopt(f->sock, SOL_SOCKET, SO_ERROR, &error, &len);
	return -error;
}

static int64_t give_stream(struct adapter *a, struct file *f, const struct iovec *piece, size_t pieces, int flags)
{
	bool nonblocking = f->nonblocking || (flags & MSG_DONTWAIT);
	int64_t bytes = check_pieces(piece, pieces), done = 0, r;
	unsigned core_flags =
	    (unsigned)flags & ((unsigned)WEIR_MSG_MORE | WEIR_MSG_OOB | WEIR_MSG_EOR); /* of one value */
	bool opens = !nonblocking && is_opening(f); /* TCP_FASTOPEN_CONNECT: the first write is a connect() as well */
	struct weir_slice slice[MOST_PIECES];

	if (bytes < 0)
		return bytes;
	for (;;) {
		size_t n = slices_of(piece, pieces, (size_t)done, slice);

		r = weir_send(f->sock, slice, n, core_flags);
		if (opens && (r > 0 || r == -EINPROGRESS)) {
			int error = wait_until_open(a, f);

			if (error < 0)
				return error;
			opens = false;
			r = r > 0 ? r : 0;
		}
		if (r > 0)
			done += r;
		if (done == bytes || (r < 0 && r != -EAGAIN))
			break;
		r = file_wait(a, f, WEIR_OUT, nonblocking, f->send_timeout_us);
		if (r < 0)
			break;
	}
	return done > 0 ? done : r;
}

/* MSG_FASTOPEN: connects and sends at once; a caller that waits has the rest sent when the connection is there. */
static int64_t give_and_connect(struct adapter *a, struct file *f, const struct msghdr *msg, int flags)
{
	bool nonblocking = f->nonblocking || (flags & MSG_DONTWAIT);
	int64_t bytes = check_pieces(msg->msg_iov, msg->msg_iovlen), done, rest;
	struct weir_slice slice[MOST_PIECES];
	struct weir_endpoint to;
	struct iovec behind[MOST_PIECES];
	size_t n;
	int r = address_read(f, msg->msg_name, msg->msg_namelen, &to);

	if (msg->msg_namelen >= sizeof(sa_family_t) && ((const struct sockaddr *)msg->msg_name)->sa_family == AF_UNSPEC)
		return -EOPNOTSUPP;
	if (r < 0 || bytes < 0)
		return r < 0 ? r : bytes;
	done = weir_connect_send(f->sock, slice, slices_of(msg->msg_iov, msg->msg_iovlen, 0, slice), &to);
	if (nonblocking || (done < 0 && done != -EINPROGRESS))
		return done;
	r = wait_until_open(a, f);
	if (r < 0)
		return r;
	if (done == bytes)
		return done;
	if (done < 0) {
		r = weir_connect(f->sock, &to);
		if (r < 0)
			return r;
		done = 0;
	}
	n = slices_of(msg->msg_iov, msg->msg_iovlen, (size_t)done, slice);
	for (size_t i = 0; i < n; i++) {
		memcpy(&behind[i].iov_base, &slice[i].data, sizeof(slice[i].data)); /* it is only read from */
		behind[i].iov_len = slice[i].len;
	}
	rest = give_stream(a, f, behind, n, flags);
	return rest > 0 ? done + rest : done > 0 ? done : rest;
}

static int64_t give_datagram(struct file *f, const struct iovec *piece, size_t pieces, const struct weir_endpoint *to)
{
	int64_t bytes = check_pieces(piece, pieces);
	uint8_t data[65536];
	size_t at = 0;

	if (bytes < 0)
		return bytes;
	if (bytes > (int64_t)sizeof(data))
		return -EMSGSIZE;
	for (size_t i = 0; i < pieces; i++) {
		if (piece[i].iov_len > 0)
			memcpy(data + at, piece[i].iov_base, piece[i].iov_len);
		at += piece[i].iov_len;
	}
	return weir_sendto(f->sock, data, at, to);
}

/* msg_name as Linux takes it: where a datagram goes, and nothing for a stream. */
static int64_t give(struct adapter *a, struct file *f, const struct msghdr *msg, int flags)
{
	struct weir_endpoint to;
	int64_t r;

	if (flags & ~KNOWN_FLAGS)
		return -EOPNOTSUPP;
	if ((flags & MSG_OOB) && f->type != SOCK_STREAM)
		return -EOPNOTSUPP;
	if (f->type == SOCK_STREAM) {
		bool opens = (flags & MSG_FASTOPEN) && msg->msg_name;

		r = opens ? give_and_connect(a, f, msg, flags) : 0;
		/* As Linux: once it is open, or was told to open with the first write, the flag means nothing. */
		if (!opens || r == -EISCONN || (r == -EALREADY && weir_poll(f->sock) & WEIR_OUT))
			r = give_stream(a, f, msg->msg_iov, msg->msg_iovlen, flags);
		if (r > 0 && (flags & MSG_ZEROCOPY))
			zerocopy_done(a, f);
		return r;
	}
	if (!msg->msg_name)
		return give_datagram(f, msg->msg_iov, msg->msg_iovlen, NULL);
	r = address_read(f, msg->msg_name, msg->msg_namelen, &to);
	return r < 0 ? r : give_datagram(f, msg->msg_iov, msg->msg_iovlen, &to);
}

static ssize_t send_all(struct adapter *a, int fd, const struct msghdr *msg, int flags, bool need_socket)
{
	struct file *f;
	int64_t r;

	adapter_enter(a);
	f = file_find(a, fd);
	if (!f) {
		r = -EBADF;
	} else if (f->kind == FILE_SOCKET) {
		file_get(f);
		r = give(a, f, msg, flags);
		file_put(a, f);
	} else if (f->kind == FILE_PIPE && !need_socket) {
		r = writev(fd, msg->msg_iov, (int)msg->msg_iovlen);
		r = r < 0 ? -errno : r;
	} else {
		r = need_socket ? -ENOTSOCK : -EINVAL;
	}
	return (ssize_t)adapter_leave(a, r);
}

static ssize_t send_one(struct adapter *a, int fd, const void *buf, size_t len, int flags, bool need_socket,
                        const struct sockaddr *addr, socklen_t addrlen)
{
	struct sockaddr_storage name;
	struct iovec piece = {.iov_len = len};
	struct msghdr msg = {.msg_iov = &piece, .msg_iovlen = 1};

	memcpy(&piece.iov_base, &buf, sizeof(buf)); /* it is only read from */
	if (addr && addrlen <= sizeof(name)) {
		memcpy(&name, addr, addrlen);
		msg.msg_name = &name;
		msg.msg_namelen = addrlen;
	}
	return send_all(a, fd, &msg, flags, need_socket);
}

ssize_t send_write(void *userdata, int fd, const void *buf, size_t count)
{
	return send_one(userdata, fd, buf, count, 0, false, NULL, 0);
}

ssize_t send_writev(void *userdata, int fd, const struct iovec *iov, int iovcnt)
{
	struct msghdr msg = {.msg_iovlen = (size_t)iovcnt};

	if (iovcnt < 0 || iovcnt > MOST_PIECES) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&msg.msg_iov, &iov, sizeof(iov));
	return send_all(userdata, fd, &msg, 0, false);
}

ssize_t send_send(void *userdata, int fd, const void *buf, size_t len, int flags)
{
	return send_one(userdata, fd, buf, len, flags, true, NULL, 0);
}

ssize_t send_sendto(void *userdata, int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
                    socklen_t addrlen)
{
	return send_one(userdata, fd, buf, len, flags, true, addr, addrlen);
}

ssize_t send_sendmsg(void *userdata, int fd, const struct msghdr *msg, int flags)
{
	return send_all(userdata, fd, msg, flags, true);
}
