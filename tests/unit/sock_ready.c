/* SPDX-License-Identifier: Apache-2.0
 *
 * Readiness in each state, row by row of what Linux's poll() says, with what recv() and send() return there; and the
 * list of sockets whose readiness changed.
 */
#include "stack_hosts.h"

enum { ALL_OVER = WEIR_IN | WEIR_OUT | WEIR_HUP | WEIR_RDHUP };

struct pair {
	struct hosts h;
	struct weir_socket *listener, *client, *server;
};

static void pair_init(struct pair *p)
{
	hosts_init(&p->h, WEIR_LINK_IP);
	p->listener = a_listener(p->h.b, WEIR_INET, "0.0.0.0", 80);
	p->client = a_connection(&p->h, p->listener, "10.0.0.2", 80, &p->server);
}

static void expect(struct weir_socket *sock, unsigned events, int64_t receives, int64_t sends)
{
	char byte;

	assert_int_equal(weir_poll(sock), events);
	assert_int_equal(weir_recv(sock, &byte, 1, 0), receives);
	assert_int_equal(say(sock, "x", 1), sends);
}

static void before_connecting(void **state)
{
	struct weir_endpoint local = at("0.0.0.0", 80), remote = at("10.0.0.2", 80);
	struct weir_socket *sock;
	struct hosts h;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	expect(sock, WEIR_OUT | WEIR_HUP, -WEIR_ENOTCONN, -WEIR_EPIPE);
	assert_int_equal(weir_shutdown(sock, WEIR_SHUT_WR), -WEIR_ENOTCONN);
	assert_int_equal(weir_shutdown(sock, (enum weir_shutdown_how)7), -WEIR_EINVAL);
	assert_int_equal(weir_bind(sock, &local), 0);
	expect(sock, WEIR_OUT | WEIR_HUP, -WEIR_ENOTCONN, -WEIR_EPIPE);
	assert_int_equal(weir_accept(sock, &sock), -WEIR_EINVAL);
	assert_int_equal(weir_listen(sock, 1), 0);
	expect(sock, 0, -WEIR_ENOTCONN, -WEIR_EPIPE);
	assert_int_equal(weir_connect(sock, &remote), -WEIR_EISCONN);
	/* Reading shut down, it no longer listens, and may do so again. */
	assert_int_equal(weir_shutdown(sock, WEIR_SHUT_WR), 0);
	assert_int_equal(weir_poll(sock), 0);
	assert_int_equal(weir_shutdown(sock, WEIR_SHUT_RD), 0);
	assert_int_equal(weir_poll(sock), WEIR_OUT | WEIR_HUP);
	assert_int_equal(weir_accept(sock, &sock), -WEIR_EINVAL);
	assert_int_equal(weir_listen(sock, 1), 0);
	hosts_done(&h);
}

static void connecting(void **state)
{
	struct weir_endpoint remote = at("10.0.0.2", 80), peer;
	struct weir_socket *sock;
	struct hosts h;
	char byte;

	(void)state;
	hosts_init(&h, WEIR_LINK_IP);
	h.cut = true;
	sock = a_socket(h.a, WEIR_INET, WEIR_STREAM);
	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	expect(sock, 0, -WEIR_EAGAIN, -WEIR_EAGAIN);
	assert_int_equal(weir_getpeername(sock, &peer), -WEIR_ENOTCONN);
	/* Shut down, the attempt is given up. */
	assert_int_equal(weir_shutdown(sock, WEIR_SHUT_WR), 0);
	assert_int_equal(weir_recv(sock, &byte, 1, 0), -WEIR_ECONNRESET);
	expect(sock, WEIR_OUT | WEIR_HUP, -WEIR_ENOTCONN, -WEIR_EPIPE);
	/* Refused: the error once. */
	h.cut = false;
	assert_int_equal(weir_connect(sock, &remote), -WEIR_EINPROGRESS);
	hosts_run(&h);
	expect(sock, ALL_OVER | WEIR_ERR, -WEIR_ECONNREFUSED, -WEIR_EPIPE);
	expect(sock, ALL_OVER, 0, -WEIR_EPIPE);
	hosts_done(&h);
}

