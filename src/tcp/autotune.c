/* SPDX-License-Identifier: Apache-2.0
 *
 * See autotune.h.
 */
#include "tcp/autotune.h"

#include "tcp/internal.h"
#include "tcp/rounds.h"

enum { SPARE_SEGMENTS = 16 };

static void grow(const struct host *h, struct tcb *tcb, uint64_t wanted)
{
	uint64_t most = (uint64_t)65535 << tcb->rcv.shift; /* more could not be told */

	if (most > h->config.rcvbuf_auto_max_bytes)
		most = h->config.rcvbuf_auto_max_bytes;
	if (wanted > most)
		wanted = most;
	if (wanted <= tcb->rqs)
		return;
	tcb->rqs = (uint32_t)wanted;
	tcp_window_fit_limit(tcb);
}

/* A round trip's reading, twice: the peer may double its window in the next one. Where it grew, room for that. */
static void end_round(const struct host *h, struct tcb *tcb, struct rounds *r, weir_duration rtt, int64_t elapsed_ns)
{
	uint64_t read = (tcb->rcvq.head - r->read_head) * (uint64_t)rtt.ns / (uint64_t)elapsed_ns;
	uint64_t wanted = 2 * read + (uint64_t)SPARE_SEGMENTS * tcb->rcv.mss;

	if (read > r->last_read)
		wanted += 2 * (read - r->last_read);
	r->last_read = read;
	r->read_from = h->now;
	r->read_head = tcb->rcvq.head;
	grow(h, tcb, wanted);
}

void tcp_autotune_read(struct host *h, struct tcb *tcb)
{
	struct rounds *r = tcb->rounds;
	weir_duration rtt = tcp_receiver_rtt(tcb);
	int64_t elapsed_ns;

	if (rtt.ns == 0)
		rtt = tcb->srtt;
	if (!r || !r->reads) {
		if (rtt.ns == 0 || tcb->rcvq.head < tcb->rqs / 4) /* most connections never need it */
			return;
		r = tcp_rounds_get(h, tcb);
		if (!r)
			return;
		r->reads = true;
		r->read_from = h->now;
		r->read_head = tcb->rcvq.head;
	}
	elapsed_ns = weir_time_since(h->now, r->read_from).ns;
	if (elapsed_ns >= rtt.ns)
		end_round(h, tcb, r, rtt, elapsed_ns);
}

void tcp_autotune_write(const struct host *h, struct tcb *tcb)
{
	uint64_t wanted = 2 * (uint64_t)tcb->cwnd;

	if (wanted > h->config.sndbuf_auto_max_bytes)
		wanted = h->config.sndbuf_auto_max_bytes;
	if (wanted > tcb->sndq.limit)
		tcb->sndq.limit = (uint32_t)wanted;
}
