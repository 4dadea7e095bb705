/* SPDX-License-Identifier: Apache-2.0
 *
 * See hystart.h.
 */
#include "tcp/hystart.h"

/* [9406 s4.3] */
enum { MIN_THRESHOLD_US = 4000, MAX_THRESHOLD_US = 16000, DIVISOR = 8, SAMPLES = 8, GROWTH_DIVISOR = 4, ROUNDS = 5 };

static bool grows(const struct hystart *hs)
{
	uint32_t threshold = hs->last_us / DIVISOR;

	if (threshold < MIN_THRESHOLD_US)
		threshold = MIN_THRESHOLD_US;
	if (threshold > MAX_THRESHOLD_US)
		threshold = MAX_THRESHOLD_US;
	return hs->last_us != 0 && hs->least_us >= hs->last_us + threshold;
}

static void take_sample(struct hystart *hs, weir_duration rtt)
{
	uint32_t us = rtt.ns / WEIR_NS_PER_US < UINT32_MAX / 2 ? (uint32_t)(rtt.ns / WEIR_NS_PER_US) : UINT32_MAX / 2;

	if (us == 0)
		us = 1;
	if (hs->least_us == 0 || us < hs->least_us)
		hs->least_us = us;
	if (hs->samples < SAMPLES)
		hs->samples++;
}

/* True when the conservative rounds are over. */
static bool next_round(struct hystart *hs, const struct tcb *tcb)
{
	hs->round_end = tcb->snd.max;
	hs->last_us = hs->least_us;
	hs->least_us = 0;
	hs->samples = 0;
	return hs->base_us != 0 && ++hs->rounds >= ROUNDS;
}

void hystart_acked(struct hystart *hs, struct tcb *tcb, const struct tcp_cc_ack *ack)
{
	if (ack->rtt.ns > 0)
		take_sample(hs, ack->rtt);
	if (hs->samples >= SAMPLES && hs->base_us == 0 && grows(hs)) {
		hs->base_us = hs->least_us;
		hs->rounds = 0;
	} else if (hs->samples >= SAMPLES && hs->base_us != 0 && hs->least_us < hs->base_us) {
		hs->base_us = 0; /* it was not */
	}
	tcp_cc_slow_start(tcb, hs->base_us != 0 ? ack->acked / GROWTH_DIVISOR : ack->acked);
	if (seq_ge(tcb->snd.una, hs->round_end) && next_round(hs, tcb))
		tcb->ssthresh = tcb->cwnd;
}
