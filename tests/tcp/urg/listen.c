/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in LISTEN: no reason to open, and none not to [W-SM-20].
 */
#include "support/packet_test.h"

TEST(urg_listen, alone_is_dropped)
{
	listening();
	arrives(URG, .seq = 0, .up = 2);
	emits_nothing();
	state_is(LISTEN);
}

TEST(urg_listen, on_a_syn_is_not_kept)
{
	listening();
	arrives(SYN | URG, .seq = 0, .mss = 1000, .len = 3, .up = 2);
	emits(SYN | ACK, .seq = 0, .ack = 1);
	state_is(SYN_RCVD);
	CHECK(tcb()->urgent == NULL);
}
