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

static void reduce_to(struct tcb *tcb, uint32_t bytes)
{
	tcb->ssthresh = bytes > 2u * tcb->snd.mss ? bytes : 2u * tcb->snd.mss;
	state(tcb)->acked = 0;
}

/* [5681 eq 4] */
static void newreno_loss(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	reduce_to(tcb, flight / 2);
}

/* [8511 s3] Where queues are marked they are short: less is enough. */
static void newreno_marked(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	reduce_to(tcb, (uint32_t)((uint64_t)flight * 8 / 10));
}

const struct tcp_cc_ops tcp_cc_newreno = {
    .name = "reno",
    .init = newreno_init,
    .acked = newreno_acked,
    .loss = newreno_loss,
    .marked = newreno_marked,
    .timeout = newreno_loss,
};
