/* SPDX-License-Identifier: Apache-2.0
 *
 * BBR's model of the path: rates, round trips, what may be under way. See bbr.c.
 */
#include "tcp/bbr.h"

#include "tcp/internal.h"
#include "tcp/pace.h"

enum { HEADROOM = 15 };                                            /* per cent */
enum { LOSS_THRESH = 20, FLOOR_MOST = 100, ENOUGH_SEGMENTS = 50 }; /* per mille */
enum { EXTRA_ROUNDS = 5, FULL_ROUNDS = 3 };

#define MIN_RTT_WINDOW weir_s(10)
#define PROBE_RTT_INTERVAL weir_s(5)

/* A multiple of what the path holds. */
uint32_t bbr_bdp(const struct tcb *tcb, const struct bbr *b, uint64_t bw, uint32_t gain)
{
	uint64_t bytes;

	if (b->min_rtt.ns == 0)
		return tcp_cc_initial_window(tcb);
	bytes = bw * (uint64_t)(b->min_rtt.ns / WEIR_NS_PER_US) / 1000000 * gain / 100;
	return bytes < TCP_CC_WINDOW_MAX ? (uint32_t)bytes : TCP_CC_WINDOW_MAX;
}

uint32_t bbr_pipe_cwnd(const struct tcb *tcb)
{
	return 4u * tcb->snd.mss;
}

/* With what waits in bursts at both ends. */
uint32_t bbr_with_quanta(const struct tcb *tcb, const struct bbr *b, uint32_t inflight)
{
	inflight = bbr_most(bbr_most(inflight, 3 * tcp_pace_quantum(tcb)), bbr_pipe_cwnd(tcb));
	return b->phase == UP ? inflight + 2u * tcb->snd.mss : inflight;
}

uint32_t bbr_with_headroom(const struct tcb *tcb, const struct bbr *b)
{
	uint32_t room = bbr_most(tcb->snd.mss, bbr_percent(b->inflight_longterm, HEADROOM));

	if (b->inflight_longterm == BBR_NONE)
		return BBR_NONE;
	return bbr_most(b->inflight_longterm > room ? b->inflight_longterm - room : 0, bbr_pipe_cwnd(tcb));
}

void bbr_reset_short_term(struct bbr *b)
{
	b->bw_shortterm = UINT64_MAX;
	b->inflight_shortterm = BBR_NONE;
}

static void update_round(struct bbr *b, const struct tcp_cc_sample *s)
{
	b->round_start = s->valid && s->prior_delivered >= b->round_delivered;
	if (!b->round_start)
		return;
	b->round_delivered = s->total;
	b->round_count++;
	if (b->rounds_since_probe < UINT8_MAX)
		b->rounds_since_probe++;
}

static void update_latest(struct bbr *b, const struct tcp_cc_sample *s)
{
	b->loss_round_start = false;
	if (!s->valid)
		return;
	if (s->rate > b->bw_latest)
		b->bw_latest = s->rate;
	b->inflight_latest = bbr_most(b->inflight_latest, s->delivered);
	if (s->prior_delivered >= b->loss_round_delivered) {
		b->loss_round_delivered = s->total;
		b->loss_round_start = true;
	}
}

static void update_congestion(struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	bool probing = b->phase == STARTUP || b->phase == REFILL || b->phase == UP;

	update_round(b, s);
	if (s->rate > 0 && (s->rate >= b->max_bw || !s->limited) && s->rate > b->max_bw_of[0])
		b->max_bw_of[0] = s->rate;
	b->max_bw = b->max_bw_of[0] > b->max_bw_of[1] ? b->max_bw_of[0] : b->max_bw_of[1];
	if (!b->loss_round_start)
		return;
	if (b->loss_in_round && !probing && (b->floor == 0 || bbr_too_high(tcb, b, s->since_sent, s->in_flight))) {
		uint64_t bw = b->bw_shortterm == UINT64_MAX ? b->max_bw : b->bw_shortterm;
		uint32_t inflight = b->inflight_shortterm == BBR_NONE ? tcb->cwnd : b->inflight_shortterm;

		bw = bw * BBR_BETA / 100;
		b->bw_shortterm = bw > b->bw_latest ? bw : b->bw_latest;
		b->inflight_shortterm = bbr_most(b->inflight_latest, bbr_percent(inflight, BBR_BETA));
	}
	b->loss_in_round = false;
}

