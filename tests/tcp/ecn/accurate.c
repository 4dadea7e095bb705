/* SPDX-License-Identifier: Apache-2.0
 *
 * Accurate feedback of marks [9768]: the handshake, the counter in three flags, the option, paths that spoil the bits.
 */
#include "support/packet_test.h"

#include "sock/tcp_info.h"

#include <string.h>

/* The counter's three flags as arguments of arrives() and emits(). */
#define COUNT(n) (ACK | ((n)&2 ? CWR : 0) | ((n)&1 ? ECE : 0))
#define AE_OF(n) .ae = ((n)&4) != 0

static void peer_asks(enum weir_ecn setting)
{
	config()->ecn = setting;
	config()->quick_acks = 0;
	user_listens(OPEN_SPEC());
	arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000, .ae = true);
}

/* We answer, the peer's third segment says that our answer came as it was sent. */
static void granted(void)
{
	peer_asks(WEIR_ECN_ACCEPT_ACCURATE);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1, AE_OF(2), .ecn = IP_NOT_ECT);
	arrives(COUNT(2), .seq = 1, .ack = 1, AE_OF(2));
	user_accepts();
	CHECK(tcb()->accurate != NULL && tcb()->ecn_sends);
}

/* We ask; the peer answers with these three flags. */
static void asked(unsigned answer)
{
	config()->ecn = WEIR_ECN_ACCURATE;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0, .ae = true, .ecn = IP_NOT_ECT);
	arrives(SYN | COUNT(answer), .seq = 0, .ack = 1, AE_OF(answer), .mss = 1000);
}

/* -- the handshake [s3.1.1, table 2] */

TEST(ecn_accurate, we_ask_and_the_peer_grants)
{
	asked(2);
	emits(COUNT(2), .seq = 1, .ack = 1, AE_OF(2)); /* its answer was not marked */
	user_send(10);
	emits(COUNT(5) | PSH, .seq = 1, .ack = 1, .len = 10, AE_OF(5), .ecn = IP_ECT0);
}

TEST(ecn_accurate, a_peer_without_it_grants_the_plain_one)
{
	asked(1);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK(tcb()->accurate == NULL && tcb()->ecn);
}

TEST(ecn_accurate, a_peer_without_any_grants_none)
{
	asked(0);
	emits(ACK, .seq = 1, .ack = 1);
	CHECK(!tcb()->ecn);
	start_again();
	asked(7); /* reflects what it does not know */
	emits(ACK, .seq = 1, .ack = 1);
	CHECK(!tcb()->ecn);
}

/* [s3.1.3] An answer for which there is no meaning yet is taken for a grant. */
TEST(ecn_accurate, the_reserved_answer_is_a_grant)
{
	asked(5);
	emits(COUNT(2), .seq = 1, .ack = 1, AE_OF(2));
	CHECK(tcb()->accurate != NULL && tcb()->ecn_sends);
}

TEST(ecn_accurate, how_the_syn_came_is_told_in_the_answer)
{
	static const struct {
		int ecn;
		unsigned answer;
	} way[] = {{IP_NOT_ECT, 2}, {IP_ECT1, 3}, {IP_ECT0, 4}, {IP_CE, 6}};

	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			start_again();
		config()->ecn = WEIR_ECN_ACCEPT_ACCURATE;
		user_listens(OPEN_SPEC());
		arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000, .ae = true, .ecn = way[i].ecn);
		emits(SYN | COUNT(way[i].answer), .seq = 0, .ack = 1, AE_OF(way[i].answer));
		after_s(1); /* and so does the answer that goes again */
		emits(SYN | COUNT(way[i].answer), .seq = 0, .ack = 1, AE_OF(way[i].answer));
	}
}

TEST(ecn_accurate, how_the_answer_came_is_told_once)
{
	config()->ecn = WEIR_ECN_ACCURATE;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0, .ae = true);
	arrives(SYN | COUNT(2), .seq = 0, .ack = 1, AE_OF(2), .mss = 1000, .ecn = IP_CE);
	emits(COUNT(6), .seq = 1, .ack = 1, AE_OF(6));
	user_send(10);
	emits(COUNT(6) | PSH, .seq = 1, .ack = 1, .len = 10, AE_OF(6)); /* the mark of the answer counts: 5 + 1 */
}

TEST(ecn_accurate, by_default_it_is_not_granted)
{
	peer_asks(WEIR_ECN_ACCEPT);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
}

/* Asks for the plain one, grants the accurate one. */
TEST(ecn_accurate, the_mixed_setting)
{
	peer_asks(WEIR_ECN_GRANT_ACCURATE);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1);
	start_again();
	config()->ecn = WEIR_ECN_GRANT_ACCURATE;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0);
}

