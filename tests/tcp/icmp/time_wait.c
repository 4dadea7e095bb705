/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in TIME-WAIT: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_time_wait, errors_end_nothing)
{
	time_wait();
	errors_end_nothing(2);
}
