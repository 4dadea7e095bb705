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

/* [W-SM-24] FIN with the SYN,ACK: left to be sent again. */
TEST(fin_syn_sent, on_the_syn_ack_is_not_acknowledged)
{
	syn_sent();
	arrives(SYN | FIN | ACK, .seq = 0, .ack = 1, .mss = 1000);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	arrives(FIN | ACK, .seq = 1, .ack = 1);
	emits(ACK, .seq = 1, .ack = 2);
	state_is(CLOSE_WAIT);
}