TEST(ecn_accurate, a_syn_lost_twice_goes_without_the_bits)
{
	config()->ecn = WEIR_ECN_ACCURATE;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0, .ae = true);
	after_s(1);
	emits(SYN | ECE | CWR, .seq = 0, .ae = true);
	after_s(2);
	emits(SYN, .seq = 0);
}

TEST(ecn_accurate, simultaneous_open)
{
	config()->ecn = WEIR_ECN_ACCURATE;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0, .ae = true);
	arrives(SYN | ECE | CWR, .seq = 0, .ae = true, .mss = 1000);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1, AE_OF(2));
	arrives(SYN | COUNT(2), .seq = 0, .ack = 1, AE_OF(2), .mss = 1000);
	emits(COUNT(5), .seq = 1, .ack = 1, AE_OF(5));
	state_is(ESTABLISHED);
	counter_is(tcp_ecn_reduced, 0);
}

/* -- the receiver [s3.2.2] */

/* An acknowledgement for every two marks; the counter is told, the option when bytes have come. */
TEST(ecn_accurate, marks_are_counted)
{
	granted();
	arrives(COUNT(5) | PSH, .seq = 1, .ack = 1, .len = 100, AE_OF(5), .ecn = IP_CE);
	emits_nothing();
	arrives(COUNT(5) | PSH, .seq = 101, .ack = 1, .len = 50, AE_OF(5), .ecn = IP_CE);
	emits(COUNT(7), .seq = 1, .ack = 151, AE_OF(7));
	CHECK_EQ(last_emitted()->opt.accurate, 7);
	CHECK_EQ(last_emitted()->opt.accurate_bytes[TCP_ACCURATE_CE], 150);
	CHECK_EQ(last_emitted()->opt.accurate_bytes[TCP_ACCURATE_ECT0], 1);
	arrives(COUNT(5) | PSH, .seq = 151, .ack = 1, .len = 10, AE_OF(5), .ecn = IP_CE);
	after_ms(40);
	emits(COUNT(0), .seq = 1, .ack = 161); /* eight is nought in three bits */
}

TEST(ecn_accurate, bytes_that_did_not_change_are_not_told_again)
{
	granted();
	arrives(COUNT(5) | PSH, .seq = 1, .ack = 1, .len = 100, AE_OF(5), .ecn = IP_ECT0);
	after_ms(40);
	emits(COUNT(5), .seq = 1, .ack = 101, AE_OF(5));
	CHECK_EQ(last_emitted()->opt.accurate_bytes[TCP_ACCURATE_ECT0], 101);
	arrives(COUNT(5) | PSH, .seq = 1, .ack = 1, .len = 100, AE_OF(5)); /* a copy, not capable */
	emits(COUNT(5), .seq = 1, .ack = 101, AE_OF(5));
	CHECK_EQ(last_emitted()->opt.accurate, 0);
}

/* -- the sender */

static void ten_under_way(void)
{
	granted();
	user_chooses("reno");
	user_send(10000);
	for (int i = 0; i < 10; i++)
		emits(COUNT(5) | (i == 9 ? PSH : 0), .seq = 1 + i * 1000, .len = 1000, .ack = 1, AE_OF(5),
		      .ecn = IP_ECT0);
}

/* One reduction a window; no CWR: these flags count. */
TEST(ecn_accurate, a_counter_that_moved_reduces_the_window)
{
	ten_under_way();
	arrives(COUNT(6), .seq = 1, .ack = 5001, AE_OF(6));
	CHECK_EQ(tcb()->ssthresh, 8000);
	arrives(COUNT(0), .seq = 1, .ack = 10001);
	CHECK_EQ(tcb()->ssthresh, 8000);
	CHECK_EQ(tcb()->cwnd, 8000);
	CHECK_EQ(tcb()->accurate->s_marks, 8);
	user_send(1000);
	emits(COUNT(5) | PSH, .seq = 10001, .len = 1000, .ack = 1, AE_OF(5), .ecn = IP_ECT0);
	arrives(COUNT(0), .seq = 1, .ack = 11001);
	counter_is(tcp_ecn_reduced, 1);
	user_send(1000);
	emits(COUNT(5) | PSH, .seq = 11001, .len = 1000, .ack = 1, AE_OF(5));
	arrives(COUNT(2), .seq = 1, .ack = 12001, AE_OF(2));
	counter_is(tcp_ecn_reduced, 2);
}

TEST(ecn_accurate, an_unmoved_counter_says_nothing)
{
	ten_under_way();
	arrives(COUNT(5), .seq = 1, .ack = 10001, AE_OF(5));
	counter_is(tcp_ecn_reduced, 0);
	CHECK(tcb()->ecn_sends);
}

