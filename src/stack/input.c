/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets in: link and IP in the network layer, then TCP parsed here and given to its socket. Acknowledgements and
 * readiness that follow are settled with the socket and leave with the next weir_output(): once for a batch.
 */
#include "base/likely.h"
#include "stack/stack.h"

#include "wire/udp.h"

static FAST_PATH void tcp_input(struct weir_stack *stack, struct net_packet *packet)
{
	struct tcp_segment seg;
	enum drop drop;
	bool more = false;

	if (unlikely(packet->broadcast)) { /* [9293 MUST-57; W-SM-14] */
		host_drop(&stack->host, drop_tcp_to_broadcast, 0);
		return;
	}
	drop = wire_tcp_parse(packet->payload, packet->payloads, &packet->ip, packet->trusted, &seg, &more);
	if (unlikely(more)) {
		if (!net_linearise(stack->net, packet)) /* counted there */
			return;
		drop = wire_tcp_parse(packet->payload, packet->payloads, &packet->ip, packet->trusted, &seg, &more);
	}
	if (unlikely(drop != DROP_NONE)) {
		host_drop(&stack->host, drop, 0);
		return;
	}
	sock_tcp_arrives(&stack->socks, packet, &seg);
}

/* A datagram's header must be in one piece too. */
static void udp_input(struct weir_stack *stack, struct net_packet *packet)
{
	if (packet->payloads > 1 && packet->payload[0].len < UDP_HEADER_BYTES && !net_linearise(stack->net, packet))
		return;
	sock_udp_arrives(&stack->socks, packet);
}

FAST_PATH void stack_input(struct weir_stack *stack, unsigned ifindex, const struct weir_packet *packet)
{
	struct net_packet in;
	enum net_verdict verdict = net_input(stack->net, ifindex, packet, &in);

	if (likely(verdict == NET_TCP)) {
		tcp_input(stack, &in);
		return;
	}
	switch (verdict) {
	case NET_TCP:
	case NET_UDP:
		udp_input(stack, &in);
		break;
	case NET_ERROR:
		sock_icmp_arrives(&stack->socks, &in);
		break;
	case NET_DONE:
		break;
	}
}

void weir_input(struct weir_stack *stack, unsigned ifindex, const struct weir_packet *packets, size_t n, weir_time now)
{
	stack_set_now(stack, now);
	/* The loopback interface belongs to the stack itself: nothing comes in there from outside. */
	if (unlikely(ifindex == NET_LOOPBACK || !net_interface(stack->net, ifindex)))
		return;
	for (size_t i = 0; i < n; i++)
		stack_input(stack, ifindex, &packets[i]);
	stack_wake_waiting(stack, ifindex);
	stack_drain_loopback(stack);
}
