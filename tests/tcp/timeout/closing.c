/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in CLOSING: the FIN again [W-SM-44].
 */
#include "support/packet_test.h"

TEST(timeout_closing, fin_is_repeated)
{
	closing();
	ms_until_emitted(2000);
	emits(FIN | ACK, .seq = 1, .ack = 2);
	arrives(ACK, .seq = 2, .ack = 2);
	state_is(TIME_WAIT);
}

TEST(timeout_closing, gives_up_at_r2)
{
	closing();
	user_closes();
	after_s(3000);
	take_emitted();
	gone();
	counter_is(tcp_timed_out, 1);
}
