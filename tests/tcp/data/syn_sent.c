/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in SYN-SENT: nothing can be done with it before the SYN [W-SM-26].
 */
#include "support/packet_test.h"

TEST(data_syn_sent, with_good_ack_is_dropped)
{
	syn_sent();
	arrives(ACK | PSH, .seq = 1, .ack = 1, .len = 10);
	emits_nothing();
	state_is(SYN_SENT);
	readable(0);
}

TEST(data_syn_sent, with_bad_ack_is_answered_with_reset)
{
	syn_sent();
	arrives(ACK | PSH, .seq = 1, .ack = 99, .len = 10);
	emits(RST, .seq = 99);
	state_is(SYN_SENT);
}

TEST(data_syn_sent, without_ack_is_dropped)
{
	syn_sent();
	arrives(PSH, .seq = 1, .len = 10);
	emits_nothing();
	state_is(SYN_SENT);
}

/* [W-SM-21] Text on a crossing SYN is not acknowledged. */
TEST(data_syn_sent, on_a_crossing_syn_is_not_acknowledged)
{
	syn_sent();
	arrives(SYN, .seq = 0, .len = 10, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
}
