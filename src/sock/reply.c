/* SPDX-License-Identifier: Apache-2.0
 *
 * Segments that do not come from tcp_output(): RSTs, and SYN,ACKs with a cookie. They are sent at once as owned packets
 * through the network layer's queue, because the connection they speak for is gone, never was or is not yet.
 */
#include "base/likely.h"
#include "sock/sock.h"

FAST_PATH void sock_fill_ip(const struct weir_socket *s, uint32_t payload_bytes, struct wire_ip *ip)
{
	bool v4 = weir_addr_is_v4(&s->remote.addr);
	uint8_t ttl = v4 ? s->opt.ttl : s->opt.hops;

	*ip = (struct wire_ip){
	    .src = s->local.addr,
	    .dst = s->remote.addr,
	    .version = v4 ? 4 : 6,
	    .protocol = (uint8_t)sock_protocol(s),
	    .ttl = ttl ? ttl : sock_host(s)->config.ttl,
	    .tos = v4 ? s->opt.tos : s->opt.tclass, /* [9293 SHLD-22] ECN's bits, which are TCP's, come later */
	    /* Never fragmented, so the identification says nothing (RFC 6864 s4; attacks: B-9). */
	    .dont_fragment = true,
	    .payload_bytes = (uint16_t)payload_bytes,
	};
	if (unlikely(!sock_dont_fragment(s)))
		sock_may_be_cut(s, ip);
}

static void send_segment(struct sock_table *t, struct net_path *path, struct wire_ip *ip, const struct tcp_segment *seg)
{
	uint8_t header[TCP_MAX_HEADER_BYTES];
	struct weir_slice slice = {header, 0};

	slice.len = wire_tcp_emit(header, seg, &ip->src, &ip->dst, path->no_checksum);
	ip->payload_bytes = (uint16_t)slice.len;
	/* What the queue refuses is counted there; a RST that is lost is asked for again. */
	if (net_send(t->net, path, ip, &slice, 1) == 0)
		host_count(t->host, drop_tcp_segments_out);
}

static void notice_reset(const struct host *h, uint64_t socket_id, const struct tcp_segment *rst, enum drop reason)
{
	struct weir_event event = {
	    .kind = WEIR_EVENT_RESET_SENT,
	    .at = h->now,
	    .socket_id = socket_id,
	    .seq = seq_raw(rst->seq),
	    .ack = seq_raw(rst->ack),
	    .flags = rst->flags,
	    .reason = drop_name(reason),
	};

	if (host_observed(h))
		host_observe(h, &event);
}

void sock_send_reset(struct weir_socket *s, struct tcp_segment *rst, enum drop reason)
{
	struct wire_ip ip;

	host_count(sock_host(s), reason);
	notice_reset(sock_host(s), s->id, rst, reason);
	rst->src_port = s->local.port;
	rst->dst_port = s->remote.port;
	sock_fill_ip(s, TCP_HEADER_BYTES, &ip);
	send_segment(s->table, &s->path, &ip, rst);
}

void sock_answer_segment(struct weir_socket *listener, const struct net_packet *packet, struct net_path *path,
                         struct tcp_segment *seg)
{
	bool v4 = weir_addr_is_v4(&packet->ip.src);
	uint8_t ttl = v4 ? listener->opt.ttl : listener->opt.hops;
	struct wire_ip ip = {
	    .src = packet->ip.dst,
	    .dst = packet->ip.src,
	    .version = packet->ip.version,
	    .protocol = IP_TCP,
	    .ttl = ttl ? ttl : sock_host(listener)->config.ttl,
	    .tos = v4 ? listener->opt.tos : listener->opt.tclass,
	    .dont_fragment = true,
	};

	send_segment(listener->table, path, &ip, seg);
}

void sock_answer_reset(struct sock_table *t, const struct net_packet *packet, struct tcp_segment *rst, enum drop reason,
                       uint64_t socket_id)
{
	struct wire_ip ip = {
	    .src = packet->ip.dst,
	    .dst = packet->ip.src,
	    .version = packet->ip.version,
	    .protocol = IP_TCP,
	    .ttl = t->host->config.ttl,
	    .dont_fragment = true,
	};
	struct net_path path;

	host_count(t->host, reason);
	notice_reset(t->host, socket_id, rst, reason);
	if (net_route(t->net, &ip.dst, &ip.src, packet->ifindex, false, &path) < 0) {
		host_drop(t->host, drop_no_route, socket_id);
		return;
	}
	send_segment(t, &path, &ip, rst);
}
