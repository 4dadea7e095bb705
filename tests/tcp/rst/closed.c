/* SPDX-License-Identifier: Apache-2.0
 *
 * RST for nobody: never answered [W-SM-10].
 */
#include "support/packet_test.h"

TEST(rst_closed, is_not_answered)
{
	closed();
	arrives(RST, .seq = 100);
	arrives(RST | ACK, .seq = 100, .ack = 4242);
	arrives(RST, .seq = 100, .len = 20);
	arrives(RST | FIN | SYN | ACK, .seq = 100, .ack = 1);
	emits_nothing();
	counter_is(tcp_no_connection, 4);
	counter_is(rst_no_connection, 0);
}
