/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in CLOSE-WAIT: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_close_wait, errors_end_nothing)
{
	close_wait();
	errors_end_nothing(1);
}
