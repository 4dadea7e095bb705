/* SPDX-License-Identifier: Apache-2.0
 *
 * CUBIC [9438]: "cubic". Between losses the window follows a cubic function of the time since the last one, flat where
 * that one happened; never below what Reno would have. Integers only: bytes, milliseconds, quotients with their rests.
 */
#include "tcp/cc.h"
#include "tcp/hystart.h"

#include <string.h>

enum {
	BETA_HUNDREDTHS = 70,
	BETA_MARKED_HUNDREDTHS = 85, /* [8511 s3] */
	/* alpha of the Reno-friendly estimate, 3 (1 - beta) / (1 + beta) [s4.3] */
	ALPHA_NUMERATOR = 9,
	ALPHA_DENOMINATOR = 17,
	/* Beyond it the function is far above every window. */
	FAR_MS = 100000,
};

struct avoidance {
	uint32_t epoch_ms; /* when it began; 0 = with the next acknowledgement */
	uint32_t k_ms;     /* from then on until the function reaches w_max */
	uint32_t w_est;    /* Reno's window */
	uint32_t rest, est_rest;
};

struct cubic {
	uint32_t w_max;      /* before the last reduction, less with fast convergence */
	uint32_t w_max_undo; /* what it was before that */
	uint32_t cwnd_prior;
	union { /* the first slow start ends when the first avoidance begins */
		struct hystart hystart;
		struct avoidance ca;
	};
};

static struct cubic *state(struct tcb *tcb)
{
	_Static_assert(sizeof(struct cubic) <= sizeof(tcb->cc_state), "it fits");
	return (struct cubic *)(void *)tcb->cc_state;
}

static uint32_t cube_root(uint64_t x)
{
	uint64_t root = 0;

	for (int bit = 20; bit >= 0; bit--) {
		uint64_t try = root | UINT64_C(1) << bit;

		if (try * try * try <= x)
			root = try;
	}
	return (uint32_t)root;
}

/* W_cubic [s4.2 figure 1], with C = 0.4. */
static uint32_t window_at(const struct cubic *c, const struct tcb *tcb, uint32_t t_ms)
{
	int64_t d = (int64_t)t_ms - c->ca.k_ms, w;

	if (d > FAR_MS)
		d = FAR_MS;
	if (d < -FAR_MS)
		d = -FAR_MS;
	w = c->w_max + d * d / 1000 * d / 1000 * 4 * tcb->snd.mss / 10000;
	if (w < 0)
		return 0;
	return w > TCP_CC_WINDOW_MAX ? TCP_CC_WINDOW_MAX : (uint32_t)w;
}

static void begin_epoch(struct cubic *c, const struct tcb *tcb, uint32_t now_ms)
{
	c->ca = (struct avoidance){.epoch_ms = now_ms, .w_est = tcb->cwnd};
	if (tcb->cwnd >= c->w_max)
		c->w_max = tcb->cwnd;
	else /* [s4.2 figure 2] */
		c->ca.k_ms = cube_root((uint64_t)(c->w_max - tcb->cwnd) * UINT64_C(2500000000) / tcb->snd.mss);
}

/* a * b / c, the rest kept for the next time. */
static uint32_t share(uint32_t a, uint32_t b, uint32_t c, uint32_t *rest)
{
	uint64_t all = (uint64_t)a * b + *rest;

	*rest = (uint32_t)(all % c);
	return (uint32_t)(all / c);
}

/* [s4.3] */
static void reno_estimate(struct cubic *c, const struct tcb *tcb, uint32_t acked)
{
	uint32_t more = tcb->snd.mss;

	if (c->ca.w_est < c->cwnd_prior)
		more = more * ALPHA_NUMERATOR / ALPHA_DENOMINATOR;
	c->ca.w_est += share(more, acked, tcb->cwnd, &c->ca.est_rest);
}

