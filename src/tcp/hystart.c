/* SPDX-License-Identifier: Apache-2.0
 *
 * See hystart.h.
 */
#include "tcp/hystart.h"

/* [9406 s4.3] */
enum { MIN_THRESHOLD_US = 4000, MAX_THRESHOLD_US = 16000, DIVISOR = 8, SAMPLES = 8, GROWTH_DIVISOR = 4, ROUNDS = 5 };
enum { LATER_DIVISOR = 4, LATER_SAMPLES = 4 };

static uint32_t threshold(uint32_t us)
{
	uint32_t part = us / DIVISOR;

	if (part < MIN_THRESHOLD_US)
		return MIN_THRESHOLD_US;
	return part > MAX_THRESHOLD_US ? MAX_THRESHOLD_US : part;
}

static uint32_t later_threshold(uint32_t us)
{
	return us / LATER_DIVISOR > MIN_THRESHOLD_US ? us / LATER_DIVISOR : MIN_THRESHOLD_US;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	if (a == 0 || b == 0)
		return a | b;
	return a < b ? a : b;
}

static void take_sample(struct hystart *hs, weir_duration rtt)
{
	uint32_t us = rtt.ns / WEIR_NS_PER_US < UINT32_MAX / 2 ? (uint32_t)(rtt.ns / WEIR_NS_PER_US) : UINT32_MAX / 2;

	hs->recent_us = lesser(hs->recent_us, us > 0 ? us : 1);
	hs->samples++;
}

/* Is as much in the queue as on the way? Then a window less by a loss [9438 s4.6], and by one more, fills the path. */
static bool outlasts_a_loss(const struct hystart *hs, const struct tcb *tcb)
{
	return hs->recent_us >= 2 * (uint64_t)(tcb->min_rtt.ns / WEIR_NS_PER_US);
}

/* There are enough samples for a look. */
static void look(struct hystart *hs, struct tcb *tcb)
{
	uint32_t growth = hs->later ? later_threshold(hs->last_us) : threshold(hs->last_us);

	if (hs->base_us == 0 && hs->last_us != 0 && hs->recent_us >= hs->last_us + growth) {
		hs->base_us = hs->recent_us;
		hs->rounds = 0;
		hs->sure = hs->later;
	} else if (hs->base_us != 0 && hs->recent_us < hs->base_us && !hs->sure) {
		hs->base_us = 0; /* it was not */
	} else if (hs->base_us != 0 && hs->rounds > 0 && hs->recent_us >= hs->base_us + threshold(hs->base_us) &&
	           outlasts_a_loss(hs, tcb)) {
		tcb->ssthresh = tcb->cwnd;
	}
	hs->least_us = lesser(hs->least_us, hs->recent_us);
	hs->recent_us = 0;
	hs->samples = 0;
	hs->later = true;
}

/* True when the conservative rounds are over. */
static bool next_round(struct hystart *hs, const struct tcb *tcb)
{
	hs->round_end = tcb->snd.max;
	hs->last_us = lesser(hs->least_us, hs->recent_us);
	hs->least_us = hs->recent_us = 0;
	hs->samples = 0;
	hs->later = false;
	return hs->base_us != 0 && ++hs->rounds >= ROUNDS;
}

void hystart_acked(struct hystart *hs, struct tcb *tcb, const struct tcp_cc_ack *ack)
{
	if (ack->rtt.ns > 0)
		take_sample(hs, ack->rtt);
	if (hs->samples >= (hs->later ? LATER_SAMPLES : SAMPLES))
		look(hs, tcb);
	tcp_cc_slow_start(tcb, hs->base_us != 0 ? ack->acked / GROWTH_DIVISOR : ack->acked);
	/* Beyond it, not at it: then what was sent last in the round, and only that, has been acknowledged. */
	if (seq_gt(tcb->snd.una, hs->round_end) && next_round(hs, tcb))
		tcb->ssthresh = tcb->cwnd;
}
