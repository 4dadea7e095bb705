/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams for many (T8.6): groups are joined and left, several sockets share a group's port and each gets a copy, in
 * IPv4 and IPv6 alike; broadcast. Who gets a copy, defaults and errors are Linux's.
 */
#include "stack_hosts.h"

enum { LEVEL_IP = 0, LEVEL_IPV6 = 41 };
enum { IP_IF = 32, IP_TTL_ = 33, IP_LOOP = 34, IP_JOIN = 35, IP_LEAVE = 36, IP_ALL = 49 };
enum { IPV6_IF = 17, IPV6_HOPS = 18, IPV6_LOOP = 19, IPV6_JOIN = 20, IPV6_LEAVE = 21, IPV6_ALL = 29 };

/* What differs between the families. */
static const struct family {
	enum weir_family family;
	const char *any, *group, *other, *a, *b;
	int level, join, leave, loop, hops, all, interface;
} families[] = {
    {WEIR_INET, "0.0.0.0", "239.1.2.3", "239.1.2.4", "10.0.0.1", "10.0.0.2", LEVEL_IP, IP_JOIN, IP_LEAVE, IP_LOOP,
     IP_TTL_, IP_ALL, IP_IF},
    {WEIR_INET6, "::", "ff15::123", "ff15::124", "fd00::1", "fd00::2", LEVEL_IPV6, IPV6_JOIN, IPV6_LEAVE, IPV6_LOOP,
     IPV6_HOPS, IPV6_ALL, IPV6_IF},
};

static int membership(struct weir_socket *sock, const struct family *f, int name, const char *group, unsigned ifindex)
{
	weir_addr addr = addr_of(group);
	uint8_t request[20] = {0};

	if (f->family == WEIR_INET) {
		memcpy(request, addr.b + 12, 4);
		memcpy(request + 8, &ifindex, 4);
		return weir_setsockopt(sock, f->level, name, request, 12);
	}
	memcpy(request, addr.b, 16);
	memcpy(request + 16, &ifindex, 4);
	return weir_setsockopt(sock, f->level, name, request, 20);
}

static int join(struct weir_socket *sock, const struct family *f, const char *group)
{
	return membership(sock, f, f->join, group, 0);
}

static struct weir_socket *sharing(struct weir_stack *stack, const struct family *f, const char *addr, uint16_t port)
{
	struct weir_endpoint local = at(addr, port);
	struct weir_socket *sock = a_socket(stack, f->family, WEIR_DGRAM);

	assert_int_equal(set_int(sock, 1, 2, 1), 0);
	assert_int_equal(weir_bind(sock, &local), 0);
	return sock;
}

static void send_text(struct weir_socket *sock, const char *text, const char *to, uint16_t port)
{
	struct weir_endpoint remote = at(to, port);

	assert_int_equal(weir_sendto(sock, text, strlen(text), &remote), strlen(text));
}

/* The next datagram is this one and came from there; NULL: there is none. */
static void gets(struct weir_socket *sock, const char *text, const char *from)
{
	struct weir_endpoint sender = {.port = 0};
	char buffer[100];
	int64_t n = weir_recvfrom(sock, buffer, sizeof(buffer), 0, &sender);
	weir_addr expected;

	if (text == NULL) {
		assert_int_equal(n, -WEIR_EAGAIN);
		return;
	}
	assert_int_equal(n, strlen(text));
	assert_memory_equal(buffer, text, (size_t)n);
	expected = addr_of(from);
	assert_true(weir_addr_equal(&sender.addr, &expected));
}

typedef void body(const struct family *f, struct hosts *h);

static void each(enum weir_link_kind kind, body *run)
{
	for (unsigned i = 0; i < 2; i++) {
		struct hosts h;

		hosts_init(&h, kind);
		run(&families[i], &h);
		hosts_done(&h);
	}
}

