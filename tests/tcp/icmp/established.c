/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in ESTABLISHED: soft, all of them [9293 MUST-56; RFC 5927].
 */
#include "synchronised.h"

TEST(icmp_established, errors_end_nothing)
{
	established();
	errors_end_nothing(1);
}
