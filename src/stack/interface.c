/* SPDX-License-Identifier: Apache-2.0
 *
 * Interfaces, addresses, routes and static neighbours of a stack: the network layer's business.
 */
#include "stack/stack.h"

int weir_interface_add(struct weir_stack *stack, const struct weir_interface *interface)
{
	return net_interface_add(stack->net, interface);
}

int weir_address_add(struct weir_stack *stack, unsigned ifindex, const weir_addr *addr, unsigned prefix_len)
{
	return net_address_add(stack->net, ifindex, addr, prefix_len);
}

int weir_route_add(struct weir_stack *stack, const weir_addr *prefix, unsigned prefix_len, unsigned ifindex,
                   const weir_addr *gateway)
{
	return net_route_add(stack->net, prefix, prefix_len, ifindex, gateway);
}

int weir_neighbour_add(struct weir_stack *stack, unsigned ifindex, const weir_addr *addr, const uint8_t mac[6])
{
	int r = net_neighbour_add(stack->net, ifindex, addr, mac);

	if (r == 0)
		stack_wake_waiting(stack, ifindex);
	return r;
}
