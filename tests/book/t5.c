/* SPDX-License-Identifier: Apache-2.0
 *
 * T5.1 ... T5.7: opening a connection (Figs. 6.6 to 6.9).
 */
#include "support/hosts.h"

/* T5.1 The client's side: port picked, address by route, SYN_SENT, ESTABLISHED with the second message. */
BOOK(T5_1, client_fills_in_its_structure_and_is_established_by_syn_ack)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A);
	struct weir_endpoint at_a = hosts_end(A, 0), at_b = hosts_end(B, SERVER_PORT);
	struct weir_socket_info info = hosts_info(client);

	CHECK_EQ(info.state, WEIR_TCP_CLOSED);
	hosts_hold(B, 0);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	info = hosts_info(client);
	CHECK(info.local.port > 1023);
	CHECK(weir_addr_equal(&info.local.addr, &at_a.addr));
	CHECK(weir_addr_equal(&info.remote.addr, &at_b.addr));
	CHECK_EQ(info.remote.port, SERVER_PORT);
	hosts_settle();
	CHECK_EQ(hosts_seen_flags(A, TCP_SYN), 1);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_SYN_SENT);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EALREADY); /* the call blocks */
	CHECK_EQ(weir_poll(client), 0);
	hosts_hold(A, 0); /* so that nothing after the SYN,ACK can be the reason */
	hosts_release(B);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_ESTABLISHED);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), 0);
	CHECK_EQ(hosts_info(listener).accept_len, 0);
	hosts_release(A);
	CHECK_EQ(hosts_info(listener).accept_len, 1);
}

static bool has_failed(void *ctx)
{
	return weir_poll(ctx) & WEIR_ERR;
}

/* T5.2 A lost handshake message is repeated at growing intervals; after minutes the call fails. */
BOOK(T5_2, lost_syns_are_repeated_at_growing_intervals_until_etimedout)
{
	struct weir_socket *client = hosts_socket(A);
	long long ms, last = 0;

	hosts_cut(A, true);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	ms = hosts_run_until(has_failed, client, 1000000);
	CHECK(ms >= 180000); /* [9293 MUST-23] */
	CHECK(ms <= 600000);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_ETIMEDOUT);
	CHECK(hosts_seen_count() >= 6);
	for (unsigned i = 1; i < hosts_seen_count(); i++) {
		long long gap = weir_time_since(hosts_seen(i)->at, hosts_seen(i - 1)->at).ns / WEIR_NS_PER_MS;

		CHECK(hosts_seen(i)->seg.flags == TCP_SYN);
		CHECK(gap >= 2 * last || gap >= 60000);
		CHECK(gap >= 1000);
		last = gap;
	}
}

/* T5.2 One lost message only costs its interval. */
BOOK(T5_2, one_lost_message_costs_one_interval)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A);

	hosts_cut(B, true);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_run_ms(500);
	hosts_cut(B, false);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_SYN_SENT);
	hosts_run_ms(600);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_ESTABLISHED);
	hosts_close(hosts_accept(listener));
}

/* T5.2 Nobody listening: RST, and the call fails almost at once. */
BOOK(T5_2, nobody_listening_is_refused_almost_at_once)
{
	struct weir_socket *client = hosts_socket(A);

	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK_EQ(hosts_seen_flags(B, TCP_RST), 1);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_ECONNREFUSED);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_CLOSED);
}

/* T5.3 The server's structure: local port, wildcards, LISTEN. */
BOOK(T5_3, server_structure_listens_with_wildcards)
{
	struct weir_socket *any = hosts_listen(B, 80, 5), *one = hosts_socket(B);
	struct weir_endpoint at_b = hosts_end(B, 81);
	struct weir_socket_info info = hosts_info(any);

	CHECK_EQ(info.state, WEIR_TCP_LISTEN);
	CHECK_EQ(info.local.port, 80);
	CHECK(weir_addr_is_any(&info.local.addr) && weir_addr_is_any(&info.remote.addr));
	CHECK_EQ(info.remote.port, 0);
	CHECK_EQ(hosts_bind(one, at_b), 0);
	CHECK_EQ(weir_listen(one, 5), 0);
	info = hosts_info(one);
	CHECK_EQ(info.state, WEIR_TCP_LISTEN);
	CHECK(weir_addr_equal(&info.local.addr, &at_b.addr));
	CHECK(weir_addr_is_any(&info.remote.addr));
}

