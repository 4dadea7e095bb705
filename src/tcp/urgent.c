/* SPDX-License-Identifier: Apache-2.0
 *
 * See urgent.h.
 */
#include "tcp/internal.h"

static struct urgent *get(struct host *h, struct tcb *tcb)
{
	if (!tcb->urgent)
		tcb->urgent = memory_alloc_zero(&h->memory, sizeof(*tcb->urgent));
	return tcb->urgent;
}

void tcp_urgent_free(struct host *h, struct tcb *tcb)
{
	if (!tcb->urgent)
		return;
	memory_free(&h->memory, tcb->urgent, sizeof(*tcb->urgent));
	tcb->urgent = NULL;
}

static void free_when_idle(struct host *h, struct tcb *tcb)
{
	if (tcb->urgent && tcb->urgent->mark == MARK_NONE && !tcb->urgent->sending)
		tcp_urgent_free(h, tcb);
}

void tcp_urgent_check(const struct tcb *tcb)
{
	const struct urgent *u = tcb->urgent;

	if (!u)
		return;
	if (u->sending)
		weir_assert(seq_le(u->snd_up, tcb_send_end(tcb)));
	switch ((enum urgent_mark)u->mark) {
	case MARK_NONE:
		break;
	case MARK_UNREAD:
		weir_assert(u->at >= tcb->rcvq.head);
		break;
	case MARK_READ:
		weir_assert(u->at >= tcb->rcvq.head && u->at < tcb->rcvq.tail);
		break;
	case MARK_TAKEN:
		weir_assert(u->at + 1 == tcb->rcvq.head);
		break;
	}
}

/* -- sending */

/* [9293 MUST-31, MUST-62] The run may have any length: SND.UP moves on with each such call. The peer is told at once,
 * even while its window is closed: by the text, or by a segment without any. */
int64_t tcp_urgent_send(struct host *h, struct tcb *tcb, const struct weir_slice *vec, size_t n)
{
	struct urgent *u = get(h, tcb);
	int64_t taken;

	if (!u)
		return -WEIR_ENOBUFS;
	taken = tcp_send(h, tcb, vec, n);
	if (taken > 0) {
		u->snd_up = tcb_send_end(tcb);
		u->sending = true;
		tcb->ack_now = true;
		tcb->force_send = true;
	}
	free_when_idle(h, tcb);
	return taken;
}

bool tcp_urgent_unsent(const struct tcb *tcb)
{
	return tcb->urgent->sending && seq_lt(tcb->snd.max, tcb->urgent->snd_up);
}

void tcp_urgent_emit(struct host *h, struct tcb *tcb, struct tcp_segment *seg)
{
	enum { FARTHEST = 65535 };
	struct urgent *u = tcb->urgent;
	uint32_t ahead = seq_dist(seg->seq, u->snd_up);

	if (!u->sending)
		return;
	if (!seq_lt(tcb->snd.una, u->snd_up)) { /* all of it has arrived */
		u->sending = false;
		free_when_idle(h, tcb);
		return;
	}
	if (!seq_lt(seg->seq, u->snd_up))
		return;
	/* What lies farther than the field reaches is announced at its end: but only where the peer cannot take a byte
	 * that is there already for the urgent one. The mark moves on with later segments. */
	if (ahead > FARTHEST && seq_lt(seq_add(seg->seq, FARTHEST), tcb->snd.max))
		return;
	seg->flags |= TCP_URG;
	seg->up = (uint16_t)(ahead < FARTHEST ? ahead : FARTHEST);
}

/* -- receiving */

static bool is_here(const struct tcb *tcb)
{
	return tcb->urgent->at < tcb->rcvq.tail;
}

static void tell(struct host *h, const struct tcb *tcb)
{
	struct weir_event event = {.kind = WEIR_EVENT_URGENT, .at = h->now, .socket_id = tcb->id};

	event.offset = tcb->urgent->at;
	event.bytes = tcb->urgent->at - tcb->rcvq.head;
	if (host_observed(h))
		host_observe(h, &event);
}

/* RCV.UP = max(RCV.UP, SEG.UP). A pointer of 0 stands for the first byte, as on Linux; one that points back to what has
 * arrived in its turn says nothing [attacks U-1 ... U-4]. */
