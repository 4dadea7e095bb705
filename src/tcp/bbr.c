/* SPDX-License-Identifier: Apache-2.0
 *
 * BBR version 3: "bbr" [draft-ietf-ccwg-bbr, the working group's text of August 2026, after -06]. From the rate at
 * which the path delivers and the least round trip it makes a model of the path, and sends at that rate, with about
 * twice as much under way as the path holds at most. Loss is not what stops it but what bounds the model: more than 2 %
 * in a round trip that probed is too much. Names are those of the draft.
 *
 * Version 3 because it is the one that is being specified, and shares with CUBIC where version 1 does not. As specified
 * it does not fill a path which loses clearly more than 2 % by chance: so what the path loses while less is under way
 * than it can hold is measured, and allowed on top (bbr_learn_floor()).
 *
 * Left out: ECN as a signal of its own (a mark counts as a loss, without the bytes), as in the draft.
 */
#include "tcp/bbr.h"

#include "tcp/internal.h"
#include "tcp/pace.h"

#include <string.h>

enum { STARTUP_GAIN = 277, DRAIN_GAIN = 50, UP_GAIN = 125, DOWN_GAIN = 90, MARGIN = 99 }; /* per cent */
enum { CWND_GAIN = 200, UP_CWND_GAIN = 225, PROBE_RTT_CWND_GAIN = 50 };
enum { STARTUP_LOSSES = 6, DRAIN_ROUNDS = 3, RENO_ROUNDS = 63 };

#define PROBE_RTT_DURATION weir_ms(200)

/* NULL: there was no memory for it. */
static struct bbr *state(const struct tcb *tcb)
{
	return tcb->pace ? tcb->pace->model : NULL;
}

static bool is_probe_bw(const struct bbr *b)
{
	return b->phase >= DOWN && b->phase <= UP;
}

static uint32_t pacing_gain(const struct bbr *b)
{
	static const uint16_t gain[] = {STARTUP_GAIN, DRAIN_GAIN, DOWN_GAIN, 100, 100, UP_GAIN, 100};

	return gain[b->phase];
}

static uint32_t cwnd_gain(const struct bbr *b)
{
	return b->phase == PROBE_RTT ? PROBE_RTT_CWND_GAIN : b->phase == UP ? UP_CWND_GAIN : CWND_GAIN;
}

static uint32_t target_inflight(const struct tcb *tcb, const struct bbr *b)
{
	return bbr_least(bbr_bdp(tcb, b, b->bw, 100), tcb->cwnd);
}

static void start_round(struct bbr *b, uint64_t delivered)
{
	b->round_delivered = delivered;
}

static void save_cwnd(const struct tcb *tcb, struct bbr *b)
{
	b->prior_cwnd = !b->repairing && b->phase != PROBE_RTT ? tcb->cwnd : bbr_most(b->prior_cwnd, tcb->cwnd);
}

static void restore_cwnd(struct tcb *tcb, const struct bbr *b)
{
	tcb->cwnd = bbr_most(tcb->cwnd, b->prior_cwnd);
}

/* */
static void save_for_undo(const struct tcb *tcb, struct bbr *b)
{
	save_cwnd(tcb, b);
	b->undo_phase = PROBE_RTT; /* none to go back to */
	b->undo_bw_shortterm = b->bw_shortterm;
	b->undo_inflight_shortterm = b->inflight_shortterm;
	b->undo_inflight_longterm = b->inflight_longterm;
}

static void note_loss(struct tcb *tcb, struct bbr *b)
{
	if (!b->loss_in_round) {
		b->loss_round_delivered = tcb->pace->delivery->delivered;
		save_for_undo(tcb, b);
	}
	b->loss_in_round = true;
}

/* Changes of phase. */

static uint32_t draw(struct bbr *b)
{
	b->random = b->random * 1664525u + 1013904223u;
	return b->random >> 16;
}

