/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in CLOSED: nothing ever happens.
 */
#include "support/packet_test.h"

TEST(timeout_closed, nothing_happens)
{
	closed();
	CHECK(weir_time_is_never(weir_deadline(stack())));
	after_s(100000);
	emits_nothing();
}
