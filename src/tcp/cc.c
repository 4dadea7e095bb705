/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of congestion control algorithms, and what they have in common.
 */
#include "tcp/cc.h"

#include "tcp/pace.h"

#include <string.h>

static const struct tcp_cc_ops *const algorithm[] = {&tcp_cc_cubic, &tcp_cc_newreno, &tcp_cc_bbr};

enum { ALGORITHMS = sizeof(algorithm) / sizeof(algorithm[0]) };

const struct tcp_cc_ops *tcp_cc_at(unsigned i)
{
	return i < ALGORITHMS ? algorithm[i] : NULL;
}

int tcp_cc_find(const char *name, size_t len)
{
	for (int i = 0; i < ALGORITHMS; i++) {
		const char *known = algorithm[i]->name;
		size_t n = 0;

		while (n < len && known[n] != '\0' && known[n] == name[n])
			n++;
		if (known[n] == '\0' && (n == len || name[n] == '\0'))
			return i;
	}
	return -1;
}

void tcp_cc_set(struct host *h, struct tcb *tcb, const struct tcp_cc_ops *cc)
{
	tcb->cc = tcp_pace_for(h, tcb, cc) ? cc : algorithm[0];
	memset(tcb->cc_state, 0, sizeof(tcb->cc_state));
	if (tcb->snd.mss > 0)
		tcb->cc->init(h, tcb);
}

uint32_t tcp_cc_initial_window(const struct tcb *tcb)
{
	uint32_t mss = tcb->snd.mss, ten = 10 * mss;

	if (ten <= 14600)
		return ten;
	return 2 * mss > 14600 ? 2 * mss : 14600;
}

uint32_t tcp_cc_slow_start(struct tcb *tcb, uint32_t acked)
{
	uint32_t room = tcb->ssthresh > tcb->cwnd ? tcb->ssthresh - tcb->cwnd : 0;
	uint32_t taken = acked < room ? acked : room;

	tcb->cwnd += taken;
	return acked - taken;
}

/* A half for each time-out that has passed, down to the initial window; slow start leads back to most of it. */
static void decay(struct tcb *tcb, weir_duration silence)
{
	uint32_t least = tcp_cc_initial_window(tcb), most = tcb->cwnd - tcb->cwnd / 4;

	if (tcb->cwnd <= least)
		return;
	if (tcb->ssthresh < most)
		tcb->ssthresh = most;
	for (int64_t left = silence.ns; left > tcb->rto.ns && tcb->cwnd > least; left -= tcb->rto.ns)
		tcb->cwnd /= 2;
	if (tcb->cwnd < least)
		tcb->cwnd = least;
}

static void after_silence(struct host *h, struct tcb *tcb, weir_duration silence)
{
	if (h->config.slow_start_after_silence && !tcb->cc->model_acked) /* a model is told in its own way */
		decay(tcb, silence);
	if (tcb->cc->restart)
		tcb->cc->restart(h, tcb);
}

void tcp_cc_note_silence(struct host *h, struct tcb *tcb)
{
	weir_duration silence = weir_time_since(h->now, tcb->sent_at);

	if (seq_eq(tcb->snd.una, tcb->snd.max) && tcb->snd.wnd > 0 && silence.ns > tcb->rto.ns)
		after_silence(h, tcb, silence);
}