/* T8.6: two sockets of host b share the group's port by SO_REUSEADDR, and each gets a copy. */
static void copies(const struct family *f, struct hosts *h)
{
	struct weir_socket *one = sharing(h->b, f, f->any, 5000), *two = sharing(h->b, f, f->any, 5000);
	struct weir_socket *exact = sharing(h->b, f, f->group, 5000), *other = sharing(h->b, f, f->other, 5000);
	struct weir_socket *port = sharing(h->b, f, f->any, 5001), *sender = a_socket(h->a, f->family, WEIR_DGRAM);

	assert_int_equal(join(one, f, f->group), 0);
	assert_int_equal(join(two, f, f->group), 0);
	send_text(sender, "hello", f->group, 5000);
	hosts_run(h);
	gets(one, "hello", f->a);
	gets(two, "hello", f->a);
	gets(exact, "hello", f->a);
	gets(one, NULL, NULL);
	gets(other, NULL, NULL);
	gets(port, NULL, NULL);
	/* A socket to itself does not stand in the way of one that shares; a loner does. */
	struct weir_endpoint local = at(f->any, 5000);
	struct weir_socket *loner = a_socket(h->b, f->family, WEIR_DGRAM);
	assert_int_equal(weir_bind(loner, &local), -WEIR_EADDRINUSE);
}

static void several_sockets_share_a_port_and_each_gets_a_copy(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, copies);
	each(WEIR_LINK_IP, copies);
}

/* Not before it is joined, not after the last member has left or closed. */
static void comings(const struct family *f, struct hosts *h)
{
	struct weir_socket *one = sharing(h->b, f, f->any, 5000), *two = sharing(h->b, f, f->any, 5000);
	struct weir_socket *sender = a_socket(h->a, f->family, WEIR_DGRAM);
	uint64_t refused = counter_of(h->b, "eth_not_ours");

	send_text(sender, "nobody", f->group, 5000);
	hosts_run(h);
	gets(one, NULL, NULL);
	assert_int_equal(counter_of(h->b, "eth_not_ours"), refused + 1);
	assert_int_equal(join(one, f, f->group), 0);
	assert_int_equal(join(one, f, f->group), -WEIR_EADDRINUSE);
	assert_int_equal(join(two, f, f->group), 0);
	send_text(sender, "both", f->group, 5000);
	hosts_run(h);
	assert_int_equal(membership(one, f, f->leave, f->group, h->if_b), 0);
	assert_int_equal(membership(one, f, f->leave, f->group, 0), -WEIR_EADDRNOTAVAIL);
	send_text(sender, "still", f->group, 5000); /* the other is a member, and `one` takes what the host hears */
	hosts_run(h);
	weir_close(two);
	send_text(sender, "gone", f->group, 5000);
	hosts_run(h);
	gets(one, "both", f->a);
	gets(one, "still", f->a);
	gets(one, NULL, NULL);
	assert_int_equal(counter_of(h->b, "eth_not_ours"), refused + 2);
}

static void a_group_is_heard_while_it_has_a_member(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, comings);
}

/* IP_MULTICAST_ALL off: only what the socket itself has joined. */
static void only_own(const struct family *f, struct hosts *h)
{
	struct weir_socket *own = sharing(h->b, f, f->any, 5000), *member = sharing(h->b, f, f->any, 5000);
	struct weir_socket *sender = a_socket(h->a, f->family, WEIR_DGRAM);
	int32_t all = -1;
	uint32_t len = sizeof(all);

	assert_int_equal(join(member, f, f->group), 0);
	assert_int_equal(join(own, f, f->other), 0);
	assert_int_equal(weir_getsockopt(own, f->level, f->all, &all, &len), 0);
	assert_int_equal(all, 1);
	assert_int_equal(set_int(own, f->level, f->all, 0), 0);
	assert_int_equal(set_int(own, f->level, f->all, 2), -WEIR_EINVAL);
	send_text(sender, "group", f->group, 5000);
	send_text(sender, "other", f->other, 5000);
	hosts_run(h);
	gets(own, "other", f->a);
	gets(own, NULL, NULL);
	gets(member, "group", f->a);
	gets(member, "other", f->a);
}

