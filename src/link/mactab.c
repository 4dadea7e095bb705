/* SPDX-License-Identifier: Apache-2.0
 *
 * The table: sets of four entries, chosen by SipHash of the address.
 */
#include "link/mactab.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ENTRIES = 1 << 20 };

bool mactab_init(struct mactab *t, uint32_t max_entries, uint64_t seed)
{
	uint32_t sets = 1;

	if (max_entries > MAX_ENTRIES)
		max_entries = MAX_ENTRIES;
	while (sets * MACTAB_WAYS < max_entries)
		sets *= 2;
	*t = (struct mactab){.key = {seed, ~seed}, .set_mask = sets - 1};
	t->entry = calloc((size_t)sets * MACTAB_WAYS, sizeof *t->entry);
	return t->entry != NULL;
}

void mactab_deinit(struct mactab *t)
{
	free(t->entry);
	t->entry = NULL;
}

static struct mactab_entry *set_of(const struct mactab *t, const uint8_t mac[6])
{
	return t->entry + (size_t)((uint32_t)siphash13(&t->key, mac, 6) & t->set_mask) * MACTAB_WAYS;
}

static bool is_old(const struct mactab_entry *e, weir_time now)
{
	return weir_time_since(now, e->seen).ns > MACTAB_AGE_S * WEIR_NS_PER_S;
}

void mactab_learn(struct mactab *t, const uint8_t mac[6], unsigned port, weir_time now)
{
	struct mactab_entry *set = set_of(t, mac), *place = &set[0];

	for (unsigned i = 0; i < MACTAB_WAYS; i++) {
		if (set[i].port != 0 && memcmp(set[i].mac, mac, 6) == 0) {
			place = &set[i];
			break;
		}
		if (place->port != 0 && (set[i].port == 0 || weir_time_before(set[i].seen, place->seen)))
			place = &set[i];
	}
	t->used += place->port == 0;
	memcpy(place->mac, mac, 6);
	place->port = (uint16_t)(port + 1);
	place->seen = now;
}

int mactab_find(const struct mactab *t, const uint8_t mac[6], weir_time now)
{
	const struct mactab_entry *set = set_of(t, mac);

	for (unsigned i = 0; i < MACTAB_WAYS; i++) {
		if (set[i].port != 0 && memcmp(set[i].mac, mac, 6) == 0)
			return is_old(&set[i], now) ? -1 : set[i].port - 1;
	}
	return -1;
}

void mactab_forget(struct mactab *t, unsigned port)
{
	for (size_t i = 0; i < (size_t)(t->set_mask + 1) * MACTAB_WAYS; i++) {
		if (t->entry[i].port != port + 1)
			continue;
		t->entry[i].port = 0;
		t->used--;
	}
}
