/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes in and out of a stream socket's queues (T1.5, T1.6, T2.1): weir_send, weir_recv and their forms without a copy.
 * UDP sockets are sent on to datagram.c.
 */
#include "sock/report.h"
#include "sock/stamp.h"

#include <string.h>

/* A TCP socket without a connection: a pending error once, then what Linux says. */
static COLD int64_t unconnected(struct weir_socket *s, int otherwise)
{
	int error = s->error;

	s->error = 0;
	return error ? -error : -otherwise;
}

/* What every call on a connection ends with. */
static int64_t sent(struct weir_socket *s, uint64_t before, int64_t result)
{
	uint64_t after = s->u.tcb.sndq.tail;

	if (after != before) {
		sock_notice_bytes(s, WEIR_EVENT_WRITE, before, after - before);
		if (unlikely(s->opt.tuning != NULL))
			sock_stamps_written(s);
	}
	sock_settle(s);
	return result;
}

static int64_t received(struct weir_socket *s, uint64_t before, int64_t result)
{
	uint64_t after = s->u.tcb.rcvq.head;

	if (result == -WEIR_EAGAIN && after == before) /* nothing was touched */
		return result;
	if (after != before)
		sock_notice_bytes(s, WEIR_EVENT_READ, before, after - before);
	sock_settle(s);
	return result;
}

static uint64_t bytes_of(const struct weir_slice *vec, size_t n)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		bytes += vec[i].len;
	return bytes;
}

int64_t weir_send(struct weir_socket *s, const struct weir_slice *vec, size_t n, unsigned flags)
{
	struct tcb *tcb = &s->u.tcb;
	uint64_t before;
	int64_t taken;

	sock_prefetch(s);
	if (unlikely(s->kind == SOCK_DATAGRAM))
		return flags & WEIR_MSG_OOB ? -WEIR_EOPNOTSUPP : sock_udp_send(s, vec, n, NULL);
	if (unlikely(s->kind != SOCK_CONNECTION))
		return unconnected(s, WEIR_EPIPE);
	s->reserved = 0;
	before = tcb->sndq.tail;
	tcb->more = tcb->no_push = (flags & WEIR_MSG_MORE) != 0;
	if (unlikely(flags & WEIR_MSG_OOB))
		return sent(s, before, tcp_urgent_send(sock_host(s), tcb, vec, n));
	taken = tcp_send(sock_host(s), tcb, vec, n);
	if (unlikely(flags & WEIR_MSG_EOR) && taken > 0 && (uint64_t)taken == bytes_of(vec, n))
		tcp_record_end(sock_host(s), tcb);
	return sent(s, before, taken);
}

int64_t weir_send_reserve(struct weir_socket *s, size_t want, struct weir_mut_slice piece[2])
{
	int64_t given;

	if (s->kind == SOCK_DATAGRAM)
		return -WEIR_EOPNOTSUPP;
	if (s->kind != SOCK_CONNECTION)
		return unconnected(s, WEIR_EPIPE);
	memset(piece, 0, 2 * sizeof(*piece));
	given = tcp_send_reserve(sock_host(s), &s->u.tcb, want, piece);
	s->reserved = given > 0 ? (uint32_t)given : 0;
	return given;
}

/* Whatever happened since weir_send_reserve(), only memory that is there becomes part of SendQ. */
static bool may_commit(const struct weir_socket *s, size_t len)
{
	const struct ring *q = &s->u.tcb.sndq;

	return len <= s->reserved && (len == 0 || (q->buffer && ring_used(q) + len <= (uint64_t)1 << q->order));
}

int weir_send_commit(struct weir_socket *s, size_t len)
{
	uint64_t before;

	if (s->kind != SOCK_CONNECTION || !may_commit(s, len))
		return -WEIR_EINVAL;
	s->reserved = 0;
	before = s->u.tcb.sndq.tail;
	s->u.tcb.more = s->u.tcb.no_push = false;
	return (int)sent(s, before, tcp_send_commit(sock_host(s), &s->u.tcb, len));
}

int64_t weir_recv(struct weir_socket *s, void *buffer, size_t len, unsigned flags)
{
	uint64_t before;

	if (unlikely(s->kind == SOCK_DATAGRAM))
		return weir_recvfrom(s, buffer, len, flags, NULL);
	if (unlikely(s->kind != SOCK_CONNECTION))
		return unconnected(s, WEIR_ENOTCONN);
	before = s->u.tcb.rcvq.head;
	if (unlikely(flags & WEIR_MSG_OOB))
		return received(s, before,
		                tcp_urgent_receive(sock_host(s), &s->u.tcb, buffer, len, flags & WEIR_MSG_PEEK));
	return received(s, before, tcp_receive(sock_host(s), &s->u.tcb, buffer, len, flags & WEIR_MSG_PEEK));
}

