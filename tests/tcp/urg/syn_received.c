/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in SYN-RECEIVED: on the third message it counts, which has opened the connection when its turn comes [W-SM-37,
 * W-SM-41].
 */
#include "support/packet_test.h"

TEST(urg_syn_received, on_the_third_message_counts)
{
	syn_received();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 1, .len = 5, .up = 3);
	take_emitted();
	state_is(ESTABLISHED);
	CHECK(info().urgent_waiting);
	CHECK_EQ(info().urgent_offset, 2);
}
