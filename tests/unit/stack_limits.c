/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of a stack: what happens at each, and that it is counted. Ranges of the configuration.
 */
#include "stack_hosts.h"

static void init_with(struct hosts *h, uint32_t max_sockets, uint32_t max_time_wait)
{
	struct weir_config config;

	memset(h, 0, sizeof(*h));
	hosts_config(h, &config, 5);
	config.max_sockets = max_sockets;
	config.max_time_wait = max_time_wait;
	hosts_start(h, WEIR_LINK_IP, &config, &config);
}

static void max_sockets(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct weir_socket *sock, *client, *listener;
	struct hosts h;

	(void)state;
	init_with(&h, 10, 10);
	for (int i = 0; i < 10; i++)
		sock = a_socket(h.a, WEIR_INET, i & 1 ? WEIR_STREAM : WEIR_DGRAM);
	assert_int_equal(weir_socket_new(h.a, WEIR_INET, WEIR_STREAM, &client), -WEIR_ENOBUFS);
	weir_close(sock);
	client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	/* A host that is full takes no SYN, and answers none. */
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	for (int i = 0; i < 9; i++)
		sock = a_socket(h.b, WEIR_INET, WEIR_DGRAM);
	assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	assert_int_equal(info_of(client).state, WEIR_TCP_SYN_SENT);
	assert_int_equal(counter_of(h.b, "no_memory"), 1);
	weir_close(sock);
	hosts_wait(&h, weir_s(2));
	assert_int_equal(info_of(client).state, WEIR_TCP_ESTABLISHED);
	assert_int_equal(weir_accept(listener, &sock), 0);
	hosts_done(&h);
}

/* Opens and closes; the client keeps TIME_WAIT. */
static void once(struct hosts *h, struct weir_socket *listener)
{
	struct weir_socket *server, *client = a_connection(h, listener, "10.0.0.2", 80, &server);

	weir_close(client);
	hosts_wait(h, weir_ms(100));
	weir_close(server);
	hosts_wait(h, weir_ms(100));
}

static void max_time_wait(void **state)
{
	struct weir_socket *listener;
	struct hosts h;

	(void)state;
	init_with(&h, 1000, 3);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	for (int i = 0; i < 8; i++)
		once(&h, listener);
	assert_int_equal(sockets_of(h.a), 3);
	assert_int_equal(counter_of(h.a, "tcp_time_wait_evicted"), 5);
	hosts_wait(&h, weir_s(61));
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

static void no_time_wait(void **state)
{
	struct weir_socket *listener;
	struct hosts h;

	(void)state;
	init_with(&h, 1000, 0);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	once(&h, listener);
	assert_int_equal(sockets_of(h.a), 0);
	hosts_done(&h);
}

/* The oldest TIME_WAIT makes room for a new socket. */
static void time_wait_yields(void **state)
{
	struct weir_socket *listener;
	struct hosts h;

	(void)state;
	init_with(&h, 4, 100);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	for (int i = 0; i < 8; i++)
		once(&h, listener);
	assert_int_equal(sockets_of(h.a), 4);
	for (int i = 0; i < 4; i++)
		a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(sockets_of(h.a), 4);
	hosts_done(&h);
}

/* A SYN flood fills the incomplete list and no more; who was connected stays connected. The rest gets cookies, or is
 * dropped. */
static void flood(uint8_t syn_cookies, const char *counter)
{
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct weir_socket *listener, *client, *server;
	struct weir_config a, b;
	struct hosts h = {0};

	hosts_config(&h, &a, 1);
	hosts_config(&h, &b, 2);
	b.syn_cookies = syn_cookies;
	hosts_start(&h, WEIR_LINK_IP, &a, &b);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	for (int i = 0; i < 500; i++) {
		struct weir_socket *sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);

		assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
		hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
		weir_abort(sock);
	}
	assert_int_equal(info_of(listener).incomplete_len, 8);
	assert_int_equal(counter_of(h.b, counter), 492);
	assert_int_equal(sockets_of(h.b), 10);
	assert_int_equal(say(client, "still", 5), 5);
	hosts_run(&h);
	assert_int_equal(info_of(server).recvq_bytes, 5);
	hosts_done(&h);
}

static void syn_flood(void **state)
{
	(void)state;
	flood(0, "tcp_backlog_full");
	flood(1, "tcp_cookies_sent");
}

