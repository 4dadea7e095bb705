/* SPDX-License-Identifier: Apache-2.0
 *
 * Listeners and their two lists (T5.3 ... T5.7): what is on them, what happens when they are full, and when the
 * listener goes away; a new connection out of TIME_WAIT.
 */
#include "stack_hosts.h"

struct seen {
	unsigned incomplete, accept;
	uint64_t listener;
};

static bool look(void *ctx, const struct weir_socket_info *info)
{
	struct seen *seen = ctx;

	if (info->listener_id == seen->listener && info->state == WEIR_TCP_SYN_RECEIVED)
		seen->incomplete++;
	if (info->listener_id == seen->listener && info->in_accept_list)
		seen->accept++;
	return true;
}

static struct seen lists_of(struct weir_stack *stack, struct weir_socket *listener)
{
	struct seen seen = {.listener = weir_socket_id(listener)};

	weir_sockets_each(stack, look, &seen);
	return seen;
}

static struct weir_socket *start(struct hosts *h, const char *to, uint16_t port)
{
	struct weir_endpoint remote = at(to, port);
	struct weir_socket *sock = a_socket(h->a, weir_addr_is_v4(&remote.addr) ? WEIR_INET : WEIR_INET6, WEIR_STREAM);

	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	return sock;
}

/* T5.4, T5.5: a SYN makes a structure in SYN_RCVD on the incomplete list; the third message moves it on. */
static void two_lists(void **state)
{
	static const char *const to[] = {"10.0.0.2", "fd00::2"};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct weir_socket *listener, *client, *server;
		struct hosts h;

		hosts_init(&h, WEIR_LINK_IP);
		listener = a_listener(h.b, WEIR_INET6, "::", 80);
		client = start(&h, to[i], 80);
		assert_int_equal(info_of(client).state, WEIR_TCP_SYN_SENT);
		assert_int_equal(hosts_carry(&h, h.a, h.if_a, h.b, h.if_b), 1);
		assert_int_equal(info_of(listener).state, WEIR_TCP_LISTEN);
		assert_int_equal(info_of(listener).incomplete_len, 1);
		assert_int_equal(lists_of(h.b, listener).incomplete, 1);
		assert_int_equal(weir_accept(listener, &server), -WEIR_EAGAIN);
		assert_int_equal(hosts_carry(&h, h.b, h.if_b, h.a, h.if_a), 1);
		assert_int_equal(info_of(client).state, WEIR_TCP_ESTABLISHED);
		/* T5.7: data may follow the second message at once. */
		assert_int_equal(say(client, "early", 5), 5);
		hosts_run(&h);
		assert_int_equal(info_of(listener).incomplete_len, 0);
		assert_int_equal(info_of(listener).accept_len, 1);
		assert_int_equal(lists_of(h.b, listener).accept, 1);
		assert_int_equal(weir_accept(listener, &server), 0);
		assert_int_equal(info_of(server).recvq_bytes, 5);
		assert_int_equal(info_of(server).listener_id, 0);
		assert_int_equal(info_of(listener).local.port, 80);
		assert_int_equal(info_of(listener).remote.port, 0);
		hosts_done(&h);
	}
}

/* T5.5: the third message never comes. */
static void incomplete_goes_away(void **state)
{
	struct weir_socket *listener, *client;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = start(&h, "10.0.0.2", 80);
	hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
	weir_abort(client);
	h.cut = true;
	assert_int_equal(sockets_of(h.b), 2);
	hosts_wait(&h, weir_s(200));
	assert_int_equal(sockets_of(h.b), 1);
	assert_int_equal(info_of(listener).incomplete_len, 0);
	hosts_done(&h);
}

