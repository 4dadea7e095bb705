/* SPDX-License-Identifier: Apache-2.0
 *
 * URG in TIME-WAIT: nothing comes behind the peer's FIN, urgent or not [W-SM-41].
 */
#include "support/packet_test.h"

TEST(urg_time_wait, is_ignored)
{
	time_wait();
	arrives(ACK | URG, .seq = 2, .ack = 2, .up = 100);
	emits_nothing();
	CHECK(!info().urgent_waiting);
	CHECK(tcb()->urgent == NULL);
}
