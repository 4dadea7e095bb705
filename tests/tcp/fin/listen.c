/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN in LISTEN [W-SM-20, W-SM-43].
 */
#include "support/packet_test.h"

TEST(fin_listen, with_ack_is_answered_with_reset)
{
	listening();
	arrives(FIN | ACK, .seq = 100, .ack = 4242);
	emits(RST, .seq = 4242);
	state_is(LISTEN);
	gone();
}

TEST(fin_listen, without_ack_is_dropped)
{
	listening();
	arrives(FIN, .seq = 100);
	emits_nothing();
	state_is(LISTEN);
	gone();
	counter_is(tcp_flags, 1);
}

/* [attacks S-5] All bits at once. */
TEST(fin_listen, with_everything_makes_nothing)
{
	listening();
	arrives(FIN | SYN | PSH | URG, .seq = 100, .up = 1);
	emits_nothing();
	gone();
}
