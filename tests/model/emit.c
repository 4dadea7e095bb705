/* SPDX-License-Identifier: Apache-2.0
 *
 * What the model says of the segments that the stack emits: whether each may be, in itself; and whether all of one step
 * together are what its event asks for.
 */
#include "model.h"

static bool has(const struct model_emission *e, uint8_t flags)
{
	return (e->flags & flags) == flags;
}

static void check_timestamps(struct model *m, const struct model_emission *e)
{
	if (m->timestamps != e->has_ts)
		model_complain(m, "timestamps %s [7323 s3.2]", e->has_ts ? "that were not agreed" : "are missing");
	else if (e->has_ts && has(e, M_ACK) && e->ts_ecr != m->ts_recent)
		model_complain(m, "TSecr is %u, TS.Recent %u", e->ts_ecr, m->ts_recent);
}

/* Each block tells of something that is here [2018 s4, 2883 s4]. */
static void check_sack(struct model *m, const struct model_emission *e)
{
	if (e->sack_blocks > 0 && !m->sack)
		model_complain(m, "SACK blocks that were not agreed");
	for (unsigned i = 0; i < e->sack_blocks; i++) {
		uint32_t start = e->sack[i][0], end = e->sack[i][1];
		bool here = before(start, end) && !before(m->rcv_nxt, end);

		for (unsigned k = 0; k < m->ahead_count && !here; k++)
			here = before(start, end) && !before(start, m->ahead[k].start) && !before(m->ahead[k].end, end);
		if (!here)
			model_complain(m, "a SACK block %u-%u of nothing, RCV.NXT is %u", start, end, m->rcv_nxt);
	}
}

/* [9293 SHLD-14] The right edge does not move left, but for the grain of a scaled window; and RecvQ has room for all
 * that is promised. */
static void check_window(struct model *m, const struct model_emission *e)
{
	uint8_t shift = has(e, M_SYN) ? 0 : m->rcv_shift;
	uint32_t edge = m->rcv_nxt + ((uint32_t)e->wnd << shift);
	uint32_t step = UINT32_C(1) << m->rcv_shift, rqs = m->rqs > step ? m->rqs : step; /* one step at least */
	uint32_t queued = model_queued(m), room = rqs > queued ? rqs - queued : 0;

	if (m->seen_edge && !has(e, M_SYN) && before(edge, m->edge - ((UINT32_C(1) << shift) - 1)))
		model_complain(m, "the right edge of the window moves left by %u", m->edge - edge);
	else if (before(m->edge, edge) && before(m->rcv_nxt + room, edge) && !m->fin_taken)
		model_complain(m, "%u bytes are promised, there is room for %u", edge - m->rcv_nxt, room);
	if (!m->seen_edge || before(m->edge, edge))
		m->edge = edge;
	m->seen_edge = true;
	m->syn_edge = has(e, M_SYN);
}

static void check_ack(struct model *m, const struct model_emission *e)
{
	if (e->ack != m->rcv_nxt)
		model_complain(m, "acknowledges %u, RCV.NXT is %u", e->ack, m->rcv_nxt);
	check_window(m, e);
	m->acked = true;
	m->last_ack_sent = m->rcv_nxt;
	m->unacked_since = 0;
}

static void check_syn(struct model *m, const struct model_emission *e)
{
	bool answer = m->state == M_SYN_RECEIVED;

	m->syns++;
	if (m->state != M_SYN_SENT && !answer)
		model_complain(m, "SYN in %s", model_state_name(m->state));
	if ((e->flags & (M_ACK | M_FIN)) != (answer ? M_ACK : 0) || e->len > 0)
		model_complain(m, "a SYN with the wrong flags, or with text");
	if (!m->syn_at) {
		m->syn_at = m->now;
		m->syn_ts = e->ts_val;
	}
	if (m->nxt == m->una && m->floor && !before(m->iss_floor, e->seq)) /* [9293 MAY-2] */
		model_complain(m, "ISS %u is not beyond the old connection's %u", e->seq, m->iss_floor);
	if (m->nxt == m->una) {
		m->iss = m->una = e->seq;
		m->nxt = e->seq + 1;
		m->stuck_since = m->now;
	}
	if (e->seq != m->iss)
		model_complain(m, "the SYN has another number than before");
	if (!e->has_mss || e->mss > m->set.mtu - (m->set.v6 ? 60 : 40))
		model_complain(m, "the SYN has no MSS that fits [9293 MUST-14, MUST-67]");
	if (e->has_wscale != (answer ? m->scaling : m->set.scaling) || e->sack_ok != (answer ? m->sack : m->set.sack) ||
	    e->has_ts != (answer ? m->timestamps : m->set.timestamps))
		model_complain(m, "the SYN has other options than are agreed");
	if (!answer) {
		m->rcv_nxt = 0; /* the promise counts from the peer's number, when that is known */
		m->edge = e->wnd;
		m->rcv_shift = e->has_wscale ? e->wscale : 0;
		m->seen_edge = m->syn_edge = true;
		return;
	}
	m->rcv_shift = m->scaling ? e->wscale : 0;
	check_ack(m, e);
}

