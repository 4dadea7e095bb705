/* SPDX-License-Identifier: Apache-2.0
 *
 * See autotune.h.
 */
#include "tcp/autotune.h"

#include "tcp/internal.h"

enum { SPARE_SEGMENTS = 16 };

_Static_assert(sizeof(struct autotune) <= 1u << AUTOTUNE_ORDER, "it fits its buffer");

void tcp_autotune_free(struct host *h, struct tcb *tcb)
{
	if (tcb->autotune)
		memory_buffer_put(&h->memory, tcb->autotune, AUTOTUNE_ORDER);
	tcb->autotune = NULL;
}

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
static void end_round(const struct host *h, struct tcb *tcb, struct autotune *a, int64_t elapsed_ns)
{
	uint64_t read = (tcb->rcvq.head - a->head) * (uint64_t)tcb->srtt.ns / (uint64_t)elapsed_ns;
	uint64_t wanted = 2 * read + (uint64_t)SPARE_SEGMENTS * tcb->rcv.mss;

	if (read > a->last_read)
		wanted += 2 * (read - a->last_read);
	a->last_read = read;
	a->at = h->now;
	a->head = tcb->rcvq.head;
	grow(h, tcb, wanted);
}

void tcp_autotune_read(struct host *h, struct tcb *tcb)
{
	struct autotune *a = tcb->autotune;
	int64_t elapsed_ns;

	if (!a) {
		if (tcb->srtt.ns == 0 || tcb->rcvq.head < tcb->rqs / 4) /* most connections never need it */
			return;
		a = memory_buffer_get(&h->memory, AUTOTUNE_ORDER);
		if (!a)
			return;
		*a = (struct autotune){.at = h->now, .head = tcb->rcvq.head};
		tcb->autotune = a;
	}
	elapsed_ns = weir_time_since(h->now, a->at).ns;
	if (elapsed_ns >= tcb->srtt.ns)
		end_round(h, tcb, a, elapsed_ns);
}

void tcp_autotune_write(const struct host *h, struct tcb *tcb)
{
	uint64_t wanted = 2 * (uint64_t)tcb->cwnd;

	if (wanted > h->config.sndbuf_auto_max_bytes)
		wanted = h->config.sndbuf_auto_max_bytes;
	if (wanted > tcb->sndq.limit)
		tcb->sndq.limit = (uint32_t)wanted;
}
