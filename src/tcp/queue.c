/* SPDX-License-Identifier: Apache-2.0
 *
 * SEND and RECEIVE [9293 s3.10.2, s3.10.3]: bytes into SendQ and out of RecvQ, with the errors of a socket layer
 * (Linux's where it differs from POSIX).
 */
#include "base/likely.h"
#include "tcp/autotune.h"
#include "tcp/fastopen.h"
#include "tcp/internal.h"
#include "tcp/rounds.h"

/* 0 when bytes may be taken, else the error. */
static int may_write(struct tcb *tcb)
{
	if (unlikely(tcb->error))
		return -tcp_take_error(tcb);
	if (unlikely(tcb->fin_queued))
		return -WEIR_EPIPE;
	switch (tcb->state) {
	case WEIR_TCP_SYN_SENT:
		return -WEIR_EAGAIN;
	case WEIR_TCP_SYN_RECEIVED:
		return tcb->fast_child ? 0 : -WEIR_EAGAIN;
	case WEIR_TCP_ESTABLISHED:
	case WEIR_TCP_CLOSE_WAIT:
		return unlikely(tcb->tuning && tcp_unsent_full(tcb)) ? -WEIR_EAGAIN : 0;
	default: /* [W-SM-2] */
		return -WEIR_EPIPE;
	}
}

/* Text soon after text is an answer: its segment acknowledges. */
static void note_answer(const struct host *h, struct tcb *tcb)
{
	if (tcb->rcvq.tail > 0 && weir_time_since(h->now, tcb->rcv.text_at).ns < h->config.delayed_ack.ns)
		tcb->answers = true;
}

FAST_PATH int64_t tcp_send(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n)
{
	int error = may_write(tcb);
	size_t wanted = 0, taken;
	bool was_empty;

	if (unlikely(error))
		return tcb->state == WEIR_TCP_SYN_SENT && error == -WEIR_EAGAIN ? tcp_fast_open_write(h, tcb, vec, n)
		                                                                : error;
	for (size_t i = 0; i < n; i++)
		wanted += vec[i].len;
	if (wanted == 0)
		return 0;
	if (unlikely(tcb->snd_auto))
		tcp_autotune_write(h, tcb);
	was_empty = ring_used(&tcb->sndq) == 0;
	taken = ring_write(&tcb->sndq, &h->memory, vec, n);
	if (was_empty)
		tcb->busy_from = tcp_ticks(h);
	if (unlikely(taken < wanted || tcb->snd.wnd < tcb->cwnd))
		tcp_rare_check_limit(h, tcb, taken < wanted);
	if (unlikely(taken == 0))
		return ring_room(&tcb->sndq) > 0 ? -WEIR_ENOBUFS : -WEIR_EAGAIN;
	if (unlikely(tcb->rounds != NULL))
		tcp_rounds_written(tcb, taken);
	note_answer(h, tcb);
	if (was_empty)
		tcp_cc_note_silence(h, tcb);
	tcp_persist_check(h, tcb);
	return (int64_t)taken;
}

int64_t tcp_send_reserve(struct host *h, struct tcb *tcb, size_t want, struct weir_mut_slice piece[2])
{
	int error = may_write(tcb);
	size_t got;

	if (error == -WEIR_EAGAIN && tcb->state == WEIR_TCP_SYN_SENT) {
		uint32_t room = tcp_fast_open_room(tcb);

		error = room > 0 ? 0 : error;
		want = want < room ? want : room;
	}
	if (error)
		return error;
	if (want == 0)
		return 0;
	if (unlikely(tcb->snd_auto))
		tcp_autotune_write(h, tcb);
	got = ring_reserve(&tcb->sndq, &h->memory, want, piece);
	if (got == 0)
		return ring_room(&tcb->sndq) > 0 ? -WEIR_ENOBUFS : -WEIR_EAGAIN;
	return (int64_t)got;
}

