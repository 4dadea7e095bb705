/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the level IPPROTO_TCP; what TCP_INFO shows is in tcp_info.c.
 */
#include "sock/option.h"

#include <string.h>

int option_apply(struct weir_socket *s, int32_t value)
{
	(void)value;
	if (s->kind != SOCK_CONNECTION)
		return 0;
	sock_apply_options(s);
	tcp_option_changed(sock_host(s), &s->u.tcb);
	sock_settle(s);
	return 0;
}

/* As Linux: switching it on also lets out what waits, whatever made it wait. */
static int set_no_delay(struct weir_socket *s, int32_t value)
{
	if (value && s->kind == SOCK_CONNECTION)
		tcp_push(&s->u.tcb);
	return option_apply(s, value);
}

/* Told to the peer on the SYN, and a bound for what is sent: for a connection it is kept, and changes nothing. */
static int set_max_seg(struct weir_socket *s, int32_t value)
{
	if (value != 0 && value < 88)
		return -WEIR_EINVAL;
	s->opt.max_seg = (uint16_t)value;
	return 0;
}

static int get_max_seg(struct weir_socket *s, int32_t *value)
{
	if (s->kind == SOCK_CONNECTION)
		*value = s->u.tcb.snd.mss;
	else
		*value = s->opt.max_seg ? s->opt.max_seg : 536;
	return 0;
}

/* Not sticky, as on Linux: asks for acknowledgements at once, or for the usual ones, until TCP thinks otherwise. */
static int set_quick_ack(struct weir_socket *s, int32_t value)
{
	if (s->kind == SOCK_CONNECTION) {
		s->u.tcb.rcv.quick_acks = value ? 16 : 0;
		s->u.tcb.answers = !value;
		if (value && s->u.tcb.rcv.unacked)
			s->u.tcb.ack_now = true;
		sock_settle(s);
	}
	return 0;
}

static int get_quick_ack(struct weir_socket *s, int32_t *value)
{
	*value = s->kind == SOCK_CONNECTION ? !s->u.tcb.answers : s->opt.quick_ack;
	return 0;
}

/* Negative: does not wait. Too long: as long as can be. */
static int set_linger2(struct weir_socket *s, int32_t value)
{
	int32_t *seconds = &s->opt.tuning->linger2_s;

	*seconds = value < 0 ? -1 : value > TUNING_LINGER2_MAX_S ? TUNING_LINGER2_MAX_S : value;
	return option_apply(s, value);
}

static int get_linger2(struct weir_socket *s, int32_t *value)
{
	int32_t own = s->opt.tuning ? s->opt.tuning->linger2_s : 0;

	*value = own != 0 ? own : (int32_t)(sock_host(s)->config.fin_wait_2.ns / WEIR_NS_PER_S);
	return 0;
}

/* As Linux: what is too little for any connection is raised; only before there is one it can be taken back. */
static int set_window_clamp(struct weir_socket *s, int32_t value)
{
	struct tcp_tuning *t;

	if (value == 0 && s->kind == SOCK_CONNECTION && s->u.tcb.state != WEIR_TCP_CLOSED)
		return -WEIR_EINVAL;
	t = sock_tuning(s);
	if (!t)
		return -WEIR_ENOBUFS;
	t->window_clamp = value > 0 && value < TUNING_LEAST_CLAMP ? TUNING_LEAST_CLAMP : (uint32_t)value;
	return option_apply(s, value);
}

static int get_window_clamp(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.tuning ? (int32_t)s->opt.tuning->window_clamp : 0;
	return 0;
}

static int set_user_timeout(struct weir_socket *s, int32_t value)
{
	if (s->kind == SOCK_CONNECTION) {
		s->u.tcb.user_timeout_ms = (uint32_t)value;
		tcp_user_timeout_changed(sock_host(s), &s->u.tcb);
	}
	return option_apply(s, value);
}

static int set_notsent_lowat(struct weir_socket *s, int32_t value)
{
	sock_mark_ready(s);
	return option_apply(s, value);
}

static int get_rto_max(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.tuning && s->opt.tuning->rto_max_ms ? (int32_t)s->opt.tuning->rto_max_ms : 120000;
	return 0;
}

static int get_rto_min(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.tuning && s->opt.tuning->rto_min_us
	             ? (int32_t)s->opt.tuning->rto_min_us
	             : (int32_t)(sock_host(s)->config.min_rto.ns / WEIR_NS_PER_US);
	return 0;
}

static int get_delack_max(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.tuning && s->opt.tuning->delack_max_us ? (int32_t)s->opt.tuning->delack_max_us : 200000;
	return 0;
}

#define TUNED(field) OPTION_TCP | OPTION_TUNING, OPTION_TUNED(field)

const struct option option_tcp[] = {
    {1, OPTION_TCP, OPTION_FIELD(no_delay), 0, 1, set_no_delay, NULL},
    {2, OPTION_TCP, OPTION_NO_FIELD, 0, 32767, set_max_seg, get_max_seg},
    {3, OPTION_TCP, OPTION_FIELD(cork), 0, 1, option_apply, NULL},
    /* [9293 MUST-27] */
    {4, OPTION_TCP, OPTION_FIELD(keep_idle_s), 1, 32767, option_apply, NULL},
    {5, OPTION_TCP, OPTION_FIELD(keep_interval_s), 1, 32767, option_apply, NULL},
    {6, OPTION_TCP, OPTION_FIELD(keep_count), 1, 127, option_apply, NULL},
    {7, OPTION_TCP, OPTION_FIELD(syn_retries), 1, 127, option_apply, NULL},
    {8, TUNED(linger2_s), INT32_MIN, INT32_MAX, set_linger2, get_linger2},
    {10, OPTION_TCP, OPTION_NO_FIELD, 0, INT32_MAX, set_window_clamp, get_window_clamp},
    {9, OPTION_TCP, OPTION_NO_FIELD, INT32_MIN, INT32_MAX, option_set_defer_accept, option_get_defer_accept},
    {12, OPTION_TCP, OPTION_FIELD(quick_ack), 0, 1, set_quick_ack, get_quick_ack},
    {18, OPTION_TCP, OPTION_FIELD(user_timeout_ms), 0, INT32_MAX, set_user_timeout, NULL},
    {23, OPTION_TCP, OPTION_NO_FIELD, 0, INT32_MAX, option_set_fast_open, option_get_fast_open},
    {30, OPTION_TCP, OPTION_NO_FIELD, 0, INT32_MAX, option_set_fast_open_connect, option_get_fast_open_connect},
    {34, OPTION_TCP, OPTION_NO_FIELD, 0, INT32_MAX, option_set_fast_open_no_cookie, option_get_fast_open_no_cookie},
    {25, TUNED(notsent_lowat), INT32_MIN, INT32_MAX, set_notsent_lowat, NULL},
    {44, TUNED(rto_max_ms), 1000, 120000, option_apply, get_rto_max},
    {45, TUNED(rto_min_us), 1000, 200000, option_apply, get_rto_min},
    {46, TUNED(delack_max_us), 1000, 200000, option_apply, get_delack_max},
    {0, 0, OPTION_NO_FIELD, 0, 0, NULL, NULL},
};
