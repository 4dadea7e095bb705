/* SPDX-License-Identifier: Apache-2.0
 *
 * Intrusive hash table with chains. The user computes the (keyed) hash and compares keys. It grows and shrinks by
 * powers of two a few buckets at each insertion or removal, so that no single call does work in proportion to its size.
 * The first bucket array is inside, so that an empty table needs no memory.
 */
#ifndef WEIR_BASE_HASHTAB_H
#define WEIR_BASE_HASHTAB_H

#include "base/memory.h"

struct hash_node {
	struct hash_node *next;
	uint32_t hash;
};

enum { HASHTAB_INLINE = 8 };

struct hashtab {
	struct memory *memory;
	struct hash_node **bucket; /* mask + 1 heads */
	struct hash_node **old;    /* NULL, or the array being emptied */
	struct hash_node *inline_bucket[HASHTAB_INLINE];
	uint32_t mask, old_mask, moved; /* buckets of old below moved are empty */
	uint32_t count;
};

void hashtab_init(struct hashtab *t, struct memory *m);
void hashtab_deinit(struct hashtab *t);
void hashtab_insert(struct hashtab *t, struct hash_node *node, uint32_t hash);
/* node must be in the table. */
void hashtab_remove(struct hashtab *t, struct hash_node *node);
/* First node with this hash whose match() is true, or NULL. */
struct hash_node *hashtab_find(const struct hashtab *t, uint32_t hash,
                               bool (*match)(const struct hash_node *node, const void *key), const void *key);
/* Brings the bucket of this hash into the cache. */
void hashtab_prefetch(const struct hashtab *t, uint32_t hash);

#endif