static void start_down(const struct host *h, struct tcb *tcb, struct bbr *b)
{
	b->loss_in_round = false;
	b->bw_latest = 0;
	b->inflight_latest = 0;
	b->probe_up_acked_per_inc = BBR_NONE;
	b->rounds_since_probe = draw(b) & 1;
	b->probe_wait = weir_ms(2000 + draw(b) % 1000);
	b->cycle_at = h->now;
	b->ack_phase = ACKS_PROBE_STOPPING;
	start_round(b, tcb->pace->delivery->delivered);
	b->phase = DOWN;
}

static void start_refill(struct tcb *tcb, struct bbr *b)
{
	bbr_learn_floor(tcb, b);
	bbr_reset_short_term(b);
	b->probe_up_rounds = 0;
	b->probe_up_acked = 0;
	b->prev_probe_precautionary = false;
	b->ack_phase = ACKS_REFILLING;
	start_round(b, tcb->pace->delivery->delivered);
	b->phase = REFILL;
}

static void raise_slope(const struct tcb *tcb, struct bbr *b)
{
	uint32_t growth = 1u << b->probe_up_rounds;

	if (b->probe_up_rounds < 30)
		b->probe_up_rounds++;
	b->probe_up_acked_per_inc = bbr_most(tcb->cwnd / growth, tcb->snd.mss);
}

static void start_up(struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	b->probe_sample = true;
	b->ack_phase = ACKS_PROBE_STARTING;
	start_round(b, s->total);
	bbr_reset_full_bw(b, s->rate);
	b->phase = UP;
	raise_slope(tcb, b);
}

/* After a while, or when Reno would have grown by as much. */
static bool time_to_probe(const struct host *h, struct tcb *tcb, struct bbr *b)
{
	uint32_t reno = target_inflight(tcb, b) / tcb->snd.mss;

	if (weir_time_since(h->now, b->cycle_at).ns <= b->probe_wait.ns &&
	    b->rounds_since_probe < bbr_least(reno, RENO_ROUNDS))
		return false;
	start_refill(tcb, b);
	return true;
}

static bool time_to_cruise(const struct tcb *tcb, const struct bbr *b, uint32_t pipe)
{
	return pipe <= bbr_with_headroom(tcb, b) && pipe <= bbr_with_quanta(tcb, b, bbr_bdp(tcb, b, b->max_bw, 100));
}

static bool time_to_go_down(const struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->prev_probe_too_high && tcp_pipe(tcb) >= b->inflight_longterm) {
		b->prev_probe_precautionary = true;
		return true;
	}
	if (b->cwnd_limited && tcb->cwnd >= b->inflight_longterm)
		bbr_reset_full_bw(b, s->rate); /* held back by the bound, not by the path */
	else if (b->full_bw_now)
		return true;
	return false;
}

static void handle_too_high(const struct host *h, struct tcb *tcb, struct bbr *b, uint32_t in_flight, bool limited)
{
	b->prev_probe_too_high = true;
	b->probe_sample = false;
	if (!limited)
		b->inflight_longterm = bbr_most(in_flight, bbr_percent(target_inflight(tcb, b), BBR_BETA));
	if (b->phase == UP) {
		b->undo_phase = UP;
		start_down(h, tcb, b);
	}
}

static void probe_upward(const struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!b->cwnd_limited || tcb->cwnd < b->inflight_longterm)
		return;
	b->probe_up_acked += s->acked;
	if (b->probe_up_acked >= b->probe_up_acked_per_inc) {
		uint32_t steps = b->probe_up_acked / b->probe_up_acked_per_inc;

		b->probe_up_acked -= steps * b->probe_up_acked_per_inc;
		b->inflight_longterm = bbr_least(b->inflight_longterm + steps * tcb->snd.mss, TCP_CC_WINDOW_MAX);
	}
	if (b->round_start)
		raise_slope(tcb, b);
}

