/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN for nobody: a RST that the sender believes [W-SM-11, 9293 s3.5.2].
 */
#include "support/packet_test.h"

TEST(syn_closed, is_answered_with_reset_and_ack)
{
	closed();
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 1);
	counter_is(rst_no_connection, 1);
}

/* SYN and text and FIN all count in SEG.LEN. */
TEST(syn_closed, reset_acknowledges_text_and_fin)
{
	closed();
	arrives(SYN, .seq = 0, .len = 10);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 11);
	arrives(SYN | FIN, .seq = 100);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 102);
}

TEST(syn_closed, with_ack_is_answered_at_its_ack)
{
	closed();
	arrives(SYN | ACK, .seq = 0, .ack = 777);
	emits(RST, .seq = 777);
}

/* [W-SM-10] */
TEST(syn_closed, with_reset_is_not_answered)
{
	closed();
	arrives(SYN | RST, .seq = 0);
	emits_nothing();
	arrives(SYN | RST | ACK, .seq = 0, .ack = 1);
	emits_nothing();
}

/* A port has no listener although another one has. */
TEST(syn_closed, other_port_has_a_listener)
{
	listening();
	user_closes_listener();
	arrives(SYN, .seq = 0);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 1);
}
