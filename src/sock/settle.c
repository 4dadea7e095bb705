/* SPDX-License-Identifier: Apache-2.0
 *
 * Settling: after a call on the tcp room, what it left behind is put where it will be seen: readiness, wish for output,
 * deadline, end. The one place where a connection's change of state is noticed.
 *
 * The wheel is touched lazily: a deadline that moves later (each acknowledgement does that) leaves the timer where it
 * is; when it goes off too early, it is set again. One that is no more is taken off only while that is cheap.
 */
#include "sock/fastopen.h"
#include "sock/port.h"
#include "sock/report.h"
#include "sock/stamp.h"

void sock_mark_ready(struct weir_socket *s)
{
	if (s->has_handle && !list_linked(&s->ready_link))
		list_push_back(&s->table->ready, &s->ready_link);
}

static void into_time_wait(struct weir_socket *s)
{
	struct sock_table *t = s->table;

	if (list_linked(&s->time_wait_link))
		return;
	list_push_back(&t->time_wait, &s->time_wait_link);
	t->time_wait_count++;
}

/* The protocol is done with it. */
static bool ended(struct weir_socket *s)
{
	struct sock_table *t = s->table;

	sock_tuples_remove(s);
	wheel_cancel(&t->host->wheel, &s->timer);
	list_remove(&s->output_link);
	if (list_linked(&s->time_wait_link)) {
		list_remove(&s->time_wait_link);
		t->time_wait_count--;
	}
	/* A child on the accept list is delivered dead, as programs expect it from Linux. */
	if (!s->has_handle && !s->u.tcb.in_accept_list) {
		sock_free(s);
		return false;
	}
	if (!s->explicit_port)
		sock_port_release(s);
	sock_mark_ready(s);
	return true;
}

static bool state_changed(struct weir_socket *s)
{
	struct sock_table *t = s->table;
	int from = s->last_state, to = s->u.tcb.state;

	if (s->orphan && (to == WEIR_TCP_CLOSED || to == WEIR_TCP_TIME_WAIT)) {
		s->orphan = false;
		t->orphan_count--;
	}

	s->last_state = (uint8_t)to;
	sock_notice_state(s, from, to);
	if (from == WEIR_TCP_SYN_SENT && s->u.tcb.fast)
		sock_fast_open_answered(s);
	if (to == WEIR_TCP_CLOSED)
		return ended(s);
	if (to == WEIR_TCP_TIME_WAIT)
		into_time_wait(s);
	if (t->time_wait_count > t->host->config.max_time_wait) {
		struct weir_socket *oldest =
		    weir_container(list_first(&t->time_wait), struct weir_socket, time_wait_link);

		host_count(t->host, drop_tcp_time_wait_evicted);
		return sock_end_time_wait(oldest) || oldest != s;
	}
	return true;
}

bool sock_end_time_wait(struct weir_socket *s)
{
	struct tcp_segment rst;

	tcp_abort(sock_host(s), &s->u.tcb, &rst);
	return sock_settle(s);
}

static void follow_deadline(struct weir_socket *s, weir_time deadline)
{
	struct wheel *wheel = &sock_host(s)->wheel;

	if (weir_time_is_never(deadline)) {
		if (wheel_timer_fresh(&s->timer))
			wheel_cancel(wheel, &s->timer);
	} else if (!wheel_timer_set(&s->timer) || weir_time_before(deadline, s->timer.deadline)) {
		wheel_set(wheel, &s->timer, deadline);
	}
}

static void listener_changed(struct tcp_listener *l)
{
	l->changed = false;
	sock_mark_ready(sock_of_listener(l));
}

static void connection_changed(struct weir_socket *s)
{
	s->u.tcb.changed = false;
	sock_mark_ready(s);
	if (unlikely(s->u.tcb.path_learned))
		sock_path_learned(s);
}

/* The wish for output is asked for unless it is known that there is none. */
static inline bool settle(struct weir_socket *s, bool silent)
{
	struct tcb *tcb = &s->u.tcb;

	if (unlikely(tcb->listener && tcb->listener->changed))
		listener_changed(tcb->listener);
	if (unlikely(tcb->tuning != NULL))
		sock_stamps_check(s);
	if (tcb->changed)
		connection_changed(s);
	if (unlikely(tcb->state != s->last_state) && !state_changed(s))
		return false;
	if (unlikely(tcb->state == WEIR_TCP_CLOSED))
		return true;
	if (!silent && !list_linked(&s->output_link) && tcp_output_wanted(tcb))
		list_push_back(&s->table->output[s->path.ifindex], &s->output_link);
	follow_deadline(s, tcp_deadline(tcb));
	return true;
}

bool sock_settle(struct weir_socket *s)
{
	return settle(s, false);
}

void sock_settle_silent(struct weir_socket *s)
{
	settle(s, true);
}

void sock_expire(struct weir_socket *s)
{
	struct host *h = sock_host(s);
	struct tcp_verdict verdict = {0};
	uint8_t before;

	if (s->kind != SOCK_CONNECTION || s->u.tcb.state == WEIR_TCP_CLOSED)
		return;
	if (weir_time_before(h->now, tcp_deadline(&s->u.tcb))) {
		sock_settle(s);
		return;
	}
	before = s->u.tcb.retransmits;
	tcp_expire(h, &s->u.tcb, &verdict);
	if (s->u.tcb.fast)
		sock_fast_open_timeout(s);
	if (verdict.reset != DROP_NONE)
		sock_send_reset(s, &verdict.reply, verdict.reset);
	/* R1: let the network layer look at the next hop again [9293 MUST-20], and tell the program. */
	if (s->u.tcb.retransmits >= SOCK_R1)
		net_path_doubt(s->table->net, &s->path);
	if (s->u.tcb.retransmits == SOCK_R1 && before < SOCK_R1)
		sock_report_silence(s);
	sock_settle(s);
}
