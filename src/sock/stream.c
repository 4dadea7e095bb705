/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening (T5.1 ... T5.7): bind, connect, listen, accept, and the children of a listener. errno values and the sequence
 * of results of repeated connect() calls follow Linux.
 */
#include "sock/fastopen.h"
#include "sock/port.h"
#include "tcp/autotune.h"
#include "tcp/cc.h"
#include "tcp/fastopen.h"
#include "tcp/pace.h"

#include <string.h>

static bool may_bind_to(const struct weir_socket *s, const weir_addr *addr)
{
	const struct net *net = s->table->net;

	if (weir_addr_is_any(addr) || net_is_local(net, addr))
		return true;
	return s->type == WEIR_DGRAM && (weir_addr_is_multicast(addr) || net_is_broadcast(net, addr));
}

int weir_bind(struct weir_socket *s, const struct weir_endpoint *local)
{
	struct weir_endpoint before = s->local;
	uint16_t port = local->port;
	int r;

	if (s->explicit_port || s->port || (s->kind != SOCK_FRESH && s->kind != SOCK_DATAGRAM))
		return -WEIR_EINVAL;
	r = sock_check_family(s, &local->addr, -WEIR_EINVAL);
	if (r < 0)
		return r;
	if (weir_addr_is_link_local6(&local->addr) && !local->ifindex)
		return -WEIR_EINVAL;
	if (!may_bind_to(s, &local->addr))
		return -WEIR_EADDRNOTAVAIL;
	if (!port) {
		port = sock_pick_port(s->table, s, &local->addr);
		if (!port)
			return -WEIR_EADDRINUSE;
	} else if (sock_port_conflict(sock_port_find(s->table, (uint8_t)sock_protocol(s), port), s, &local->addr)) {
		return -WEIR_EADDRINUSE;
	}
	s->local = (struct weir_endpoint){local->addr, port, sock_zone(&local->addr, local->ifindex)};
	r = sock_port_own(s);
	if (r < 0) {
		s->local = before;
		return r;
	}
	s->explicit_port = true;
	s->explicit_addr = !weir_addr_is_any(&local->addr);
	s->any4 = s->family == WEIR_INET6 && !s->explicit_addr && weir_addr_is_v4(&local->addr);
	return 0;
}

/* [9293 MUST-41, MUST-42] Connections from this port, open or opening, are none of a listener's business. */
int weir_listen(struct weir_socket *s, int backlog)
{
	uint32_t max = sock_host(s)->config.max_backlog;
	uint32_t n = (uint32_t)backlog > max ? max : (uint32_t)backlog;
	struct weir_endpoint any = {.addr = sock_any(s)};
	int r;

	if (s->type != WEIR_STREAM)
		return -WEIR_EOPNOTSUPP;
	if (s->kind == SOCK_LISTENER) {
		s->u.listener.backlog = n;
		return 0;
	}
	if (s->kind != SOCK_FRESH)
		return -WEIR_EINVAL;
	if (!s->port) {
		r = weir_bind(s, &any);
		if (r < 0)
			return r;
		s->explicit_port = false;
	} else if (sock_port_conflict(s->port, s, &s->local.addr)) {
		/* Both only bound is fine with SO_REUSEADDR, both listening is not. */
		return -WEIR_EADDRINUSE;
	}
	tcp_listener_init(&s->u.listener, n);
	s->kind = SOCK_LISTENER;
	sock_notice_state(s, WEIR_TCP_CLOSED, WEIR_TCP_LISTEN);
	return 0;
}

/* A local address and port for the way to remote: the socket's own [9293 MUST-43], or the one that the way begins with
 * [MUST-44]; kept from then on, whatever becomes of the way [MUST-45]. The socket itself is not changed. */
static int choose_local(const struct weir_socket *s, const struct weir_endpoint *remote, struct net_path *path,
                        struct weir_endpoint *local)
{
	struct sock_tuple tuple;
	int r = net_route(s->table->net, &remote->addr, s->explicit_addr ? &s->local.addr : NULL, remote->ifindex,
	                  false, path);

	if (r < 0)
		return r;
	*local = s->local;
	local->addr = path->src;
	if (!s->port) {
		local->port = sock_pick_connect_port(s->table, s, &path->src, remote);
		return local->port ? 0 : -WEIR_EADDRNOTAVAIL;
	}
	tuple = (struct sock_tuple){IP_TCP, *local, *remote};
	return sock_find_tuple(s->table, &tuple, sock_tuple_hash(s->table, &tuple)) ? -WEIR_EADDRNOTAVAIL : 0;
}

