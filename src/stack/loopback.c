/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets that a host sends to itself. They take the whole way, IP included, but never leave the stack: whichever call
 * comes next delivers them. One at a time, because its text lies in the sender's SendQ, and what a packet brings about
 * may change the queues that later ones point into.
 */
#include "stack/stack.h"

/* Apart from the question whether there is anything, with which every call begins or ends. */
static __attribute__((noinline)) void drain(struct weir_stack *stack)
{
	struct weir_packet packet;

	for (unsigned i = 0; i < STACK_LOOPBACK_PACKETS; i++) {
		if (!stack_output_pending(stack, NET_LOOPBACK) || !stack_output(stack, NET_LOOPBACK, &packet, 1))
			return;
		stack_input(stack, NET_LOOPBACK, &packet);
	}
}

void stack_drain_loopback(struct weir_stack *stack)
{
	if (unlikely(stack_output_pending(stack, NET_LOOPBACK)))
		drain(stack);
}
