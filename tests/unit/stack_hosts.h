/* SPDX-License-Identifier: Apache-2.0
 *
 * Two hosts back to back for tests of the core: what one sends is given to the other at once; time stands still
 * until a test moves it. Host a has 10.0.0.1 and fd00::1, host b 10.0.0.2 and fd00::2. Memory is counted, so that
 * hosts_done() shows what was not given back.
 */
#ifndef WEIR_TESTS_STACK_HOSTS_H
#define WEIR_TESTS_STACK_HOSTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <weir/weir.h>

struct heap {
	size_t held, fail_after; /* fail_after: allocations that still succeed; SIZE_MAX = all */
};

struct hosts {
	struct weir_stack *a, *b;
	struct heap heap;
	weir_time now;
	unsigned if_a, if_b;
	uint32_t gso_max; /* of both interfaces; set before hosts_start() */
	uint16_t flags;   /* likewise */
	bool cut;         /* packets between them are lost */
	uint64_t carried; /* packets */
};

static inline void *heap_alloc(void *ctx, size_t bytes)
{
	struct heap *heap = ctx;

	if (heap->fail_after != SIZE_MAX && heap->fail_after-- == 0) {
		heap->fail_after = 0;
		return NULL;
	}
	heap->held += bytes;
	return aligned_alloc(16, (bytes + 15) / 16 * 16);
}

static inline void heap_free(void *ctx, void *memory, size_t bytes)
{
	struct heap *heap = ctx;

	assert_true(heap->held >= bytes);
	heap->held -= bytes;
	free(memory);
}

static inline void hosts_config(struct hosts *h, struct weir_config *config, uint8_t secret)
{
	weir_config_init(config);
	h->heap.fail_after = SIZE_MAX;
	config->allocator = (struct weir_allocator){heap_alloc, heap_free, &h->heap};
	memset(config->secret, secret, sizeof(config->secret));
}

static inline weir_addr addr_of(const char *text)
{
	weir_addr addr;

	assert_int_equal(weir_addr_parse(text, &addr), 0);
	return addr;
}

static inline struct weir_endpoint at(const char *text, uint16_t port)
{
	return (struct weir_endpoint){.addr = addr_of(text), .port = port};
}

static inline unsigned hosts_plug(const struct hosts *h, struct weir_stack *stack, enum weir_link_kind kind,
                                  uint8_t last, const char *v4, const char *v6)
{
	struct weir_interface interface = {
	    .name = "eth0", .kind = kind, .mtu_bytes = 1500, .flags = h->flags, .gso_max_bytes = h->gso_max};
	weir_addr four = addr_of(v4), six = addr_of(v6);
	int ifindex;

	if (kind == WEIR_LINK_ETHERNET) {
		interface.mac[0] = 2;
		interface.mac[5] = last;
	}
	ifindex = weir_interface_add(stack, &interface);
	assert_true(ifindex >= 2);
	assert_int_equal(weir_address_add(stack, (unsigned)ifindex, &four, 24), 0);
	assert_int_equal(weir_address_add(stack, (unsigned)ifindex, &six, 64), 0);
	return (unsigned)ifindex;
}

/* Neighbour discovery is not there yet: each knows the other's MAC for IPv6. */
static inline void hosts_know(struct weir_stack *stack, unsigned ifindex, const char *other, uint8_t last)
{
	uint8_t mac[6] = {2, 0, 0, 0, 0, last};
	weir_addr addr = addr_of(other);

	assert_int_equal(weir_neighbour_add(stack, ifindex, &addr, mac), 0);
}

static inline void hosts_start(struct hosts *h, enum weir_link_kind kind, const struct weir_config *ca,
                               const struct weir_config *cb)
{
	h->now = (weir_time){weir_s(1000).ns};
	assert_int_equal(weir_stack_new(ca, h->now, &h->a), 0);
	assert_int_equal(weir_stack_new(cb, h->now, &h->b), 0);
	h->if_a = hosts_plug(h, h->a, kind, 1, "10.0.0.1", "fd00::1");
	h->if_b = hosts_plug(h, h->b, kind, 2, "10.0.0.2", "fd00::2");
	if (kind == WEIR_LINK_ETHERNET) {
		hosts_know(h->a, h->if_a, "fd00::2", 2);
		hosts_know(h->b, h->if_b, "fd00::1", 1);
	}
}

