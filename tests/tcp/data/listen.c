/* SPDX-License-Identifier: Apache-2.0
 *
 * Text in LISTEN [W-SM-20].
 */
#include "support/packet_test.h"

TEST(data_listen, with_ack_is_answered_with_reset)
{
	listening();
	arrives(ACK | PSH, .seq = 100, .ack = 4242, .len = 10);
	emits(RST, .seq = 4242);
	state_is(LISTEN);
	gone();
}

TEST(data_listen, without_ack_is_dropped)
{
	listening();
	arrives(PSH, .seq = 100, .len = 10);
	emits_nothing();
	state_is(LISTEN);
	gone();
	counter_is(tcp_flags, 1);
}