/* True when it has changed the phase. */
static bool adapt_long_term(struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->ack_phase == ACKS_PROBE_STARTING && b->round_start)
		b->ack_phase = ACKS_PROBE_FEEDBACK;
	if (b->ack_phase == ACKS_PROBE_STOPPING && b->round_start) {
		b->probe_sample = false;
		b->ack_phase = ACKS_INIT;
		if (is_probe_bw(b) && !s->limited && b->max_bw_of[0] > 0) {
			b->max_bw_of[1] = b->max_bw_of[0];
			b->max_bw_of[0] = 0;
		}
		if (is_probe_bw(b) && b->prev_probe_precautionary && !b->prev_probe_too_high) {
			start_refill(tcb, b);
			return true;
		}
	}
	if (!s->valid || bbr_too_high(tcb, b, s->since_sent, s->in_flight) || b->inflight_longterm == BBR_NONE)
		return false;
	b->inflight_longterm = bbr_most(b->inflight_longterm, s->in_flight);
	if (b->phase == UP)
		probe_upward(tcb, b, s);
	return false;
}

static void update_cycle(const struct host *h, struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (!b->full_bw_reached || adapt_long_term(tcb, b, s))
		return;
	switch ((enum phase)b->phase) {
	case DOWN:
		if (!time_to_probe(h, tcb, b) && time_to_cruise(tcb, b, tcp_pipe(tcb)))
			b->phase = CRUISE;
		break;
	case CRUISE:
		time_to_probe(h, tcb, b);
		break;
	case REFILL:
		if (b->round_start)
			start_up(tcb, b, s);
		break;
	case UP:
		if (time_to_go_down(tcb, b, s)) {
			b->prev_probe_too_high = false;
			start_down(h, tcb, b);
		}
		break;
	case STARTUP:
	case DRAIN:
	case PROBE_RTT:
		break;
	}
}

/* The first probe. */

static void check_startup(struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->phase == STARTUP && !b->full_bw_reached && b->loss_round_start && tcb->in_recovery &&
	    (b->losses_in_round >= STARTUP_LOSSES || !tcb->sack) && bbr_too_high(tcb, b, s->since_sent, s->in_flight)) {
		b->undo_phase = STARTUP;
		b->full_bw_reached = true;
		b->inflight_longterm = bbr_most(bbr_bdp(tcb, b, b->bw, 100), b->inflight_latest);
	}
	if (b->loss_round_start)
		b->losses_in_round = 0;
	if (b->phase == STARTUP && b->full_bw_reached) {
		b->phase = DRAIN;
		b->drain_start_round = b->round_count;
	}
}

static void check_drain(const struct host *h, struct tcb *tcb, struct bbr *b)
{
	if (b->phase == DRAIN && (tcp_pipe(tcb) <= bbr_with_quanta(tcb, b, bbr_bdp(tcb, b, b->bw, 100)) ||
	                          b->round_count > b->drain_start_round + DRAIN_ROUNDS))
		start_down(h, tcb, b);
}

/* The least round trip. */

static uint32_t probe_rtt_cwnd(const struct tcb *tcb, const struct bbr *b)
{
	return bbr_most(bbr_bdp(tcb, b, b->bw, PROBE_RTT_CWND_GAIN), bbr_pipe_cwnd(tcb));
}

static void end_probe_rtt(const struct host *h, struct tcb *tcb, struct bbr *b)
{
	if (b->probe_rtt_done.ns == 0 || !weir_time_before(b->probe_rtt_done, h->now))
		return;
	b->probe_rtt_min_at = h->now;
	restore_cwnd(tcb, b);
	bbr_reset_short_term(b);
	if (b->full_bw_reached) {
		start_down(h, tcb, b);
		b->phase = CRUISE;
	} else {
		b->phase = STARTUP;
	}
}