/* [9293 MUST-67, SHLD-6] What we say we can take is what the interface carries, whatever is known of the way back.
 * TCP_MAXSEG works through the MTU that the tcp room is told: it bounds both directions, as it should. */
uint16_t sock_told_mtu(const struct sock_options *opt, const weir_addr *remote, const struct net_path *path)
{
	uint32_t headers = (weir_addr_is_v4(remote) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES) + TCP_HEADER_BYTES;
	uint32_t mtu = opt->max_seg + headers;

	return opt->max_seg && mtu < path->link_mtu_bytes ? (uint16_t)mtu : path->link_mtu_bytes;
}

uint32_t sock_told_gso_max(const struct net_path *path)
{
	return path->gso_max_bytes > path->link_mtu_bytes ? path->gso_max_bytes : 0;
}

static uint16_t told_mtu(const struct weir_socket *s)
{
	return sock_told_mtu(&s->opt, &s->remote.addr, &s->path);
}

void sock_apply_options(struct weir_socket *s)
{
	struct tcb *tcb = &s->u.tcb;

	tcb->no_delay = s->opt.no_delay;
	tcb->cork = s->opt.cork;
	tcb->keepalive = s->opt.keepalive;
	tcb->oob_inline = s->opt.oob_inline;
	tcb->keep_idle_s = s->opt.keep_idle_s;
	tcb->keep_interval_s = s->opt.keep_interval_s;
	tcb->keep_count = s->opt.keep_count;
	tcb->syn_retries = s->opt.syn_retries;
	tcb->defer_accept = s->opt.defer_accept;
	tcb->user_timeout_ms = s->opt.user_timeout_ms;
	tcb->tuning = s->opt.tuning;
	if (s->opt.tuning && s->opt.tuning->pacing_limit > 0 &&
	    !tcp_pace_limit(sock_host(s), tcb, s->opt.tuning->pacing_limit))
		host_count(sock_host(s), drop_no_memory);
	if (tcb->cc != tcp_cc_at(s->opt.congestion))
		tcp_cc_set(sock_host(s), tcb, tcp_cc_at(s->opt.congestion));
}

static void make_connection(struct weir_socket *s)
{
	s->kind = SOCK_CONNECTION;
	tcb_init(&s->u.tcb, sock_host(s), s->id, !weir_addr_is_v4(&s->remote.addr));
	s->u.tcb.sndq.limit = s->opt.sndbuf;
	s->u.tcb.rcvq.limit = s->opt.rcvbuf;
	sock_apply_mtu_discover(s);
	s->u.tcb.path_mtu = s->u.tcb.mtu_fixed ? s->path.link_mtu_bytes : s->path.mtu_bytes;
	s->u.tcb.snd_auto = !s->opt.sndbuf_set && sock_host(s)->config.sndbuf_auto_max_bytes > s->opt.sndbuf;
	s->u.tcb.rcv_auto = tcp_largest_rqs(sock_host(s), s->opt.rcvbuf, s->opt.rcvbuf_set) > s->opt.rcvbuf;
	sock_apply_options(s);
}

int sock_connect(struct weir_socket *s, const struct weir_endpoint *to, bool fast)
{
	struct host *h = sock_host(s);
	struct weir_endpoint remote, local, before = s->local;
	struct net_path path;
	bool had_port = s->port != NULL;
	int r = sock_normalise(s, to, &remote);

	if (r == 0)
		r = choose_local(s, &remote, &path, &local);
	if (r < 0)
		return r;
	s->local = local;
	s->ephemeral = !had_port;
	r = sock_port_count(s);
	if (r < 0) {
		s->local = before;
		s->ephemeral = false;
		return r;
	}
	s->remote = remote;
	s->path = path;
	s->error = 0;
	make_connection(s);
	sock_tuples_insert(s);
	host_count(h, drop_tcp_active_opens);
	tcp_open_active(h, &s->u.tcb, tcp_isn(h, &s->local, &s->remote), told_mtu(s), sock_told_gso_max(&s->path));
	s->connect_reports = !fast || !sock_fast_open_begin(s);
	sock_settle(s);
	return s->connect_reports ? -WEIR_EINPROGRESS : 0;
}

