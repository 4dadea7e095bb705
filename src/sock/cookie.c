/* SPDX-License-Identifier: Apache-2.0
 *
 * A listener's part in SYN cookies (tcp/cookie.h): the SYN,ACK that leaves nothing behind, and the connection that
 * appears when it is acknowledged (attacks: S-1, S-2, S-3).
 */
#include "tcp/cookie.h"

#include "sock/port.h"
#include "tcp/autotune.h"

static void ends_of(const struct net_packet *packet, const struct tcp_segment *seg, struct weir_endpoint *local,
                    struct weir_endpoint *remote)
{
	*local = (struct weir_endpoint){packet->ip.dst, seg->dst_port, 0};
	*remote = (struct weir_endpoint){packet->ip.src, seg->src_port, 0};
}

void sock_cookie_answer(struct weir_socket *listener, const struct net_packet *packet, const struct tcp_segment *syn)
{
	struct host *h = sock_host(listener);
	struct weir_endpoint local, remote;
	struct tcp_segment answer;
	struct net_path path;

	if (net_route(listener->table->net, &packet->ip.src, &packet->ip.dst, packet->ifindex, false, &path) < 0) {
		host_drop(h, drop_no_route, listener->id);
		return;
	}
	ends_of(packet, syn, &local, &remote);
	tcp_cookie_answer(h, &listener->u.listener, &local, &remote, syn,
	                  sock_told_mtu(&listener->opt, &remote.addr, &path), listener->opt.rcvbuf,
	                  tcp_largest_rqs(h, listener->opt.rcvbuf, listener->opt.rcvbuf_set), &answer);
	answer.src_port = syn->dst_port;
	answer.dst_port = syn->src_port;
	sock_notice_segment(listener, WEIR_EVENT_SEGMENT_IN, syn);
	sock_notice_segment(listener, WEIR_EVENT_SEGMENT_OUT, &answer);
	sock_answer_segment(listener, packet, &path, &answer);
}

struct weir_socket *sock_cookie_child(struct weir_socket *listener, const struct net_packet *packet,
                                      const struct tcp_segment *ack, struct tcp_verdict *verdict)
{
	struct tcp_listener *l = &listener->u.listener;
	struct host *h = sock_host(listener);
	struct weir_endpoint local, remote;
	struct weir_socket *child;
	struct tcp_segment syn;

	ends_of(packet, ack, &local, &remote);
	if (!tcp_cookie_good(h, &local, &remote, ack, &syn)) { /* [W-SM-11] */
		tcp_closed_arrives(ack, verdict);
		verdict->drop = drop_tcp_cookie_wrong;
		return NULL;
	}
	if (l->accept_len > l->backlog) { /* as without cookies: the peer will say more, and then there may be room */
		l->dropped++;
		verdict->drop = drop_tcp_accept_full;
		return NULL;
	}
	child = sock_child_new(listener, packet, &syn);
	if (!child)
		return NULL;
	tcp_open_passive(h, &child->u.tcb, l, &syn, seq_sub(ack->ack, 1),
	                 sock_told_mtu(&child->opt, &remote.addr, &child->path), sock_told_gso_max(&child->path));
	tcp_cookie_opened(h, &child->u.tcb);
	host_count(h, drop_tcp_cookies_accepted);
	return child;
}
