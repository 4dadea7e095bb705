/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in SYN-SENT: not before the SYN [W-SM-26, W-SM-43].
 */
#include "support/packet_test.h"

TEST(fin_syn_sent, with_good_ack_is_dropped)
{
	syn_sent();
	arrives(FIN | ACK, .seq = 0, .ack = 1);
	emits_nothing();
	state_is(SYN_SENT);
}

TEST(fin_syn_sent, with_bad_ack_is_answered_with_reset)
{
	syn_sent();
	arrives(FIN | ACK, .seq = 0, .ack = 7);
	emits(RST, .seq = 7);
	state_is(SYN_SENT);
}

TEST(fin_syn_sent, without_ack_is_dropped)
{
	syn_sent();
	arrives(FIN, .seq = 0);
	emits_nothing();
	state_is(SYN_SENT);
}

/* [W-SM-24] */
TEST(fin_syn_sent, on_the_syn_ack_is_taken)
{
	syn_sent();
	arrives(SYN | FIN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
	CHECK_EQ(user_connects(), 0);
	user_reads_end();
}

TEST(fin_syn_sent, behind_text_on_the_syn_ack_is_taken)
{
	syn_sent();
	arrives(SYN | FIN | ACK, .seq = 0, .ack = 1, .mss = 1000, .len = 10);
	emits(ACK, .seq = 1, .ack = 12);
	state_is(CLOSE_WAIT);
	user_reads(10);
	user_reads_end();
}

/* Behind text that had no room its turn has not come. */
TEST(fin_syn_sent, behind_text_beyond_the_window_is_left)
{
	syn_sent(.rqs = 500);
	arrives(SYN | FIN | ACK, .seq = 0, .ack = 1, .mss = 1000, .len = 600);
	emits(ACK, .seq = 1, .ack = 501, .wnd = 0);
	state_is(ESTABLISHED);
	readable(500);
}
