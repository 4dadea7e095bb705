/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in LISTEN: a listener has sent nothing that one could be about [9293 MUST-54].
 */
#include "errors.h"

TEST(icmp_listen, errors_find_nobody)
{
	listening();
	every_error(0);
	emits_nothing();
	state_is(LISTEN);
	CHECK_EQ(counter_value(drop_icmp_error_no_match), over_ipv6() ? 9 : 17);
}
