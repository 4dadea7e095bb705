/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in SYN-SENT: about our SYN they end the opening, about another number they are a guess [9293 MUST-54,
 * SHLD-26; RFC 5927 s4.1].
 */
#include "errors.h"

TEST(icmp_syn_sent, about_our_syn_ends_the_opening)
{
	syn_sent();
	icmp_arrives(unreachable(), over_ipv6() ? 4 : 3, 0);
	emits_nothing();
	state_is(CLOSED);
	CHECK_EQ(user_connects(), -WEIR_ECONNREFUSED);
}

TEST(icmp_syn_sent, about_another_number_is_ignored)
{
	syn_sent();
	every_error(-1);
	every_error(2);
	emits_nothing();
	state_is(SYN_SENT);
}
