/* SPDX-License-Identifier: Apache-2.0
 *
 * The pair. A direction without an injector is one output() and one input(); with one, packets are pushed, and what
 * is due is pulled.
 */
#include "link/pair.h"

#include "base/assert.h"

#include <weir/error.h>

#include <stdlib.h>

static struct link_pair *pair_of(struct link *link)
{
	return weir_container(link, struct link_pair, link);
}

static size_t move(struct link_pair *pair, unsigned from, weir_time now)
{
	const struct link_port *source = &pair->port[from], *target = &pair->port[!from];
	struct link_fault *fault = pair->fault[from];
	struct weir_packet batch[LINK_BATCH];
	size_t n = source->ops->output(source, now, batch, LINK_BATCH), moved = n;

	if (fault == NULL) {
		if (n > 0)
			link_port_deliver(target, batch, n, now, &pair->traffic[from]);
		return moved;
	}
	if (n > 0)
		link_fault_push(fault, batch, n, now);
	while ((n = link_fault_pull(fault, now, batch, LINK_BATCH)) > 0) {
		link_port_deliver(target, batch, n, now, &pair->traffic[from]);
		moved += n;
	}
	return moved;
}

/* A port is asked again only after it sent something or was sent something. */
static size_t pair_step(struct link *link, weir_time now, size_t budget)
{
	struct link_pair *pair = pair_of(link);
	bool ask[2] = {true, true};
	size_t total = 0;

	while ((ask[0] || ask[1]) && (total < budget || total == 0)) {
		for (unsigned from = 0; from < 2; from++) {
			size_t moved = ask[from] ? move(pair, from, now) : 0;

			ask[from] = moved > 0;
			ask[!from] |= moved > 0;
			total += moved;
		}
	}
	return total;
}

static weir_time pair_deadline(const struct link *link)
{
	const struct link_pair *pair = (const struct link_pair *)link;
	weir_time at = WEIR_NEVER;

	for (unsigned from = 0; from < 2; from++) {
		if (pair->fault[from] != NULL)
			at = weir_time_min(at, link_fault_deadline(pair->fault[from]));
	}
	return at;
}

static bool pair_pending(const struct link *link, weir_time now)
{
	const struct link_pair *pair = (const struct link_pair *)link;

	return !weir_time_before(now, pair_deadline(link)) || pair->port[0].ops->pending(&pair->port[0]) ||
	       pair->port[1].ops->pending(&pair->port[1]);
}

static void pair_free(struct link *link)
{
	struct link_pair *pair = pair_of(link);

	link_fault_free(pair->fault[0]);
	link_fault_free(pair->fault[1]);
	free(pair);
}

static const struct link_ops pair_ops = {
    .step = pair_step,
    .pending = pair_pending,
    .deadline = pair_deadline,
    .free = pair_free,
};

static void answer(void *ctx, const struct weir_packet *packet, weir_time now)
{
	link_fault_push(ctx, packet, 1, now);
}

/* What one direction has to say to who sends in it goes the other way. */
static void join_directions(struct link_pair *pair)
{
	for (unsigned from = 0; from < 2; from++) {
		if (pair->fault[from] != NULL)
			link_fault_answers(pair->fault[from], pair->fault[!from] ? answer : NULL, pair->fault[!from]);
	}
}

int link_pair_set_fault(struct link_pair *pair, unsigned from, const struct link_fault_spec *spec)
{
	int error;

	if (pair->fault[from] != NULL)
		return link_fault_set(pair->fault[from], spec);
	error = link_fault_new(spec, pair->port[from].kind, &pair->fault[from]);
	join_directions(pair);
	return error;
}

int link_pair_new(const struct link_port *a, const struct link_port *b, const struct link_fault_spec *a_to_b,
                  const struct link_fault_spec *b_to_a, struct link_pair **pair)
{
	const struct link_fault_spec *spec[2] = {a_to_b, b_to_a};
	struct link_pair *p;

	if (a->kind != b->kind)
		return -WEIR_EINVAL;
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return -WEIR_ENOMEM;
	p->link.ops = &pair_ops;
	p->port[0] = *a;
	p->port[1] = *b;
	for (unsigned from = 0; from < 2; from++) {
		int error;

		/* One owner on both sides: its packets do not outlive the call of its own input(), so they are copied.
		 */
		if (spec[from] == NULL && a->owner != b->owner)
			continue;
		error = link_fault_new(spec[from], a->kind, &p->fault[from]);
		if (error != 0) {
			pair_free(&p->link);
			return error;
		}
	}
	join_directions(p);
	*pair = p;
	return 0;
}
