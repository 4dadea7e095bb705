/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors about a connection that is not there: counted, nothing else [9293 MUST-54].
 */
#include "errors.h"

TEST(icmp_closed, errors_find_nobody)
{
	closed();
	every_error(0);
	emits_nothing();
	CHECK_EQ(counter_value(drop_icmp_error_no_match), over_ipv6() ? 9 : 17);
}
