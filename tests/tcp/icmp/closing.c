/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in CLOSING: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_closing, errors_end_nothing)
{
	closing();
	errors_end_nothing(1);
}
