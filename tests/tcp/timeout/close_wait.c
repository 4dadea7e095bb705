/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in CLOSE-WAIT: until the program closes (T6.3); data of ours is repeated.
 */
#include "support/packet_test.h"

TEST(timeout_close_wait, program_may_take_its_time)
{
	close_wait();
	after_s(1000000);
	emits_nothing();
	state_is(CLOSE_WAIT);
}

TEST(timeout_close_wait, data_is_repeated)
{
	close_wait();
	user_send(100);
	emits(ACK | PSH, .seq = 1, .ack = 2, .len = 100);
	ms_until_emitted(2000);
	emits(ACK | PSH, .seq = 1, .ack = 2, .len = 100);
}

TEST(timeout_close_wait, gives_up_at_r2)
{
	close_wait();
	user_send(100);
	after_s(3000);
	take_emitted();
	state_is(CLOSED);
	error_is(WEIR_ETIMEDOUT);
}
