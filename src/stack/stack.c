/* SPDX-License-Identifier: Apache-2.0
 *
 * Life of a stack, its memory and its counters.
 */
#include "stack/stack.h"

#include "sock/fastopen.h"

#include <string.h>

int weir_stack_new(const struct weir_config *config, weir_time now, struct weir_stack **stack)
{
	struct weir_stack *made;
	int r = stack_config_check(config);

	if (r < 0)
		return r;
	made = config->allocator.alloc(config->allocator.ctx, sizeof(*made));
	if (!made)
		return -WEIR_ENOMEM;
	memset(made, 0, sizeof(*made));
	host_init(&made->host, config, now);
	r = net_new(&made->host, &made->net);
	if (r < 0) {
		host_deinit(&made->host);
		config->allocator.free(config->allocator.ctx, made, sizeof(*made));
		return r;
	}
	sock_table_init(&made->socks, &made->host, made->net);
	*stack = made;
	return 0;
}

int weir_stack_configure(struct weir_stack *stack, const struct weir_config *config)
{
	struct weir_config next = *config, *now = &stack->host.config;

	next.allocator = now->allocator;
	memcpy(next.secret, now->secret, sizeof(next.secret));
	next.observer = now->observer;
	if (stack_config_check(&next) < 0)
		return -WEIR_EINVAL;
	host_configure(&stack->host, &next);
	return 0;
}

void weir_fast_open_forget(struct weir_stack *stack)
{
	sock_fast_open_deinit(&stack->socks);
}

void weir_stack_free(struct weir_stack *stack)
{
	struct weir_allocator allocator = stack->host.config.allocator;

	sock_table_deinit(&stack->socks);
	net_free(stack->net);
	host_deinit(&stack->host);
	allocator.free(allocator.ctx, stack, sizeof(*stack));
}

size_t weir_memory(const struct weir_stack *stack)
{
	return stack->host.memory.held_bytes + sizeof(*stack);
}

/* DROP_NONE is no counter. */
const char *weir_counter_name(unsigned i)
{
	return i < DROP_COUNT - 1 ? drop_name((enum drop)(i + 1)) : NULL;
}

uint64_t weir_counter(const struct weir_stack *stack, unsigned i)
{
	return i < DROP_COUNT - 1 ? stack->host.counters.value[i + 1] : 0;
}
