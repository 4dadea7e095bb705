/* SPDX-License-Identifier: Apache-2.0
 *
 * T6.1 ... T6.5, T6.9: closing a connection (Figs. 6.10, 6.11).
 */
#include "support/hosts.h"

static int state_at(const struct hosts_pair *pair, int host)
{
	return host == A ? hosts_state(A, pair->client_port, SERVER_PORT)
	                 : hosts_state(B, SERVER_PORT, pair->client_port);
}

/* T6.1 close returns at once; SendQ goes first, as RecvQ has room; then end of stream. */
BOOK(T6_1, close_returns_at_once_and_sendq_is_still_sent)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS(.sqs = 10000, .rqs = 2000));
	uint64_t read = 0;

	CHECK_EQ(hosts_write(pair.client, 0, 10000), 10000);
	hosts_close(pair.client);
	hosts_run_ms(1000);
	CHECK_EQ(hosts_info(pair.server).recvq_bytes, 2000);
	CHECK_EQ(hosts_info(pair.server).state, WEIR_TCP_ESTABLISHED); /* the closing message waits its turn */
	while (read < 10000) {
		int64_t n = hosts_read(pair.server, read, 700);

		CHECK(n > 0 || n == -WEIR_EAGAIN);
		read += n > 0 ? (uint64_t)n : 0;
		hosts_run_ms(100);
	}
	hosts_run_ms(1000);
	CHECK_EQ(hosts_read(pair.server, read, 700), 0);
	CHECK_EQ(hosts_info(pair.server).state, WEIR_TCP_CLOSE_WAIT);
}

/* T6.1 The two directions close independently. */
BOOK(T6_1, half_closed_connection_still_carries_the_other_direction)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	hosts_shut(pair.client);
	hosts_settle();
	CHECK_EQ(hosts_read(pair.server, 0, 10), 0);
	CHECK_EQ(hosts_write(pair.server, 0, 5000), 5000);
	hosts_run_ms(200);
	CHECK_EQ(hosts_read(pair.client, 0, 6000), 5000);
	hosts_close(pair.server);
	hosts_run_ms(100);
	CHECK_EQ(hosts_read(pair.client, 5000, 10), 0);
}

/* T6.2, T6.3 Fig. 6.10: one closes first. */
BOOK(T6_2, first_closer_goes_by_fin_wait_1_and_2_to_time_wait)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	hosts_hold(B, 0);
	hosts_close(pair.client);
	hosts_settle();
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_FIN_WAIT_1);
	hosts_release(B);
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_FIN_WAIT_2);
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_CLOSE_WAIT);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_TIME_WAIT);
	hosts_run_ms(59900);
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_TIME_WAIT);
	hosts_run_ms(200);
	CHECK_EQ(state_at(&pair, A), -1);
}

/* T6.3 Fig. 6.11: the other side. */
BOOK(T6_3, other_side_goes_by_close_wait_and_last_ack_and_is_gone)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	hosts_close(pair.client);
	hosts_settle();
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_CLOSE_WAIT);
	hosts_run_ms(30000); /* until its program closes */
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_CLOSE_WAIT);
	hosts_hold(A, 0);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_LAST_ACK);
	hosts_release(A);
	CHECK_EQ(state_at(&pair, B), -1);
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_TIME_WAIT);
}

/* T6.4 Both at once: the FINs cross. */
BOOK(T6_4, crossing_fins_lead_by_closing_to_time_wait_on_both)
{
	struct hosts_pair pair;

	hosts_faults(A)->delay = weir_ms(10);
	hosts_faults(B)->delay = weir_ms(10);
	pair = hosts_connect(OPEN_HOSTS());
	hosts_run_ms(100);
	hosts_close(pair.client);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_FIN_WAIT_1);
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_FIN_WAIT_1);
	hosts_run_ms(10);
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_CLOSING);
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_CLOSING);
	hosts_run_ms(10);
	CHECK_EQ(state_at(&pair, A), WEIR_TCP_TIME_WAIT);
	CHECK_EQ(state_at(&pair, B), WEIR_TCP_TIME_WAIT);
	hosts_run_ms(60100);
	CHECK_EQ(state_at(&pair, A), -1);
	CHECK_EQ(state_at(&pair, B), -1);
}

/* T6.5 After shutdownOutput writing is an error and reading is not. (After close there is no handle to use.) */
BOOK(T6_5, after_shutdown_of_output_reading_goes_on_and_writing_fails)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	hosts_shut(pair.client);
	CHECK_EQ(hosts_write(pair.client, 0, 10), -WEIR_EPIPE);
	CHECK_EQ(hosts_write(pair.server, 0, 10), 10);
	hosts_run_ms(100);
	CHECK_EQ(hosts_read(pair.client, 0, 100), 10);
	CHECK_EQ(hosts_read(pair.client, 10, 100), -WEIR_EAGAIN);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(hosts_read(pair.client, 10, 100), 0);
	CHECK_EQ(hosts_write(pair.client, 0, 10), -WEIR_EPIPE);
}

/* T6.5 The handle given back is nobody's: the structure shows that no program has it. */
BOOK(T6_5, after_close_no_program_has_the_structure)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());
	struct weir_socket_info info;

	weir_socket_set_user(pair.client, &pair);
	hosts_close(pair.client);
	hosts_settle();
	CHECK(hosts_find(A, pair.client_port, SERVER_PORT, &info));
	CHECK(!info.has_handle);
	CHECK(info.user == NULL);
}

/* T6.9 SO_LINGER(on, 0): RST, at once and on both sides; what was on its way is lost. */
BOOK(T6_9, linger_zero_is_an_abortive_close)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());
	const int linger[2] = {1, 0};

	hosts_hold(A, 0);
	CHECK_EQ(hosts_write(pair.client, 0, 1000), 1000);
	hosts_settle();
	CHECK_EQ(weir_setsockopt(pair.client, LEVEL_SOCKET, OPT_LINGER, linger, sizeof(linger)), 0);
	hosts_close(pair.client);
	CHECK_EQ(state_at(&pair, A), -1); /* no TIME_WAIT */
	hosts_release(A);
	hosts_run_ms(100);
	CHECK_EQ(hosts_seen_flags(A, TCP_RST), 1);
	CHECK_EQ(hosts_seen_flags(A, TCP_FIN), 0);
	CHECK_EQ(hosts_info(pair.server).state, WEIR_TCP_CLOSED);
	CHECK_EQ(hosts_counter(A, drop_rst_linger_zero), 1);
	CHECK_EQ(hosts_read(pair.server, 0, 2000), 1000); /* what had arrived before it */
	CHECK_EQ(hosts_read(pair.server, 1000, 10), -WEIR_ECONNRESET);
	CHECK_EQ(hosts_read(pair.server, 1000, 10), 0);
}

/* T6.9 Closing with unread data likewise tells the peer that it was not read [9293 SHLD-3]. */
BOOK(T6_9, closing_with_unread_data_resets_too)
{
	struct hosts_pair pair = hosts_connect(OPEN_HOSTS());

	CHECK_EQ(hosts_write(pair.client, 0, 1000), 1000);
	hosts_run_ms(100);
	hosts_close(pair.server);
	hosts_settle();
	CHECK_EQ(hosts_info(pair.client).state, WEIR_TCP_CLOSED);
	CHECK_EQ(hosts_counter(B, drop_rst_unread_data), 1);
}