static void avoid(const struct host *h, struct cubic *c, struct tcb *tcb, uint32_t acked)
{
	uint32_t now_ms = (uint32_t)(h->now.ns / WEIR_NS_PER_MS) | 1, t, target;

	if (c->ca.epoch_ms == 0)
		begin_epoch(c, tcb, now_ms);
	t = now_ms - c->ca.epoch_ms;
	reno_estimate(c, tcb, acked);
	if (window_at(c, tcb, t) < c->ca.w_est) {
		if (tcb->cwnd < c->ca.w_est)
			tcb->cwnd = c->ca.w_est;
		return;
	}
	/* [s4.4, s4.5] Where the function will be a round trip from now; at most half as much again. */
	target = window_at(c, tcb, t + (uint32_t)(tcb->srtt.ns / WEIR_NS_PER_MS));
	if (target > tcb->cwnd + tcb->cwnd / 2)
		target = tcb->cwnd + tcb->cwnd / 2;
	if (target > tcb->cwnd)
		tcb->cwnd += share(target - tcb->cwnd, acked, tcb->cwnd, &c->ca.rest);
}

static void cubic_init(struct host *h, struct tcb *tcb)
{
	(void)h;
	if (tcb->cwnd == 0)
		tcb->cwnd = tcp_cc_initial_window(tcb);
	state(tcb)->hystart.round_end = tcb->snd.max;
}

static void cubic_acked(struct host *h, struct tcb *tcb, const struct tcp_cc_ack *ack)
{
	struct cubic *c = state(tcb);
	uint32_t left = ack->acked;

	if (!ack->window_limited) { /* [s5.8] time in which the program had nothing to send is no time of the function
		                     */
		if (tcb->ssthresh != UINT32_MAX)
			c->ca.epoch_ms = 0;
		return;
	}
	if (tcb->cwnd > TCP_CC_WINDOW_MAX)
		return;
	if (tcb->ssthresh == UINT32_MAX) {
		hystart_acked(&c->hystart, tcb, ack);
		if (tcb->ssthresh != UINT32_MAX)
			memset(&c->ca, 0, sizeof(c->ca));
		return;
	}
	left = tcp_cc_slow_start(tcb, left);
	if (left > 0)
		avoid(h, c, tcb, left);
}

/* [s4.6] */
static void reduce(struct tcb *tcb, uint32_t flight, uint32_t hundredths)
{
	struct cubic *c = state(tcb);
	uint32_t two = 2u * tcb->snd.mss, less = (uint32_t)((uint64_t)flight * hundredths / 100);

	c->w_max_undo = c->w_max;
	c->cwnd_prior = tcb->cwnd;
	tcb->ssthresh = less > two ? less : two;
	memset(&c->ca, 0, sizeof(c->ca));
}

static void reduce_from_maximum(struct tcb *tcb, uint32_t flight, uint32_t hundredths)
{
	struct cubic *c = state(tcb);
	uint32_t w_max = c->w_max;

	reduce(tcb, flight, hundredths);
	/* [s4.7] Fast convergence: who loses below the last maximum makes room for a newcomer. */
	c->w_max = tcb->cwnd < w_max ? (uint32_t)((uint64_t)tcb->cwnd * (100 + hundredths) / 200) : tcb->cwnd;
}

static void cubic_loss(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	reduce_from_maximum(tcb, flight, BETA_HUNDREDTHS);
}

static void cubic_marked(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	reduce_from_maximum(tcb, flight, BETA_MARKED_HUNDREDTHS);
}

/* [s4.8] What follows begins with a flat function where slow start ends. */
static void cubic_timeout(struct host *h, struct tcb *tcb, uint32_t flight)
{
	(void)h;
	reduce(tcb, flight, BETA_HUNDREDTHS);
	state(tcb)->w_max = 0;
}

/* [s4.9] */
static void cubic_undo(struct host *h, struct tcb *tcb)
{
	struct cubic *c = state(tcb);

	(void)h;
	c->w_max = c->w_max_undo;
	memset(&c->ca, 0, sizeof(c->ca));
	if (tcb->ssthresh == UINT32_MAX) { /* slow start goes on: what its rounds were like the shortest of all tells */
		c->hystart.round_end = tcb->snd.max;
		c->hystart.last_us = (uint32_t)(tcb->min_rtt.ns / WEIR_NS_PER_US);
	}
}

const struct tcp_cc_ops tcp_cc_cubic = {
    .name = "cubic",
    .init = cubic_init,
    .acked = cubic_acked,
    .loss = cubic_loss,
    .marked = cubic_marked,
    .timeout = cubic_timeout,
    .undo = cubic_undo,
};
