/* SPDX-License-Identifier: Apache-2.0
 *
 * Every ICMP error but the one about the path's MTU.
 */
#ifndef WEIR_TESTS_TCP_ICMP_ERRORS_H
#define WEIR_TESTS_TCP_ICMP_ERRORS_H

#include "support/packet_test.h"

static inline uint8_t unreachable(void)
{
	return over_ipv6() ? 1 : 3;
}

static inline void every_error(long long seq)
{
	for (uint8_t code = 0; code < (over_ipv6() ? 7 : 16); code++)
		if (over_ipv6() || code != 4)
			icmp_arrives(unreachable(), code, seq);
	icmp_arrives(over_ipv6() ? 3 : 11, 0, seq);
	icmp_arrives(over_ipv6() ? 4 : 12, 0, seq);
}

#endif
