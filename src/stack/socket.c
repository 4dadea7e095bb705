/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls on a stack that make sockets and tell which of them changed.
 */
#include "stack/stack.h"

int weir_socket_new(struct weir_stack *stack, enum weir_family family, enum weir_type type, struct weir_socket **sock)
{
	int r;

	if (family != WEIR_INET && family != WEIR_INET6)
		return -WEIR_EAFNOSUPPORT;
	if (type != WEIR_STREAM && type != WEIR_DGRAM)
		return -WEIR_EINVAL;
	r = sock_new(&stack->socks, (uint8_t)family, (uint8_t)type, sock);
	if (r == 0)
		(*sock)->has_handle = true;
	return r;
}

size_t weir_ready(struct weir_stack *stack, struct weir_socket **socks, size_t max)
{
	struct list *node;
	size_t n = 0;

	while (n < max && (node = list_first(&stack->socks.ready)) != NULL) {
		list_remove(node);
		socks[n++] = weir_container(node, struct weir_socket, ready_link);
	}
	return n;
}