static void a_socket_may_hear_its_own_groups_only(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, only_own);
}

/* The sending host hears itself, unless MULTICAST_LOOP is off; with no hop to go nothing leaves. */
static void loop(const struct family *f, struct hosts *h)
{
	struct weir_socket *here = sharing(h->a, f, f->any, 5000), *there = sharing(h->b, f, f->any, 5000);
	struct weir_socket *sender = a_socket(h->a, f->family, WEIR_DGRAM);

	send_text(sender, "no member", f->group, 5000);
	hosts_run(h);
	assert_int_equal(join(here, f, f->group), 0);
	assert_int_equal(join(there, f, f->group), 0);
	send_text(sender, "loop", f->group, 5000);
	assert_int_equal(set_int(sender, f->level, f->loop, 0), 0);
	send_text(sender, "away", f->group, 5000);
	assert_int_equal(set_int(sender, f->level, f->loop, 1), 0);
	assert_int_equal(set_int(sender, f->level, f->hops, 0), 0);
	send_text(sender, "stay", f->group, 5000);
	hosts_run(h);
	gets(here, "loop", f->a);
	gets(here, "stay", f->a);
	gets(here, NULL, NULL);
	gets(there, "loop", f->a);
	gets(there, "away", f->a);
	gets(there, NULL, NULL);
}

static void the_sending_host_hears_itself(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, loop);
	each(WEIR_LINK_IP, loop);
}

/* One hop unless it is told otherwise; no question for the group's hardware address, which follows from its own. */
static void on_the_wire(const struct family *f, struct hosts *h)
{
	struct weir_socket *sender = a_socket(h->a, f->family, WEIR_DGRAM);
	static const uint8_t mac4[6] = {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}, mac6[6] = {0x33, 0x33, 0, 0, 0x01, 0x23};
	size_t ttl_at = f->family == WEIR_INET ? 14 + 8 : 14 + 7;
	struct weir_packet packets[8];

	while (weir_output(h->a, h->if_a, h->now, packets, 8) > 0)
		; /* announcements */
	send_text(sender, "x", f->group, 5000);
	assert_int_equal(weir_output(h->a, h->if_a, h->now, packets, 8), 1);
	assert_memory_equal(packets[0].slice[0].data, f->family == WEIR_INET ? mac4 : mac6, 6);
	assert_int_equal(packets[0].slice[0].data[ttl_at], 1);
	assert_int_equal(set_int(sender, f->level, f->hops, 7), 0);
	send_text(sender, "x", f->group, 5000);
	assert_int_equal(weir_output(h->a, h->if_a, h->now, packets, 8), 1);
	assert_int_equal(packets[0].slice[0].data[ttl_at], 7);
}

static void a_group_needs_no_neighbour(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, on_the_wire);
}