static void open(void **state)
{
	struct pair p;
	char data[64];
	int32_t low = 3;

	(void)state;
	pair_init(&p);
	assert_int_equal(weir_poll(p.listener), 0);
	assert_int_equal(weir_poll(p.client), WEIR_OUT);
	assert_int_equal(weir_recv(p.client, data, 1, 0), -WEIR_EAGAIN);
	assert_int_equal(say(p.client, "ab", 2), 2);
	hosts_run(&p.h);
	assert_int_equal(weir_poll(p.server), WEIR_IN | WEIR_OUT);
	/* SO_RCVLOWAT: fewer bytes can be read, but do not make it readable. */
	assert_int_equal(weir_setsockopt(p.server, 1, 18, &low, sizeof(low)), 0);
	assert_int_equal(weir_poll(p.server), WEIR_OUT);
	assert_int_equal(say(p.client, "c", 1), 1);
	hosts_wait(&p.h, weir_ms(100));
	assert_int_equal(weir_poll(p.server), WEIR_IN | WEIR_OUT);
	assert_int_equal(weir_recv(p.server, data, 1, WEIR_MSG_PEEK), 1);
	assert_int_equal(weir_recv(p.server, data, 64, 0), 3);
	assert_memory_equal(data, "abc", 3);
	hosts_done(&p.h);
}

static void full_sendq(void **state)
{
	static char data[100000];
	struct pair p;
	int64_t n, sum = 0;

	(void)state;
	pair_init(&p);
	assert_int_equal(set_int(p.client, 1, 7, 30000), 0);
	assert_int_equal(set_int(p.server, 1, 8, 30000), 0);
	for (int i = 0; i < 40; i++) {
		n = say(p.client, data, sizeof(data));
		sum += n > 0 ? n : 0;
		hosts_wait(&p.h, weir_ms(500));
	}
	assert_int_equal(n, -WEIR_EAGAIN);
	assert_int_equal(info_of(p.client).sendq_bytes, 30000);
	assert_int_equal(info_of(p.client).sendq_bytes + info_of(p.server).recvq_bytes, sum);
	assert_int_equal(weir_poll(p.client), 0);
	do {
		n = weir_recv(p.server, data, sizeof(data), 0);
		hosts_wait(&p.h, weir_ms(500));
	} while (n > 0);
	assert_int_equal(weir_poll(p.client), WEIR_OUT);
	hosts_done(&p.h);
}

static void half_closed(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	assert_int_equal(weir_shutdown(p.client, WEIR_SHUT_WR), 0);
	expect(p.client, WEIR_OUT, -WEIR_EAGAIN, -WEIR_EPIPE);
	hosts_wait(&p.h, weir_ms(50));
	assert_int_equal(info_of(p.client).state, WEIR_TCP_FIN_WAIT_2);
	expect(p.client, WEIR_OUT, -WEIR_EAGAIN, -WEIR_EPIPE);
	assert_int_equal(info_of(p.server).state, WEIR_TCP_CLOSE_WAIT);
	expect(p.server, WEIR_IN | WEIR_OUT | WEIR_RDHUP, 0, 1);
	assert_int_equal(weir_shutdown(p.client, WEIR_SHUT_WR), 0);
	p.h.cut = true;
	assert_int_equal(weir_shutdown(p.server, WEIR_SHUT_WR), 0);
	assert_int_equal(info_of(p.server).state, WEIR_TCP_LAST_ACK);
	expect(p.server, ALL_OVER, 0, -WEIR_EPIPE);
	p.h.cut = false;
	hosts_wait(&p.h, weir_s(5));
	assert_int_equal(info_of(p.client).state, WEIR_TCP_TIME_WAIT);
	assert_int_equal(weir_poll(p.client), ALL_OVER);
	expect(p.client, ALL_OVER, 1, -WEIR_EPIPE);
	expect(p.client, ALL_OVER, 0, -WEIR_EPIPE);
	assert_int_equal(weir_shutdown(p.client, WEIR_SHUT_WR), -WEIR_ENOTCONN);
	hosts_done(&p.h);
}