/* What arrives beyond the rate comes together: acknowledgements that were held up somewhere. */
static void update_aggregation(const struct host *h, struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	uint64_t expected =
	    b->bw * (uint64_t)(weir_time_since(h->now, b->extra_acked_from).ns / WEIR_NS_PER_US) / 1000000;
	uint64_t extra;

	if (b->extra_acked_delivered <= expected) {
		b->extra_acked_delivered = expected = 0;
		b->extra_acked_from = h->now;
	}
	b->extra_acked_delivered += s->acked;
	extra = b->extra_acked_delivered - expected;
	if (extra > tcb->cwnd)
		extra = tcb->cwnd;
	if (b->round_start && ++b->extra_rounds >= (b->full_bw_reached ? EXTRA_ROUNDS : 1)) {
		b->extra_rounds = 0;
		b->extra_acked_of[1] = b->extra_acked_of[0];
		b->extra_acked_of[0] = 0;
	}
	b->extra_acked_of[0] = bbr_most(b->extra_acked_of[0], (uint32_t)extra);
}

/* */

void bbr_model_update_rtt(const struct host *h, struct bbr *b, const struct tcp_cc_sample *s)
{
	b->probe_rtt_expired = weir_time_since(h->now, b->probe_rtt_min_at).ns > PROBE_RTT_INTERVAL.ns;
	if (s->rtt.ns > 0 &&
	    (b->probe_rtt_min_delay.ns == 0 || s->rtt.ns < b->probe_rtt_min_delay.ns || b->probe_rtt_expired)) {
		b->probe_rtt_min_delay = s->rtt;
		b->probe_rtt_min_at = h->now;
	}
	if (b->probe_rtt_min_delay.ns > 0 && (b->min_rtt.ns == 0 || b->probe_rtt_min_delay.ns < b->min_rtt.ns ||
	                                      weir_time_since(h->now, b->min_rtt_at).ns > MIN_RTT_WINDOW.ns)) {
		b->min_rtt = b->probe_rtt_min_delay;
		b->min_rtt_at = b->probe_rtt_min_at;
	}
}

void bbr_reset_full_bw(struct bbr *b, uint64_t bw)
{
	b->full_bw = bw;
	b->full_bw_count = 0;
	b->full_bw_now = false;
}

void bbr_check_full_bw(struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->full_bw_now || !b->round_start || s->limited || !s->valid)
		return;
	if (s->rate >= b->full_bw + b->full_bw / 4) {
		bbr_reset_full_bw(b, s->rate);
		return;
	}
	if (++b->full_bw_count < FULL_ROUNDS)
		return;
	b->full_bw_now = b->full_bw_reached = true;
}

/*
 * In CRUISE less is under way than the path can hold. What it loses then it loses by itself, whatever is sent: that
 * much, and as much again for its scattering, is no sign of a full queue. The draft has no such measure, and stays at a
 * small part of the rate of a path that loses more than 2 %.
 */
void bbr_learn_floor(const struct tcb *tcb, struct bbr *b)
{
	uint32_t all = b->cruise_acked + b->cruise_lost;

	if (all >= ENOUGH_SEGMENTS * (uint32_t)tcb->snd.mss)
		b->floor = bbr_least((uint32_t)((uint64_t)b->cruise_lost * 1000 / all), FLOOR_MOST);
	b->cruise_acked = b->cruise_lost = 0;
}

static uint32_t allowed(const struct bbr *b, uint32_t in_flight)
{
	return (uint32_t)((uint64_t)in_flight * (LOSS_THRESH + 2 * b->floor) / 1000);
}

bool bbr_too_high(const struct tcb *tcb, const struct bbr *b, uint32_t lost, uint32_t in_flight)
{
	return lost > allowed(b, in_flight) || (lost > 0 && !tcb->sack);
}

/* At what it was under way did the losses cross the threshold? Perhaps within what left together. */
uint32_t bbr_inflight_at_loss(const struct bbr *b, const struct tcp_cc_lost *lost)
{
	uint32_t before = lost->in_flight > lost->bytes ? lost->in_flight - lost->bytes : 0;
	uint32_t lost_before = lost->since_sent - lost->bytes, most = allowed(b, before);

	return before + (most > lost_before ? (most - lost_before) * 100 / (100 - LOSS_THRESH / 10) : 0);
}

void bbr_model_update(const struct host *h, struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	update_latest(b, s);
	update_congestion(tcb, b, s);
	update_aggregation(h, tcb, b, s);
}

void bbr_model_advance(struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->loss_round_start) {
		b->bw_latest = s->rate;
		b->inflight_latest = s->delivered;
	}
	b->bw = b->max_bw < b->bw_shortterm ? b->max_bw : b->bw_shortterm;
}
