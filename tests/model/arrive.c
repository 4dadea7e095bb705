/* SPDX-License-Identifier: Apache-2.0
 *
 * What a segment does to the model: which event it is, in the order of RFC 9293 s3.10.7, and what the table's cell
 * makes of it.
 */
#include "model.h"

#include <string.h>

static bool has(const struct model_segment *seg, uint8_t flags)
{
	return (seg->flags & flags) == flags;
}

static uint32_t numbers(const struct model_segment *seg)
{
	return seg->len + has(seg, M_SYN) + has(seg, M_FIN);
}

static uint32_t window(const struct model *m)
{
	return m->edge - m->rcv_nxt;
}

/* Several cells may speak of one segment: the strongest is what must be answered. */
static const struct model_cell *look(struct model *m, enum model_event event)
{
	const struct model_cell *cell = model_cell(m->state, event);

	if (!cell->possible) {
		model_complain(m, "the model itself: no %s in %s", model_event_name(event), model_state_name(m->state));
		return cell;
	}
	if (cell->reply > m->reply)
		m->reply = cell->reply;
	if (cell->next == M_CLOSED) {
		m->reply = cell->reply; /* nobody is left for anything else */
		model_ends(m, cell->error);
	}
	if (cell->next != M_CLOSED && cell->next != M_SAME)
		model_enters(m, cell->next);
	return cell;
}

/* -- before both numbers are known */

static void take_options(struct model *m, const struct model_segment *syn)
{
	m->timestamps = m->set.timestamps && syn->has_ts;
	m->sack = m->set.sack && syn->sack_ok;
	m->scaling = m->set.scaling && syn->wscale >= 0;
	if (!m->scaling)
		m->rcv_shift = 0;
	m->snd_shift = m->scaling ? (uint8_t)(syn->wscale > 14 ? 14 : syn->wscale) : 0;
	m->peer_mss = syn->mss >= 0 ? (uint32_t)syn->mss : m->set.v6 ? 1220 : 536; /* [9293 MUST-15] */
	if (m->timestamps) {
		m->ts_recent = syn->ts_val;
		m->ts_recent_at = m->now;
	}
}

static void take_syn(struct model *m, const struct model_segment *syn)
{
	m->rcv_known = true;
	m->irs = syn->seq;
	m->rcv_nxt = syn->seq + 1;
	m->last_ack_sent = m->rcv_nxt;
	m->snd_wnd = m->max_wnd = syn->wnd;
	m->wl1 = syn->seq;
	m->wl2 = syn->ack;
	take_options(m, syn);
}

/* A listener's child; its ISS is told by its SYN,ACK. */
static void make_child(struct model *m, const struct model_segment *syn)
{
	m->passive = true;
	m->wl2 = 0;
	take_syn(m, syn);
	m->edge = m->rcv_nxt;
	m->seen_edge = false;
}

static void arrives_unopened(struct model *m, const struct model_segment *seg)
{
	bool listens = m->state == M_LISTEN;

	if (has(seg, M_RST)) {
		look(m, E_RST);
	} else if (has(seg, M_ACK)) {
		look(m, E_BAD_ACK);
	} else if (has(seg, M_SYN | M_FIN)) {
		look(m, E_SYN_FIN);
	} else if (has(seg, M_SYN)) {
		look(m, E_SYN);
		if (listens && m->state == M_SYN_RECEIVED)
			make_child(m, seg);
	} else {
		look(m, E_OTHER);
	}
}

/* -- first: the sequence number */

/* In SYN-RECEIVED: does it acknowledge our SYN? */
static bool opens(const struct model *m, const struct model_segment *seg)
{
	return within(seg->ack, m->una + 1, m->nxt - m->una);
}

static bool acceptable(const struct model *m, const struct model_segment *seg)
{
	uint32_t wnd = window(m), n = numbers(seg), last = seg->seq + n - 1;

	if (n == 0) /* the right edge itself: judgement call */
		return within(seg->seq, m->rcv_nxt, wnd + 1);
	if (wnd == 0)
		return false;
	return within(seg->seq, m->rcv_nxt, wnd) || within(last, m->rcv_nxt, wnd) ||
	       within(m->rcv_nxt, seg->seq, n); /* it reaches over all of the window: judgement call */
}

