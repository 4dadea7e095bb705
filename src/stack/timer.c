/* SPDX-License-Identifier: Apache-2.0
 *
 * Time: one wheel and one deadline for a whole host.
 */
#include "stack/stack.h"

void weir_expire(struct weir_stack *stack, weir_time now)
{
	struct wheel_timer *timer;

	stack_set_now(stack, now);
	while ((timer = wheel_expire(&stack->host.wheel, stack->host.now)) != NULL) {
		switch ((enum host_timer_kind)timer->kind) {
		case HOST_TIMER_NEIGHBOUR:
			net_expire(stack->net, timer);
			break;
		case HOST_TIMER_SOCKET:
			sock_expire(weir_container(timer, struct weir_socket, timer));
			break;
		}
	}
	for (unsigned i = 1; i <= net_interfaces(stack->net); i++)
		stack_wake_waiting(stack, i);
	stack_drain_loopback(stack);
}

weir_time weir_deadline(const struct weir_stack *stack)
{
	if (stack_output_pending(stack, NET_LOOPBACK))
		return stack->host.now;
	return wheel_deadline(&stack->host.wheel);
}

void weir_stack_now(struct weir_stack *stack, weir_time now)
{
	stack_set_now(stack, now);
}
