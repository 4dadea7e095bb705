/* SPDX-License-Identifier: Apache-2.0
 *
 * T1.1 ... T1.7: the socket structure (Fig. 6.1), which belongs to the host and not to the program.
 */
#include "support/hosts.h"

/* T1.1 Both ends' address and port, RecvQ, SendQ, the state of the handshakes; CLOSED to begin with. */
BOOK(T1_1, structure_has_addresses_queues_and_state)
{
	struct weir_socket *fresh = hosts_socket(A);
	struct weir_socket_info info = hosts_info(fresh);
	struct weir_endpoint at_a = hosts_end(A, 0), at_b = hosts_end(B, 0);
	struct hosts_pair pair;

	CHECK_EQ(info.state, WEIR_TCP_CLOSED);
	CHECK_EQ(info.local.port, 0);
	CHECK_EQ(info.remote.port, 0);
	CHECK(weir_addr_is_any(&info.local.addr) && weir_addr_is_any(&info.remote.addr));
	CHECK_EQ(info.recvq_bytes + info.sendq_bytes, 0);
	hosts_close(fresh);

	pair = hosts_connect(OPEN_HOSTS());
	info = hosts_info(pair.client);
	CHECK_EQ(info.state, WEIR_TCP_ESTABLISHED);
	CHECK(weir_addr_equal(&info.local.addr, &at_a.addr));
	CHECK(weir_addr_equal(&info.remote.addr, &at_b.addr));
	CHECK_EQ(info.local.port, pair.client_port);
	CHECK_EQ(info.remote.port, SERVER_PORT);
	hosts_hold(A, 0);
	CHECK_EQ(hosts_write(pair.client, 0, 70), 70);
	CHECK_EQ(hosts_write(pair.server, 0, 30), 30);
	hosts_settle();
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 70);
	CHECK_EQ(hosts_info(pair.client).recvq_bytes, 30);
	hosts_release(A);
	hosts_run_ms(100);
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 0);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 70);
}

/* T1.2 Programs on one host compete for its ports; another host has its own. */
BOOK(T1_2, programs_of_one_host_share_its_ports)
{
	struct weir_socket *first = hosts_listen(A, 7000, 1), *second = hosts_socket(A), *elsewhere;

	CHECK_EQ(hosts_bind(second, hosts_any(7000)), -WEIR_EADDRINUSE);
	CHECK_EQ(hosts_bind(second, hosts_any(7001)), 0);
	elsewhere = hosts_listen(B, 7000, 1);
	hosts_close(first);
	hosts_close(elsewhere);
	CHECK_EQ(hosts_bind(hosts_socket(A), hosts_any(7000)), 0);
}

/* T1.3 The structure outlives the program's object: what SendQ holds is still sent, FIN_WAIT, TIME_WAIT. */
BOOK(T1_3, structure_outlives_the_program)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());
	struct weir_socket_info info;

	hosts_hold(A, 0);
	CHECK_EQ(hosts_write(pair.client, 0, 5000), 5000);
	hosts_close(pair.client);
	hosts_settle();
	CHECK(hosts_find(A, pair.client_port, SERVER_PORT, &info));
	CHECK(!info.has_handle);
	CHECK_EQ(info.state, WEIR_TCP_FIN_WAIT_1);
	CHECK_EQ(info.sendq_bytes, 5000);
	hosts_release(A);
	hosts_run_ms(100);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 5000);
	CHECK_EQ(hosts_read(pair.server, 0, 6000), 5000);
	CHECK_EQ(hosts_read(pair.server, 5000, 10), 0);
	CHECK_EQ(hosts_state(A, pair.client_port, SERVER_PORT), WEIR_TCP_FIN_WAIT_2);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(hosts_state(A, pair.client_port, SERVER_PORT), WEIR_TCP_TIME_WAIT);
	hosts_run_ms(61000);
	CHECK_EQ(hosts_state(A, pair.client_port, SERVER_PORT), -1);
}

/* A row's text with trailing blanks as netstat has them. */
static void row_is(const struct weir_socket_info *info, const char *format, const char *local, const char *remote)
{
	char actual[HOSTS_ROW], expected[HOSTS_ROW], local_padded[24], remote_padded[24];

	snprintf(local_padded, sizeof(local_padded), "%-23s", local);
	snprintf(remote_padded, sizeof(remote_padded), "%-23s", remote);
	snprintf(expected, sizeof(expected), format, local_padded, remote_padded);
	CHECK_TEXT(hosts_netstat_row(info, actual), expected);
}