/* [7323 s5] */
static bool old_clock(const struct model *m, const struct model_segment *seg)
{
	const int64_t days24 = INT64_C(24) * 86400 * 1000000000;

	return m->timestamps && seg->has_ts && !has(seg, M_RST) && before(seg->ts_val, m->ts_recent) &&
	       m->now - m->ts_recent_at <= days24;
}

static bool is_our_fin_again(const struct model *m, const struct model_segment *seg)
{
	return has(seg, M_FIN) && m->fin_taken && seg->seq + numbers(seg) == m->rcv_nxt;
}

/* Nothing, just left of the window: its acknowledgement counts, if it can be right [W-SM-45]. */
static bool is_probe(const struct model *m, const struct model_segment *seg)
{
	return numbers(seg) == 0 && seg->seq + 1 == m->rcv_nxt && (m->state != M_SYN_RECEIVED || opens(m, seg));
}

/* True: the segment goes on to the next check. *shut: without text and FIN. */
static bool check_sequence(struct model *m, const struct model_segment *seg, bool *shut)
{
	*shut = false;
	if (has(seg, M_RST)) { /* [5961 s3] its own number must lie in the window, or be the next */
		if (seg->seq == m->rcv_nxt || within(seg->seq, m->rcv_nxt, window(m)))
			return true;
		look(m, E_OUTSIDE_RST);
		return false;
	}
	if (acceptable(m, seg))
		return true;
	if (numbers(seg) > 0 && window(m) == 0 && seg->seq == m->rcv_nxt) { /* [9293 MUST-66] */
		*shut = true;
		if (!has(seg, M_SYN))
			look(m, E_SHUT);
		return true;
	}
	if (is_our_fin_again(m, seg)) {
		look(m, E_OUTSIDE_FIN);
	} else if (seg->len > 0 || has(seg, M_FIN)) {
		look(m, E_OUTSIDE);
	} else if (is_probe(m, seg)) {
		look(m, E_PROBE);
		return true;
	} else {
		look(m, E_OUTSIDE_EMPTY);
	}
	return false;
}

/* -- second to fifth */

/* The right edge of the last block of SACK: where the peer's RST stands when it counts what we have. Judgement call. */
static bool at_sack_edge(const struct model *m, uint32_t seq)
{
	bool at = false;

	for (unsigned i = 0; i < m->ahead_count; i++) {
		if (before(seq, m->ahead[i].end))
			return false;
		at |= seq == m->ahead[i].end;
	}
	return at && m->sack;
}

static bool check_rst_and_syn(struct model *m, const struct model_segment *seg)
{
	if (has(seg, M_RST)) {
		if (seg->seq != m->rcv_nxt && !at_sack_edge(m, seg->seq))
			look(m, E_RST_INSIDE);
		else
			look(m, m->state == M_SYN_RECEIVED && m->passive ? E_RST_PASSIVE : E_RST_NEXT);
		return false;
	}
	if (has(seg, M_SYN)) {
		look(m, E_SYN_INSIDE);
		return false;
	}
	return true;
}

static bool check_ack(struct model *m, const struct model_segment *seg)
{
	uint32_t behind = m->una - seg->ack;

	if (!has(seg, M_ACK)) {
		look(m, E_NO_ACK);
		return false;
	}
	if (m->state == M_SYN_RECEIVED) {
		if (opens(m, seg))
			return true;
		look(m, E_ACK_OPENS_NOT);
		return false;
	}
	if (within(seg->ack, m->una, m->nxt - m->una + 1))
		return true;
	if (behind <= m->max_wnd) /* [9293 MAY-12] */
		return true;
	look(m, before(seg->ack, m->una) ? E_ACK_BEFORE : E_ACK_BEYOND);
	return false;
}

static void note_timestamp(struct model *m, const struct model_segment *seg)
{
	if (!m->timestamps || !seg->has_ts || before(m->last_ack_sent, seg->seq))
		return;
	m->ts_recent = seg->ts_val; /* an older one has not come this far, or TS.Recent is out of date */
	m->ts_recent_at = m->now;
}