/* What must hold of text and FIN whenever they are sent. */
static void check_text(struct model *m, const struct model_emission *e)
{
	uint32_t offset = e->seq - m->iss - 1, end = e->seq + e->len, last = end + has(e, M_FIN);

	m->others++;
	if (m->state != M_ESTABLISHED && m->state != M_CLOSE_WAIT && m->state != M_FIN_WAIT_1 &&
	    m->state != M_CLOSING && m->state != M_LAST_ACK)
		model_complain(m, "text or FIN in %s", model_state_name(m->state));
	if (before(model_send_end(m), end))
		model_complain(m, "text that nobody has written");
	else if (has(e, M_FIN) && (!m->fin_wanted || end != model_send_end(m)))
		model_complain(m, "a FIN before its turn");
	else if (e->len > 0 && end == model_send_end(m) && !has(e, M_PSH))
		model_complain(m, "the last of what is queued without PSH [9293 MUST-61]");
	else if (e->len > (m->peer_mss < 64 ? 64 : m->peer_mss))
		model_complain(m, "%u bytes of text, MSS is %u", e->len, m->peer_mss);
	if (m->complaint[0])
		return;
	for (uint32_t i = 0; i < e->len; i++)
		if (e->text[i] != model_our_byte((uint64_t)offset + i)) {
			model_complain(m, "wrong byte %u of the text", i);
			return;
		}
	if (e->seq == m->nxt) { /* new: inside the window, whatever has shrunk [9293 SHLD-15] */
		if (last - m->una > m->snd_wnd)
			model_complain(m, "new text beyond the window: %u of %u", last - m->una, m->snd_wnd);
		if (m->nxt == m->una)
			m->stuck_since = m->now;
		m->nxt = last;
	} else if (!within(e->seq, m->una, m->nxt - m->una) || before(m->nxt, last)) {
		model_complain(m, "text at %u, SND.UNA is %u, SND.NXT %u", e->seq, m->una, m->nxt);
	} else {
		m->others--;
		m->repeats++;
	}
}

static void check_bare(struct model *m, const struct model_emission *e)
{
	if (e->seq == m->nxt)
		m->acks++;
	else if (e->seq + 1 == m->una && m->timely)
		m->others++; /* a probe [9293 MUST-36] */
	else
		model_complain(m, "an ACK at %u, SND.NXT is %u", e->seq, m->nxt);
}

void model_emitted(struct model *m, const struct model_emission *e)
{
	if (has(e, M_RST)) {
		m->rsts++;
		m->rst_seq = e->seq;
		m->rst_ack = e->ack;
		m->rst_flags = e->flags & (M_FIN | M_SYN | M_ACK | M_PSH | M_URG);
		return;
	}
	if (has(e, M_SYN)) {
		check_syn(m, e);
		return;
	}
	if (m->state < M_SYN_RECEIVED) {
		model_complain(m, "a segment of no connection");
		return;
	}
	if (!has(e, M_ACK))
		model_complain(m, "a segment without ACK");
	if (e->has_mss || e->has_wscale || e->sack_ok) /* [9293 MUST-65] */
		model_complain(m, "options of a SYN on another segment");
	check_timestamps(m, e);
	check_sack(m, e);
	check_ack(m, e);
	if (e->len > 0 || has(e, M_FIN))
		check_text(m, e);
	else
		check_bare(m, e);
}

/* -- all of a step together */

static bool rst_is_right(const struct model *m)
{
	const struct model_segment *seg = &m->seg;
	bool ack = seg->flags & M_ACK;

	switch (m->reply) {
	case R_RST_AT:
		return m->rst_flags == 0 && m->rst_seq == seg->ack;
	case R_RST_FOR:
		if (ack)
			return m->rst_flags == 0 && m->rst_seq == seg->ack;
		return m->rst_flags == M_ACK && m->rst_seq == 0 &&
		       m->rst_ack == seg->seq + seg->len + !!(seg->flags & M_SYN) + !!(seg->flags & M_FIN);
	default:
		return m->rst_flags == M_ACK && m->rst_seq == m->nxt && m->rst_ack == m->rcv_nxt;
	}
}

/* Nobody is left to decide how long a window may stay closed: the peer is told that we give up [RFC 6429]. */
static bool gave_up_aloud(const struct model *m)
{
	return m->timely && m->orphan && m->snd_wnd == 0 && m->rsts == 1 && rst_is_right(m);
}

/* What is answered not more often than in an interval. */
static bool is_due(const struct model *m)
{
	return m->challenge_at == 0 || m->now - m->challenge_at >= m->set.challenge_interval;
}

static bool replied(struct model *m)
{
	unsigned all = m->rsts + m->acks + m->syns + m->others;
	/* Something that waits to be repeated may carry the acknowledgement: a block more of SACK makes it smaller, so
	 * that the congestion window has room. */
	unsigned answers = m->acks + (m->acks == 0 && m->repeats > 0);
	bool due;

	switch (m->reply) {
	case R_NONE:
		return all + m->repeats == 0;
	case R_MAY:
		return (m->rsts == 0 || gave_up_aloud(m)) && m->acks <= 1 &&
		       (m->syns == 0 || m->state == M_SYN_SENT || m->timely);
	case R_PROBED:
		due = is_due(m);
		if (due)
			m->challenge_at = m->now;
		return m->rsts + m->syns == 0 && m->acks <= 1 && (m->acked || !due);
	case R_ACK:
		return m->rsts + m->syns == 0 && m->acks <= 1 && m->acked;
	case R_ANSWER:
		return all == m->acks && answers == 1;
	case R_CHALLENGE:
		due = is_due(m);
		if (answers)
			m->challenge_at = m->now;
		return all == m->acks && (answers == 1 || (answers == 0 && !due));
	case R_SYN_ACK:
		return all == 1 && m->syns == 1;
	default:
		return all == 1 && m->rsts == 1 && rst_is_right(m);
	}
}

void model_settled(struct model *m)
{
	if (!replied(m))
		model_complain(m, "expected %s, emitted %u RST, %u ACK alone, %u SYN, %u other",
		               model_reply_name(m->reply), m->rsts, m->acks, m->syns, m->others);
	/* [9293 MUST-40] */
	if (m->unacked_since && m->now - m->unacked_since > 500000000)
		model_complain(m, "not acknowledged for %lld ms", (long long)(m->now - m->unacked_since) / 1000000);
}
