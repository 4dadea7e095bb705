/* SPDX-License-Identifier: Apache-2.0
 *
 * Round-trip time and retransmission time-out [6298; 9293 MUST-18]. Samples come from segments sent
 * once only (Karn).
 */
#include "tcp/internal.h"

static weir_duration limited(weir_duration d, weir_duration low, weir_duration high)
{
	if (d.ns < low.ns)
		return low;
	return d.ns > high.ns ? high : d;
}

static weir_duration floor_of(const struct host *h, const struct tcb *tcb)
{
	return tcb->tuning && tcb->tuning->rto_min_us ? weir_us(tcb->tuning->rto_min_us) : h->config.min_rto;
}

weir_duration tcp_rto_max(const struct tcb *tcb)
{
	return tcb->tuning && tcb->tuning->rto_max_ms ? weir_ms(tcb->tuning->rto_max_ms) : TCP_MAX_RTO;
}

void tcp_rto_from_rtt(const struct host *h, struct tcb *tcb)
{
	weir_duration least = floor_of(h, tcb);
	int64_t margin = 4 * tcb->rttvar.ns;

	if (tcb->srtt.ns == 0)
		tcb->rto = TCP_INITIAL_RTO;
	else /* The floor is on the margin too: a path without variation must not time out on its own delay. */
		tcb->rto = limited((weir_duration){tcb->srtt.ns + (margin < least.ns ? least.ns : margin)}, least,
		                   tcp_rto_max(tcb));
}

/*
 * [6298 2.2, 2.3] alpha 1/8, beta 1/4. Every acknowledgement is a sample, so that SRTT keeps up with a queue that grows
 * within a round trip. So many samples would make RTTVAR forget in no time what the last round trip was like
 * [6298 s3]: it grows with each, but shrinks once a round.
 */
void tcp_rtt_sample(const struct host *h, struct tcb *tcb, weir_duration rtt, bool round)
{
	int64_t r = rtt.ns > 0 ? rtt.ns : 1, delta;

	if (tcb->srtt.ns == 0) {
		tcb->srtt.ns = r;
		tcb->rttvar.ns = r / 2;
		tcb->min_rtt.ns = r;
	} else {
		delta = tcb->srtt.ns > r ? tcb->srtt.ns - r : r - tcb->srtt.ns;
		if (round || delta > tcb->rttvar.ns)
			tcb->rttvar.ns += (delta - tcb->rttvar.ns) / 4;
		tcb->srtt.ns += (r - tcb->srtt.ns) / 8;
		if (r < tcb->min_rtt.ns)
			tcb->min_rtt.ns = r;
	}
	tcp_rto_from_rtt(h, tcb);
}

/* [6298 5.5; 9293 MUST-19] */
void tcp_rto_back_off(struct tcb *tcb)
{
	tcb->rto = limited((weir_duration){tcb->rto.ns * 2}, weir_ms(1), tcp_rto_max(tcb));
}
