/* SPDX-License-Identifier: Apache-2.0
 *
 * See limit.h.
 */
#include "net/limit.h"

static int64_t token_ns(uint32_t per_second)
{
	return WEIR_NS_PER_S / per_second;
}

/* Adds the tokens earned since the last time. A bucket never used is made full. */
static void fill(struct net_bucket *b, weir_time now, uint32_t burst, uint32_t per_second, bool fresh)
{
	int64_t earned = fresh ? burst : weir_time_since(now, b->filled_at).ns / token_ns(per_second);

	if (fresh || earned >= (int64_t)burst - (int64_t)b->tokens) {
		b->tokens = burst;
		b->filled_at = now;
	} else if (earned > 0) {
		b->tokens += (uint32_t)earned;
		b->filled_at.ns += earned * token_ns(per_second);
	}
}

bool net_limit_allows(struct net_limit *limit, const struct host *h, const weir_addr *to,
                      const struct net_limit_rates *rates)
{
	const struct siphash_key *key = &h->key_ip_id;
	uint64_t which = siphash24(key, to, sizeof(*to)) % NET_LIMIT_BUCKETS, draw;
	struct net_bucket *b = &limit->to[which];

	fill(b, h->now, rates->to_burst, rates->to_per_second, !(limit->used >> which & 1));
	fill(&limit->all, h->now, rates->all_burst, rates->all_per_second, limit->used == 0);
	limit->used |= UINT64_C(1) << which;
	if (b->tokens == 0 || limit->all.tokens == 0)
		return false;
	limit->decisions++;
	draw = siphash24(key, &limit->decisions, sizeof(limit->decisions)) % 3;
	limit->all.tokens -= draw < limit->all.tokens ? (uint32_t)draw : limit->all.tokens;
	b->tokens--;
	return true;
}