static void check_probe_rtt(const struct host *h, struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s)
{
	if (b->phase != PROBE_RTT && b->probe_rtt_expired && !b->idle_restart) {
		save_cwnd(tcb, b);
		b->phase = PROBE_RTT;
		b->probe_rtt_done.ns = 0;
		b->ack_phase = ACKS_PROBE_STOPPING;
		start_round(b, s->total);
	}
	if (b->phase == PROBE_RTT) {
		tcp_delivery_mark_limited(tcb);
		if (b->probe_rtt_done.ns == 0 && tcp_pipe(tcb) <= probe_rtt_cwnd(tcb, b)) {
			b->probe_rtt_done = weir_time_add(h->now, PROBE_RTT_DURATION);
			b->probe_rtt_round_done = false;
			start_round(b, s->total);
		} else if (b->probe_rtt_done.ns != 0) {
			b->probe_rtt_round_done |= b->round_start;
			if (b->probe_rtt_round_done)
				end_probe_rtt(h, tcb, b);
		}
	}
	if (s->acked > 0)
		b->idle_restart = false;
}

/* What follows from it. */

static void set_pacing_rate(struct tcb *tcb, const struct bbr *b, uint32_t gain)
{
	uint64_t rate = b->bw * gain / 100 * MARGIN / 100;

	if (b->full_bw_reached || rate > tcb->pace->rate)
		tcb->pace->rate = rate;
}

static void set_cwnd(struct tcb *tcb, const struct bbr *b, const struct tcp_cc_sample *s)
{
	uint32_t cap = BBR_NONE, max_inflight = bbr_bdp(tcb, b, b->bw, cwnd_gain(b));

	max_inflight += bbr_most(b->extra_acked_of[0], b->extra_acked_of[1]);
	max_inflight = bbr_with_quanta(tcb, b, max_inflight);
	if (b->full_bw_reached)
		tcb->cwnd = bbr_least(tcb->cwnd + s->acked, max_inflight);
	else if (tcb->cwnd < max_inflight || s->total < tcp_cc_initial_window(tcb))
		tcb->cwnd = bbr_least(tcb->cwnd + s->acked, TCP_CC_WINDOW_MAX);
	tcb->cwnd = bbr_most(tcb->cwnd, bbr_pipe_cwnd(tcb));
	if (b->phase == PROBE_RTT)
		tcb->cwnd = bbr_least(tcb->cwnd, probe_rtt_cwnd(tcb, b));
	if (b->phase == PROBE_RTT || b->phase == CRUISE)
		cap = bbr_with_headroom(tcb, b);
	else if (is_probe_bw(b))
		cap = b->inflight_longterm;
	cap = bbr_most(bbr_least(cap, b->inflight_shortterm), bbr_pipe_cwnd(tcb));
	tcb->cwnd = bbr_least(tcb->cwnd, cap);
}

static void bbr_acked(struct host *h, struct tcb *tcb, const struct tcp_cc_sample *s)
{
	struct bbr *b = state(tcb);
	bool repairing = tcb->in_recovery || tcb->in_loss;

	if (b->repairing && !repairing)
		restore_cwnd(tcb, b);
	b->repairing = repairing;
	b->cwnd_limited = s->pipe + tcp_pace_quantum(tcb) >= tcb->cwnd;
	if (b->phase == CRUISE)
		b->cruise_acked += s->acked;
	bbr_model_update(h, tcb, b, s);
	bbr_check_full_bw(b, s);
	check_startup(tcb, b, s);
	check_drain(h, tcb, b);
	update_cycle(h, tcb, b, s);
	bbr_model_update_rtt(h, b, s);
	check_probe_rtt(h, tcb, b, s);
	bbr_model_advance(b, s);
	set_pacing_rate(tcb, b, pacing_gain(b));
	set_cwnd(tcb, b, s);
}

