/* SPDX-License-Identifier: Apache-2.0
 *
 * Initial sequence numbers [6528 s3; 9293 MUST-8, SHLD-1, MUST-9]: a clock of 4 microseconds plus a keyed hash of the
 * four-tuple.
 */
#include "tcp/internal.h"

#include <string.h>

seq_t tcp_isn(const struct host *h, const struct weir_endpoint *local, const struct weir_endpoint *remote)
{
	uint8_t tuple[36];
	uint32_t clock = (uint32_t)(h->now.ns / (4 * WEIR_NS_PER_US));

	if (h->config.fixed_iss)
		return seq_make(h->config.iss);
	memcpy(tuple, local->addr.b, 16);
	memcpy(tuple + 16, remote->addr.b, 16);
	memcpy(tuple + 32, &local->port, 2);
	memcpy(tuple + 34, &remote->port, 2);
	return seq_make(clock + (uint32_t)siphash24(&h->key_isn, tuple, sizeof(tuple)));
}