void tcp_urgent_arrives(struct host *h, struct tcb *tcb, const struct tcp_segment *seg)
{
	seq_t last = seq_add(seg->seq, seg->up > 0 ? seg->up - 1u : 0);
	struct urgent *u;
	uint64_t at;

	if (seq_lt(last, tcb->rcv.nxt))
		return;
	at = tcb->rcvq.tail + seq_dist(tcb->rcv.nxt, last);
	if (tcb->urgent && tcb->urgent->mark != MARK_NONE && at <= tcb->urgent->at)
		return;
	u = get(h, tcb);
	if (!u) {
		host_count(h, drop_no_memory);
		return;
	}
	/* A reader who stands at the old mark has been told to leave that byte out. */
	if (u->mark == MARK_UNREAD && u->at == tcb->rcvq.head && is_here(tcb) && !tcb->oob_inline)
		ring_consume(&tcb->rcvq, 1);
	u->at = at;
	u->mark = MARK_UNREAD;
	tcb->changed = true; /* [9293 MUST-32, W-RPT-3] */
	tell(h, tcb);
}

uint32_t tcp_urgent_readable(const struct tcb *tcb, uint32_t *skip)
{
	const struct urgent *u = tcb->urgent;
	uint32_t used = ring_used(&tcb->rcvq);

	*skip = 0;
	if ((u->mark != MARK_UNREAD && u->mark != MARK_READ) || !is_here(tcb))
		return used;
	if (u->at > tcb->rcvq.head)
		return (uint32_t)(u->at - tcb->rcvq.head);
	if (tcb->oob_inline)
		return used;
	*skip = 1;
	return used - 1;
}

void tcp_urgent_passed(struct host *h, struct tcb *tcb)
{
	struct urgent *u = tcb->urgent;

	/* What was read already makes room as soon as it is RecvQ's first byte. */
	if (u->mark == MARK_READ && u->at == tcb->rcvq.head && !tcb->oob_inline) {
		ring_consume(&tcb->rcvq, 1);
		u->mark = MARK_TAKEN;
	} else if (u->mark != MARK_NONE && tcb->rcvq.head > u->at + (u->mark == MARK_TAKEN)) {
		u->mark = MARK_NONE;
		tcb->changed = true; /* no longer WEIR_PRI */
	}
	free_when_idle(h, tcb);
}

int64_t tcp_urgent_receive(struct host *h, struct tcb *tcb, uint8_t *buffer, size_t len, bool peek)
{
	struct urgent *u = tcb->urgent;

	if (!u || u->mark != MARK_UNREAD || tcb->oob_inline)
		return -WEIR_EINVAL;
	if (!is_here(tcb)) {
		if (tcb->state == WEIR_TCP_CLOSED || tcb->fin_received || tcb->receive_shut)
			return 0;
		return -WEIR_EAGAIN;
	}
	if (len > 0)
		ring_copy_out(&tcb->rcvq, (uint32_t)(u->at - tcb->rcvq.head), buffer, 1);
	if (!peek) {
		u->mark = MARK_READ;
		tcp_receive_taken(h, tcb, 0);
	}
	return len > 0;
}

bool tcp_urgent_waits(const struct tcb *tcb)
{
	return tcb->urgent->mark == MARK_UNREAD && is_here(tcb);
}

bool tcp_at_mark(const struct tcb *tcb)
{
	const struct urgent *u = tcb->urgent;

	if (!u || u->mark == MARK_NONE)
		return false;
	return u->mark == MARK_TAKEN || u->at == tcb->rcvq.head;
}

/* [9293 MUST-33] As SIOCINQ: what can be read before the mark; behind it nothing counts until it is passed. */
uint32_t tcp_readable(const struct tcb *tcb)
{
	const struct urgent *u = tcb->urgent;

	if (!u || u->mark == MARK_NONE || tcb->oob_inline || !is_here(tcb))
		return ring_used(&tcb->rcvq);
	return u->mark == MARK_TAKEN ? 0 : (uint32_t)(u->at - tcb->rcvq.head);
}