/* T5.4 A SYN makes a new structure; the listener's own never changes; netstat shows both. */
BOOK(T5_4, incoming_syn_makes_a_new_structure)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A);
	struct weir_endpoint at_a = hosts_end(A, 0), at_b = hosts_end(B, 0);
	struct weir_socket_info before = hosts_info(listener), after, child;

	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	hosts_hold(B, 0);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK(hosts_find(B, SERVER_PORT, 40001, &child));
	CHECK_EQ(child.state, WEIR_TCP_SYN_RECEIVED);
	CHECK(child.id != before.id);
	CHECK(weir_addr_equal(&child.local.addr, &at_b.addr));
	CHECK(weir_addr_equal(&child.remote.addr, &at_a.addr));
	CHECK_EQ(child.listener_id, before.id);
	CHECK(!child.in_accept_list);
	after = hosts_info(listener);
	CHECK_EQ(after.incomplete_len, 1);
	CHECK_EQ(after.state, WEIR_TCP_LISTEN);
	CHECK(weir_addr_equal(&after.local.addr, &before.local.addr));
	CHECK(weir_addr_equal(&after.remote.addr, &before.remote.addr));
	CHECK_EQ(after.local.port, before.local.port);
	CHECK_EQ(after.remote.port, before.remote.port);
}

/* T5.5 Only the third message makes it ESTABLISHED and puts it on the list that accept takes from. */
BOOK(T5_5, third_message_makes_it_acceptable)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A), *server;
	struct weir_socket_info child;

	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	hosts_hold(B, 0);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	hosts_hold(A, 0);
	hosts_release(B);
	CHECK_EQ(hosts_info(client).state, WEIR_TCP_ESTABLISHED);
	CHECK_EQ(hosts_state(B, SERVER_PORT, 40001), WEIR_TCP_SYN_RECEIVED);
	CHECK_EQ(weir_accept(listener, &server), -WEIR_EAGAIN);
	hosts_release(A);
	CHECK(hosts_find(B, SERVER_PORT, 40001, &child));
	CHECK_EQ(child.state, WEIR_TCP_ESTABLISHED);
	CHECK(child.in_accept_list);
	CHECK_EQ(hosts_info(listener).incomplete_len, 0);
	CHECK_EQ(hosts_info(listener).accept_len, 1);
}

/* T5.5 If it never comes, the structure is removed in the end. */
BOOK(T5_5, without_a_third_message_it_is_removed)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A);

	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	hosts_cut(B, true);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK_EQ(hosts_state(B, SERVER_PORT, 40001), WEIR_TCP_SYN_RECEIVED);
	hosts_cut(A, true);
	hosts_close(client);
	hosts_run_ms(300 * 1000);
	CHECK_EQ(hosts_state(B, SERVER_PORT, 40001), -1);
	CHECK_EQ(hosts_info(listener).incomplete_len, 0);
	CHECK_EQ(hosts_info(listener).state, WEIR_TCP_LISTEN);
}

/* T5.6 accept waits for the list, takes one off it, and gives a socket with the listener's port. */
BOOK(T5_6, accept_takes_one_structure_off_the_list)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client[3], *server;

	CHECK_EQ(weir_accept(listener, &server), -WEIR_EAGAIN);
	CHECK_EQ(weir_poll(listener) & WEIR_IN, 0);
	for (int i = 0; i < 3; i++) {
		client[i] = hosts_socket(A);
		CHECK_EQ(hosts_bind(client[i], hosts_any((uint16_t)(40001 + i))), 0);
		CHECK_EQ(hosts_start_connect(client[i], B, SERVER_PORT), -WEIR_EINPROGRESS);
		hosts_settle();
	}
	CHECK(weir_poll(listener) & WEIR_IN);
	CHECK_EQ(hosts_info(listener).accept_len, 3);
	for (int i = 0; i < 3; i++) { /* oldest first; they may be there already */
		server = hosts_accept(listener);
		CHECK_EQ(hosts_info(server).remote.port, 40001 + i);
		CHECK_EQ(hosts_info(server).local.port, SERVER_PORT);
		CHECK_EQ(hosts_info(server).state, WEIR_TCP_ESTABLISHED);
		CHECK_EQ(hosts_info(listener).accept_len, 2 - i);
	}
	CHECK_EQ(weir_accept(listener, &server), -WEIR_EAGAIN);
}

/* T5.7 Data sent long before accept waits in the structure's RecvQ. */
BOOK(T5_7, data_before_accept_waits_in_recvq)
{
	struct weir_socket *listener = hosts_listen(B, SERVER_PORT, 5), *client = hosts_socket(A), *server;
	struct weir_socket_info child;

	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	CHECK_EQ(hosts_start_connect(client, B, SERVER_PORT), -WEIR_EINPROGRESS);
	hosts_settle();
	CHECK_EQ(hosts_write(client, 0, 300), 300);
	hosts_run_ms(10000);
	CHECK(hosts_find(B, SERVER_PORT, 40001, &child));
	CHECK_EQ(child.recvq_bytes, 300);
	CHECK(!child.has_handle);
	CHECK_EQ(hosts_info(client).sendq_bytes, 0);
	server = hosts_accept(listener);
	CHECK_EQ(hosts_read(server, 0, 1000), 300);
}
