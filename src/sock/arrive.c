/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets on their way to a socket: found by demultiplexing, handed to the protocol, its verdict carried out. ICMP
 * errors take the same way by the packet that they quote (RFC 5927; attacks: I-2, I-9).
 */
#include "base/likely.h"
#include "sock/multicast.h"
#include "sock/port.h"
#include "sock/report.h"

#include "tcp/reopen.h"

#include "wire/udp.h"

static struct sock_tuple tuple_of(const struct net_packet *packet, uint8_t protocol, uint16_t src_port,
                                  uint16_t dst_port)
{
	return (struct sock_tuple){
	    .protocol = protocol,
	    .local = {packet->ip.dst, dst_port, 0},
	    .remote = {packet->ip.src, src_port, sock_zone(&packet->ip.src, packet->ifindex)},
	};
}

/* Anybody can draw such a RST, with an address that is not his. */
static bool is_strangers(enum drop reset)
{
	return reset == drop_rst_no_connection || reset == drop_rst_bad_ack_opening;
}

static COLD void carry_out(struct sock_table *t, const struct net_packet *packet, const struct tcp_segment *seg,
                           struct tcp_verdict *verdict, uint64_t id)
{
	if (verdict->drop != DROP_NONE)
		host_drop(t->host, verdict->drop, id);
	if (verdict->reset == DROP_NONE)
		return;
	if (is_strangers(verdict->reset) && !net_reset_allowed(t->net, packet)) {
		host_count(t->host, drop_rst_rate_limited);
		return;
	}
	verdict->reply.src_port = seg->dst_port;
	verdict->reply.dst_port = seg->src_port;
	sock_answer_reset(t, packet, &verdict->reply, verdict->reset, id);
}

static FAST_PATH void connection_arrives(struct weir_socket *s, const struct net_packet *packet,
                                         const struct tcp_segment *seg)
{
	struct tcp_verdict verdict;
	seq_t una = s->u.tcb.snd.una;

	verdict.drop = verdict.reset = DROP_NONE;
	sock_notice_segment(s, WEIR_EVENT_SEGMENT_IN, seg);
	tcp_segment_arrives(sock_host(s), &s->u.tcb, seg, &verdict);
	if (!seq_eq(una, s->u.tcb.snd.una)) /* the next hop delivers what it is given */
		net_path_confirm(s->table->net, &s->path);
	if (unlikely(verdict.drop != DROP_NONE || verdict.reset != DROP_NONE))
		carry_out(s->table, packet, seg, &verdict, s->id);
	sock_settle(s);
}

static void listener_arrives(struct weir_socket *s, const struct net_packet *packet, const struct tcp_segment *seg)
{
	struct tcp_verdict verdict = {.drop = DROP_NONE, .reset = DROP_NONE};
	struct weir_socket *child;

	switch (tcp_listen_arrives(sock_host(s), &s->u.listener, seg, &verdict)) {
	case TCP_LISTEN_CHILD:
		sock_child(s, packet, seg, NULL);
		break;
	case TCP_LISTEN_COOKIE:
		sock_cookie_answer(s, packet, seg);
		break;
	case TCP_LISTEN_CHECK_COOKIE:
		child = sock_cookie_child(s, packet, seg, &verdict);
		if (child)
			connection_arrives(child, packet, seg);
		break;
	case TCP_LISTEN_DONE:
		break;
	}
	carry_out(s->table, packet, seg, &verdict, s->id);
}

/*
 * A SYN that may start anew what is in TIME_WAIT here [9293 MAY-2, W-SM-31; 6191]: only when somebody listens and
 * has a place for it, since a cookie could not promise an ISS above the old numbers; otherwise the old connection
 * answers it. Should it prove to be an old duplicate, the quiet time goes on (reopen.h). True: the segment has found
 * its place.
 */
static bool reuse_time_wait(struct weir_socket *old, const struct net_packet *packet, const struct tcp_segment *seg,
                            const struct sock_tuple *tuple)
{
	struct sock_table *t = old->table;
	struct weir_socket *listener, *child;
	unsigned wildcards;
	struct rare *kept;
	seq_t floor;

	if (!tcp_time_wait_reusable(&old->u.tcb, seg, &floor))
		return false;
	listener = sock_find_bound(t, tuple, sock_tuple_hash(t, tuple), &wildcards);
	if (!listener || !tcp_listener_has_room(&listener->u.listener))
		return false;
	kept = tcp_quiet_time_keep(t->host, &old->u.tcb);
	if (!kept)
		return false;
	sock_end_time_wait(old);
	child = sock_child(listener, packet, seg, &floor);
	tcp_reopened(t->host, child ? &child->u.tcb : NULL, kept);
	return true;
}