static void shut_both_ways(void **state)
{
	struct pair p;
	char byte;

	(void)state;
	pair_init(&p);
	assert_int_equal(weir_shutdown(p.server, WEIR_SHUT_RD), 0);
	assert_int_equal(weir_poll(p.server), WEIR_IN | WEIR_OUT | WEIR_RDHUP);
	assert_int_equal(weir_recv(p.server, &byte, 1, 0), 0);
	/* Data that comes later is given all the same. */
	assert_int_equal(say(p.client, "z", 1), 1);
	hosts_wait(&p.h, weir_ms(50));
	assert_int_equal(weir_recv(p.server, &byte, 1, 0), 1);
	assert_int_equal(byte, 'z');
	assert_int_equal(weir_shutdown(p.server, WEIR_SHUT_RDWR), 0);
	expect(p.server, ALL_OVER, 0, -WEIR_EPIPE);
	hosts_done(&p.h);
}

/* A reset: what was queued first, then the error once, then the end. */
static void reset(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	assert_int_equal(say(p.client, "last", 1), 1);
	hosts_run(&p.h);
	weir_abort(p.client);
	hosts_run(&p.h);
	assert_int_equal(sockets_of(p.h.a), 0);
	assert_int_equal(weir_poll(p.server), ALL_OVER | WEIR_ERR);
	expect(p.server, ALL_OVER | WEIR_ERR, 1, -WEIR_ECONNRESET);
	expect(p.server, ALL_OVER, 0, -WEIR_EPIPE);
	hosts_done(&p.h);
}

/* A reset behind the peer's FIN is a broken pipe. */
static void reset_after_fin(void **state)
{
	struct pair p;
	int32_t error = 0;
	uint32_t len = sizeof(error);

	(void)state;
	pair_init(&p);
	weir_close(p.client);
	hosts_run(&p.h);
	assert_int_equal(say(p.server, "x", 1), 1);
	hosts_run(&p.h);
	assert_int_equal(weir_poll(p.server), ALL_OVER | WEIR_ERR);
	assert_int_equal(weir_getsockopt(p.server, 1, 4, &error, &len), 0);
	assert_int_equal(error, WEIR_EPIPE);
	expect(p.server, ALL_OVER, 0, -WEIR_EPIPE);
	hosts_done(&p.h);
}

/* Each change shows once, in order, and only sockets that somebody holds. */
static void ready_list(void **state)
{
	struct weir_socket *got[8], *accepted;
	struct weir_endpoint remote = at("10.0.0.2", 80);
	struct pair p;

	(void)state;
	pair_init(&p);
	while (weir_ready(p.h.a, got, 8) + weir_ready(p.h.b, got, 8) > 0)
		;
	assert_int_equal(say(p.client, "a", 1), 1);
	assert_int_equal(say(p.client, "b", 1), 1);
	hosts_wait(&p.h, weir_ms(50));
	assert_int_equal(weir_ready(p.h.b, got, 8), 1);
	assert_ptr_equal(got[0], p.server);
	assert_int_equal(weir_ready(p.h.b, got, 8), 0);
	while (weir_ready(p.h.a, got, 8) > 0)
		;
	/* A connection completed: the listener; what arrives before accept() shows with it. */
	assert_int_equal(weir_connect(a_socket(p.h.a, WEIR_INET, WEIR_STREAM), &remote), -WEIR_EINPROGRESS);
	hosts_run(&p.h);
	assert_int_equal(weir_poll(p.listener), WEIR_IN);
	assert_int_equal(weir_ready(p.h.a, got, 8), 1);
	assert_int_equal(say(got[0], "early", 5), 5);
	hosts_run(&p.h);
	assert_int_equal(weir_ready(p.h.b, got, 8), 1);
	assert_ptr_equal(got[0], p.listener);
	assert_int_equal(weir_accept(p.listener, &accepted), 0);
	assert_int_equal(weir_ready(p.h.b, got, 8), 1);
	assert_ptr_equal(got[0], accepted);
	/* Closed before it is asked for: not shown. */
	weir_abort(p.client);
	hosts_run(&p.h);
	weir_close(p.server);
	assert_int_equal(weir_ready(p.h.b, got, 8), 0);
	hosts_done(&p.h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(before_connecting),
	    cmocka_unit_test(connecting),
	    cmocka_unit_test(open),
	    cmocka_unit_test(full_sendq),
	    cmocka_unit_test(half_closed),
	    cmocka_unit_test(shut_both_ways),
	    cmocka_unit_test(reset),
	    cmocka_unit_test(reset_after_fin),
	    cmocka_unit_test(ready_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
