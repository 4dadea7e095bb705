/* SPDX-License-Identifier: Apache-2.0
 *
 * Closing (T6.1 ... T6.5, T6.9): shutdown, close and abort of every kind of socket. The structure of a connection stays
 * without its handle until the protocol is done (T1.3).
 */
#include "sock/port.h"

/* Ends a child that nobody has accepted. */
static void reset_child(struct weir_socket *s)
{
	struct tcp_segment rst;

	if (tcp_abort(sock_host(s), &s->u.tcb, &rst))
		sock_send_reset(s, &rst, drop_rst_listener_closed);
	if (s->last_state != WEIR_TCP_CLOSED)
		sock_notice_state(s, s->last_state, WEIR_TCP_CLOSED);
	sock_free(s);
}

static void reset_children(struct list *children)
{
	list_each_safe (node, children) {
		reset_child(sock_of_tcb(weir_container(node, struct tcb, listener_link)));
	}
}

static void end_listening(struct weir_socket *s)
{
	reset_children(&s->u.listener.incomplete);
	reset_children(&s->u.listener.accept);
	tcp_listener_deinit(&s->u.listener);
	sock_notice_state(s, WEIR_TCP_LISTEN, WEIR_TCP_CLOSED);
}

static void give_back(struct weir_socket *s)
{
	s->has_handle = false;
	s->user = NULL;
	list_remove(&s->ready_link);
}

/* [attacks E-1, E-4] What is left of a connection still takes memory, and the program that could be blamed for it is
 * gone. */
static bool too_many_orphans(struct weir_socket *s)
{
	struct sock_table *t = s->table;

	if (s->u.tcb.state == WEIR_TCP_CLOSED || s->u.tcb.state == WEIR_TCP_TIME_WAIT)
		return false;
	if (t->orphan_count >= sock_host(s)->config.max_orphans)
		return true;
	s->orphan = true;
	t->orphan_count++;
	return false;
}

static void close_connection(struct weir_socket *s, bool abort)
{
	struct host *h = sock_host(s);
	enum drop reason = drop_rst_aborted;
	struct tcp_segment rst;
	bool reset;

	if (s->u.tcb.state == WEIR_TCP_CLOSED) {
		sock_free(s);
		return;
	}
	if (abort)
		reset = tcp_abort(h, &s->u.tcb, &rst);
	else
		reset = tcp_close(h, &s->u.tcb, s->opt.linger && s->opt.linger_s == 0, &rst, &reason);
	if (!reset && too_many_orphans(s)) {
		reset = tcp_abort(h, &s->u.tcb, &rst);
		reason = drop_rst_orphans_full;
	}
	if (reset)
		sock_send_reset(s, &rst, reason);
	sock_settle(s);
}

static void end(struct weir_socket *s, bool abort)
{
	give_back(s);
	switch (s->kind) {
	case SOCK_CONNECTION:
		close_connection(s, abort);
		return;
	case SOCK_LISTENER:
		end_listening(s);
		break;
	default:
		break;
	}
	sock_free(s);
}

void weir_close(struct weir_socket *s)
{
	end(s, false);
}

void weir_abort(struct weir_socket *s)
{
	end(s, true);
}

/* A connection being opened is given up, without a segment; who waits for it learns ECONNRESET. */
static int give_up_opening(struct weir_socket *s)
{
	struct tcp_segment rst;

	tcp_abort(sock_host(s), &s->u.tcb, &rst);
	sock_settle(s);
	sock_make_fresh(s);
	s->error = WEIR_ECONNRESET;
	sock_mark_ready(s);
	return 0;
}

static int shut_connection(struct weir_socket *s, enum weir_shutdown_how how)
{
	struct host *h = sock_host(s);

	switch (s->u.tcb.state) {
	case WEIR_TCP_CLOSED:
	case WEIR_TCP_TIME_WAIT:
		return -WEIR_ENOTCONN;
	case WEIR_TCP_SYN_SENT:
		return give_up_opening(s);
	default:
		break;
	}
	if (how != WEIR_SHUT_WR)
		tcp_shut_receive(h, &s->u.tcb);
	if (how != WEIR_SHUT_RD)
		tcp_close_send(h, &s->u.tcb);
	/* Who polls learns of it even when nothing else changed. */
	sock_mark_ready(s);
	sock_settle(s);
	return 0;
}

int weir_shutdown(struct weir_socket *s, enum weir_shutdown_how how)
{
	if (how != WEIR_SHUT_RD && how != WEIR_SHUT_WR && how != WEIR_SHUT_RDWR)
		return -WEIR_EINVAL;
	switch (s->kind) {
	case SOCK_CONNECTION:
		return shut_connection(s, how);
	case SOCK_LISTENER:
		/* Linux: the reading side of a listener is its listening. */
		if (how == WEIR_SHUT_WR)
			return 0;
		end_listening(s);
		sock_make_fresh(s);
		sock_mark_ready(s);
		return 0;
	case SOCK_DATAGRAM:
		return sock_udp_shutdown(s, how);
	default:
		return -WEIR_ENOTCONN;
	}
}
