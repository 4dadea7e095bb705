/* SPDX-License-Identifier: Apache-2.0
 *
 * SYN in CLOSE-WAIT: a challenge ACK whatever the number, no change [W-SM-34, RFC 5961 s4.2].
 */
#include "synchronised.h"

TEST(syn_close_wait, at_rcv_nxt_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN, 2, 1, 2);
	counter_is(tcp_syn_in_window, 1);
}

TEST(syn_close_wait, in_window_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN, 5001, 1, 2);
	counter_is(tcp_syn_in_window, 1);
}

/* The handshake's own SYN once more. */
TEST(syn_close_wait, duplicate_of_the_first_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN, 0, 1, 2);
}

TEST(syn_close_wait, old_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN, -100000, 1, 2);
}

TEST(syn_close_wait, far_ahead_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN, 1000000000, 1, 2);
}

TEST(syn_close_wait, with_ack_is_challenged)
{
	close_wait();
	syn_is_challenged(SYN | ACK, 3, 1, 2);
}

/* We can still send. */
TEST(syn_close_wait, sending_goes_on)
{
	close_wait();
	syn_is_challenged(SYN, 2, 1, 2);
	user_send(10);
	emits(ACK | PSH, .seq = 1, .ack = 2, .len = 10);
}
