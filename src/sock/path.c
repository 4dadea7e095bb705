/* SPDX-License-Identifier: Apache-2.0
 *
 * What the path carries, between the protocols that find out and the network layer that remembers (RFC 1191, 8201,
 * 8899); IP_MTU_DISCOVER.
 */
#include "sock/sock.h"

void sock_apply_mtu_discover(struct weir_socket *s)
{
	s->u.tcb.mtu_fixed = s->opt.mtu_discover != SOCK_MTU_WANT && s->opt.mtu_discover != SOCK_MTU_DO;
	if (!sock_dont_fragment(s)) /* each packet has an identification of its own then, also those that a link cuts */
		s->path.gso_max_bytes = s->u.tcb.gso_max = 0;
}

void sock_may_be_cut(const struct weir_socket *s, struct wire_ip *ip)
{
	if (ip->version != 4)
		return;
	ip->dont_fragment = false;
	ip->id = net_ip_id(s->table->net, ip);
}

void sock_path_learned(struct weir_socket *s)
{
	s->u.tcb.path_learned = false;
	net_path_mtu_learn(s->table->net, &s->remote.addr, &s->path, s->u.tcb.path_mtu);
}

/* A datagram over the path's MTU: refused where the program said so (DO), else left to routers to cut, which IPv6's do
 * not. Others than WANT and DO do not ask what the path carries. */
void sock_datagram_mtu(const struct weir_socket *s, struct net_path *path, struct wire_ip *ip)
{
	uint32_t bytes = IPV4_HEADER_BYTES + ip->payload_bytes;

	net_path_mtu_refresh(s->table->net, &ip->dst, path);
	ip->dont_fragment = sock_dont_fragment(s);
	if (s->opt.mtu_discover == SOCK_MTU_DO || (s->opt.mtu_discover == SOCK_MTU_WANT && ip->version == 6))
		return;
	if (s->opt.mtu_discover == SOCK_MTU_WANT && bytes > path->mtu_bytes)
		ip->dont_fragment = false;
	path->mtu_bytes = path->link_mtu_bytes;
}

/* [attacks I-6] A datagram shows nothing but its ports: only a connected socket's are believed. As Linux, who sent it
 * is told, unless routers may cut its datagrams. */
static bool datagram_too_big(struct weir_socket *s, uint16_t mtu)
{
	if (s->connected)
		net_path_mtu_refresh(s->table->net, &s->remote.addr, &s->path);
	if (mtu == 0 || !s->connected || mtu >= s->path.mtu_bytes || s->opt.mtu_discover == SOCK_MTU_DONT)
		return false;
	net_path_mtu_learn(s->table->net, &s->remote.addr, &s->path, mtu);
	s->error = WEIR_EMSGSIZE;
	sock_mark_ready(s);
	return true;
}

void sock_too_big(struct weir_socket *s, const struct wire_icmp *icmp)
{
	uint16_t mtu = net_path_mtu_told(icmp);
	bool good;

	if (s->type == WEIR_STREAM)
		good = tcp_mtu_too_big(sock_host(s), &s->u.tcb, seq_make(icmp->quoted_seq), mtu);
	else
		good = datagram_too_big(s, mtu);
	if (!good)
		host_drop(sock_host(s), drop_icmp_too_big_refused, s->id);
	if (s->type == WEIR_STREAM)
		sock_settle(s);
}
