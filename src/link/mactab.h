/* SPDX-License-Identifier: Apache-2.0
 *
 * A switch's memory of which address is behind which port: bounded, keyed against chosen collisions, entries forgotten
 * after a while (IEEE 802.1D: 300 s). When a set of four is full, the one not seen for longest goes.
 */
#ifndef WEIR_LINK_MACTAB_H
#define WEIR_LINK_MACTAB_H

#include "base/siphash.h"

#include <weir/time.h>

enum { MACTAB_WAYS = 4, MACTAB_AGE_S = 300 };

struct mactab_entry {
	uint8_t mac[6];
	uint16_t port; /* plus one; 0 = empty */
	weir_time seen;
};

struct mactab {
	struct siphash_key key;
	struct mactab_entry *entry; /* (set_mask + 1) * MACTAB_WAYS */
	uint32_t set_mask;
	uint32_t used;
};

/* Room for about max_entries (1 .. 2^20), rounded up to a power of two. false: no memory. */
bool mactab_init(struct mactab *t, uint32_t max_entries, uint64_t seed);
void mactab_deinit(struct mactab *t);
void mactab_learn(struct mactab *t, const uint8_t mac[6], unsigned port, weir_time now);
/* The port, or -1. */
int mactab_find(const struct mactab *t, const uint8_t mac[6], weir_time now);
/* Forgets all addresses behind a port. */
void mactab_forget(struct mactab *t, unsigned port);

#endif