/* A host with a second interface chooses by number, or over IPv4 by address. */
static void second_interface(const struct family *f, struct hosts *h)
{
	struct weir_interface second = {.name = "eth1", .kind = WEIR_LINK_ETHERNET, .mtu_bytes = 1500, .mac = {2, 1}};
	weir_addr four = addr_of("10.9.0.1"), six = addr_of("fd09::1");
	struct weir_socket *sender = a_socket(h->a, f->family, WEIR_DGRAM);
	struct weir_packet packets[8];
	int number = weir_interface_add(h->a, &second);
	uint8_t request[12] = {0};
	uint8_t answer[4];
	uint32_t len = sizeof(answer);

	assert_true(number > 0);
	assert_int_equal(weir_address_add(h->a, (unsigned)number, &four, 24), 0);
	assert_int_equal(weir_address_add(h->a, (unsigned)number, &six, 64), 0);
	while (weir_output(h->a, (unsigned)number, h->now, packets, 8) > 0)
		;
	if (f->family == WEIR_INET) {
		memcpy(request + 4, four.b + 12, 4);
		assert_int_equal(weir_setsockopt(sender, LEVEL_IP, IP_IF, request, 12), 0);
		assert_int_equal(weir_getsockopt(sender, LEVEL_IP, IP_IF, answer, &len), 0);
		assert_memory_equal(answer, four.b + 12, 4);
		request[4] = 11;
		assert_int_equal(weir_setsockopt(sender, LEVEL_IP, IP_IF, request + 4, 4), -WEIR_EADDRNOTAVAIL);
		assert_int_equal(weir_setsockopt(sender, LEVEL_IP, IP_IF, request, 3), -WEIR_EINVAL);
	} else {
		assert_int_equal(set_int(sender, LEVEL_IPV6, IPV6_IF, number), 0);
		assert_int_equal(set_int(sender, LEVEL_IPV6, IPV6_IF, 99), -WEIR_ENODEV);
	}
	send_text(sender, "x", f->group, 5000);
	assert_int_equal(weir_output(h->a, (unsigned)number, h->now, packets, 8), 1);
	/* Membership is an interface's: there it is heard, by the other it is not. */
	struct weir_socket *member = sharing(h->a, f, f->any, 5000);
	struct weir_socket *peer = a_socket(h->b, f->family, WEIR_DGRAM);
	assert_int_equal(membership(member, f, f->join, f->group, (unsigned)number), 0);
	send_text(peer, "wrong side", f->group, 5000);
	hosts_run(h);
	gets(member, NULL, NULL);
	assert_int_equal(membership(member, f, f->join, f->group, h->if_a), 0);
	send_text(peer, "here", f->group, 5000);
	hosts_run(h);
	gets(member, "here", f->b);
}

static void an_interface_can_be_chosen(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, second_interface);
}

static void wrong_requests(const struct family *f, struct hosts *h)
{
	struct weir_socket *sock = a_socket(h->a, f->family, WEIR_DGRAM);
	struct weir_socket *stream = a_socket(h->a, f->family, WEIR_STREAM);
	uint8_t nothing[20] = {0};

	assert_int_equal(join(sock, f, f->a), -WEIR_EINVAL);
	assert_int_equal(membership(sock, f, f->join, f->group, 77), -WEIR_ENODEV);
	assert_int_equal(membership(sock, f, f->leave, f->group, 0), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(weir_setsockopt(sock, f->level, f->join, nothing, 7), -WEIR_EINVAL);
	assert_int_equal(join(stream, f, f->group), -WEIR_ENOPROTOOPT);
	if (f->family == WEIR_INET) /* an IPv4 socket has no options of IPv6 */
		assert_int_equal(join(sock, &families[1], families[1].group), -WEIR_ENOPROTOOPT);
	struct weir_endpoint group = at(f->group, 80);
	assert_int_equal(weir_bind(stream, &group), -WEIR_EADDRNOTAVAIL);
	assert_int_equal(weir_connect(stream, &group), -WEIR_ENETUNREACH);
}

static void wrong_requests_change_nothing(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, wrong_requests);
}

static void group_text(const struct family *f, unsigned i, char text[40])
{
	snprintf(text, 40, f->family == WEIR_INET ? "239.7.%u.%u" : "ff15::7:%x:%x", i / 200, i % 200 + 1);
}

/* 20 a socket, 256 an interface; no more, and a failed one leaves things as they were. */
static void bounds(const struct family *f, struct hosts *h)
{
	struct weir_socket *sock[14];
	char group[40];
	unsigned joined = 0;

	for (unsigned k = 0; k < 14; k++) {
		sock[k] = a_socket(h->a, f->family, WEIR_DGRAM);
		for (unsigned i = 0; i < 20; i++) {
			int error;

			group_text(f, k * 20 + i, group);
			error = join(sock[k], f, group);
			assert_int_equal(error, joined < 256 ? 0 : -WEIR_ENOBUFS);
			joined += error == 0;
		}
	}
	group_text(f, 5000, group);
	assert_int_equal(join(sock[0], f, group), -WEIR_ENOBUFS);
	assert_int_equal(joined, 256);
	weir_close(sock[0]);
	group_text(f, 300, group);
	assert_int_equal(join(sock[13], f, group), 0);
}