/* T1.4 netstat's columns, wildcards and states. */
BOOK(T1_4, netstat_shows_the_classic_columns)
{
	bool v6 = hosts_over_ipv6();
	struct weir_socket *listener = hosts_listen(B, 99, 5), *udp = hosts_datagram(B), *client = hosts_socket(A);
	struct weir_socket_info info = hosts_info(listener);

	row_is(&info, v6 ? "tcp6       0      0 %s %s LISTEN     " : "tcp        0      0 %s %s LISTEN     ",
	       v6 ? ":::99" : "0.0.0.0:99", v6 ? ":::*" : "0.0.0.0:*");
	CHECK_EQ(hosts_bind(udp, hosts_any(53)), 0);
	info = hosts_info(udp);
	row_is(&info, v6 ? "udp6       0      0 %s %s CLOSED     " : "udp        0      0 %s %s CLOSED     ",
	       v6 ? ":::53" : "0.0.0.0:53", v6 ? ":::*" : "0.0.0.0:*");
	hosts_cut(B, true);
	CHECK_EQ(hosts_bind(client, hosts_any(40001)), 0);
	CHECK_EQ(hosts_start_connect(client, B, 99), -WEIR_EINPROGRESS);
	hosts_settle();
	info = hosts_info(client);
	row_is(&info, v6 ? "tcp6       0      0 %s %s SYN_SENT   " : "tcp        0      0 %s %s SYN_SENT   ",
	       v6 ? "fd00::1:40001" : "10.0.0.1:40001", v6 ? "fd00::2:99" : "10.0.0.2:99");
	CHECK(hosts_find(B, 99, 40001, &info));
	row_is(&info, v6 ? "tcp6       0      0 %s %s SYN_RCVD   " : "tcp        0      0 %s %s SYN_RCVD   ",
	       v6 ? "fd00::2:99" : "10.0.0.2:99", v6 ? "fd00::1:40001" : "10.0.0.1:40001");
}

/* T1.4 All ten names. */
BOOK(T1_4, states_have_the_names_of_the_book)
{
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_LISTEN), "LISTEN");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_SYN_SENT), "SYN_SENT");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_SYN_RECEIVED), "SYN_RCVD");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_ESTABLISHED), "ESTABLISHED");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_FIN_WAIT_1), "FIN_WAIT_1");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_FIN_WAIT_2), "FIN_WAIT_2");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_CLOSING), "CLOSING");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_CLOSE_WAIT), "CLOSE_WAIT");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_LAST_ACK), "LAST_ACK");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_TIME_WAIT), "TIME_WAIT");
	CHECK_TEXT(weir_tcp_state_name(WEIR_TCP_CLOSED), "CLOSED");
}

/* T1.5 A write only copies; the copy stays until the other end's TCP has the bytes. */
BOOK(T1_5, a_write_only_copies_into_sendq)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	hosts_cut(A, true);
	CHECK_EQ(hosts_write(pair.client, 0, 3000), 3000); /* says nothing about transmission */
	hosts_settle();
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 3000);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 0);
	hosts_cut(A, false);
	hosts_run_ms(3000);
	CHECK_EQ(hosts_info(pair.client).sendq_bytes, 0);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 3000);
	CHECK(hosts_info(pair.client).bytes_resent >= 1);
	CHECK_EQ(hosts_read(pair.server, 0, 4000), 3000);
}

/* T1.6 No message boundaries: two writes, one read. */
BOOK(T1_6, tcp_keeps_no_message_boundaries)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	CHECK_EQ(hosts_write(pair.client, 0, 100), 100);
	hosts_settle();
	CHECK_EQ(hosts_write(pair.client, 100, 23), 23);
	hosts_run_ms(100);
	CHECK_EQ(hosts_read(pair.server, 0, 1000), 123);
}

/* T1.7 A datagram has left when send returns; it is not kept, and a drop is counted. */
BOOK(T1_7, datagrams_are_not_buffered_for_retransmission)
{
	struct weir_socket *from = hosts_datagram(A), *to = hosts_datagram(B);
	struct weir_endpoint end = hosts_end(B, 5353);
	char text[10];

	CHECK_EQ(hosts_bind(to, hosts_any(5353)), 0);
	CHECK_EQ(weir_sendto(from, "lost", 4, &end), 4);
	CHECK_EQ(hosts_info(from).sendq_bytes, 0);
	hosts_run_ms(10);
	CHECK_EQ(weir_recvfrom(to, text, sizeof(text), 0, NULL), 4);
	hosts_close(to);
	CHECK_EQ(weir_sendto(from, "lost", 4, &end), 4); /* without a word */
	hosts_run_ms(5000);
	CHECK_EQ(hosts_counter(B, drop_udp_no_port), 1);
	CHECK_EQ(hosts_info(from).sendq_bytes, 0);
}

/* T1.7 A full RecvQ drops and counts. */
BOOK(T1_7, full_recvq_drops_datagrams_and_counts_them)
{
	struct weir_socket *from = hosts_datagram(A), *to = hosts_datagram(B);
	struct weir_endpoint end = hosts_end(B, 5353);
	static uint8_t datagram[1000];

	hosts_set(to, LEVEL_SOCKET, OPT_RCVBUF, 5000);
	CHECK_EQ(hosts_bind(to, hosts_any(5353)), 0);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(weir_sendto(from, datagram, sizeof(datagram), &end), sizeof(datagram));
		hosts_settle();
	}
	CHECK(hosts_info(to).recvq_dropped > 0);
	CHECK_EQ(hosts_info(to).recvq_dropped + hosts_info(to).recvq_datagrams, 20);
	CHECK(hosts_info(to).recvq_bytes <= 5000);
	CHECK_EQ(hosts_counter(B, drop_udp_recvq_full), (long long)hosts_info(to).recvq_dropped);
}