/* An older acknowledgement comes late: its counter is behind, not seven ahead. */
TEST(ecn_accurate, a_late_acknowledgement_says_nothing)
{
	ten_under_way();
	arrives(COUNT(6), .seq = 1, .ack = 5001, AE_OF(6));
	arrives(COUNT(5), .seq = 1, .ack = 4001, AE_OF(5));
	CHECK_EQ(tcb()->accurate->s_marks, 6);
}

/* [s3.2.3] Eight marks at once leave the three bits as they were; the bytes tell of them. */
TEST(ecn_accurate, the_option_tells_what_the_bits_cannot)
{
	static const uint8_t option[] = {1, 172, 11, 0, 0, 1, 0, 0x1f, 0x40, 0, 0, 1};
	static const uint8_t reversed[] = {1, 174, 11, 0, 0, 1, 0, 0x27, 0x10, 0, 0, 1};

	ten_under_way();
	arrives(COUNT(5), .seq = 1, .ack = 8001, AE_OF(5), .options = option, .options_bytes = sizeof(option));
	counter_is(tcp_ecn_reduced, 1);
	CHECK_EQ(tcb()->accurate->s_bytes[TCP_ACCURATE_CE], 8000);
	arrives(COUNT(5), .seq = 1, .ack = 10001, AE_OF(5), .options = reversed, .options_bytes = sizeof(reversed));
	CHECK_EQ(tcb()->accurate->s_bytes[TCP_ACCURATE_CE], 10000);
}

static struct sock_tcp_info tcp_info(void)
{
	struct sock_tcp_info raw;
	uint32_t len = sizeof(raw);

	CHECK_EQ(weir_getsockopt(sock(), LEVEL_TCP, 11, &raw, &len), 0);
	return raw;
}

/* More of them than a byte, or the option's 24 bits, can count. */
TEST(ecn_accurate, programs_see_how_much_came_marked)
{
	uint32_t large = 60000;
	long long seq = 1;

	granted();
	CHECK_EQ(tcp_info().received_ce, 0);
	CHECK_EQ(tcp_info().received_e0_bytes, 0);
	user_sets(LEVEL_SOCKET, OPT_RCVBUF, 65535);
	take_emitted();
	for (int i = 0; i < 300; i++, seq += large) {
		arrives(COUNT(5), .seq = seq, .ack = 1, AE_OF(5), .len = large, .ecn = IP_CE);
		take_emitted();
		user_reads(large);
		take_emitted();
	}
	arrives(COUNT(5), .seq = seq, .ack = 1, AE_OF(5), .len = 100, .ecn = IP_ECT0);
	arrives(COUNT(5), .seq = seq + 100, .ack = 1, AE_OF(5), .len = 10, .ecn = IP_ECT1);
	take_emitted();
	CHECK_EQ(tcp_info().received_ce, 300);
	CHECK_EQ(tcp_info().received_ce_bytes, 300 * large);
	CHECK_EQ(tcp_info().received_e0_bytes, 100);
	CHECK_EQ(tcp_info().received_e1_bytes, 10);
	CHECK_EQ(tcp_info().delivered_ce, 0);
	CHECK_EQ(tcp_info().accecn_opt_seen, 0);
}

TEST(ecn_accurate, programs_see_what_the_peer_tells_of_theirs)
{
	static const uint8_t first[] = {1, 172, 11, 0, 0x07, 0xd1, 0, 0x1f, 0x40, 0, 0, 0x65};
	static const uint8_t second[] = {1, 172, 11, 0, 0x0b, 0xb9, 0, 0x1f, 0x40, 0, 0, 0x65};
	static const uint8_t round[] = {1, 172, 11, 0, 0x0b, 0xb9, 0, 0x0f, 0xa0, 0, 0, 0x65};

	ten_under_way();
	CHECK_EQ(tcp_info().delivered_ce, 0);
	arrives(COUNT(7), .seq = 1, .ack = 8001, AE_OF(7), .options = first, .options_bytes = sizeof(first));
	CHECK_EQ(tcp_info().delivered_ce, 2);
	CHECK_EQ(tcp_info().delivered_e0_bytes, 2000);
	CHECK_EQ(tcp_info().delivered_ce_bytes, 8000);
	CHECK_EQ(tcp_info().delivered_e1_bytes, 100);
	CHECK_EQ(tcp_info().accecn_opt_seen, 2);
	arrives(COUNT(7), .seq = 1, .ack = 9001, AE_OF(7), .options = second, .options_bytes = sizeof(second));
	CHECK_EQ(tcp_info().delivered_e0_bytes, 3000);
	CHECK_EQ(tcp_info().delivered_ce, 2);
	/* The counter of 24 bits has gone round. */
	arrives(COUNT(7), .seq = 1, .ack = 10001, AE_OF(7), .options = round, .options_bytes = sizeof(round));
	CHECK_EQ(tcp_info().delivered_ce_bytes, 4000 + (1 << 24));
}

