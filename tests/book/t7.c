/* SPDX-License-Identifier: Apache-2.0
 *
 * T7.1, T7.2: what TIME_WAIT is for, and what it costs.
 */
#include "support/hosts.h"

enum { CLIENT_PORT = 5000 };

/* The first segment with text is delayed long enough to arrive in the next connection's time; its copy, sent
 * again by TCP, arrives as usual. */
struct delay {
	unsigned seen;
	weir_duration by;
};

static struct link_aim delay_first_text(void *ctx, int from, const struct wire_ip *ip, const struct tcp_segment *seg)
{
	struct delay *delay = ctx;

	(void)ip;
	if (from == A && seg->text_bytes > 0 && delay->seen++ == 0)
		return (struct link_aim){.action = LINK_AIM_DELAY, .extra = delay->by};
	return (struct link_aim){.action = LINK_AIM_NONE};
}

static struct weir_socket *connect_from(uint16_t port, struct weir_socket *listener, struct weir_socket **server)
{
	struct weir_socket *client = hosts_socket(A);

	if (hosts_bind(client, hosts_any(port)) != 0) {
		hosts_close(client);
		return NULL;
	}
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), 0);
	*server = hosts_accept(listener);
	return client;
}

/* The old connection: ten bytes, of which one copy is under way for long; then closed by A and by B. */
static void old_connection(struct weir_socket *listener, struct delay *delay)
{
	struct weir_socket *server = NULL, *client;

	hosts_aim(delay_first_text, delay);
	client = connect_from(CLIENT_PORT, listener, &server);
	CHECK(client != NULL);
	CHECK_EQ(hosts_write(client, 0, 10), 10);
	hosts_run_ms(1500);
	CHECK_EQ(hosts_read(server, 0, 100), 10);
	CHECK(hosts_info(client).resent >= 1);
	hosts_close(client);
	hosts_settle();
	hosts_close(server);
	hosts_settle();
}

/* Both ends begin at the same number again, as two incarnations of a connection may; without timestamps, which would
 * tell the old segment from the new. */
static void same_numbers_again(void)
{
	for (int i = 0; i < 2; i++) {
		hosts_config(i)->fixed_iss = true;
		hosts_config(i)->iss = 1000u * (unsigned)(i + 1);
		hosts_config(i)->timestamps = false;
	}
}

/* T7.1 Without a quiet time the delayed segment of the old connection is taken for data of the new one. */
BOOK(T7_1, without_quiet_time_an_old_segment_is_delivered_wrongly)
{
	struct delay delay = {0, weir_s(5)};
	struct weir_socket *listener, *client, *server = NULL;

	same_numbers_again();
	hosts_config(A)->time_wait = hosts_config(B)->time_wait = weir_s(0);
	listener = hosts_listen(B, SERVER_PORT, 5);
	old_connection(listener, &delay);
	hosts_run_ms(10);
	CHECK_EQ(hosts_state(A, CLIENT_PORT, SERVER_PORT), -1);
	client = connect_from(CLIENT_PORT, listener, &server);
	CHECK(client != NULL);
	hosts_run_ms(5000);
	CHECK_EQ(hosts_info(client).written_bytes, 0);
	CHECK_EQ(hosts_info(server).recvq_bytes, 10); /* that nobody has sent on this connection */
}

/* T7.1 With it the new connection cannot begin before the segment has arrived, and found nobody. */
BOOK(T7_1, with_quiet_time_an_old_segment_finds_nobody)
{
	struct delay delay = {0, weir_s(5)};
	struct weir_socket *listener, *client, *server = NULL;
	int waited_s = 0;

	same_numbers_again();
	listener = hosts_listen(B, SERVER_PORT, 5);
	old_connection(listener, &delay);
	CHECK_EQ(hosts_state(A, CLIENT_PORT, SERVER_PORT), WEIR_TCP_TIME_WAIT);
	while ((client = connect_from(CLIENT_PORT, listener, &server)) == NULL) {
		CHECK_EQ(hosts_state(A, CLIENT_PORT, SERVER_PORT), WEIR_TCP_TIME_WAIT);
		hosts_run_ms(1000);
		CHECK(++waited_s <= 61);
	}
	CHECK(waited_s >= 59);
	CHECK_EQ(hosts_counter(B, drop_rst_no_connection), 1); /* the delayed segment's fate */
	hosts_run_ms(10000);
	CHECK_EQ(hosts_info(server).recvq_bytes, 0);
}

/* T7.2 While it lasts the port cannot be bound again. */
BOOK(T7_2, port_in_time_wait_cannot_be_bound_again)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client, *server = NULL, *again;

	client = connect_from(CLIENT_PORT, listener, &server);
	CHECK(client != NULL);
	hosts_close(client);
	hosts_settle();
	hosts_close(server);
	hosts_settle();
	CHECK_EQ(hosts_state(A, CLIENT_PORT, SERVER_PORT), WEIR_TCP_TIME_WAIT);
	again = hosts_socket(A);
	CHECK_EQ(hosts_bind(again, hosts_any(CLIENT_PORT)), -WEIR_EADDRINUSE);
	hosts_run_ms(59000);
	CHECK_EQ(hosts_bind(again, hosts_any(CLIENT_PORT)), -WEIR_EADDRINUSE);
	hosts_run_ms(1100);
	CHECK_EQ(hosts_bind(again, hosts_any(CLIENT_PORT)), 0);
}

/* T7.2 Unless SO_REUSEADDR is set: a restarted server gets its port at once. */
BOOK(T7_2, reuseaddr_lets_a_server_restart_at_once)
{
	struct weir_socket *listener = hosts_socket(B), *client = hosts_socket(A), *again;

	hosts_set(listener, LEVEL_SOCKET, OPT_REUSEADDR, 1);
	CHECK_EQ(hosts_bind(listener, hosts_any(SERVER_PORT)), 0);
	CHECK_EQ(weir_listen(listener, 5), 0);
	CHECK_EQ(hosts_bind(client, hosts_any(CLIENT_PORT)), 0);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	hosts_close(hosts_accept(listener)); /* the server closes first */
	hosts_settle();
	hosts_close(client);
	hosts_close(listener);
	hosts_settle();
	CHECK_EQ(hosts_state(B, SERVER_PORT, CLIENT_PORT), WEIR_TCP_TIME_WAIT);
	again = hosts_socket(B);
	CHECK_EQ(hosts_bind(again, hosts_any(SERVER_PORT)), -WEIR_EADDRINUSE);
	hosts_set(again, LEVEL_SOCKET, OPT_REUSEADDR, 1);
	CHECK_EQ(hosts_bind(again, hosts_any(SERVER_PORT)), 0);
	CHECK_EQ(weir_listen(again, 5), 0);
	CHECK_EQ(hosts_state(B, SERVER_PORT, CLIENT_PORT), WEIR_TCP_TIME_WAIT);
}