/* first: SEG.SEQ of what is left of the segment in the window */
static void take_ack(struct model *m, const struct model_segment *seg, uint32_t first)
{
	uint32_t wnd = (uint32_t)seg->wnd << m->snd_shift;
	bool of_ours = within(seg->ack, m->una, m->nxt - m->una + 1);

	if (m->state == M_SYN_RECEIVED) {
		m->una = seg->ack;
		m->wl1 = first;
		m->wl2 = seg->ack;
		m->snd_wnd = m->max_wnd = wnd;
		m->stuck_since = m->now;
		look(m, E_ACK_OPENS);
		if (m->state == M_ESTABLISHED && m->fin_wanted)
			model_enters(m, M_FIN_WAIT_1);
		return;
	}
	if (of_ours && seg->ack != m->una) {
		m->una = seg->ack;
		m->stuck_since = m->now;
	}
	/* [W-SM-39] */
	if (of_ours && (before(m->wl1, first) || (m->wl1 == first && !before(seg->ack, m->wl2)))) {
		m->snd_wnd = wnd;
		m->wl1 = first;
		m->wl2 = seg->ack;
		if (wnd > m->max_wnd)
			m->max_wnd = wnd;
	} else if (of_ours && before(m->wl2, m->una)) { /* its window does not count: the right edge stays */
		uint32_t gone = m->una - m->wl2;

		m->snd_wnd = m->snd_wnd > gone ? m->snd_wnd - gone : 0;
		m->wl2 = m->una;
	}
	if (m->fin_wanted && m->una == model_send_end(m) + 1 &&
	    (m->state == M_FIN_WAIT_1 || m->state == M_CLOSING || m->state == M_LAST_ACK))
		look(m, E_ACK_OUR_FIN);
	else
		look(m, E_ACK);
}

/* -- seventh: text */

/* Adds a range to what lies ahead; joins what it touches. */
static void put_ahead(struct model *m, uint32_t start, uint32_t end)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->ahead_count; i++) {
		struct model_range r = m->ahead[i];

		if (before(end, r.start) || before(r.end, start)) {
			m->ahead[n++] = r;
			continue;
		}
		if (before(r.start, start))
			start = r.start;
		if (before(end, r.end))
			end = r.end;
	}
	if (n == MODEL_RANGES) {
		model_complain(m, "the model itself: too many gaps");
		return;
	}
	m->ahead[n++] = (struct model_range){start, end};
	m->ahead_count = n;
}

/* RCV.NXT moves over what is there. */
static bool join(struct model *m)
{
	for (unsigned i = 0; i < m->ahead_count; i++)
		if (!before(m->rcv_nxt, m->ahead[i].start)) {
			if (before(m->rcv_nxt, m->ahead[i].end))
				m->rcv_nxt = m->ahead[i].end;
			m->ahead[i] = m->ahead[--m->ahead_count];
			return true;
		}
	return false;
}

static void take_text(struct model *m, uint32_t start, uint32_t end)
{
	bool receives = m->state == M_ESTABLISHED || m->state == M_FIN_WAIT_1 || m->state == M_FIN_WAIT_2;
	bool fills = false;

	if (!receives) {
		look(m, E_TEXT_LATE);
		return;
	}
	if (m->orphan) {
		look(m, E_TEXT_UNREAD);
		return;
	}
	if (start != m->rcv_nxt) {
		put_ahead(m, start, end);
		look(m, E_TEXT_AHEAD);
		return;
	}
	/* What lies ahead is used up, in part even when this text reaches over it. */
	m->rcv_nxt = end;
	while (join(m))
		fills = true;
	if (!m->unacked_since)
		m->unacked_since = m->now;
	look(m, fills ? E_TEXT_FILLS : E_TEXT_NEXT);
}

/* -- eighth: FIN */

static void take_fin(struct model *m, bool counts, uint32_t fin_seq)
{
	if (counts && !m->fin_seen) {
		m->fin_seen = true;
		m->fin_seq = fin_seq;
	}
	if (!m->fin_seen || m->fin_taken)
		return;
	if (m->fin_seq != m->rcv_nxt) {
		if (counts)
			look(m, E_FIN_AHEAD);
		return;
	}
	m->fin_taken = true;
	m->rcv_nxt++;
	if (before(m->edge, m->rcv_nxt))
		m->edge = m->rcv_nxt;
	if (!m->unacked_since)
		m->unacked_since = m->now;
	look(m, E_FIN_NEXT);
}

/* -- SYN-SENT, which makes the last steps too */

/* A SYN,ACK that echoes a time at which no SYN left is not an answer to ours. Judgement call. */
static bool odd_echo(const struct model *m, const struct model_segment *seg)
{
	uint32_t since = (uint32_t)((m->now - m->syn_at) / 1000000);

	return has(seg, M_SYN) && m->set.timestamps && seg->has_ts && seg->ts_ecr != 0 &&
	       !within(seg->ts_ecr, m->syn_ts, since + 2);
}

