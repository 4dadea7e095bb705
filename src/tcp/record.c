/* SPDX-License-Identifier: Apache-2.0
 *
 * Records (MSG_EOR): ends of writes that no segment reaches across, neither when it is sent nor when it is sent again.
 * A record's last segment leaves though it is not full, once more follows. The stream has no records for the peer; but
 * one that reads segments as they come sees each record begin a segment, and a link that cuts large packets never puts
 * two into one. What is remembered is bounded: further ends are then forgotten, the bytes go as any others.
 */
#include "tcp/internal.h"

enum { RECORDS_ORDER = 9 };

struct records {
	uint16_t count, first;                        /* oldest first, from `first` on, round the end of the array */
	uint64_t end[((1 << RECORDS_ORDER) - 8) / 8]; /* places in SendQ's stream */
};

enum { RECORDS_MAX = sizeof(((struct records *)0)->end) / sizeof(uint64_t) };

_Static_assert(sizeof(struct records) <= 1u << RECORDS_ORDER, "it fits its buffer");

static uint64_t end_at(const struct records *r, unsigned i)
{
	return r->end[(r->first + i) % RECORDS_MAX];
}

/* The place in SendQ's stream of a sequence number. */
static uint64_t place_of(const struct tcb *tcb, seq_t seq)
{
	return tcb->sndq.head + seq_dist(tcb_send_head(tcb), seq);
}

void tcp_record_end(struct host *h, struct tcb *tcb)
{
	struct rare *rare = tcp_rare_get(h, tcb);
	struct records *r;

	if (!rare)
		return;
	if (!rare->records) {
		rare->records = memory_buffer_get(&h->memory, RECORDS_ORDER);
		if (!rare->records)
			return;
		rare->records->count = rare->records->first = 0;
	}
	r = rare->records;
	if (r->count == RECORDS_MAX || (r->count > 0 && end_at(r, r->count - 1u) == tcb->sndq.tail))
		return;
	r->end[(r->first + r->count++) % RECORDS_MAX] = tcb->sndq.tail;
}

void tcp_records_acknowledged(struct host *h, struct tcb *tcb)
{
	struct records *r = tcb_records(tcb);

	while (r->count > 0 && end_at(r, 0) <= tcb->sndq.head) {
		r->first = (uint16_t)((r->first + 1) % RECORDS_MAX);
		r->count--;
	}
	if (r->count == 0)
		tcp_records_free(h, tcb);
}

void tcp_records_free(struct host *h, struct tcb *tcb)
{
	if (!tcb_records(tcb))
		return;
	memory_buffer_put(&h->memory, tcb->rare->records, RECORDS_ORDER);
	tcb->rare->records = NULL;
}

/* The first end behind a place; false: there is none. */
static bool next_end(const struct tcb *tcb, uint64_t place, uint64_t *end)
{
	const struct records *r = tcb_records(tcb);

	for (unsigned i = 0; i < r->count; i++) {
		*end = end_at(r, i);
		if (*end > place)
			return true;
	}
	return false;
}

uint32_t tcp_record_limit(const struct tcb *tcb, seq_t seq, uint32_t len)
{
	uint64_t place = place_of(tcb, seq), end;

	if (!next_end(tcb, place, &end) || end - place >= len)
		return len;
	return (uint32_t)(end - place);
}

uint32_t tcp_record_last(const struct tcb *tcb, seq_t seq, uint32_t len)
{
	uint32_t part;

	while ((part = tcp_record_limit(tcb, seq, len)) < len) {
		seq = seq_add(seq, part);
		len -= part;
	}
	return len;
}

bool tcp_record_ends_at(const struct tcb *tcb, seq_t seq)
{
	uint64_t place = place_of(tcb, seq), end;

	return place > 0 && next_end(tcb, place - 1, &end) && end == place;
}

void tcp_records_check(const struct tcb *tcb)
{
	const struct records *r = tcb_records(tcb);

	weir_assert(r->count > 0 && r->count <= RECORDS_MAX && r->first < RECORDS_MAX);
	for (unsigned i = 0; i < r->count; i++) {
		weir_assert(end_at(r, i) > tcb->sndq.head && end_at(r, i) <= tcb->sndq.tail);
		weir_assert(i == 0 || end_at(r, i - 1) < end_at(r, i));
	}
}
