/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the levels SOL_SOCKET, IPPROTO_IP and IPPROTO_IPV6.
 */
#include "sock/option.h"
#include "sock/port.h"
#include "sock/report.h"
#include "sock/stamp.h"

static int clamp_buffer(const struct weir_socket *s, int32_t value, uint32_t *bytes)
{
	uint32_t max = sock_host(s)->config.max_buffer_bytes;

	/* As Linux: a negative value is a very large one, what is too large is lowered without a word; but no
	 * doubling and no floor: the bound is exact from one byte up (T4.2). */
	*bytes = value < 0 || (uint32_t)value > max ? max : (uint32_t)value;
	if (*bytes == 0)
		*bytes = 1;
	return 0;
}

static int set_sndbuf(struct weir_socket *s, int32_t value)
{
	int r = clamp_buffer(s, value, &s->opt.sndbuf);

	s->opt.sndbuf_set = true;
	if (s->kind == SOCK_CONNECTION) {
		tcp_set_sndbuf(sock_host(s), &s->u.tcb, s->opt.sndbuf);
		sock_settle(s);
	}
	return r;
}

static int set_rcvbuf(struct weir_socket *s, int32_t value)
{
	int r = clamp_buffer(s, value, &s->opt.rcvbuf);

	s->opt.rcvbuf_set = true;
	if (s->kind == SOCK_CONNECTION) {
		tcp_set_rcvbuf(sock_host(s), &s->u.tcb, s->opt.rcvbuf);
		sock_settle(s);
	} else if (s->kind == SOCK_DATAGRAM) {
		s->u.udp.limit = s->opt.rcvbuf;
	}
	return r;
}

/* Where they grow by themselves, as far as they have. */
static int get_sndbuf(struct weir_socket *s, int32_t *value)
{
	bool grows = s->kind == SOCK_CONNECTION && s->u.tcb.snd_auto;

	*value = (int32_t)(grows ? s->u.tcb.sndq.limit : s->opt.sndbuf);
	return 0;
}

static int get_rcvbuf(struct weir_socket *s, int32_t *value)
{
	bool grows = s->kind == SOCK_CONNECTION && s->u.tcb.rcv_auto;

	*value = (int32_t)(grows ? s->u.tcb.rqs : s->opt.rcvbuf);
	return 0;
}

static int set_rcvlowat(struct weir_socket *s, int32_t value)
{
	s->opt.rcvlowat = value < 0 ? INT32_MAX : value > 0 ? (uint32_t)value : 1;
	sock_mark_ready(s);
	return 0;
}

static int set_reuse(struct weir_socket *s, int32_t value)
{
	(void)value;
	sock_port_reclass(s);
	return 0;
}

static int get_type(struct weir_socket *s, int32_t *value)
{
	*value = s->type;
	return 0;
}

static int get_domain(struct weir_socket *s, int32_t *value)
{
	*value = s->family;
	return 0;
}

static int get_protocol(struct weir_socket *s, int32_t *value)
{
	*value = (int32_t)sock_protocol(s);
	return 0;
}

static int get_accepting(struct weir_socket *s, int32_t *value)
{
	*value = s->kind == SOCK_LISTENER;
	return 0;
}

static int get_error(struct weir_socket *s, int32_t *value)
{
	if (s->kind == SOCK_CONNECTION) {
		*value = tcp_take_error(&s->u.tcb);
		if (*value == 0) { /* [9293 MUST-47, SHLD-25] */
			*value = s->u.tcb.soft_error;
			s->u.tcb.soft_error = 0;
		}
		return 0;
	}
	*value = s->error;
	s->error = 0;
	return 0;
}

static int get_one(struct weir_socket *s, int32_t *value)
{
	(void)s;
	*value = 1;
	return 0;
}

static int get_zero(struct weir_socket *s, int32_t *value)
{
	(void)s;
	*value = 0;
	return 0;
}

/* As Linux: no limit is all ones. */
static int get_pacing_limit(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.tuning && s->opt.tuning->pacing_limit > 0 ? (int32_t)s->opt.tuning->pacing_limit : -1;
	return 0;
}

const struct option option_socket[] = {
    {2, OPTION_ANY, OPTION_FIELD(reuse_addr), 0, 1, set_reuse, NULL},
    {3, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_type},
    {4, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_error},
    {6, OPTION_ANY, OPTION_FIELD(broadcast), 0, 1, NULL, NULL},
    {7, OPTION_ANY, OPTION_FIELD(sndbuf), INT32_MIN, INT32_MAX, set_sndbuf, get_sndbuf},
    {8, OPTION_ANY, OPTION_FIELD(rcvbuf), INT32_MIN, INT32_MAX, set_rcvbuf, get_rcvbuf},
    /* [9293 MUST-24] */
    {9, OPTION_ANY, OPTION_FIELD(keepalive), 0, 1, option_apply, NULL},
    {10, OPTION_ANY, OPTION_FIELD(oob_inline), 0, 1, option_apply, NULL},
    {12, OPTION_ANY, OPTION_FIELD(priority), 0, 6, NULL, NULL},
    {15, OPTION_ANY, OPTION_FIELD(reuse_port), 0, 1, set_reuse, NULL},
    {18, OPTION_ANY, OPTION_FIELD(rcvlowat), INT32_MIN, INT32_MAX, set_rcvlowat, NULL},
    {19, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_one}, /* SO_SNDLOWAT */
    {30, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_accepting},
    {37, OPTION_TCP, OPTION_NO_FIELD, INT32_MIN, INT32_MAX, sock_stamping_set, sock_stamping_get},
    {38, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_protocol},
    {39, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_domain},
    {47, OPTION_TCP | OPTION_TUNING, OPTION_TUNED(pacing_limit), INT32_MIN, INT32_MAX, option_apply, get_pacing_limit},
    {56, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_zero}, /* SO_INCOMING_NAPI_ID */
    {0, 0, OPTION_NO_FIELD, 0, 0, NULL, NULL},
};

