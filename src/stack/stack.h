/* SPDX-License-Identifier: Apache-2.0
 *
 * One host: everything that belongs to it, and nothing global. The files: stack.c (life), config.c (defaults and
 * ranges), interface.c (addresses, routes), input.c (packets in), output.c (packets out), loopback.c (packets to
 * ourselves), timer.c (time), socket.c and view.c (calls on the stack about its sockets).
 */
#ifndef WEIR_STACK_STACK_H
#define WEIR_STACK_STACK_H

#include "sock/sock.h"

enum {
	STACK_OUTPUT_BATCH = 64,     /* TCP packets of one weir_output() */
	STACK_HEADER_BYTES = 128,    /* room for the headers of one of them */
	STACK_QUANTUM_SEGMENTS = 16, /* then it is the next socket's turn */
	STACK_QUANTUM_BYTES = 65536,
	STACK_LOOPBACK_PACKETS = 256, /* delivered to ourselves within one call */
};

_Static_assert(NET_MAX_HEADERS + TCP_MAX_HEADER_BYTES <= STACK_HEADER_BYTES, "headers fit their place");

struct weir_stack {
	struct host host;
	struct net *net;
	struct sock_table socks;
	/* Headers of the packets that the last weir_output() returned. */
	uint8_t header[STACK_OUTPUT_BATCH][STACK_HEADER_BYTES];
};

/* The clock never goes back. */
static inline void stack_set_now(struct weir_stack *stack, weir_time now)
{
	if (weir_time_before(stack->host.now, now))
		stack->host.now = now;
}

/* config.c: 0 or -WEIR_EINVAL. */
int stack_config_check(const struct weir_config *config);

/* input.c: one packet, all the way. */
void stack_input(struct weir_stack *stack, unsigned ifindex, const struct weir_packet *packet);

/* output.c: weir_output() of any interface, loopback included. */
size_t stack_output(struct weir_stack *stack, unsigned ifindex, struct weir_packet *packets, size_t max);
bool stack_output_pending(const struct weir_stack *stack, unsigned ifindex);
/* Sockets that waited for a next hop on this interface go on when it was found or given up. */
void stack_wake_waiting(struct weir_stack *stack, unsigned ifindex);

/* loopback.c: delivers what we sent to ourselves, as much as one call may. */
void stack_drain_loopback(struct weir_stack *stack);

#endif
