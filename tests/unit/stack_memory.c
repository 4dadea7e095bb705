/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory: what an idle connection costs, that all of it comes back, and that a stack survives every single failure of
 * its allocator.
 */
#include "stack_hosts.h"

enum { MANY = 2000 };

/* Both ends of MANY idle connections, everything counted: at most 1 KiB an end. */
static void idle_connection(void **state)
{
	static struct weir_socket *client[MANY], *server[MANY];
	struct weir_socket *listener;
	struct hosts h;
	size_t before;
	double each;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client[0] = a_connection(&h, listener, "10.0.0.2", 80, &server[0]);
	before = weir_memory(h.a) + weir_memory(h.b);
	for (unsigned i = 1; i < MANY; i++) {
		client[i] = a_connection(&h, listener, "10.0.0.2", 80, &server[i]);
		/* It has been used, and is idle again. */
		assert_int_equal(say(client[i], &i, sizeof(i)), sizeof(i));
		hosts_run(&h);
		assert_int_equal(weir_recv(server[i], &(unsigned){0}, sizeof(i), 0), sizeof(i));
	}
	hosts_wait(&h, weir_s(1));
	each = (double)(weir_memory(h.a) + weir_memory(h.b) - before) / (2.0 * (MANY - 1));
	print_message("idle connection end: %.0f bytes\n", each);
	assert_true(each <= 1024);
	assert_int_equal(h.heap.held, weir_memory(h.a) + weir_memory(h.b));
	hosts_done(&h);
}

static void round_trip(struct hosts *h, struct weir_socket *listener)
{
	static char data[300000];
	struct weir_socket *server, *client = a_connection(h, listener, "10.0.0.2", 80, &server);
	int64_t n, got = 0, put = 0;

	while (got < 600000) {
		n = say(client, data, put < 600000 - (int64_t)sizeof(data) ? sizeof(data) : (size_t)(600000 - put));
		put += n > 0 ? n : 0;
		hosts_wait(h, weir_ms(10));
		n = weir_recv(server, data, sizeof(data), 0);
		got += n > 0 ? n : 0;
	}
	weir_close(server);
	hosts_wait(h, weir_ms(100));
	weir_close(client);
	hosts_wait(h, weir_s(70));
}

/* After the first round no round leaves anything behind. */
static void comes_back(void **state)
{
	struct weir_socket *listener;
	struct hosts h;
	size_t after_first;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	round_trip(&h, listener);
	after_first = weir_memory(h.a) + weir_memory(h.b);
	for (int i = 0; i < 10; i++)
		round_trip(&h, listener);
	assert_true(weir_memory(h.a) + weir_memory(h.b) <= after_first);
	hosts_done(&h);
}

/* A connection's timer and a neighbour's stand in one slot of the wheel when the stack is freed. */
static void freed_with_timers_of_two_rooms(void **state)
{
	static const uint8_t silent[6] = {2, 0, 0, 0, 0, 8};
	struct weir_endpoint known = at("10.0.0.8", 80), unknown = at("10.0.0.9", 80);
	weir_addr addr = addr_of("10.0.0.8");
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_ETHERNET);
	assert_int_equal(weir_neighbour_add(h.a, 2, &addr, silent), 0);
	assert_int_equal(weir_connect(a_socket(h.a, WEIR_INET, WEIR_STREAM), &known), -WEIR_EINPROGRESS);
	assert_int_equal(weir_connect(a_socket(h.a, WEIR_INET, WEIR_STREAM), &unknown), -WEIR_EINPROGRESS);
	hosts_run(&h);
	assert_false(weir_time_is_never(weir_deadline(h.a)));
	hosts_done(&h);
}

/* One connection from nothing to nothing; every call may fail, none may harm. Returns true when all went well. */
static bool attempt(struct hosts *h)
{
	static char data[40000];
	struct weir_endpoint local = at("0.0.0.0", 80), remote = at("10.0.0.2", 80), self = at("127.0.0.1", 81);
	struct weir_socket *listener = NULL, *client = NULL, *server = NULL, *udp = NULL;
	bool good = false;

	if (weir_socket_new(h->b, WEIR_INET, WEIR_STREAM, &listener) == 0 && weir_bind(listener, &local) == 0 &&
	    weir_listen(listener, 5) == 0 && weir_socket_new(h->a, WEIR_INET, WEIR_STREAM, &client) == 0 &&
	    weir_connect(client, &remote) == -WEIR_EINPROGRESS) {
		hosts_wait(h, weir_s(5));
		if (weir_accept(listener, &server) == 0) {
			say(client, data, sizeof(data));
			hosts_wait(h, weir_s(5));
			good = weir_recv(server, data, sizeof(data), 0) == sizeof(data);
			good &= say(server, data, 5000) == 5000;
			hosts_wait(h, weir_s(5));
		}
	}
	if (weir_socket_new(h->a, WEIR_INET, WEIR_DGRAM, &udp) == 0) {
		good &= weir_bind(udp, &self) == 0 && weir_sendto(udp, data, 1000, &self) == 1000;
		hosts_run(h);
		good &= weir_recv(udp, data, sizeof(data), 0) == 1000;
	} else {
		good = false;
	}
	h->heap.fail_after = SIZE_MAX;
	if (client)
		weir_close(client);
	if (server)
		weir_close(server);
	if (listener)
		weir_close(listener);
	if (udp)
		weir_close(udp);
	hosts_wait(h, weir_s(200));
	assert_int_equal(sockets_of(h->a), 0);
	assert_int_equal(sockets_of(h->b), 0);
	return good;
}

/* The n-th allocation fails and all that follow, for every n; and the stack can be used as before afterwards. */
static void every_failure(void **state)
{
	unsigned failed = 0;
	bool good = false;

	(void)state;
	for (size_t n = 0; !good; n++) {
		struct hosts h;

		hosts_init(&h, WEIR_LINK_ETHERNET);
		h.heap.fail_after = n;
		good = attempt(&h);
		failed += !good;
		if (!good)
			assert_true(attempt(&h));
		hosts_done(&h);
	}
	print_message("%u failing allocations survived\n", failed);
	assert_true(failed >= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(idle_connection),
	    cmocka_unit_test(comes_back),
	    cmocka_unit_test(freed_with_timers_of_two_rooms),
	    cmocka_unit_test(every_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