FAST_PATH void sock_tcp_arrives(struct sock_table *t, const struct net_packet *packet, const struct tcp_segment *seg)
{
	struct sock_tuple tuple = tuple_of(packet, IP_TCP, seg->src_port, seg->dst_port);
	struct weir_socket *s = t->recent;
	struct tcp_verdict verdict;
	uint32_t hash = 0;
	unsigned wildcards;

	host_count(t->host, drop_tcp_segments_in);
	if (!s || !sock_has_tuple(s, &tuple)) {
		hash = sock_tuple_hash(t, &tuple);
		s = sock_find_tuple(t, &tuple, hash);
		if (s)
			sock_prefetch(s);
	}
	if (likely(s != NULL)) {
		t->recent = s;
		if (likely(s->u.tcb.state != WEIR_TCP_TIME_WAIT) || !reuse_time_wait(s, packet, seg, &tuple))
			connection_arrives(s, packet, seg);
		return;
	}
	s = sock_find_bound(t, &tuple, hash, &wildcards);
	if (s) {
		listener_arrives(s, packet, seg);
		return;
	}
	verdict.drop = verdict.reset = DROP_NONE;
	tcp_closed_arrives(seg, &verdict);
	carry_out(t, packet, seg, &verdict, 0);
}

/* The datagram's payload out of that of the IP packet: header off, padding off. */
static unsigned cut(const struct net_packet *packet, uint32_t len, struct weir_slice *slice)
{
	uint32_t skip = UDP_HEADER_BYTES;
	unsigned n = 0;

	for (unsigned i = 0; i < packet->payloads && len > 0; i++) {
		struct weir_slice piece = packet->payload[i];
		uint32_t off = skip < piece.len ? skip : (uint32_t)piece.len;

		skip -= off;
		piece.data += off;
		piece.len -= off;
		if (piece.len > len)
			piece.len = len;
		len -= (uint32_t)piece.len;
		if (piece.len)
			slice[n++] = piece;
	}
	return n;
}

void sock_udp_arrives(struct sock_table *t, const struct net_packet *packet)
{
	struct weir_slice slice[WEIR_PACKET_SLICES];
	struct wire_udp udp;
	struct sock_tuple tuple;
	struct weir_socket *s;
	enum drop drop = wire_udp_parse(packet->payload, packet->payloads, &packet->ip, packet->trusted, &udp);
	unsigned n, wildcards;
	uint32_t hash;

	if (drop != DROP_NONE) { /* [W-UDP-1] before anything is queued */
		host_drop(t->host, drop, 0);
		return;
	}
	if (udp.dst_port == 0) {
		host_drop(t->host, drop_udp_no_port, 0);
		return;
	}
	host_count(t->host, drop_udp_in);
	n = cut(packet, udp.payload_bytes, slice);
	tuple = tuple_of(packet, IP_UDP, udp.src_port, udp.dst_port);
	if (packet->broadcast) {
		if (!sock_queue_for_all(t, &tuple, packet->ifindex, slice, n, udp.payload_bytes))
			host_drop(t->host, drop_udp_no_port, 0);
		return;
	}
	hash = sock_tuple_hash(t, &tuple);
	s = sock_find_tuple(t, &tuple, hash);
	if (!s)
		s = sock_find_bound(t, &tuple, hash, &wildcards);
	if (s) {
		sock_queue_datagram(s, &tuple.remote, slice, n, udp.payload_bytes);
		return;
	}
	host_drop(t->host, drop_udp_no_port, 0);
	net_port_unreachable(t->net, packet);
}

/* An unconnected UDP socket learns what became of its datagrams when it has asked for reports. */
static struct weir_socket *unconnected_sender(const struct sock_table *t, const struct sock_tuple *tuple)
{
	struct weir_socket *s = NULL;
	unsigned wildcards;

	if (tuple->protocol == IP_UDP)
		s = sock_find_bound(t, tuple, sock_tuple_hash(t, tuple), &wildcards);
	return s && sock_wants_reports(s, weir_addr_is_v4(&tuple->remote.addr)) ? s : NULL;
}

/* [9293 MUST-54] */
void sock_icmp_arrives(struct sock_table *t, const struct net_packet *packet)
{
	const struct wire_icmp *icmp = &packet->icmp;
	struct sock_tuple tuple = {
	    .protocol = icmp->quoted_protocol,
	    .local = {icmp->quoted_src, icmp->quoted_src_port, 0},
	    .remote = {icmp->quoted_dst, icmp->quoted_dst_port, sock_zone(&icmp->quoted_dst, packet->ifindex)},
	};
	struct weir_socket *s;
	int error = sock_icmp_errno(icmp, packet->ip.version);

	s = icmp->quoted_valid ? sock_find_tuple(t, &tuple, sock_tuple_hash(t, &tuple)) : NULL;
	if (!s && icmp->quoted_valid)
		s = unconnected_sender(t, &tuple);
	if (!s) {
		host_drop(t->host, drop_icmp_error_no_match, 0);
		return;
	}
	if (icmp->kind == ICMP_PACKET_TOO_BIG) {
		sock_too_big(s, icmp);
		if (s->type == WEIR_DGRAM)
			sock_report_icmp(s, packet, WEIR_EMSGSIZE);
		return;
	}
	if (!error)
		return;
	if (s->type == WEIR_STREAM) {
		if (tcp_icmp_error(t->host, &s->u.tcb, seq_make(icmp->quoted_seq), error, true))
			sock_report_icmp(s, packet, error);
		sock_settle(s);
		return;
	}
	/* Only the connected socket that sent the datagram learns of it, once. Linux: of a port unreachable at
	 * once, of others only when it asked to. */
	if (icmp->kind == ICMP_PORT_UNREACHABLE || icmp->kind == ICMP_PROTOCOL_UNREACHABLE) {
		s->error = (uint8_t)error;
		sock_mark_ready(s);
	}
	sock_report_icmp(s, packet, error);
}
