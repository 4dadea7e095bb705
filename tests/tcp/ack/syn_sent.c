/* SPDX-License-Identifier: Apache-2.0
 *
 * ACK without SYN in SYN-SENT: a good one is dropped, a bad one is answered with a RST [W-SM-12, W-SM-22,
 * W-SM-26, attacks S-8].
 */
#include "support/packet_test.h"

TEST(ack_syn_sent, good_one_alone_is_dropped)
{
	syn_sent();
	arrives(ACK, .seq = 0, .ack = 1);
	emits_nothing();
	state_is(SYN_SENT);
	counter_is(tcp_flags, 1);
}

TEST(ack_syn_sent, of_nothing_is_answered_with_reset)
{
	syn_sent();
	arrives(ACK, .seq = 0, .ack = 0);
	emits(RST, .seq = 0);
	state_is(SYN_SENT);
	counter_is(rst_bad_ack_opening, 1);
}

TEST(ack_syn_sent, of_the_future_is_answered_with_reset)
{
	syn_sent();
	arrives(ACK, .seq = 0, .ack = 2);
	emits(RST, .seq = 2);
	state_is(SYN_SENT);
}

TEST(ack_syn_sent, far_away_is_answered_with_reset)
{
	syn_sent();
	arrives(ACK, .seq = 0, .ack = -1000000);
	emits(RST, .seq = -1000000);
	arrives(ACK, .seq = 0, .ack = 1000000);
	emits(RST, .seq = 1000000);
	state_is(SYN_SENT);
}
