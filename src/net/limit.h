/* SPDX-License-Identifier: Apache-2.0
 *
 * How often this host answers what anybody can send it, with ICMP errors and with RSTs: a bucket of tokens for each
 * receiver (a keyed hash shares few of them out), then one for all. A token of the common bucket is worth one answer on
 * average: each takes 0, 1 or 2 by a keyed hash, so that how many answers others drew cannot be counted from outside.
 */
#ifndef WEIR_NET_LIMIT_H
#define WEIR_NET_LIMIT_H

#include "base/host.h"

enum { NET_LIMIT_BUCKETS = 64 };

struct net_bucket {
	weir_time filled_at;
	uint32_t tokens;
};

/* All zero: all buckets are full. */
struct net_limit {
	struct net_bucket all;
	struct net_bucket to[NET_LIMIT_BUCKETS];
	uint64_t used;      /* bit = this bucket was used */
	uint64_t decisions; /* answers allowed so far */
};

/* What a bucket holds, and what it earns in a second: no less than 1 and no more than 10^9. */
struct net_limit_rates {
	uint32_t to_burst, to_per_second, all_burst, all_per_second;
};

/* May another answer go to this receiver? */
bool net_limit_allows(struct net_limit *limit, const struct host *h, const weir_addr *to,
                      const struct net_limit_rates *rates);

#endif
