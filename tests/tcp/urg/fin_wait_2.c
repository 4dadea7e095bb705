/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in FIN-WAIT-2: the mark is taken, and told once a run [W-SM-41; 9293 MUST-30, MUST-32].
 */
#include "support/packet_test.h"

TEST(urg_fin_wait_2, announces_the_mark)
{
	fin_wait_2();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 2, .len = 5, .up = 3);
	take_emitted();
	CHECK(info().urgent_waiting);
	CHECK_EQ(info().urgent_offset, 2);
	CHECK(weir_poll(sock()) & WEIR_PRI);
	readable(5);
}

TEST(urg_fin_wait_2, older_pointer_changes_nothing)
{
	fin_wait_2();
	arrives(ACK | PSH | URG, .seq = 1, .ack = 2, .len = 5, .up = 3);
	arrives(ACK | PSH | URG, .seq = 1, .ack = 2, .len = 5, .up = 1);
	take_emitted();
	CHECK_EQ(info().urgent_offset, 2);
}
