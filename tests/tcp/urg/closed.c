/* SPDX-License-Identifier: Apache-2.0
 *
 * URG for nobody: as without it [W-SM-11].
 */
#include "support/packet_test.h"

TEST(urg_closed, is_answered_as_without)
{
	closed();
	arrives(ACK | URG, .seq = 5, .ack = 7, .len = 3, .up = 2);
	emits(RST, .seq = 7);
	arrives(URG, .seq = 5, .len = 3, .up = 2);
	emits(RST | ACK, .seq = 0, .absolute = true, .ack = 8);
}