static void bbr_lost(struct host *h, struct tcb *tcb, const struct tcp_cc_lost *lost)
{
	struct bbr *b = state(tcb);

	note_loss(tcb, b);
	if (b->phase == CRUISE)
		b->cruise_lost += lost->bytes;
	if (b->losses_in_round < UINT8_MAX)
		b->losses_in_round++;
	if (b->probe_sample && bbr_too_high(tcb, b, lost->since_sent, lost->in_flight))
		handle_too_high(h, tcb, b, bbr_inflight_at_loss(b, lost), lost->limited);
}

/* After a pause of the program: at the rate that is known, no faster. */
static void bbr_idle(struct host *h, struct tcb *tcb)
{
	struct bbr *b = state(tcb);

	b->idle_restart = true;
	b->extra_acked_from = h->now;
	if (is_probe_bw(b))
		set_pacing_rate(tcb, b, 100);
	else if (b->phase == PROBE_RTT)
		end_probe_rtt(h, tcb, b);
}

static void bbr_init(struct host *h, struct tcb *tcb)
{
	struct bbr *b = state(tcb);
	uint64_t window;

	if (tcb->cwnd == 0)
		tcb->cwnd = tcp_cc_initial_window(tcb);
	if (!b)
		return;
	window = tcb->cwnd;
	memset(b, 0, sizeof(*b));
	b->min_rtt = b->probe_rtt_min_delay = tcb->srtt;
	b->min_rtt_at = b->probe_rtt_min_at = b->extra_acked_from = b->cycle_at = h->now;
	b->inflight_longterm = b->probe_up_acked_per_inc = BBR_NONE;
	b->undo_phase = PROBE_RTT;
	b->random = tcb->iss.raw;
	bbr_reset_short_term(b);
	tcb->ssthresh = UINT32_MAX;
	if (tcb->srtt.ns > 0)
		window = window * (uint64_t)WEIR_NS_PER_MS / (uint64_t)tcb->srtt.ns;
	tcb->pace->rate = window * 1000 * STARTUP_GAIN / 100;
}

/* The model hears of it in other ways. */
static void bbr_grow(struct host *h, struct tcb *tcb, const struct tcp_cc_ack *ack)
{
	(void)h;
	(void)tcb;
	(void)ack;
}

static void bbr_episode(struct host *h, struct tcb *tcb, uint32_t flight)
{
	struct bbr *b = state(tcb);

	(void)h;
	(void)flight;
	if (b) {
		save_for_undo(tcb, b);
		b->repairing = true;
	}
}

/* [3168] */
static void bbr_marked(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	(void)flight;
	if (state(tcb))
		note_loss(tcb, state(tcb));
	tcb->ssthresh = tcb->cwnd;
}

static void bbr_undo(struct host *h, struct tcb *tcb)
{
	struct bbr *b = state(tcb);

	(void)h;
	if (!b)
		return;
	restore_cwnd(tcb, b);
	b->loss_in_round = false;
	bbr_reset_full_bw(b, 0);
	if (b->bw_shortterm < b->undo_bw_shortterm)
		b->bw_shortterm = b->undo_bw_shortterm;
	b->inflight_shortterm = bbr_most(b->inflight_shortterm, b->undo_inflight_shortterm);
	b->inflight_longterm = bbr_most(b->inflight_longterm, b->undo_inflight_longterm);
	if (b->undo_phase == STARTUP && b->phase != PROBE_RTT && b->phase != STARTUP) {
		b->full_bw_reached = false;
		b->phase = STARTUP;
	} else if (b->undo_phase == UP && b->phase != PROBE_RTT && b->phase != UP) {
		start_refill(tcb, b);
	}
	b->undo_phase = PROBE_RTT;
}

const struct tcp_cc_ops tcp_cc_bbr = {
    .name = "bbr",
    .init = bbr_init,
    .acked = bbr_grow,
    .loss = bbr_episode,
    .marked = bbr_marked,
    .timeout = bbr_episode,
    .undo = bbr_undo,
    .model_order = BBR_ORDER,
    .model_acked = bbr_acked,
    .model_lost = bbr_lost,
    .model_idle = bbr_idle,
};
