/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets out: first those that the network layer owns, then segments pulled from the sockets that want to send, in
 * turn. A segment's headers are written into the stack's own memory, its text stays in SendQ: nothing is copied.
 * What arrived in a batch has been processed before, all of it, and one acknowledgement speaks for it [9293 MUST-58,
 * MUST-59].
 *
 * TCP counts what tcp_output() returns as sent, so the next hop is asked for first: while it is not known the socket
 * waits, and when it does not answer the segments are lost as on any other broken path, and the timers go on.
 */
#include "base/likely.h"
#include "stack/stack.h"

void stack_wake_waiting(struct weir_stack *stack, unsigned ifindex)
{
	struct sock_table *t = &stack->socks;
	struct list *node;

	if (!net_neighbours_changed(stack->net, ifindex))
		return;
	while ((node = list_first(&t->waiting[ifindex])) != NULL) {
		list_remove(node);
		list_push_back(&t->output[ifindex], node);
	}
}

static FAST_PATH void emit(struct weir_stack *stack, struct weir_socket *s, struct tcp_segment *seg, uint16_t gso_bytes,
                           uint8_t *header, struct weir_packet *packet)
{
	uint32_t tcp_bytes = TCP_HEADER_BYTES + (uint32_t)wire_tcp_options_bytes(&seg->opt, seg->flags & TCP_SYN);
	struct wire_ip ip;
	size_t len = 0;

	seg->src_port = s->local.port;
	seg->dst_port = s->remote.port;
	sock_fill_ip(s, tcp_bytes + seg->text_bytes, &ip);
	ip.tos |= seg->ecn;
	net_headers(stack->net, &s->path, &ip, header, &len);
	len += wire_tcp_emit(header + len, seg, &ip.src, &ip.dst, s->path.no_checksum);
	packet->slice[0] = (struct weir_slice){header, len};
	if (seg->text_slices > 0)
		packet->slice[1] = seg->text[0];
	for (unsigned i = 1; unlikely(i < seg->text_slices); i++) /* SendQ's text goes around the end of its ring */
		packet->slice[1 + i] = seg->text[i];
	packet->slices = (uint8_t)(1 + seg->text_slices);
	packet->flags = s->path.no_checksum ? WEIR_PACKET_TRUSTED : 0;
	packet->gso_bytes = gso_bytes;
	packet->len = (uint32_t)len + seg->text_bytes;
	host_count(&stack->host, drop_tcp_segments_out);
	host_count(&stack->host, drop_packets_out);
	sock_notice_segment(s, WEIR_EVENT_SEGMENT_OUT, seg);
}

/* The next hop does not answer. A connection that is being opened fails by it, others live on their timers. */
static COLD void lose(struct weir_stack *stack, struct weir_socket *s, const struct tcp_segment *seg)
{
	host_drop(&stack->host, drop_neighbour_unresolved, s->id);
	tcp_icmp_error(&stack->host, &s->u.tcb, seg->seq, WEIR_EHOSTUNREACH, true);
}

/* One socket's turn. Returns the packets made. */
static size_t pull(struct weir_stack *stack, struct weir_socket *s, struct weir_packet *packets,
                   uint8_t (*header)[STACK_HEADER_BYTES], size_t max)
{
	struct sock_table *t = &stack->socks;
	struct tcp_segment seg;
	size_t n = 0, turns = 0, bytes = 0;

	list_remove(&s->output_link);
	t->recent = s; /* what comes next is often its answer */
	while (n < max && turns++ < STACK_QUANTUM_SEGMENTS && bytes < STACK_QUANTUM_BYTES) {
		enum net_resolve resolve = net_ready(stack->net, &s->path);
		uint16_t gso_bytes = 0;

		if (unlikely(resolve == NET_RESOLVING)) {
			if (tcp_output_wanted(&s->u.tcb))
				list_push_back(&t->waiting[s->path.ifindex], &s->output_link);
			break;
		}
		if (!tcp_output(&stack->host, &s->u.tcb, &seg, &gso_bytes)) {
			sock_settle_silent(s);
			return n;
		}
		if (unlikely(resolve == NET_UNRESOLVED)) {
			lose(stack, s, &seg);
			if (s->u.tcb.state == WEIR_TCP_CLOSED)
				break;
			continue;
		}
		emit(stack, s, &seg, gso_bytes, header[n], &packets[n]);
		bytes += packets[n].len;
		n++;
	}
	sock_settle(s);
	return n;
}

size_t stack_output(struct weir_stack *stack, unsigned ifindex, struct weir_packet *packets, size_t max)
{
	struct list *sockets = &stack->socks.output[ifindex], *first;
	size_t n = net_output(stack->net, ifindex, packets, max), made = 0;

	stack_wake_waiting(stack, ifindex);
	while (n < max && made < STACK_OUTPUT_BATCH && (first = list_first(sockets)) != NULL) {
		struct weir_socket *s = weir_container(first, struct weir_socket, output_link);
		size_t room = max - n < STACK_OUTPUT_BATCH - made ? max - n : STACK_OUTPUT_BATCH - made;
		size_t got = pull(stack, s, packets + n, stack->header + made, room);

		n += got;
		made += got;
	}
	return n;
}

bool stack_output_pending(const struct weir_stack *stack, unsigned ifindex)
{
	return !list_empty(&stack->socks.output[ifindex]) || net_output_pending(stack->net, ifindex);
}

size_t weir_output(struct weir_stack *stack, unsigned ifindex, weir_time now, struct weir_packet *packets, size_t max)
{
	stack_set_now(stack, now);
	stack_drain_loopback(stack);
	if (unlikely(ifindex == NET_LOOPBACK || !net_interface(stack->net, ifindex)))
		return 0;
	return stack_output(stack, ifindex, packets, max);
}

bool weir_output_pending(const struct weir_stack *stack, unsigned ifindex)
{
	return net_interface(stack->net, ifindex) && stack_output_pending(stack, ifindex);
}
