/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP_NOTSENT_LOWAT: how much of what a program wrote may wait in SendQ without having been sent. It bounds what has
 * been written too early, not what is under way. As Linux: a write is refused from the bound on, and the connection
 * becomes writable again when less than half of it waits.
 */
#include "tcp/internal.h"

static uint32_t unsent(const struct tcb *tcb)
{
	seq_t from = seq_max(tcb->snd.max, tcb_send_head(tcb)), end = tcb_send_end(tcb);

	return seq_lt(from, end) ? seq_dist(from, end) : 0;
}

bool tcp_unsent_full(const struct tcb *tcb)
{
	uint32_t most = tcb->tuning->notsent_lowat;

	return most > 0 && unsent(tcb) >= most;
}

static bool low(const struct tcb *tcb, uint64_t bytes)
{
	return 2 * bytes < tcb->tuning->notsent_lowat;
}

bool tcp_unsent_writable(const struct tcb *tcb)
{
	return tcb->tuning->notsent_lowat == 0 || low(tcb, unsent(tcb));
}

uint64_t tcp_bytes_sent(const struct tcb *tcb)
{
	return tcb->sndq.tail - unsent(tcb);
}

void tcp_unsent_left(struct tcb *tcb, uint32_t len)
{
	uint64_t now = unsent(tcb);

	if (low(tcb, now) && !low(tcb, now + len))
		tcb->changed = true;
}
