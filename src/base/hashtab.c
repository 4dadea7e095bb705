/* SPDX-License-Identifier: Apache-2.0
 *
 * See hashtab.h. While the table is resized two arrays live: what belonged into the buckets of `old` below `moved` is
 * in the new one, the rest still in the old one. A bucket of the new array is set up when the first old bucket that can
 * lead to it is moved: not even clearing an array is work in proportion to its size.
 */
#include "base/hashtab.h"

#include "base/assert.h"

#include <string.h>

/*
 * Growing starts at one node for two buckets, so that few lookups pass a node that is not theirs (each is in no cache);
 * shrinking at one for eight. The steps are so large that either is over before the next is due, and that a table that
 * is only emptied ends where it began.
 */
enum { GROW_STEP = 8, SHRINK_STEP = 32, DENSE = 2, SPARSE = 8, MAX_BUCKETS = 1 << 28 };

void hashtab_init(struct hashtab *t, struct memory *m)
{
	memset(t, 0, sizeof(*t));
	t->memory = m;
	t->bucket = t->inline_bucket;
	t->mask = HASHTAB_INLINE - 1;
}

static void free_array(struct hashtab *t, struct hash_node **array, uint32_t mask)
{
	if (array && array != t->inline_bucket)
		memory_free(t->memory, array, ((size_t)mask + 1) * sizeof(*array));
}

void hashtab_deinit(struct hashtab *t)
{
	free_array(t, t->old, t->old_mask);
	free_array(t, t->bucket, t->mask);
	hashtab_init(t, t->memory);
}

static struct hash_node **head_of(const struct hashtab *t, uint32_t hash)
{
	if (t->old && (hash & t->old_mask) >= t->moved)
		return &t->old[hash & t->old_mask];
	return &t->bucket[hash & t->mask];
}

static void move_bucket(struct hashtab *t)
{
	uint32_t from = t->moved++;
	struct hash_node *node = t->old[from], *next;

	if (t->mask > t->old_mask) {
		t->bucket[from] = NULL;
		t->bucket[from + t->old_mask + 1] = NULL;
	} else if (from <= t->mask) {
		t->bucket[from] = NULL;
	}
	for (; node; node = next) {
		struct hash_node **head = &t->bucket[node->hash & t->mask];

		next = node->next;
		node->next = *head;
		*head = node;
	}
}

static void move_some(struct hashtab *t, int buckets)
{
	if (!t->old)
		return;
	for (; buckets > 0 && t->moved <= t->old_mask; buckets--)
		move_bucket(t);
	if (t->moved > t->old_mask) {
		free_array(t, t->old, t->old_mask);
		t->old = NULL;
	}
}

/* Starts to move to so many buckets, twice or half of what there are; without memory the table goes on as it is. */
static void resize(struct hashtab *t, uint32_t buckets)
{
	struct hash_node **array = t->inline_bucket;

	if (buckets > HASHTAB_INLINE)
		array = memory_alloc(t->memory, (size_t)buckets * sizeof(*array));
	if (!array)
		return;
	t->old = t->bucket;
	t->old_mask = t->mask;
	t->moved = 0;
	t->bucket = array;
	t->mask = buckets - 1;
}

void hashtab_insert(struct hashtab *t, struct hash_node *node, uint32_t hash)
{
	uint32_t enough = t->mask < HASHTAB_INLINE ? t->mask : t->mask / DENSE;
	struct hash_node **head;

	move_some(t, GROW_STEP);
	if (!t->old && t->count > enough && t->mask < MAX_BUCKETS - 1)
		resize(t, (t->mask + 1) * 2);
	node->hash = hash;
	head = head_of(t, hash);
	node->next = *head;
	*head = node;
	t->count++;
}

void hashtab_remove(struct hashtab *t, struct hash_node *node)
{
	struct hash_node **link = head_of(t, node->hash);

	while (*link != node) {
		weir_assert(*link != NULL);
		link = &(*link)->next;
	}
	*link = node->next;
	node->next = NULL;
	t->count--;
	move_some(t, SHRINK_STEP);
	if (!t->old && t->mask >= HASHTAB_INLINE && t->count <= t->mask / SPARSE)
		resize(t, (t->mask + 1) / 2);
}

struct hash_node *hashtab_find(const struct hashtab *t, uint32_t hash,
                               bool (*match)(const struct hash_node *node, const void *key), const void *key)
{
	for (struct hash_node *node = *head_of(t, hash); node; node = node->next)
		if (node->hash == hash && match(node, key))
			return node;
	return NULL;
}

void hashtab_prefetch(const struct hashtab *t, uint32_t hash)
{
	__builtin_prefetch(head_of(t, hash));
}
