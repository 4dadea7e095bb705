/* SPDX-License-Identifier: Apache-2.0
 *
 * See pace.h.
 */
#include "tcp/pace.h"

#include "tcp/internal.h"

#include <string.h>

enum { PACE_ORDER = 8 };

_Static_assert(sizeof(struct pace) <= 1u << PACE_ORDER, "it fits its buffer");

struct pace *tcp_pace_get(struct host *h, struct tcb *tcb)
{
	struct pace *p = tcb->pace;

	if (p)
		return p;
	p = memory_buffer_get(&h->memory, PACE_ORDER);
	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	tcb->pace = p;
	return p;
}

static void drop_model(struct host *h, struct tcb *tcb)
{
	struct pace *p = tcb->pace;

	if (p->delivery)
		memory_buffer_put(&h->memory, p->delivery, DELIVERY_ORDER);
	if (p->model)
		memory_buffer_put(&h->memory, p->model, tcb->cc->model_order);
	p->delivery = NULL;
	p->model = NULL;
	p->rate = 0;
}

void tcp_pace_free(struct host *h, struct tcb *tcb)
{
	tcb->pace_wait = false;
	if (!tcb->pace)
		return;
	drop_model(h, tcb);
	memory_buffer_put(&h->memory, tcb->pace, PACE_ORDER);
	tcb->pace = NULL;
}

bool tcp_pace_for(struct host *h, struct tcb *tcb, const struct tcp_cc_ops *cc)
{
	struct pace *p = tcb->pace;

	if (p)
		drop_model(h, tcb);
	if (!cc->model_acked)
		return true;
	p = tcp_pace_get(h, tcb);
	if (!p)
		return false;
	p->delivery = memory_buffer_get(&h->memory, DELIVERY_ORDER);
	p->model = memory_buffer_get(&h->memory, cc->model_order);
	if (p->delivery && p->model) {
		memset(p->delivery, 0, sizeof(*p->delivery));
		memset(p->model, 0, (size_t)1 << cc->model_order);
		p->delivery->delivered_at = p->delivery->first_sent_at = h->now;
		return true;
	}
	if (p->model)
		memory_buffer_put(&h->memory, p->model, cc->model_order);
	p->model = NULL;
	drop_model(h, tcb);
	return false;
}

uint64_t tcp_pace_rate(const struct pace *pace)
{
	if (pace->limit != 0 && (pace->rate == 0 || pace->limit < pace->rate))
		return pace->limit;
	return pace->rate;
}

static weir_duration time_of(uint64_t bytes, uint64_t rate)
{
	return (weir_duration){(int64_t)(bytes * (uint64_t)WEIR_NS_PER_S / rate)};
}

/* A millisecond's worth, but two segments at least [draft-ietf-ccwg-bbr s5.6.3]. */
uint32_t tcp_pace_quantum(const struct tcb *tcb)
{
	uint64_t rate = tcp_pace_rate(tcb->pace), bytes = rate / 1000;
	uint32_t two = 2u * tcb->snd.mss;

	if (rate == 0 || bytes > 65536)
		bytes = 65536;
	return bytes > two ? (uint32_t)bytes : two;
}

static void pay(const struct host *h, struct tcb *tcb, uint32_t len)
{
	struct pace *p = tcb->pace;
	uint64_t rate = tcp_pace_rate(p);
	uint32_t quantum = tcp_pace_quantum(tcb), more = quantum > tcb->snd.mss ? quantum - tcb->snd.mss : 0;
	weir_time credit;

	if (rate == 0)
		return;
	credit = (weir_time){h->now.ns - time_of(quantum, rate).ns};
	if (weir_time_before(p->next, credit))
		p->next = credit;
	p->next = weir_time_add(p->next, time_of(len, rate));
	p->wake = weir_time_add(p->next, time_of(more, rate));
	tcb->pace_wait = weir_time_before(h->now, p->next);
}

void tcp_pace_sent(struct host *h, struct tcb *tcb, uint32_t len)
{
	if (tcb->pace->delivery)
		tcp_delivery_sent(h, tcb, len);
	pay(h, tcb, len);
}

bool tcp_pace_limit(struct host *h, struct tcb *tcb, uint32_t bytes_per_s)
{
	if (bytes_per_s == UINT32_MAX && !tcb->pace)
		return true;
	if (!tcp_pace_get(h, tcb))
		return false;
	tcb->pace->limit = bytes_per_s < UINT32_MAX ? bytes_per_s : 0;
	tcb->pace->wake = h->now;
	return true;
}
