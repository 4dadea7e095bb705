/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in LISTEN: nothing ever happens.
 */
#include "support/packet_test.h"

TEST(timeout_listen, nothing_happens)
{
	listening();
	after_s(100000);
	emits_nothing();
	state_is(LISTEN);
	arrives(SYN, .seq = 0, .mss = 1000);
	emits(SYN | ACK, .seq = 0, .ack = 1);
}
