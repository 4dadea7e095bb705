/* SPDX-License-Identifier: Apache-2.0
 *
 * RST in LISTEN: ignored [W-SM-20].
 */
#include "support/packet_test.h"

TEST(rst_listen, is_ignored)
{
	listening();
	arrives(RST, .seq = 0);
	arrives(RST | ACK, .seq = 0, .ack = 1);
	emits_nothing();
	state_is(LISTEN);
	counter_is(tcp_flags, 2);
}

TEST(rst_listen, with_text_is_ignored)
{
	listening();
	arrives(RST | PSH, .seq = 0, .len = 12);
	emits_nothing();
	state_is(LISTEN);
}