/* ISS < ACK <= SND.NXT */
static void arrives_syn_sent(struct model *m, const struct model_segment *seg)
{
	bool good = has(seg, M_ACK) && within(seg->ack, m->iss + 1, m->nxt - m->iss) && !odd_echo(m, seg);
	uint32_t promised = m->edge - m->rcv_nxt, end = seg->seq + 1 + seg->len;

	if (has(seg, M_ACK) && !good) {
		look(m, has(seg, M_RST) ? E_RST : E_BAD_ACK);
	} else if (has(seg, M_RST)) {
		look(m, good ? E_REFUSAL : E_RST);
	} else if (!has(seg, M_SYN)) {
		look(m, E_OTHER);
	} else {
		take_syn(m, seg);
		m->edge = m->rcv_nxt + promised; /* what our SYN promised counts from there */
		if (good)
			m->una = seg->ack;
		look(m, good ? E_SYN_ACK : E_SYN);
		if (good && seg->len > 0 && m->edge != m->rcv_nxt)
			take_text(m, m->rcv_nxt, before(m->edge, end) ? m->edge : end);
		if (good && end == m->rcv_nxt && m->edge != m->rcv_nxt)
			take_fin(m, has(seg, M_FIN), end);
	}
}

static void arrives_opened(struct model *m, const struct model_segment *seg)
{
	bool again = m->state == M_SYN_RECEIVED && (seg->flags & (M_SYN | M_RST)) == M_SYN && seg->seq == m->irs;
	bool shut, fin;
	uint32_t start = before(seg->seq, m->rcv_nxt) ? m->rcv_nxt : seg->seq, end = seg->seq + seg->len;
	struct model_segment crossing;

	if (old_clock(m, seg)) {
		look(m, seg->len > 0 || has(seg, M_FIN) ? E_OLD_CLOCK : E_OLD_CLOCK_EMPTY);
		return;
	}
	if (again && !has(seg, M_ACK)) {
		look(m, E_SYN_AGAIN);
		return;
	}
	/* Both have opened: the SYN,ACK counts as the acknowledgement that it carries [9293 MUST-10]. */
	if (again && opens(m, seg) && !m->passive) {
		crossing = *seg;
		crossing.flags &= (uint8_t) ~(M_SYN | M_FIN);
		crossing.seq = m->rcv_nxt;
		crossing.len = 0;
		note_timestamp(m, seg);
		take_ack(m, &crossing, m->rcv_nxt);
		m->reply = R_ACK;
		return;
	}
	if (!check_sequence(m, seg, &shut) || !check_rst_and_syn(m, seg) || !check_ack(m, seg))
		return;
	note_timestamp(m, seg);
	fin = has(seg, M_FIN) && !shut && within(end, m->rcv_nxt, window(m));
	if (before(m->edge, end))
		end = m->edge;
	take_ack(m, seg, numbers(seg) > 0 ? start : seg->seq);
	if (m->state != M_CLOSED && !shut && before(start, end))
		take_text(m, start, end);
	if (m->state != M_CLOSED)
		take_fin(m, fin, seg->seq + seg->len);
}

void model_arrives(struct model *m, const struct model_segment *seg)
{
	m->seg = *seg;
	m->reply = R_NONE;
	m->urgent |= has(seg, M_URG);
	if (seg->spoilt) /* [9293 MUST-3] */
		return;
	model_opens_anew(m, seg);
	if (m->state == M_CLOSED || m->state == M_LISTEN)
		arrives_unopened(m, seg);
	else if (m->state == M_SYN_SENT)
		arrives_syn_sent(m, seg);
	else
		arrives_opened(m, seg);
}

/* Text behind the FIN, or a FIN before text or at another place: a peer that contradicts itself. */
bool model_contradiction(const struct model *m, const struct model_segment *seg)
{
	uint32_t end = seg->seq + seg->len;

	if (m->state < M_SYN_RECEIVED || m->fin_taken || (!seg->len && !has(seg, M_FIN)))
		return false;
	if (m->fin_seen)
		return before(m->fin_seq, end) || (has(seg, M_FIN) && end != m->fin_seq);
	if (!has(seg, M_FIN))
		return false;
	for (unsigned i = 0; i < m->ahead_count; i++)
		if (before(end, m->ahead[i].end))
			return true;
	return before(end, m->rcv_nxt);
}
