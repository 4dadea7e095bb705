/* SPDX-License-Identifier: Apache-2.0
 *
 * What BBR knows of the path and of itself: see bbr.c. Names are those of the draft.
 */
#ifndef WEIR_TCP_BBR_H
#define WEIR_TCP_BBR_H

#include "tcp/cc.h"

enum { BBR_ORDER = 9, BBR_BETA = 70 }; /* per cent */

/* "Infinity" */
#define BBR_NONE UINT32_MAX

enum phase { STARTUP, DRAIN, DOWN, CRUISE, REFILL, UP, PROBE_RTT };
enum ack_phase { ACKS_INIT, ACKS_REFILLING, ACKS_PROBE_STARTING, ACKS_PROBE_FEEDBACK, ACKS_PROBE_STOPPING };

struct bbr {
	uint64_t max_bw_of[2]; /* bytes/s, of this cycle and of the last one */
	uint64_t max_bw, bw, bw_shortterm, bw_latest, full_bw, undo_bw_shortterm;
	uint64_t round_delivered, loss_round_delivered; /* a round ends with what leaves when so much has arrived */
	uint64_t extra_acked_delivered;
	uint32_t extra_acked_of[2], inflight_longterm, inflight_shortterm, inflight_latest;
	uint32_t undo_inflight_longterm, undo_inflight_shortterm, prior_cwnd;
	uint32_t cruise_acked, cruise_lost; /* in this cycle's CRUISE */
	uint32_t floor;                     /* per mille that the path loses by itself */
	uint32_t probe_up_acked, probe_up_acked_per_inc, round_count, drain_start_round, random;
	weir_duration min_rtt, probe_rtt_min_delay, probe_wait;
	weir_time min_rtt_at, probe_rtt_min_at, probe_rtt_done, cycle_at, extra_acked_from;
	uint8_t phase, undo_phase, ack_phase, full_bw_count, probe_up_rounds, rounds_since_probe, losses_in_round,
	    extra_rounds;
	bool full_bw_reached : 1, full_bw_now : 1, round_start : 1, loss_round_start : 1, loss_in_round : 1;
	bool probe_sample : 1, probe_rtt_expired : 1, probe_rtt_round_done : 1, idle_restart : 1, repairing : 1;
	bool prev_probe_too_high : 1, prev_probe_precautionary : 1, cwnd_limited : 1;
};

_Static_assert(sizeof(struct bbr) <= 1u << BBR_ORDER, "it fits its buffer");

static inline uint32_t bbr_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t bbr_most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static inline uint32_t bbr_percent(uint32_t of, uint32_t n)
{
	return (uint32_t)((uint64_t)of * n / 100);
}

/* bbr_model.c. A multiple, in per cent, of what the path holds at that rate. */
uint32_t bbr_bdp(const struct tcb *tcb, const struct bbr *b, uint64_t bw, uint32_t gain);
/* The least window that keeps acknowledgements coming. */
uint32_t bbr_pipe_cwnd(const struct tcb *tcb);
/* With what waits in bursts at both ends. */
uint32_t bbr_with_quanta(const struct tcb *tcb, const struct bbr *b, uint32_t inflight);
/* inflight_longterm, less the room that is left to others. */
uint32_t bbr_with_headroom(const struct tcb *tcb, const struct bbr *b);
void bbr_reset_short_term(struct bbr *b);
/* CRUISE is over: what was lost in it. */
void bbr_learn_floor(const struct tcb *tcb, struct bbr *b);
/* The search for a rate that does not grow any more begins anew, at bw. */
void bbr_reset_full_bw(struct bbr *b, uint64_t bw);
void bbr_check_full_bw(struct bbr *b, const struct tcp_cc_sample *s);
/* More than is to be lost of so much. */
bool bbr_too_high(const struct tcb *tcb, const struct bbr *b, uint32_t lost, uint32_t in_flight);
/* What was under way when the losses became too many. */
uint32_t bbr_inflight_at_loss(const struct bbr *b, const struct tcp_cc_lost *lost);
/* What a sample tells: before the phases are looked at, and after. */
void bbr_model_update(const struct host *h, struct tcb *tcb, struct bbr *b, const struct tcp_cc_sample *s);
void bbr_model_update_rtt(const struct host *h, struct bbr *b, const struct tcp_cc_sample *s);
void bbr_model_advance(struct bbr *b, const struct tcp_cc_sample *s);

#endif
