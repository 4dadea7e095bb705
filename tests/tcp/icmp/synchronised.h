/* SPDX-License-Identifier: Apache-2.0
 *
 * ICMP errors in a state in which both numbers are known: whatever they say, they end nothing and send nothing; what
 * they say of a number under way can be asked for, what they say of another is a guess [9293 MUST-54, MUST-56, SHLD-25,
 * SHLD-26; RFC 5927 s4.1, s5.2].
 */
#ifndef WEIR_TESTS_TCP_ICMP_SYNCHRONISED_H
#define WEIR_TESTS_TCP_ICMP_SYNCHRONISED_H

#include "errors.h"

/* una: SND.UNA, relative. */
static inline void errors_end_nothing(long long una)
{
	int state = (int)info().state;

	every_error(una - 1);
	every_error(una + 1000);
	CHECK_EQ(info().soft_error, 0);
	every_error(una);
	emits_nothing();
	state_is(state);
	error_is(0);
	CHECK(info().soft_error != 0);
}

#endif
