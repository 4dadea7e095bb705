/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in SYN-SENT: what comes with the SYN,ACK is taken, its mark too [W-SM-24].
 */
#include "support/packet_test.h"

/* The pointer counts from the SYN: it points behind the first byte. */
TEST(urg_syn_sent, on_the_syn_ack_is_kept)
{
	char byte, rest[3];

	syn_sent();
	arrives(SYN | ACK | URG, .seq = 0, .ack = 1, .mss = 1000, .len = 3, .up = 2);
	emits(ACK, .seq = 1, .ack = 4);
	state_is(ESTABLISHED);
	CHECK(weir_poll(sock()) & WEIR_PRI);
	CHECK_EQ(weir_recv(sock(), &byte, 1, WEIR_MSG_OOB), 1);
	CHECK_EQ(user_read_result(rest, 3), 2);
}

/* [9293 MUST-62] One that points to the SYN itself announces nothing. */
TEST(urg_syn_sent, of_the_syn_itself_is_nothing)
{
	syn_sent();
	arrives(SYN | ACK | URG, .seq = 0, .ack = 1, .mss = 1000, .len = 3, .up = 0);
	emits(ACK, .seq = 1, .ack = 4);
	CHECK(tcb()->urgent == NULL);
	readable(3);
}
