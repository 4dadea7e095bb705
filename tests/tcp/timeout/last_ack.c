/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in LAST-ACK: the FIN again, and the end at R2 [W-SM-44, attacks E-5].
 */
#include "support/packet_test.h"

TEST(timeout_last_ack, fin_is_repeated)
{
	last_ack();
	ms_until_emitted(2000);
	emits(FIN | ACK, .seq = 1, .ack = 2);
	ms_until_emitted(4000);
	emits(FIN | ACK, .seq = 1, .ack = 2);
	arrives(ACK, .seq = 2, .ack = 2);
	state_is(CLOSED);
}

TEST(timeout_last_ack, gives_up_at_r2)
{
	last_ack();
	user_closes();
	after_s(3000);
	take_emitted();
	gone();
	counter_is(tcp_timed_out, 1);
}

/* [attacks E-5, CVE-2015-5358] Data of an orphan, and a peer that is silent. */
TEST(timeout_last_ack, orphan_with_data_gives_up)
{
	close_wait();
	user_send(100);
	user_closes();
	after_s(3000);
	take_emitted();
	gone();
}