static inline void hosts_init(struct hosts *h, enum weir_link_kind kind)
{
	struct weir_config a, b;

	memset(h, 0, sizeof(*h));
	hosts_config(h, &a, 1);
	hosts_config(h, &b, 2);
	hosts_start(h, kind, &a, &b);
}

static inline void hosts_done(struct hosts *h)
{
	weir_stack_free(h->a);
	weir_stack_free(h->b);
	assert_int_equal(h->heap.held, 0);
}

static inline size_t hosts_carry(struct hosts *h, struct weir_stack *from, unsigned from_if, struct weir_stack *to,
                                 unsigned to_if)
{
	struct weir_packet packets[32];
	size_t n = weir_output(from, from_if, h->now, packets, 32);

	if (n && !h->cut)
		weir_input(to, to_if, packets, n, h->now);
	h->carried += n;
	return n;
}

/* Until nobody has anything to say at this instant. */
static inline void hosts_run(struct hosts *h)
{
	for (unsigned rounds = 0; rounds < 1000000; rounds++) {
		size_t n = hosts_carry(h, h->a, h->if_a, h->b, h->if_b) + hosts_carry(h, h->b, h->if_b, h->a, h->if_a);

		if (n == 0 && !weir_output_pending(h->a, h->if_a) && !weir_output_pending(h->b, h->if_b))
			return;
	}
	fail_msg("the hosts never come to rest");
}

/* Moves time on by d, stopping at every deadline. */
static inline void hosts_wait(struct hosts *h, weir_duration d)
{
	weir_time end = weir_time_add(h->now, d);

	for (;;) {
		weir_time next;

		hosts_run(h);
		next = weir_time_min(weir_deadline(h->a), weir_deadline(h->b));
		if (!weir_time_before(next, end))
			break;
		if (weir_time_before(h->now, next))
			h->now = next;
		weir_expire(h->a, h->now);
		weir_expire(h->b, h->now);
	}
	h->now = end;
	weir_expire(h->a, h->now);
	weir_expire(h->b, h->now);
	hosts_run(h);
}

static inline struct weir_socket *a_socket(struct weir_stack *stack, enum weir_family family, enum weir_type type)
{
	struct weir_socket *sock = NULL;

	assert_int_equal(weir_socket_new(stack, family, type, &sock), 0);
	return sock;
}

static inline struct weir_socket *a_listener(struct weir_stack *stack, enum weir_family family, const char *addr,
                                             uint16_t port)
{
	struct weir_socket *sock = a_socket(stack, family, WEIR_STREAM);
	struct weir_endpoint local = at(addr, port);

	assert_int_equal(weir_bind(sock, &local), 0);
	assert_int_equal(weir_listen(sock, 8), 0);
	return sock;
}

/* A connection from a to what listens on b; both ends. */
static inline struct weir_socket *a_connection(struct hosts *h, struct weir_socket *listener, const char *to,
                                               uint16_t port, struct weir_socket **accepted)
{
	struct weir_endpoint remote = at(to, port);
	struct weir_socket *sock = a_socket(h->a, weir_addr_is_v4(&remote.addr) ? WEIR_INET : WEIR_INET6, WEIR_STREAM);

	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	hosts_run(h);
	assert_int_equal(weir_connect(sock, &remote), 0);
	assert_int_equal(weir_accept(listener, accepted), 0);
	return sock;
}

static inline int64_t say(struct weir_socket *sock, const void *data, size_t len)
{
	struct weir_slice vec = {data, len};

	return weir_send(sock, &vec, 1, 0);
}

static inline int set_int(struct weir_socket *sock, int level, int name, int32_t value)
{
	return weir_setsockopt(sock, level, name, &value, sizeof(value));
}

static inline struct weir_socket_info info_of(const struct weir_socket *sock)
{
	struct weir_socket_info info;

	weir_socket_get_info(sock, &info);
	return info;
}

static inline uint64_t counter_of(const struct weir_stack *stack, const char *name)
{
	for (unsigned i = 0; weir_counter_name(i); i++)
		if (strcmp(weir_counter_name(i), name) == 0)
			return weir_counter(stack, i);
	fail_msg("no counter %s", name);
	return 0;
}

static inline bool count_one(void *ctx, const struct weir_socket_info *info)
{
	(void)info;
	++*(unsigned *)ctx;
	return true;
}

static inline unsigned sockets_of(struct weir_stack *stack)
{
	unsigned n = 0;

	weir_sockets_each(stack, count_one, &n);
	return n;
}

#endif
