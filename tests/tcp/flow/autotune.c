/* SPDX-License-Identifier: Apache-2.0
 *
 * Queues that grow with the path, and those that were set and do not [attacks Q-9].
 */
#include "support/talk.h"

enum { START = 65536, MOST = 1 << 20 };

/* A listener that sets neither SO_RCVBUF nor SO_SNDBUF. */
static void listening_auto(void)
{
	struct weir_endpoint ours = our_end(OUR_PORT);

	config()->sndbuf_bytes = config()->rcvbuf_bytes = START;
	config()->sndbuf_auto_max_bytes = config()->rcvbuf_auto_max_bytes = MOST;
	talk_start();
	CHECK_EQ(weir_socket_new(stack(), over_ipv6() ? WEIR_INET6 : WEIR_INET, WEIR_STREAM, &talk.listener), 0);
	CHECK_EQ(weir_bind(listener(), &ours), 0);
	CHECK_EQ(weir_listen(listener(), 5), 0);
}

/* A round trip of 20 ms. */
static void opens(int wscale)
{
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = wscale);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wnd = 65535, .wscale = wscale == NONE ? NONE : 5);
	talk.shift = wscale == NONE ? 0 : 5;
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	take_emitted();
}

/* The peer fills the window, a round trip each time, and the program reads it at once; returns RQS. */
static uint32_t read_rounds(unsigned rounds, long long *seq)
{
	while (rounds-- > 0) {
		uint32_t window = info().rcv_wnd;

		for (uint32_t sent = 0; sent + 1000 <= window; sent += 1000, *seq += 1000) {
			arrives(ACK, .seq = *seq, .ack = 1, .len = 1000);
			take_emitted();
			user_reads(1000);
			take_emitted();
		}
		after_ms(20);
		take_emitted();
	}
	return (uint32_t)info().recvq_limit;
}

/* [7323 s2.2] The shift is offered once: it allows for the largest window there may be. */
TEST(autotune, recvq_grows_with_what_is_read_in_a_round_trip)
{
	long long seq = 1;
	uint32_t rqs;
	int value;
	uint32_t len = sizeof(value);

	listening_auto();
	opens(7);
	CHECK_EQ(info().recvq_limit, START);
	rqs = read_rounds(3, &seq);
	CHECK(rqs > 2 * START);
	CHECK(info().rcv_wnd > START);
	CHECK_EQ(read_rounds(12, &seq), MOST);
	CHECK_EQ(weir_getsockopt(sock(), LEVEL_SOCKET, OPT_RCVBUF, &value, &len), 0);
	CHECK_EQ(value, MOST);
}

/* The path has become longer since the handshake, and who only receives has sent nothing that would tell: what comes in
 * tenths of a round trip is one round trip's all the same. */
TEST(autotune, the_round_trip_is_that_of_today)
{
	long long seq = 1;

	config()->timestamps = talk.timestamps = true;
	listening_auto();
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7, .ts_ecr = 0);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 5);
	talk.shift = 5;
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	take_emitted();
	for (int round = 0; round < 12; round++) {
		uint32_t window = info().rcv_wnd, heard = talk.ts_ecr;

		for (int part = 0; part < 10; part++) {
			for (uint32_t sent = 0; sent + 1000 <= window / 10; sent += 1000, seq += 1000) {
				arrives(ACK, .seq = seq, .ack = 1, .len = 1000,
				        .ts_ecr = heard - 200 + 20 * (unsigned)part);
				take_emitted();
				user_reads(1000);
				take_emitted();
			}
			after_ms(20);
			take_emitted();
		}
	}
	CHECK(info().srtt.ns < 21 * WEIR_NS_PER_MS);
	CHECK(info().rcv_rtt.ns >= 180 * WEIR_NS_PER_MS);
	CHECK(info().recvq_limit >= 4 * START);
}

/* [attacks Q-9] Fast sender, slow reader: what comes, comes no faster for a larger queue. */
TEST(autotune, a_slow_reader_gets_no_more)
{
	long long seq = 1;

	listening_auto();
	opens(7);
	for (unsigned i = 0; i < 100; i++) {
		while (info().rcv_wnd >= 1000) {
			arrives(ACK, .seq = seq, .ack = 1, .len = 1000);
			seq += 1000;
			take_emitted();
		}
		after_ms(100);
		take_emitted();
		user_reads(10000);
		take_emitted();
	}
	CHECK_EQ(info().recvq_limit, START);
}

TEST(autotune, a_bound_that_was_set_stays)
{
	int set = 70000;
	long long seq = 1;

	listening_auto();
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_SOCKET, OPT_RCVBUF, &set, sizeof(set)), 0);
	CHECK_EQ(weir_setsockopt(listener(), LEVEL_SOCKET, OPT_SNDBUF, &set, sizeof(set)), 0);
	arrives(SYN, .seq = 0, .mss = 1000, .wscale = 7);
	emits(SYN | ACK, .seq = 0, .ack = 1, .wscale = 1);
	talk.shift = 1;
	after_ms(20);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	take_emitted();
	CHECK_EQ(read_rounds(10, &seq), 70000);
	CHECK_EQ(user_send_result(1 << 20), 70000);
	take_emitted();
}

/* And one that is set while it grows. */
TEST(autotune, setting_it_ends_the_growth)
{
	long long seq = 1;

	listening_auto();
	opens(7);
	CHECK(read_rounds(3, &seq) > START);
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 100000);
	take_emitted();
	CHECK_EQ(read_rounds(8, &seq), 100000);
}

/* Without window scaling a larger window could not be told. */
TEST(autotune, no_more_than_the_field_can_say)
{
	long long seq = 1;

	listening_auto();
	opens(NONE);
	CHECK_EQ(read_rounds(10, &seq), START);
}

TEST(autotune, sendq_grows_with_the_congestion_window)
{
	long long acked = 1;

	listening_auto();
	opens(7);
	CHECK_EQ(user_send_result(1 << 20), START);
	for (unsigned i = 0; i < 6; i++) {
		take_emitted();
		after_ms(20);
		acked = relative_seq(seq_make(info().snd_nxt));
		arrives(ACK, .seq = 1, .ack = acked, .wnd = 65535);
		user_send_result(1 << 20);
	}
	take_emitted();
	CHECK(info().sendq_limit > 4 * START);
	CHECK(info().sendq_limit <= MOST);
	CHECK_EQ(info().sendq_limit, 2 * (uint64_t)info().cwnd_bytes < MOST ? 2 * (uint64_t)info().cwnd_bytes : MOST);
}

/* The default: bounds as they were given, to the byte. */
TEST(autotune, unless_it_is_asked_for_nothing_grows)
{
	struct weir_config config;

	weir_config_init(&config);
	CHECK_EQ(config.sndbuf_auto_max_bytes, 0);
	CHECK_EQ(config.rcvbuf_auto_max_bytes, 0);
}
