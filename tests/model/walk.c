/* SPDX-License-Identifier: Apache-2.0
 *
 * One step after the other, to the model and to the stack; after each both must be at the same point.
 */
#include "walk.h"

#include <weir/error.h>

#include <stdio.h>

static void settle(struct walk *w)
{
	struct model *m = &w->model;

	real_drain(&w->real, m);
	if (!m->complaint[0])
		model_settled(m);
	if (!m->complaint[0])
		real_compare(&w->real, m);
}

static void differ(struct walk *w, const char *call, int64_t got, int64_t expected)
{
	real_note(&w->real, "   %s = %lld", call, (long long)got);
	if (got != expected)
		model_complain(&w->model, "%s gives %lld, should give %lld", call, (long long)got, (long long)expected);
}

static void step_segment(struct walk *w)
{
	struct model_segment seg;

	walk_draw_segment(w, &seg);
	real_note_segment(&w->real, &seg);
	model_step(&w->model, R_NONE);
	real_arrives(&w->real, &w->model, &seg);
	model_arrives(&w->model, &seg);
	if (w->real.sock && !w->model.has_handle) /* it was in TIME-WAIT, and its place is another's now */
		real_closes(&w->real, false);
	if (w->model.state == M_SYN_RECEIVED && !w->model.seen_edge)
		real_sweeps(&w->real);
	settle(w);
}

static void step_icmp(struct walk *w)
{
	uint32_t seq = walk_draw_quoted(w);
	uint8_t error;

	model_step(&w->model, R_NONE);
	error = real_icmp(&w->real, seq, walk_chance(w, 2));
	model_icmp(&w->model, seq, error);
	settle(w);
}

static void step_time(struct walk *w)
{
	int64_t until = w->model.now + walk_draw_time(w);
	bool there = false;

	for (unsigned i = 0; !there && !w->model.complaint[0]; i++) {
		there = real_time(&w->real, &w->model, until);
		model_step(&w->model, R_MAY);
		model_time(&w->model, w->real.now.ns);
		settle(w);
		if (i > 100000)
			model_complain(&w->model, "the deadline stays in the past");
	}
	real_note(&w->real, "   time passes, to %lld.%03lld s", (long long)(until / 1000000000 - 1000),
	          (long long)(until / 1000000 % 1000));
}

/* -- calls */

static void call_send(struct walk *w)
{
	uint32_t n = 1 + walk_draw(w, walk_chance(w, 2) ? 100 : 3000);
	uint64_t offset = w->model.written;

	model_step(&w->model, R_MAY);
	differ(w, "send()", real_sends(&w->real, offset, n), model_sends(&w->model, n));
}

static void call_read(struct walk *w)
{
	uint32_t n = 1 + walk_draw(w, walk_chance(w, 3) ? 10 : 5000);

	int64_t got;

	model_step(&w->model, R_MAY);
	got = real_reads(&w->real, &w->model, n);
	differ(w, "recv()", got, model_reads(&w->model, n, got));
}

static void call_shut(struct walk *w)
{
	model_step(&w->model, R_MAY);
	differ(w, "shutdown()", real_shuts(&w->real), model_shuts(&w->model));
}

static void call_close(struct walk *w, bool abort)
{
	model_step(&w->model, R_MAY);
	real_closes(&w->real, abort);
	model_closes(&w->model, abort);
	real_note(&w->real, "   %s()", abort ? "abort" : "close");
}

static void call_rcvbuf(struct walk *w)
{
	uint32_t bytes = 1 + walk_draw(w, 10000);

	model_step(&w->model, R_MAY);
	real_sets_rcvbuf(&w->real, bytes);
	w->model.rqs = bytes;
	real_note(&w->real, "   SO_RCVBUF = %u", bytes);
}

static void step_call(struct walk *w)
{
	struct model *m = &w->model;

	if (model_acceptable(m)) {
		model_step(m, R_MAY);
		differ(w, "accept()", real_accepts(&w->real), 0);
		model_accepts(m);
		settle(w);
		return;
	}
	if (!m->has_handle || m->state < M_SYN_SENT)
		return;
	switch (walk_draw(w, 30)) {
	case 0:
	case 1:
		call_shut(w);
		break;
	case 2:
		if (!walk_chance(w, 3))
			return;
		call_close(w, walk_chance(w, 3));
		break;
	case 3:
	case 4:
		call_rcvbuf(w);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
		call_send(w);
		break;
	default:
		call_read(w);
		break;
	}
	settle(w);
}

/* -- between connections */

/* The connection is over: its program reads what is left and learns why. */
static void post_mortem(struct walk *w)
{
	struct model *m = &w->model;
	bool fresh = w->real.sock && w->real.sock->kind != SOCK_CONNECTION;

	if (w->real.sock && !fresh) {
		for (int i = 0; i < 3 && !m->complaint[0]; i++)
			call_read(w);
		if (!m->complaint[0])
			call_send(w);
		settle(w);
	}
	if (w->real.sock)
		real_closes(&w->real, false);
	real_sweeps(&w->real);
	if (m->complaint[0])
		return;
	model_rest(m);
	w->over = !m->listener;
}

static void step_connect(struct walk *w)
{
	int got = real_connects(&w->real);

	model_step(&w->model, R_MAY);
	model_connects(&w->model);
	differ(w, "connect()", got, -WEIR_EINPROGRESS);
	settle(w);
	if (w->model.syns != 1)
		model_complain(&w->model, "connect() emitted %u SYN [W-SM-1]", w->model.syns);
}

static void step(struct walk *w)
{
	struct model *m = &w->model;
	uint32_t what = walk_draw(w, 100);

	if (what < 68)
		step_segment(w);
	else if (what < 70)
		step_icmp(w);
	else if (what < 90)
		step_call(w);
	else
		step_time(w);
	if (!m->complaint[0] && m->state == M_CLOSED &&
	    (m->rcv_known || m->has_handle || m->orphan || m->iss || m->nxt))
		post_mortem(w);
}

uint64_t walk_run(struct walk *w, uint64_t seed, uint64_t steps)
{
	uint64_t made = 0;

	w->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 0x1234567;
	w->over = false;
	walk_draw_setting(w);
	model_begin(&w->model, &w->set.rules, w->set.listener);
	real_begin(&w->real, &w->set);
	w->model.now = w->real.now.ns;
	if (!w->set.listener && !walk_chance(w, 4))
		step_connect(w);
	while (made < steps && !w->model.complaint[0] && !w->over) {
		step(w);
		made++;
	}
	real_end(&w->real, &w->model);
	return made;
}

void walk_describe(const struct walk *w, char *out, size_t bytes)
{
	const struct model_setting *s = &w->set.rules;

	snprintf(out, bytes, "IPv%u, MTU %u, ISS %u, %s, SQS %u, RQS %u, timestamps %s, SACK %s, scaling %s by %u",
	         s->v6 ? 6 : 4, s->mtu, w->set.iss, w->set.listener ? "listening" : "connecting", s->sqs, s->rqs,
	         s->timestamps ? "on" : "off", s->sack ? "on" : "off", s->scaling ? "on" : "off", w->set.window_shift);
}