static void memberships_are_bounded(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, bounds);
}

static void without_memory(const struct family *f, struct hosts *h)
{
	struct weir_socket *sock = a_socket(h->a, f->family, WEIR_DGRAM);
	size_t fail_after = 0;
	int error;

	do {
		h->heap.fail_after = fail_after++;
		error = join(sock, f, f->group);
		h->heap.fail_after = SIZE_MAX;
		assert_true(error == 0 || error == -WEIR_ENOMEM);
	} while (error != 0);
	assert_int_equal(membership(sock, f, f->leave, f->group, 0), 0);
}

static void a_join_without_memory_says_so(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, without_memory);
}

/* A broadcast is a thing to ask for, and reaches all who listen, the sender's host included. */
static void broadcast(void **state)
{
	static const char *const to[] = {"255.255.255.255", "10.0.0.255"};
	const struct family *f = &families[0];
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	struct weir_socket *one = sharing(h.b, f, "0.0.0.0", 5000), *two = sharing(h.b, f, "0.0.0.0", 5000);
	struct weir_socket *here = sharing(h.a, f, "0.0.0.0", 5000), *exact = sharing(h.b, f, "10.0.0.2", 5000);
	for (unsigned i = 0; i < 2; i++) {
		struct weir_socket *sender = a_socket(h.a, WEIR_INET, WEIR_DGRAM);
		struct weir_endpoint all = at(to[i], 5000);

		assert_int_equal(weir_sendto(sender, "x", 1, &all), -WEIR_EACCES);
		assert_int_equal(weir_connect(sender, &all), -WEIR_EACCES);
		assert_int_equal(set_int(sender, 1, 6, 1), 0);
		send_text(sender, "everybody", to[i], 5000);
		hosts_run(&h);
		gets(one, "everybody", "10.0.0.1");
		gets(two, "everybody", "10.0.0.1");
		gets(here, "everybody", "10.0.0.1");
		gets(exact, NULL, NULL);
	}
	hosts_done(&h);
}

/* T8.6: nobody is told that nobody listens: it would be told by all. */
static void unanswered(const struct family *f, struct hosts *h)
{
	struct weir_socket *member = sharing(h->b, f, f->any, 5000), *sender = a_socket(h->a, f->family, WEIR_DGRAM);
	struct weir_endpoint group = at(f->group, 5001);
	uint64_t carried;
	char byte;

	assert_int_equal(join(member, f, f->group), 0);
	assert_int_equal(weir_connect(sender, &group), 0);
	hosts_run(h);
	carried = h->carried;
	assert_int_equal(weir_sendto(sender, "x", 1, NULL), 1);
	hosts_run(h);
	assert_int_equal(h->carried, carried + 1);
	assert_int_equal(weir_recv(sender, &byte, 1, 0), -WEIR_EAGAIN);
	assert_int_equal(counter_of(h->b, "udp_no_port"), 1);
}

static void no_error_answers_a_group(void **state)
{
	(void)state;
	each(WEIR_LINK_ETHERNET, unanswered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(several_sockets_share_a_port_and_each_gets_a_copy),
	    cmocka_unit_test(a_group_is_heard_while_it_has_a_member),
	    cmocka_unit_test(a_socket_may_hear_its_own_groups_only),
	    cmocka_unit_test(the_sending_host_hears_itself),
	    cmocka_unit_test(a_group_needs_no_neighbour),
	    cmocka_unit_test(an_interface_can_be_chosen),
	    cmocka_unit_test(wrong_requests_change_nothing),
	    cmocka_unit_test(memberships_are_bounded),
	    cmocka_unit_test(a_join_without_memory_says_so),
	    cmocka_unit_test(broadcast),
	    cmocka_unit_test(no_error_answers_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