/* -1 stands for the stack's own value, kept as 0. */
static int set_ttl(struct weir_socket *s, int32_t value)
{
	if (value == 0)
		return -WEIR_EINVAL;
	s->opt.ttl = value < 0 ? 0 : (uint8_t)value;
	return 0;
}

static int get_ttl(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.ttl ? s->opt.ttl : sock_host(s)->config.ttl;
	return 0;
}

static int set_hops(struct weir_socket *s, int32_t value)
{
	if (value == 0)
		return -WEIR_EINVAL;
	s->opt.hops = value < 0 ? 0 : (uint8_t)value;
	return 0;
}

static int get_hops(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.hops ? s->opt.hops : sock_host(s)->config.ttl;
	return 0;
}

/* [9293 MUST-48, SHLD-21] The DSCP, which holds from the next packet on; ECN's two bits are TCP's own. */
static uint8_t dscp(const struct weir_socket *s, int32_t value)
{
	return (uint8_t)(s->type == WEIR_STREAM ? value & ~IP_ECN_MASK : value);
}

static int set_tclass(struct weir_socket *s, int32_t value)
{
	s->opt.tclass = value < 0 ? 0 : dscp(s, value);
	return 0;
}

static int set_tos(struct weir_socket *s, int32_t value)
{
	s->opt.tos = dscp(s, value);
	return 0;
}

/* Off: what has not been read is gone, as on Linux. */
static int set_recverr(struct weir_socket *s, int32_t value)
{
	if (!value)
		sock_reports_free(s);
	return 0;
}

static int get_mtu(struct weir_socket *s, int32_t *value)
{
	struct net_path path = s->path;

	if (s->kind != SOCK_CONNECTION && !s->connected)
		return -WEIR_ENOTCONN;
	net_path_mtu_refresh(s->table->net, &s->remote.addr, &path);
	*value = path.mtu_bytes;
	return 0;
}

static int set_mtu_discover(struct weir_socket *s, int32_t value)
{
	(void)value;
	if (s->kind == SOCK_CONNECTION)
		sock_apply_mtu_discover(s);
	return 0;
}

const struct option option_ip[] = {
    {1, OPTION_ANY, OPTION_FIELD(tos), 0, 255, set_tos, NULL},
    {2, OPTION_ANY, OPTION_NO_FIELD, -1, 255, set_ttl, get_ttl},
    {8, OPTION_UDP, OPTION_NO_FIELD, 0, 0, NULL, get_zero}, /* IP_PKTINFO: 0 only */
    {10, OPTION_ANY, OPTION_FIELD(mtu_discover), 0, 5, set_mtu_discover, NULL},
    {11, OPTION_ANY, OPTION_FIELD(recverr4), 0, 1, set_recverr, NULL},
    {14, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_mtu},
    {33, OPTION_UDP, OPTION_FIELD(multicast_ttl), 0, 255, NULL, NULL},
    {34, OPTION_UDP, OPTION_FIELD(multicast_loop4), 0, 1, NULL, NULL},
    {0, 0, OPTION_NO_FIELD, 0, 0, NULL, NULL},
};

static int set_v6only(struct weir_socket *s, int32_t value)
{
	if (s->port || s->kind == SOCK_CONNECTION)
		return -WEIR_EINVAL;
	s->opt.v6only = (uint8_t)(value != 0);
	return 0;
}

static int get_v6only(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.v6only;
	return 0;
}

const struct option option_ipv6[] = {
    {16, OPTION_ANY, OPTION_NO_FIELD, -1, 255, set_hops, get_hops},
    {18, OPTION_UDP, OPTION_FIELD(multicast_hops), 0, 255, NULL, NULL},
    {19, OPTION_UDP, OPTION_FIELD(multicast_loop6), 0, 1, NULL, NULL},
    {23, OPTION_ANY, OPTION_FIELD(mtu_discover), 0, 5, set_mtu_discover, NULL},
    {24, OPTION_ANY | OPTION_READ_ONLY, OPTION_NO_FIELD, 0, 0, NULL, get_mtu},
    {25, OPTION_ANY, OPTION_FIELD(recverr6), 0, 1, set_recverr, NULL},
    {26, OPTION_ANY, OPTION_NO_FIELD, 0, 1, set_v6only, get_v6only},
    {49, OPTION_ANY, OPTION_NO_FIELD, 0, 0, NULL, get_zero}, /* IPV6_RECVPKTINFO: 0 only */
    {67, OPTION_ANY, OPTION_FIELD(tclass), -1, 255, set_tclass, NULL},
    {0, 0, OPTION_NO_FIELD, 0, 0, NULL, NULL},
};
