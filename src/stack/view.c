/* SPDX-License-Identifier: Apache-2.0
 *
 * Views of a whole stack: its sockets, and where a packet would go (T1.4, T8.3).
 */
#include "stack/stack.h"

void weir_sockets_each(struct weir_stack *stack, bool (*visit)(void *ctx, const struct weir_socket_info *info),
                       void *ctx)
{
	struct weir_socket_info info;

	list_each (node, &stack->socks.all) {
		weir_socket_get_info(weir_container(node, struct weir_socket, all_link), &info);
		if (!visit(ctx, &info))
			return;
	}
}

uint64_t weir_demux(struct weir_stack *stack, unsigned protocol, const struct weir_endpoint *remote,
                    const struct weir_endpoint *local, unsigned *wildcards)
{
	struct sock_tuple tuple = {.protocol = (uint8_t)protocol, .local = *local, .remote = *remote};
	const struct weir_socket *s;
	uint32_t hash;

	*wildcards = 0;
	if (protocol != IP_TCP && protocol != IP_UDP)
		return 0;
	if (!weir_addr_is_link_local6(&remote->addr))
		tuple.remote.ifindex = 0;
	hash = sock_tuple_hash(&stack->socks, &tuple);
	s = sock_find_tuple(&stack->socks, &tuple, hash);
	if (!s)
		s = sock_find_bound(&stack->socks, &tuple, hash, wildcards);
	return s ? s->id : 0;
}
