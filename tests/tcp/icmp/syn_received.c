/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in SYN-RECEIVED: about our SYN,ACK they end the opening; nobody is told of a listener's child, the
 * program that opened learns why [9293 MUST-11, MUST-54, SHLD-26].
 */
#include "errors.h"

TEST(icmp_syn_received, child_of_a_listener_is_removed)
{
	syn_received();
	icmp_arrives(unreachable(), over_ipv6() ? 4 : 3, 0);
	emits_nothing();
	gone();
	CHECK_EQ(listener_info().incomplete_len, 0);
	CHECK_EQ(listener_info().state, LISTEN);
}

TEST(icmp_syn_received, active_opening_fails)
{
	syn_received_active();
	icmp_arrives(unreachable(), over_ipv6() ? 4 : 3, 0);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
}

TEST(icmp_syn_received, about_another_number_is_ignored)
{
	syn_received();
	every_error(-1);
	every_error(2);
	emits_nothing();
	state_is(SYN_RCVD);
}
