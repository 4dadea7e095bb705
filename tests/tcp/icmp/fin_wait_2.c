/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in FIN-WAIT-2: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_fin_wait_2, errors_end_nothing)
{
	fin_wait_2();
	errors_end_nothing(2);
}
