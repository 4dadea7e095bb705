/* SPDX-License-Identifier: Apache-2.0
 *
 * Agreeing on explicit congestion notification [9293 SHLD-8; 3168 s6.1.1].
 */
#include "support/packet_test.h"

static void new_data_is_capable(bool expected)
{
	user_send(100);
	emits(ACK | PSH, .seq = 1, .len = 100, .ack = 1, .ecn = expected ? IP_ECT0 : IP_NOT_ECT);
	CHECK_EQ(tcb()->ecn, expected);
}

static void opens_with(uint8_t answer_bits)
{
	config()->ecn = WEIR_ECN_ON;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0, .ecn = IP_NOT_ECT); /* [9293 SHLD-8] */
	arrives(SYN | ACK | answer_bits, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1, .ecn = IP_NOT_ECT);
}

TEST(ecn_handshake, we_ask_and_the_peer_grants)
{
	opens_with(ECE);
	new_data_is_capable(true);
}

TEST(ecn_handshake, we_ask_and_the_peer_does_not_know_it)
{
	opens_with(0);
	new_data_is_capable(false);
}

/* [3168 s6.1.1] Both bits in the answer: a peer that reflects what it does not know. */
TEST(ecn_handshake, reflected_bits_are_no_grant)
{
	opens_with(ECE | CWR);
	new_data_is_capable(false);
}

TEST(ecn_handshake, by_default_our_syn_has_no_bits)
{
	syn_sent(.active = true);
	arrives(SYN | ACK | ECE, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	new_data_is_capable(false);
}

static void peer_asks_with(uint8_t bits, uint8_t answer_bits)
{
	user_listens(OPEN_SPEC());
	arrives(SYN | bits, .seq = 0, .mss = 1000);
	emits(SYN | ACK | answer_bits, .seq = 0, .ack = 1, .ecn = IP_NOT_ECT);
	arrives(ACK, .seq = 1, .ack = 1);
	user_accepts();
	new_data_is_capable(answer_bits != 0);
}

TEST(ecn_handshake, by_default_the_peer_is_granted_it)
{
	peer_asks_with(ECE | CWR, ECE);
}

/* A peer that asks for accurate feedback is granted the plain one [9768 s3.1.2]. */
TEST(ecn_handshake, a_third_bit_changes_nothing)
{
	user_listens(OPEN_SPEC());
	arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000, .ae = true);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
}

TEST(ecn_handshake, half_a_request_is_none)
{
	peer_asks_with(ECE, 0);
	start_again();
	peer_asks_with(CWR, 0);
}

TEST(ecn_handshake, off_is_off)
{
	config()->ecn = WEIR_ECN_OFF;
	peer_asks_with(ECE | CWR, 0);
}

/* [3360] Bits that mean nothing to us are no reason to refuse a segment. */
TEST(ecn_handshake, stray_bits_are_no_reason_to_reset)
{
	established();
	arrives(ACK | PSH | ECE | CWR, .seq = 1, .ack = 1, .len = 10, .ae = true, .ecn = IP_CE);
	readable(10);
	after_ms(40);
	emits(ACK, .seq = 1, .ack = 11);
	state_is(ESTABLISHED);
}

/* [3168 s6.1.1.1] Two SYNs with the bits have brought no answer: the third goes without. */
TEST(ecn_handshake, a_syn_lost_twice_goes_without_the_bits)
{
	config()->ecn = WEIR_ECN_ON;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0);
	after_s(1);
	emits(SYN | ECE | CWR, .seq = 0);
	after_s(2);
	emits(SYN, .seq = 0);
	arrives(SYN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	new_data_is_capable(false);
}

/* The answer to an earlier SYN is late: the peer has granted it, and marks what it sends. */
TEST(ecn_handshake, a_late_grant_counts)
{
	config()->ecn = WEIR_ECN_ON;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ECE | CWR, .seq = 0);
	after_s(3);
	CHECK_EQ(take_emitted(), 2);
	arrives(SYN | ACK | ECE, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	new_data_is_capable(true);
}

static void both_open(uint8_t ours, uint8_t theirs, bool agreed)
{
	config()->ecn = ours ? WEIR_ECN_ON : WEIR_ECN_ACCEPT;
	user_opens(OPEN_SPEC(.active = true));
	emits(SYN | ours, .seq = 0);
	arrives(SYN | theirs, .seq = 0, .mss = 1000);
	emits(SYN | ACK | (agreed ? ECE : 0), .seq = 0, .ack = 1);
	arrives(SYN | ACK | (agreed ? ECE : 0), .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	new_data_is_capable(agreed);
}

/* Where both open at once, both must ask: otherwise one would grant what the other never asked for. */
TEST(ecn_handshake, simultaneous_open)
{
	both_open(ECE | CWR, ECE | CWR, true);
	start_again();
	both_open(ECE | CWR, 0, false);
	start_again();
	both_open(0, ECE | CWR, false);
}

TEST(ecn_handshake, an_answer_sent_again_says_the_same)
{
	user_listens(OPEN_SPEC());
	arrives(SYN | ECE | CWR, .seq = 0, .mss = 1000);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
	after_s(1);
	emits(SYN | ACK | ECE, .seq = 0, .ack = 1);
}

TEST(ecn_handshake, the_setting_has_a_range)
{
	struct weir_stack *s;

	config()->ecn = 6;
	CHECK_EQ(weir_stack_new(config(), now(), &s), -WEIR_EINVAL);
}
