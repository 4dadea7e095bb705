/* SPDX-License-Identifier: Apache-2.0
 *
 * Slow start and congestion avoidance of RFC 5681 [9293 MUST-19] with byte counting [3465]: "reno".
 */
#include "tcp/cc.h"

struct newreno {
	uint32_t acked; /* towards the next increase */
};

static struct newreno *state(struct tcb *tcb)
{
	_Static_assert(sizeof(struct newreno) <= sizeof(tcb->cc_state), "it fits");
	return (struct newreno *)(void *)tcb->cc_state;
}

static void newreno_init(struct host *h, struct tcb *tcb)
{
	(void)h;
	if (tcb->cwnd == 0)
		tcb->cwnd = tcp_cc_initial_window(tcb);
}

static void newreno_acked(struct host *h, struct tcb *tcb, const struct tcp_cc_ack *ack)
{
	struct newreno *n = state(tcb);

	(void)h;
	if (!ack->window_limited || tcb->cwnd > TCP_CC_WINDOW_MAX)
		return;
	n->acked += tcp_cc_slow_start(tcb, ack->acked);
	if (n->acked >= tcb->cwnd) {
		n->acked -= tcb->cwnd;
		tcb->cwnd += tcb->snd.mss;
	}
}

/* [5681 eq 4] */
static void newreno_loss(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	tcb->ssthresh = flight / 2 > 2u * tcb->snd.mss ? flight / 2 : 2u * tcb->snd.mss;
	state(tcb)->acked = 0;
}

const struct tcp_cc_ops tcp_cc_newreno = {
    .name = "reno",
    .init = newreno_init,
    .acked = newreno_acked,
    .loss = newreno_loss,
    .timeout = newreno_loss,
};
