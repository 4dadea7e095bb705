/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in LAST-ACK: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_last_ack, errors_end_nothing)
{
	last_ack();
	errors_end_nothing(1);
}
