/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes between D and the socket: from D straight into SendQ's memory, from RecvQ's memory straight into D.
 *
 * Taking all that is there leaves the lag byte: everything but the last byte is read, and the last one looked at
 * (MSG_PEEK). Three system calls where one would do; it is the price of an ECONNRESET that looks like the kernel's.
 */
#include "world/stream.h"

#include <weir/error.h>

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { TAKE_BYTES = 256 << 10 };

void stream_drain_stale(struct stream *s)
{
	while (s->stale > 1) {
		size_t want = s->stale - 1 < WORLD_SCRATCH ? s->stale - 1 : WORLD_SCRATCH;
		ssize_t n = recv(s->source.fd, s->host->world->scratch, want, MSG_DONTWAIT);

		if (n <= 0)
			return;
		s->stale -= (uint32_t)n;
	}
}

/* Bytes in D's queue that have not been taken. */
static uint32_t count_fresh(struct stream *s)
{
	int unread = 0;

	if (ioctl(s->source.fd, FIONREAD, &unread) != 0 || unread <= 0)
		return 0;
	s->seeded = true; /* the first byte is the lag byte */
	return (uint32_t)unread > s->stale ? (uint32_t)unread - s->stale : 0;
}

/* Reads into the pieces: `want` bytes, the last of which stays in the queue when `all` are taken. Returns how many
 * of the pieces' bytes are valid. */