/* connect() once more on a socket that has been through connect(). */
static int report(struct weir_socket *s)
{
	int error;

	switch (s->u.tcb.state) {
	case WEIR_TCP_SYN_SENT:
	case WEIR_TCP_SYN_RECEIVED:
		/* As Linux: a SYN that waits for text is as good as a connection. */
		return tcp_fast_open_waits(&s->u.tcb) ? -WEIR_EISCONN : -WEIR_EALREADY;
	case WEIR_TCP_CLOSED:
		if (!s->connect_reports)
			return -WEIR_EISCONN;
		/* Failed: say why, or that somebody has been told already; the socket may try again. */
		error = tcp_take_error(&s->u.tcb);
		sock_make_fresh(s);
		return error ? -error : -WEIR_ECONNABORTED;
	default:
		if (!s->connect_reports)
			return -WEIR_EISCONN;
		s->connect_reports = false;
		return 0;
	}
}

int weir_connect(struct weir_socket *s, const struct weir_endpoint *remote)
{
	switch (s->kind) {
	case SOCK_FRESH:
		return sock_connect(s, remote, s->opt.fast_open_connect);
	case SOCK_CONNECTION:
		return report(s);
	case SOCK_DATAGRAM:
		return sock_udp_connect(s, remote);
	default:
		return -WEIR_EISCONN;
	}
}

struct weir_socket *sock_child_new(struct weir_socket *listener, const struct net_packet *packet,
                                   const struct tcp_segment *syn)
{
	struct sock_table *t = listener->table;
	struct host *h = t->host;
	struct weir_socket *s;

	if (sock_new(t, listener->family, WEIR_STREAM, &s) < 0) {
		host_drop(h, drop_no_memory, listener->id);
		return NULL;
	}
	s->local = (struct weir_endpoint){packet->ip.dst, syn->dst_port, sock_zone(&packet->ip.dst, packet->ifindex)};
	s->remote = (struct weir_endpoint){packet->ip.src, syn->src_port, sock_zone(&packet->ip.src, packet->ifindex)};
	s->opt = listener->opt;
	sock_tuning_inherit(s);
	if (net_route(t->net, &s->remote.addr, &s->local.addr, s->remote.ifindex, false, &s->path) < 0) {
		host_drop(h, drop_no_route, listener->id);
		sock_free(s);
		return NULL;
	}
	if (sock_port_count(s) < 0) {
		host_drop(h, drop_no_memory, listener->id);
		sock_free(s);
		return NULL;
	}
	make_connection(s);
	sock_tuples_insert(s);
	host_count(h, drop_tcp_passive_opens);
	return s;
}

struct weir_socket *sock_child(struct weir_socket *listener, const struct net_packet *packet,
                               const struct tcp_segment *syn, const seq_t *iss_floor)
{
	struct host *h = sock_host(listener);
	struct weir_socket *s = sock_child_new(listener, packet, syn);
	seq_t iss;

	if (!s)
		return NULL;
	iss = tcp_isn(h, &s->local, &s->remote);
	if (iss_floor && seq_le(iss, *iss_floor))
		iss = seq_add(*iss_floor, 1);
	tcp_open_passive(h, &s->u.tcb, &listener->u.listener, syn, iss, told_mtu(s), sock_told_gso_max(&s->path));
	if (!iss_floor) /* else it may be an old duplicate, text and cookie included */
		sock_fast_open_child(listener, s, syn);
	if (syn->text_bytes > 0 && !s->u.tcb.syn_text) /* [W-SM-21] */
		host_count(h, drop_tcp_syn_text);
	sock_notice_segment(s, WEIR_EVENT_SEGMENT_IN, syn);
	sock_settle(s);
	return s;
}

int weir_accept(struct weir_socket *s, struct weir_socket **accepted)
{
	struct weir_socket *child;
	struct tcb *tcb;

	if (s->type != WEIR_STREAM)
		return -WEIR_EOPNOTSUPP;
	if (s->kind != SOCK_LISTENER)
		return -WEIR_EINVAL;
	tcb = tcp_listener_accept(&s->u.listener);
	if (!tcb)
		return -WEIR_EAGAIN;
	child = sock_of_tcb(tcb);
	child->has_handle = true;
	/* What came before there was a handle has not been shown yet. */
	if (weir_poll(child) & (WEIR_IN | WEIR_ERR | WEIR_HUP | WEIR_RDHUP))
		sock_mark_ready(child);
	*accepted = child;
	return 0;
}