/* Three bits a segment, and no bound of eight in what they add up to. */
TEST(ecn_accurate, many_marks_are_many)
{
	long long at = 1;

	granted();
	for (int i = 1; i <= 300; i++) {
		CHECK_EQ(user_send_result(1000), 1000);
		take_emitted();
		at += 1000;
		arrives(COUNT((5 + i) & 7), .seq = 1, .ack = at, AE_OF((5 + i) & 7));
	}
	CHECK_EQ(tcp_info().delivered_ce, 300);
}

TEST(ecn_accurate, a_spoilt_option_is_passed_over)
{
	static const uint8_t option[] = {1, 1, 172, 6, 0, 0x1f, 0x40, 9};

	ten_under_way();
	arrives(COUNT(5), .seq = 1, .ack = 10001, AE_OF(5), .options = option, .options_bytes = sizeof(option));
	counter_is(tcp_ecn_reduced, 0);
}

/* -- paths that spoil the bits [s3.2.2.3, s3.2.2.4]: feedback goes on, but nothing leaves as capable */

static void sends_plain_data(void)
{
	user_send(10);
	emits(COUNT(5) | PSH, .seq = 1, .ack = 1, .len = 10, AE_OF(5), .ecn = IP_NOT_ECT);
}

TEST(ecn_accurate, our_syn_came_otherwise_than_it_left)
{
	asked(4);
	emits(COUNT(2), .seq = 1, .ack = 1, AE_OF(2));
	sends_plain_data();
}

TEST(ecn_accurate, our_answer_came_otherwise_than_it_left)
{
	peer_asks(WEIR_ECN_ACCEPT_ACCURATE);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1);
	arrives(COUNT(6), .seq = 1, .ack = 1, AE_OF(6));
	user_accepts();
	sends_plain_data();
}

TEST(ecn_accurate, the_bits_are_cleared_on_the_way)
{
	peer_asks(WEIR_ECN_ACCEPT_ACCURATE);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	sends_plain_data();
	arrives(ACK, .seq = 1, .ack = 11);
	counter_is(tcp_ecn_reduced, 0);
}

TEST(ecn_accurate, the_counter_is_cleared_on_the_way)
{
	asked(2);
	emits(COUNT(2), .seq = 1, .ack = 1, AE_OF(2));
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 5, .ecn = IP_ECT0);
	CHECK(!tcb()->ecn_sends);
	counter_is(tcp_ecn_reduced, 0);
	take_emitted();
}

/* -- bounds */

/* Options of all kinds together: the counters go where there is room. */
TEST(ecn_accurate, the_option_fits_beside_the_others)
{
	config()->ecn = WEIR_ECN_ACCEPT_ACCURATE;
	user_listens(OPEN_SPEC(.timestamps = true, .sack = true));
	arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000, .ae = true, .ts_val = 1000, .ts_ecr = 0);
	emits(SYN | COUNT(2), .seq = 0, .ack = 1);
	arrives(COUNT(2), .seq = 1, .ack = 1, AE_OF(2), .ts_val = 1000, .ts_ecr = last_emitted()->opt.ts_val);
	user_accepts();
	for (unsigned i = 1; i <= 3; i++) {
		arrives(COUNT(5), .seq = 1 + i * 1000, .ack = 1, .len = 100, AE_OF(5), .ecn = IP_ECT0, .ts_val = 1000,
		        .ts_ecr = last_emitted()->opt.ts_val);
		emits(COUNT(5), .seq = 1, .ack = 1, AE_OF(5));
		CHECK_EQ(last_emitted()->opt.sack_blocks, i);
		CHECK_EQ(last_emitted()->opt.accurate, i == 1 ? 7 : i == 2 ? 3 : 0);
	}
}

TEST(ecn_accurate, memory_is_given_back)
{
	size_t before;

	config()->ecn = WEIR_ECN_ACCEPT_ACCURATE;
	user_listens(OPEN_SPEC());
	before = weir_memory(stack());
	for (int i = 0; i < 40; i++) {
		arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000, .ae = true);
		emits(SYN | COUNT(2), .seq = 0, .ack = 1);
		arrives(RST, .seq = 1);
		gone();
	}
	CHECK(weir_memory(stack()) <= before + 65536);
}