static size_t read_into(struct stream *s, const struct weir_mut_slice piece[2], size_t want, bool all)
{
	size_t to_read = want - (all ? 1 : 0), head = piece[0].len < to_read ? piece[0].len : to_read, got;
	struct iovec iov[3] = {
	    {s->host->world->scratch, s->stale}, {piece[0].data, head}, {piece[1].data, to_read - head}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 3};
	ssize_t n = recvmsg(s->source.fd, &msg, MSG_DONTWAIT);
	uint8_t *last;

	if (n < (ssize_t)s->stale) {
		s->stale -= n > 0 ? (uint32_t)n : 0;
		return 0;
	}
	got = (size_t)n - s->stale;
	s->stale = 0;
	if (!all || got < to_read)
		return got;
	last = got < piece[0].len ? piece[0].data + got : piece[1].data + (got - piece[0].len);
	if (recv(s->source.fd, last, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
		return got;
	s->stale = 1;
	return got + 1;
}

int stream_mark_urgent(struct stream *s, bool urgent)
{
	if (!s->connected)
		return -WEIR_EAGAIN;
	s->urgent = urgent;
	s->urgent_after = count_fresh(s);
	return 0;
}

/* One byte, for which there is room: without memory for a mark it is an ordinary one. */
static void send_urgent(struct stream *s, uint8_t byte)
{
	struct weir_slice slice = {&byte, 1};

	s->urgent = false;
	if (weir_send(s->sock, &slice, 1, WEIR_MSG_OOB) != 1)
		weir_send(s->sock, &slice, 1, 0);
}

bool stream_take(struct stream *s)
{
	struct weir_mut_slice piece[2] = {{0}};
	uint32_t fresh = count_fresh(s), want;
	int64_t room;
	size_t got;

	if (s->stale > WORLD_SCRATCH)
		stream_drain_stale(s);
	if (s->fill_asked || s->filled > 0) /* behind what was allowed comes what fills A */
		fresh = fresh < s->allowed ? fresh : (uint32_t)s->allowed;
	if (fresh == 0 || !s->connected) {
		s->in_ready = false;
		return false;
	}
	want = fresh < TAKE_BYTES ? fresh : TAKE_BYTES;
	if (s->urgent && want > s->urgent_after)
		want = s->urgent_after > 0 ? s->urgent_after : 1;
	room = weir_send_reserve(s->sock, want, piece);
	if (room == -WEIR_EAGAIN || room == 0) {
		s->room = false;
		return false;
	}
	if (room < 0) {
		/* SendQ takes nothing any more, and tells why only once. What is unread stays: D is closed with it, so
		 * that a program blocked in write() is told the reason too. */
		s->error = (int)-room;
		s->net_ready = true;
		s->in_ready = false;
		return true;
	}
	got = read_into(s, piece, (size_t)room, (uint32_t)room == fresh && !s->fill_asked && s->filled == 0);
	if (got == fresh) /* all: what comes from now on is a new event */
		s->in_ready = false;
	if (got == 0)
		return true;
	if (s->urgent && s->urgent_after == 0)
		send_urgent(s, *piece[0].data);
	else
		weir_send_commit(s->sock, got);
	if (s->urgent && s->urgent_after > 0)
		s->urgent_after -= (uint32_t)got;
	if (s->exact)
		exact_taken(s, got);
	else
		history_note(s, got);
	return true;
}

/* The program does not take more: ask to be told when it does. */
static void wait_for_program(struct stream *s)
{
	s->out_ready = false;
	if (!s->watch_out && world_rewatch(s->host->world, &s->source, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
		s->watch_out = true;
}

/* Nothing left to deliver: the program's reads need not wake us. */
static void stop_waiting(struct stream *s)
{
	if (s->watch_out && world_rewatch(s->host->world, &s->source, EPOLLIN | EPOLLRDHUP | EPOLLET))
		s->watch_out = false;
}

/* RecvQ has nothing: for now, because the peer has ended, or because of an error. */
static void deliver_end(struct stream *s, int64_t why)
{
	s->net_ready = false;
	stop_waiting(s);
	if (s->error != 0)
		stream_fail(s, s->error);
	else if (why == 0 && !s->end_given) {
		s->end_given = true;
		shutdown(s->source.fd, SHUT_WR);
	} else if (why < 0 && why != -WEIR_EAGAIN)
		stream_fail(s, (int)-why);
}

/* What of the pieces lies behind the first `from` bytes. */
static void skip(const struct weir_slice piece[2], uint64_t from, struct iovec iov[2])
{
	for (int i = 0; i < 2; i++) {
		size_t n = from < piece[i].len ? (size_t)from : piece[i].len;

		iov[i] = (struct iovec){(void *)(uintptr_t)piece[i].data, piece[i].len - n};
		if (n > 0)
			iov[i].iov_base = (uint8_t *)iov[i].iov_base + n;
		from -= n;
	}
}

/* An exact stream's bytes stay in RecvQ until the program has read them, of which D's becoming writable tells. */
static void lend(struct stream *s, uint64_t bytes)
{
	s->lent += bytes;
	if (!s->watch_out && world_rewatch(s->host->world, &s->source, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET))
		s->watch_out = true;
}

/* At the mark: the urgent byte goes as what Unix sockets have in its place. False: there is none to deliver. */
static bool at_urgent_byte(struct stream *s, uint8_t *byte)
{
	return weir_at_mark(s->sock) && weir_recv(s->sock, byte, 1, WEIR_MSG_OOB | WEIR_MSG_PEEK) == 1;
}

static bool deliver_urgent(struct stream *s, uint8_t byte)
{
	ssize_t sent = s->deaf ? 1 : send(s->source.fd, &byte, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent != 1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM)) {
		wait_for_program(s);
		return false;
	}
	weir_recv(s->sock, &byte, 1, WEIR_MSG_OOB); /* or else nobody will ever take it */
	return true;
}

bool stream_deliver(struct stream *s)
{
	struct weir_slice piece[2] = {{0}};
	struct iovec iov[2];
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	uint8_t urgent;
	ssize_t sent;
	int64_t n;

	if (!s->exact && at_urgent_byte(s, &urgent))
		return deliver_urgent(s, urgent);
	n = weir_recv_view(s->sock, piece);
	if (n <= 0) {
		s->lent = 0;
		deliver_end(s, n);
		return false;
	}
	n -= (int64_t)s->lent;
	if (n <= 0) { /* the program has it all before it */
		s->net_ready = false;
		return false;
	}
	skip(piece, s->lent, iov);
	sent = s->deaf ? -1 : sendmsg(s->source.fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0) {
		if (s->exact)
			lend(s, (uint64_t)sent);
		else
			weir_recv_consume(s->sock, (size_t)sent);
		if (sent < n)
			wait_for_program(s);
		return true;
	}
	if (!s->deaf && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ENOMEM))
		wait_for_program(s);
	else { /* the program has shut down its receiving side: what comes stays in RecvQ */
		s->deaf = true;
		s->net_ready = false;
	}
	return false;
}
