/* SPDX-License-Identifier: Apache-2.0
 *
 * Slow start, congestion avoidance [5681] with byte counting [3465], and what loss does to the window; the moves of
 * recovery itself [6582] are in ack.c.
 */
#include "tcp/internal.h"

static uint32_t most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* [6928 s2] */
static void newreno_init(struct tcb *tcb)
{
	uint32_t ten = TCP_IW_SEGMENTS * (uint32_t)tcb->snd.mss;

	tcb->cwnd = ten;
	if (ten > 14600)
		tcb->cwnd = most(2u * tcb->snd.mss, 14600);
	tcb->ssthresh = UINT32_MAX;
	tcb->cwnd_acked = 0;
}

static void newreno_acked(struct host *h, struct tcb *tcb, uint32_t bytes, uint32_t flight)
{
	uint32_t mss = tcb->snd.mss;

	(void)h;
	/* A window that was not used says nothing about the path [7661 s4.3]. */
	if (flight + flight < tcb->cwnd || tcb->cwnd > UINT32_C(1) << 30)
		return;
	if (tcb->cwnd < tcb->ssthresh) {
		/* A large segment stands for several acknowledgements of two each. */
		tcb->cwnd += bytes;
		return;
	}
	tcb->cwnd_acked += bytes;
	if (tcb->cwnd_acked >= tcb->cwnd) {
		tcb->cwnd_acked -= tcb->cwnd;
		tcb->cwnd += mss;
	}
}

/* [5681 eq 4] */
static void newreno_loss(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	tcb->ssthresh = most(flight / 2, 2u * tcb->snd.mss);
	tcb->cwnd = tcb->ssthresh + TCP_DUP_THRESHOLD * (uint32_t)tcb->snd.mss;
	tcb->cwnd_acked = 0;
}

static void newreno_timeout(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	tcb->ssthresh = most(flight / 2, 2u * tcb->snd.mss);
	tcb->cwnd = tcb->snd.mss;
	tcb->cwnd_acked = 0;
}

const struct tcp_cc_ops tcp_cc_newreno = {
    .name = "reno",
    .init = newreno_init,
    .acked = newreno_acked,
    .loss = newreno_loss,
    .timeout = newreno_timeout,
};