int tcp_send_commit(struct host *h, struct tcb *tcb, size_t len)
{
	bool was_empty = ring_used(&tcb->sndq) == 0;

	if (len > ring_room(&tcb->sndq) || (len > 0 && tcb->fin_queued))
		return -WEIR_EINVAL;
	if (was_empty)
		tcb->busy_from = tcp_ticks(h);
	ring_advance(&tcb->sndq, len);
	ring_trim(&tcb->sndq, &h->memory, false); /* nothing came: the reserved memory goes back */
	if (len > 0) {
		tcp_fast_open_go(tcb);
		if (unlikely(tcb->rounds != NULL))
			tcp_rounds_written(tcb, len);
		note_answer(h, tcb);
		if (was_empty)
			tcp_cc_note_silence(h, tcb);
	}
	tcp_persist_check(h, tcb);
	return 0;
}

/* What a read says when RecvQ is empty. */
static int64_t nothing_to_read(struct tcb *tcb)
{
	if (tcb->error)
		return -tcp_take_error(tcb);
	if (tcb->fin_received || tcb->receive_shut) /* [9293 MUST-12] end of stream */
		return 0;
	switch (tcb->state) {
	case WEIR_TCP_SYN_SENT:
	case WEIR_TCP_SYN_RECEIVED:
	case WEIR_TCP_ESTABLISHED:
	case WEIR_TCP_FIN_WAIT_1:
	case WEIR_TCP_FIN_WAIT_2:
		return -WEIR_EAGAIN;
	default: /* [W-SM-3] */
		return 0;
	}
}

/* What a read may give now, and how far behind RecvQ's head it begins: the urgent byte stops it, or is left out. */
static uint32_t readable(const struct tcb *tcb, uint32_t *skip)
{
	*skip = 0;
	if (unlikely(tcb->urgent != NULL))
		return tcp_urgent_readable(tcb, skip);
	return ring_used(&tcb->rcvq);
}

/* A read that finds nothing but the urgent byte goes past it, as on Linux: it takes up room. */
static void pass_urgent(struct host *h, struct tcb *tcb, uint32_t skip)
{
	if (skip > 0)
		tcp_receive_taken(h, tcb, skip);
}

int64_t tcp_receive_view(struct host *h, struct tcb *tcb, struct weir_slice piece[2])
{
	uint32_t skip, bytes = readable(tcb, &skip);

	piece[0].len = piece[1].len = 0;
	if (bytes == 0) {
		pass_urgent(h, tcb, skip);
		return nothing_to_read(tcb);
	}
	ring_slices(&tcb->rcvq, skip, bytes, piece);
	return bytes;
}

FAST_PATH void tcp_receive_taken(struct host *h, struct tcb *tcb, size_t len)
{
	ring_consume(&tcb->rcvq, len);
	if (unlikely(tcb->rcv_auto))
		tcp_autotune_read(h, tcb);
	if (unlikely(tcb->urgent != NULL))
		tcp_urgent_passed(h, tcb);
	if (unlikely(tcb->rcvq.limit > tcb->rqs))
		tcp_window_fit_limit(tcb);
	ring_trim(&tcb->rcvq, &h->memory, unlikely(tcb->ahead != NULL) && tcb->ahead->ranges.count > 0);
}

int tcp_receive_consume(struct host *h, struct tcb *tcb, size_t len)
{
	uint32_t skip;

	if (len > readable(tcb, &skip))
		return -WEIR_EINVAL;
	tcp_receive_taken(h, tcb, len > 0 ? skip + len : 0);
	return 0;
}

FAST_PATH int64_t tcp_receive(struct host *h, struct tcb *tcb, void *buffer, size_t len, bool peek)
{
	uint32_t skip, bytes = readable(tcb, &skip);

	if (bytes == 0) {
		pass_urgent(h, tcb, peek ? 0 : skip);
		return nothing_to_read(tcb);
	}
	if (len > bytes)
		len = bytes;
	ring_copy_out(&tcb->rcvq, skip, buffer, len);
	if (!peek && len > 0)
		tcp_receive_taken(h, tcb, skip + len);
	return (int64_t)len;
}
