/* SPDX-License-Identifier: Apache-2.0
 *
 * pipe() and splice(): the pipe is a real one, and splice() moves bytes between it and a socket's queue without a
 * buffer in between. The pipe never blocks: the script has but one thread that could fill or empty it.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int open_pipe(struct adapter *a, int fds[2])
{
	struct file *end[2];
	int real[2], r = 0;

	if (!fds)
		return -EFAULT;
	if (pipe2(real, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	end[0] = file_adopt(a, FILE_PIPE, real[0], &r);
	end[1] = file_adopt(a, FILE_PIPE, real[1], &r);
	if (!end[0] || !end[1]) {
		for (int i = 0; i < 2; i++)
			if (end[i])
				file_close(a, end[i]);
		return r;
	}
	fds[0] = end[0]->fd;
	fds[1] = end[1]->fd;
	return 0;
}

int pipe_open(void *userdata, int fds[2])
{
	struct adapter *a = userdata;

	adapter_enter(a);
	return (int)adapter_leave(a, open_pipe(a, fds));
}

static int64_t from_socket(struct adapter *a, struct file *f, const struct file *to, size_t len, bool nonblocking)
{
	struct weir_slice have[2];
	struct iovec piece[2];
	int64_t r;
	int r2;

	/* As Linux: unlike a read, it does not go past the urgent byte, and does not wait there. */
	if ((weir_poll(f->sock) & WEIR_PRI) && weir_at_mark(f->sock) == 1)
		return nonblocking || f->nonblocking ? -EAGAIN : 0;
	while ((r = weir_recv_view(f->sock, have)) == -EAGAIN) {
		r2 = file_wait(a, f, WEIR_IN, nonblocking || f->nonblocking, f->receive_timeout_us);
		if (r2 < 0)
			return r2;
	}
	if (r <= 0)
		return r;
	for (int i = 0; i < 2; i++) {
		memcpy(&piece[i].iov_base, &have[i].data, sizeof(have[i].data)); /* it is only read from */
		piece[i].iov_len = have[i].len < len ? have[i].len : len;
		len -= piece[i].iov_len;
	}
	r = writev(to->fd, piece, 2);
	if (r < 0)
		return -errno;
	weir_recv_consume(f->sock, (size_t)r);
	return r;
}

static int64_t to_socket(struct adapter *a, const struct file *from, struct file *f, size_t len, bool nonblocking)
{
	struct weir_mut_slice room[2];
	struct iovec piece[2];
	int64_t r;
	int r2;

	while ((r = weir_send_reserve(f->sock, len, room)) == -EAGAIN) {
		r2 = file_wait(a, f, WEIR_OUT, nonblocking || f->nonblocking, f->send_timeout_us);
		if (r2 < 0)
			return r2;
	}
	if (r <= 0)
		return r;
	for (int i = 0; i < 2; i++)
		piece[i] = (struct iovec){room[i].data, room[i].len};
	r = readv(from->fd, piece, 2);
	if (r < 0)
		r = -errno;
	weir_send_commit(f->sock, r > 0 ? (size_t)r : 0);
	return r;
}

static int64_t splice_between(struct adapter *a, struct file *in, struct file *out, size_t len, unsigned flags)
{
	struct file *sock = in->kind == FILE_SOCKET ? in : out, *pipe = sock == in ? out : in;
	bool nonblocking = flags & SPLICE_F_NONBLOCK;
	int64_t r;

	if (sock->kind != FILE_SOCKET || sock->type != SOCK_STREAM || pipe->kind != FILE_PIPE)
		return -EINVAL;
	if (len == 0)
		return 0;
	file_get(sock);
	file_get(pipe);
	r = sock == in ? from_socket(a, sock, pipe, len, nonblocking) : to_socket(a, pipe, sock, len, nonblocking);
	file_put(a, pipe);
	file_put(a, sock);
	return r;
}

int pipe_splice(void *userdata, int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t len, unsigned flags)
{
	struct adapter *a = userdata;
	struct file *in, *out;

	adapter_enter(a);
	in = file_find(a, fd_in);
	out = file_find(a, fd_out);
	if (!in || !out)
		return (int)adapter_leave(a, -EBADF);
	if ((off_in && *off_in) || (off_out && *off_out))
		return (int)adapter_leave(a, -ESPIPE);
	return (int)adapter_leave(a, splice_between(a, in, out, len, flags));
}
