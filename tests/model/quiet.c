/* SPDX-License-Identifier: Apache-2.0
 *
 * TIME-WAIT that a SYN ends, and that goes on when the SYN was an old duplicate [9293 MAY-2].
 */
#include "model.h"

/* [9293 MAY-2, SHLD-4; 6191] A SYN that may open anew in TIME-WAIT, when somebody listens. */
static bool opens_anew(const struct model *m, const struct model_segment *seg)
{
	if (m->state != M_TIME_WAIT || !m->listener || (seg->flags & (M_SYN | M_ACK | M_RST | M_FIN)) != M_SYN)
		return false;
	if (m->timestamps && seg->has_ts && seg->ts_val != m->ts_recent)
		return before(m->ts_recent, seg->ts_val);
	return before(m->rcv_nxt, seg->seq);
}

void model_opens_anew(struct model *m, const struct model_segment *seg)
{
	struct model_quiet quiet = {
	    .there = true,
	    .timestamps = m->timestamps,
	    .sack = m->sack,
	    .scaling = m->scaling,
	    .nxt = m->nxt,
	    .snd_wnd = m->snd_wnd,
	    .wl1 = m->wl1,
	    .wl2 = m->wl2,
	    .max_wnd = m->max_wnd,
	    .rcv_nxt = m->rcv_nxt,
	    .edge = m->edge,
	    .ts_recent = m->ts_recent,
	    .syn_ts = m->syn_ts,
	    .snd_shift = m->snd_shift,
	    .rcv_shift = m->rcv_shift,
	    .ts_recent_at = m->ts_recent_at,
	    .syn_at = m->syn_at,
	    .until = m->wait_until,
	};

	if (!opens_anew(m, seg))
		return;
	model_rest(m);
	m->iss_floor = quiet.nxt + 65537;
	m->floor = true;
	m->quiet = quiet;
}

/* [9293 MAY-2 (b)] The SYN was an old duplicate: the old connection's numbers and time, with nothing in its queues, and
 * no program. */
bool model_quiet_again(struct model *m)
{
	const struct model_quiet *q = &m->quiet;

	if (m->state != M_SYN_RECEIVED || !q->there || m->now >= q->until)
		return false;
	m->ahead_count = 0;
	m->unacked_since = 0;
	model_enters(m, M_TIME_WAIT);
	m->wait_until = q->until;
	m->una = m->nxt = q->nxt;
	m->iss = q->nxt - 2;
	m->snd_wnd = q->snd_wnd;
	m->wl1 = q->wl1;
	m->wl2 = q->wl2;
	m->max_wnd = q->max_wnd;
	m->snd_shift = q->snd_shift;
	m->written = m->read = 0;
	m->fin_wanted = m->fin_seen = m->fin_taken = m->orphan = m->accepted = m->seen_edge = true;
	m->syn_edge = m->floor = false;
	m->rcv_nxt = m->last_ack_sent = q->rcv_nxt;
	m->irs = q->rcv_nxt - 2;
	m->fin_seq = q->rcv_nxt - 1;
	m->edge = q->edge;
	m->rcv_shift = q->rcv_shift;
	m->timestamps = q->timestamps;
	m->sack = q->sack;
	m->scaling = q->scaling;
	m->ts_recent = q->ts_recent;
	m->ts_recent_at = q->ts_recent_at;
	m->syn_ts = q->syn_ts;
	m->syn_at = q->syn_at;
	m->quiet.there = false;
	return true;
}
