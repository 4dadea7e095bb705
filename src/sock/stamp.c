/* SPDX-License-Identifier: Apache-2.0
 *
 * See stamp.h. Places are those of the stream, so that nothing goes round.
 */
#include "sock/stamp.h"

#include "sock/report.h"

enum { WRITES = 16 }; /* watched at a time; those beyond are counted */

struct sock_stamps {
	uint64_t base; /* numbers count from here */
	uint8_t first, sent, count;
	uint64_t end[WRITES]; /* a ring from `first`: behind the last byte of a write; `sent` of them have left */
};

void sock_stamps_free(struct weir_socket *s)
{
	struct tcp_tuning *t = s->opt.tuning;

	if (t->stamps)
		memory_free(&sock_host(s)->memory, t->stamps, sizeof(*t->stamps));
	t->stamps = NULL;
}

static struct sock_stamps *get(struct weir_socket *s)
{
	struct tcp_tuning *t = s->opt.tuning;

	if (!t->stamps)
		t->stamps = memory_alloc_zero(&sock_host(s)->memory, sizeof(*t->stamps));
	return t->stamps;
}

int sock_stamping_set(struct weir_socket *s, int32_t flags)
{
	bool numbers, open = s->kind == SOCK_CONNECTION && s->u.tcb.state != WEIR_TCP_CLOSED;

	if (flags & ~STAMP_KNOWN)
		return -WEIR_EINVAL;
	if ((flags & STAMP_FROM_END) && !(flags & STAMP_NUMBERED))
		return -WEIR_EINVAL;
	if (!sock_tuning(s))
		return -WEIR_ENOBUFS;
	numbers = (flags & STAMP_NUMBERED) && !(s->opt.tuning->stamping & STAMP_NUMBERED);
	if (numbers && !open)
		return -WEIR_EINVAL;
	if (numbers && !get(s))
		return -WEIR_ENOBUFS;
	if (numbers)
		s->opt.tuning->stamps->base = flags & STAMP_FROM_END ? s->u.tcb.sndq.tail : s->u.tcb.sndq.head;
	s->opt.tuning->stamping = (uint32_t)flags;
	if (s->kind == SOCK_CONNECTION)
		s->u.tcb.tuning = s->opt.tuning;
	return 0;
}

int sock_stamping_get(struct weir_socket *s, int32_t *flags)
{
	*flags = s->opt.tuning ? (int32_t)s->opt.tuning->stamping : 0;
	return 0;
}

void sock_stamps_written(struct weir_socket *s)
{
	uint32_t flags = s->opt.tuning->stamping;
	struct sock_stamps *stamps;

	if (!(flags & STAMP_REPORT) || !(flags & (STAMP_SENT | STAMP_QUEUED | STAMP_ACKED)))
		return;
	stamps = get(s);
	if (!stamps || stamps->count == WRITES) {
		host_count(sock_host(s), drop_report_lost);
		return;
	}
	stamps->end[(stamps->first + stamps->count++) % WRITES] = s->u.tcb.sndq.tail;
}

static void report(struct weir_socket *s, uint64_t end, enum weir_stamp what)
{
	struct weir_error_report report = {
	    .error = WEIR_ENOMSG,
	    .origin = WEIR_ORIGIN_TIMESTAMPING,
	    .info = what,
	    .at = sock_host(s)->now,
	    .remote = s->remote,
	};

	if (s->opt.tuning->stamping & STAMP_NUMBERED)
		report.number = (uint32_t)(end - 1 - s->opt.tuning->stamps->base);
	sock_report_queue(s, &report);
}

static void leaves(struct weir_socket *s, uint64_t end)
{
	uint32_t flags = s->opt.tuning->stamping;

	if (flags & STAMP_QUEUED)
		report(s, end, WEIR_STAMP_QUEUED);
	if (flags & STAMP_SENT)
		report(s, end, WEIR_STAMP_SENT);
}

void sock_stamps_check(struct weir_socket *s)
{
	struct sock_stamps *stamps = s->opt.tuning->stamps;
	const struct tcb *tcb = &s->u.tcb;
	uint64_t sent;

	if (!stamps || stamps->count == 0)
		return;
	sent = tcp_bytes_sent(tcb);
	while (stamps->sent < stamps->count && stamps->end[(stamps->first + stamps->sent) % WRITES] <= sent) {
		leaves(s, stamps->end[(stamps->first + stamps->sent) % WRITES]);
		stamps->sent++;
	}
	while (stamps->sent > 0 && stamps->end[stamps->first] <= tcb->sndq.head) {
		if (s->opt.tuning->stamping & STAMP_ACKED)
			report(s, stamps->end[stamps->first], WEIR_STAMP_ACKED);
		stamps->first = (uint8_t)((stamps->first + 1) % WRITES);
		stamps->sent--;
		stamps->count--;
	}
}