/* S-9: a backlog of n holds n + 1 completed connections; the rest waits, and gets in when there is room. */
static void backlog(void **state)
{
	struct weir_socket *listener, *client[6], *server;
	struct hosts h;
	unsigned open = 0;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	assert_int_equal(weir_listen(listener, 2), 0);
	for (unsigned i = 0; i < 6; i++) {
		client[i] = start(&h, "10.0.0.2", 80);
		hosts_run(&h);
	}
	assert_int_equal(info_of(listener).accept_len, 3);
	assert_true(info_of(listener).accept_dropped >= 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(weir_accept(listener, &server), 0);
	hosts_wait(&h, weir_s(20));
	for (unsigned i = 0; i < 6; i++)
		open += info_of(client[i]).state == WEIR_TCP_ESTABLISHED;
	assert_int_equal(open, 6);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(weir_accept(listener, &server), 0);
	hosts_done(&h);
}

/* A listener that goes away takes with it what nobody accepted. */
static void closing(void **state)
{
	struct weir_socket *listener, *done, *half, *server, *accepted;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	accepted = a_connection(&h, listener, "10.0.0.2", 80, &server);
	done = start(&h, "10.0.0.2", 80);
	hosts_run(&h);
	half = start(&h, "10.0.0.2", 80);
	hosts_carry(&h, h.a, h.if_a, h.b, h.if_b);
	weir_close(listener);
	assert_int_equal(sockets_of(h.b), 1);
	hosts_run(&h);
	assert_int_equal(counter_of(h.b, "rst_listener_closed"), 2);
	assert_int_equal(weir_poll(done) & WEIR_ERR, WEIR_ERR);
	assert_int_equal(info_of(done).error, WEIR_ECONNRESET);
	assert_int_equal(info_of(half).state, WEIR_TCP_CLOSED);
	assert_int_equal(info_of(accepted).state, WEIR_TCP_ESTABLISHED);
	hosts_done(&h);
}

/* The peer is gone before accept(): the dead socket is delivered, and reading it says so. */
static void dead_on_arrival(void **state)
{
	struct weir_socket *listener, *client, *server;
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	client = start(&h, "10.0.0.2", 80);
	hosts_run(&h);
	weir_abort(client);
	hosts_run(&h);
	assert_int_equal(weir_accept(listener, &server), 0);
	assert_int_equal(weir_recv(server, &byte, 1, 0), -WEIR_ECONNRESET);
	weir_close(server);
	assert_int_equal(sockets_of(h.b), 1);
	hosts_done(&h);
}

/* [9293 MAY-2; 6191] The same pair of ends again, while the old connection is in TIME_WAIT at the listener. */
static void out_of_time_wait(void **state)
{
	struct weir_endpoint local = at("10.0.0.1", 5000), remote = at("10.0.0.2", 80);
	struct weir_socket *listener, *client, *server;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	listener = a_listener(h.b, WEIR_INET, "0.0.0.0", 80);
	for (int i = 0; i < 5; i++) {
		client = a_socket(h.a, WEIR_INET, WEIR_STREAM);
		assert_int_equal(weir_bind(client, &local), 0);
		assert_int_equal(weir_connect(client, &remote), -WEIR_EINPROGRESS);
		hosts_run(&h);
		assert_int_equal(weir_accept(listener, &server), 0);
		weir_close(server);
		hosts_wait(&h, weir_ms(100));
		weir_close(client);
		hosts_wait(&h, weir_s(1));
		assert_int_equal(sockets_of(h.a), 0);
		assert_int_equal(sockets_of(h.b), 2);
	}
	hosts_done(&h);
}

/* [7413] The second time, the request is there with the first packet, and the answer with the second. */
static void fast_open(void **state)
{
	static const char *const to[] = {"10.0.0.2", "fd00::2"};
	const struct weir_slice request = {(const uint8_t *)"request", 7};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct weir_endpoint remote = at(to[i], 80);
		struct weir_socket *listener, *client, *server;
		struct hosts h;
		char text[16];

		hosts_init(&h, WEIR_LINK_ETHERNET);
		listener = a_listener(h.b, WEIR_INET6, "::", 80);
		assert_int_equal(set_int(listener, 6, 23, 5), 0);
		client = a_socket(h.a, i ? WEIR_INET6 : WEIR_INET, WEIR_STREAM);
		assert_int_equal(weir_connect_send(client, &request, 1, &remote), -WEIR_EINPROGRESS);
		hosts_run(&h);
		assert_int_equal(weir_accept(listener, &server), 0);
		weir_abort(client);
		hosts_run(&h);
		weir_close(server);
		client = a_socket(h.a, i ? WEIR_INET6 : WEIR_INET, WEIR_STREAM);
		assert_int_equal(weir_connect_send(client, &request, 1, &remote), 7);
		assert_int_equal(hosts_carry(&h, h.a, h.if_a, h.b, h.if_b), 1);
		assert_int_equal(weir_accept(listener, &server), 0);
		assert_int_equal(weir_recv(server, text, sizeof(text), 0), 7);
		assert_memory_equal(text, "request", 7);
		assert_int_equal(say(server, "answer", 6), 6);
		assert_int_equal(hosts_carry(&h, h.b, h.if_b, h.a, h.if_a), 2);
		assert_int_equal(weir_recv(client, text, sizeof(text), 0), 6);
		hosts_run(&h);
		assert_int_equal(info_of(server).state, WEIR_TCP_ESTABLISHED);
		assert_int_equal(counter_of(h.b, "tcp_fast_opens"), 1);
		hosts_done(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_lists), cmocka_unit_test(incomplete_goes_away), cmocka_unit_test(backlog),
	    cmocka_unit_test(closing),   cmocka_unit_test(dead_on_arrival),      cmocka_unit_test(out_of_time_wait),
	    cmocka_unit_test(fast_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
