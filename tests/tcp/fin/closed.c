/* SPDX-License-Identifier: Apache-2.0
 *
 * FIN for nobody: a RST [W-SM-11].
 */
#include "support/packet_test.h"

TEST(fin_closed, with_ack_is_answered_at_its_ack)
{
	closed();
	arrives(FIN | ACK, .seq = 100, .ack = 4242);
	emits(RST, .seq = 4242);
}

/* FIN counts one in SEG.LEN. */
TEST(fin_closed, without_ack_is_acknowledged)
{
	closed();
	arrives(FIN, .seq = 100);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 101);
	arrives(FIN, .seq = 100, .len = 9);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 110);
}

TEST(fin_closed, with_reset_is_not_answered)
{
	closed();
	arrives(FIN | RST, .seq = 100);
	emits_nothing();
}