int64_t weir_recv_view(struct weir_socket *s, struct weir_slice piece[2])
{
	uint64_t before;
	int64_t given;

	if (s->kind == SOCK_DATAGRAM)
		return -WEIR_EOPNOTSUPP;
	if (s->kind != SOCK_CONNECTION)
		return unconnected(s, WEIR_ENOTCONN);
	memset(piece, 0, 2 * sizeof(*piece));
	before = s->u.tcb.rcvq.head;
	given = tcp_receive_view(sock_host(s), &s->u.tcb, piece);
	/* Only a read that went past the urgent byte changes anything. */
	return s->u.tcb.rcvq.head == before ? given : received(s, before, given);
}

int weir_recv_consume(struct weir_socket *s, size_t len)
{
	uint64_t before;

	if (s->kind != SOCK_CONNECTION)
		return -WEIR_EINVAL;
	before = s->u.tcb.rcvq.head;
	return (int)received(s, before, tcp_receive_consume(sock_host(s), &s->u.tcb, len));
}

int weir_at_mark(const struct weir_socket *s)
{
	return s->kind == SOCK_CONNECTION && tcp_at_mark(&s->u.tcb);
}

int64_t weir_readable(const struct weir_socket *s)
{
	switch (s->kind) {
	case SOCK_CONNECTION:
		return tcp_readable(&s->u.tcb);
	case SOCK_LISTENER:
		return -WEIR_EINVAL;
	case SOCK_DATAGRAM:
		return s->u.udp.first ? s->u.udp.first->len : 0;
	default:
		return 0;
	}
}

int weir_getsockname(const struct weir_socket *s, struct weir_endpoint *local)
{
	*local = s->local;
	return 0;
}

int weir_getpeername(const struct weir_socket *s, struct weir_endpoint *remote)
{
	bool connected = s->connected;

	if (s->kind == SOCK_CONNECTION) {
		switch (s->u.tcb.state) {
		case WEIR_TCP_CLOSED:
		case WEIR_TCP_SYN_SENT:
		case WEIR_TCP_TIME_WAIT:
			connected = false;
			break;
		default:
			connected = true;
		}
	}
	if (!connected)
		return -WEIR_ENOTCONN;
	*remote = s->remote;
	return 0;
}

void weir_socket_set_user(struct weir_socket *s, void *user)
{
	s->user = user;
}

void *weir_socket_user(const struct weir_socket *s)
{
	return s->user;
}

uint64_t weir_socket_id(const struct weir_socket *s)
{
	return s->id;
}

/* Readiness, as Linux's poll() shows it. */
static unsigned poll_stream(const struct weir_socket *s)
{
	const struct tcb *tcb = &s->u.tcb;
	unsigned events = tcp_poll(tcb);

	/* SO_RCVLOWAT, unless there is something else to read than bytes: an end or an error. */
	if ((events & WEIR_IN) && !(events & (WEIR_RDHUP | WEIR_ERR | WEIR_HUP)) &&
	    ring_used(&tcb->rcvq) < s->opt.rcvlowat && ring_used(&tcb->rcvq) < tcb->rcvq.limit)
		events &= ~(unsigned)WEIR_IN;
	return events;
}

static unsigned poll_datagram(const struct weir_socket *s)
{
	unsigned events = WEIR_OUT;

	if (s->u.udp.count || s->shut_read)
		events |= WEIR_IN;
	if (s->shut_read)
		events |= WEIR_RDHUP;
	if (s->shut_read && s->shut_write)
		events |= WEIR_HUP;
	if (s->error)
		events |= WEIR_ERR;
	return events;
}

static unsigned poll_kind(const struct weir_socket *s)
{
	switch (s->kind) {
	case SOCK_CONNECTION:
		return poll_stream(s);
	case SOCK_LISTENER:
		return s->u.listener.accept_len ? WEIR_IN : 0;
	case SOCK_DATAGRAM:
		return poll_datagram(s);
	default:
		return WEIR_OUT | WEIR_HUP | (s->error ? WEIR_ERR | WEIR_IN | WEIR_RDHUP : 0U);
	}
}

unsigned weir_poll(const struct weir_socket *s)
{
	return poll_kind(s) | (sock_has_reports(s) ? WEIR_ERR : 0U);
}
