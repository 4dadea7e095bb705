/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in SYN-SENT: what comes with the SYN,ACK is left to be sent again, its mark too [W-SM-24].
 */
#include "support/packet_test.h"

TEST(urg_syn_sent, on_the_syn_ack_is_not_kept)
{
	syn_sent();
	arrives(SYN | ACK | URG, .seq = 0, .ack = 1, .mss = 1000, .len = 3, .up = 2);
	emits(ACK, .seq = 1, .ack = 1);
	state_is(ESTABLISHED);
	CHECK(tcb()->urgent == NULL);
	readable(0);
}