/* T6.6's cure: an orphan in FIN_WAIT_2 goes after a while; a program that is there may wait for ever. */
static void orphans(void **state)
{
	struct weir_socket *listener, *client, *server, *held, *server2;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	held = a_connection(&h, listener, "10.0.0.2", 80, &server2);
	weir_close(client);
	assert_int_equal(weir_shutdown(held, WEIR_SHUT_WR), 0);
	hosts_wait(&h, weir_s(59));
	assert_int_equal(sockets_of(h.a), 2);
	hosts_wait(&h, weir_s(2));
	assert_int_equal(sockets_of(h.a), 1);
	assert_int_equal(counter_of(h.a, "tcp_orphan_expired"), 1);
	hosts_wait(&h, weir_s(7200));
	assert_int_equal(info_of(held).state, WEIR_TCP_FIN_WAIT_2);
	/* What the other side writes to the one that is gone is answered by a RST. */
	assert_int_equal(say(server, "x", 1), 1);
	hosts_run(&h);
	assert_int_equal(info_of(server).state, WEIR_TCP_CLOSED);
	hosts_done(&h);
}

/* Data for a program that has closed is a RST; so is closing with unread data, and SO_LINGER {1,0} (T6.9). */
static void resets(void **state)
{
	int32_t linger[2] = {1, 0};
	struct weir_socket *listener, *client, *server;
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	weir_close(server);
	hosts_run(&h);
	assert_int_equal(say(client, "x", 1), 1);
	hosts_run(&h);
	assert_int_equal(counter_of(h.b, "rst_data_after_close"), 1);
	assert_int_equal(sockets_of(h.b), 1);
	weir_close(client);

	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(say(client, "x", 1), 1);
	hosts_run(&h);
	weir_close(server);
	hosts_run(&h);
	assert_int_equal(counter_of(h.b, "rst_unread_data"), 1);
	assert_int_equal(weir_recv(client, &byte, 1, 0), -WEIR_ECONNRESET);
	weir_close(client);

	client = a_connection(&h, listener, "10.0.0.2", 80, &server);
	assert_int_equal(weir_setsockopt(client, 1, 13, linger, sizeof(linger)), 0);
	weir_close(client);
	hosts_run(&h);
	assert_int_equal(counter_of(h.a, "rst_linger_zero"), 1);
	assert_int_equal(weir_recv(server, &byte, 1, 0), -WEIR_ECONNRESET);
	weir_close(server);
	assert_int_equal(sockets_of(h.a), 0);
	assert_int_equal(sockets_of(h.b), 1);
	hosts_done(&h);
}

static void configuration(void **state)
{
	struct weir_stack *stack = NULL;
	struct weir_config good, bad;
	struct hosts h;

	(void)state;
	memset(&h, 0, sizeof(h));
	hosts_config(&h, &good, 1);
#define REFUSED(change)                                                                                                \
	do {                                                                                                           \
		bad = good;                                                                                            \
		change;                                                                                                \
		assert_int_equal(weir_stack_new(&bad, h.now, &stack), -WEIR_EINVAL);                                   \
	} while (0)
	REFUSED(bad.allocator.alloc = NULL);
	REFUSED(bad.sndbuf_bytes = 0);
	REFUSED(bad.rcvbuf_bytes = bad.max_buffer_bytes + 1);
	REFUSED(bad.max_buffer_bytes = UINT32_MAX);
	REFUSED(bad.reset_rate = 1000001);
	REFUSED(bad.max_sockets = 0);
	REFUSED(bad.ttl = 0);
	REFUSED(bad.port_low = 1023);
	REFUSED(bad.port_high = bad.port_low - 1);
	REFUSED(bad.delayed_ack = weir_ms(501));
	REFUSED(bad.time_wait.ns = -1);
	REFUSED(bad.min_rto.ns = 0);
	assert_int_equal(weir_stack_new(&good, h.now, &stack), 0);
	weir_stack_free(stack);
	assert_int_equal(h.heap.held, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(max_sockets),      cmocka_unit_test(max_time_wait), cmocka_unit_test(no_time_wait),
	    cmocka_unit_test(time_wait_yields), cmocka_unit_test(syn_flood),     cmocka_unit_test(orphans),
	    cmocka_unit_test(resets),           cmocka_unit_test(configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
