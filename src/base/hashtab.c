/* SPDX-License-Identifier: Apache-2.0
 *
 * See hashtab.h. While it is resized, two arrays are live: nodes of `old` buckets below `moved` have
 * gone to the new one. Each insertion and removal moves a few buckets on.
 */
#include "base/hashtab.h"

#include "base/assert.h"

#include <string.h>

enum { MOVE_STEP = 8 };

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

static void move_some(struct hashtab *t)
{
	for (int step = 0; t->old && step < MOVE_STEP; step++) {
		struct hash_node *node = t->old[t->moved], *next;

		t->old[t->moved] = NULL;
		t->moved++;
		for (; node; node = next) {
			struct hash_node **head = &t->bucket[node->hash & t->mask];

			next = node->next;
			node->next = *head;
			*head = node;
		}
		if (t->moved > t->old_mask) {
			free_array(t, t->old, t->old_mask);
			t->old = NULL;
		}
	}
}

/* Starts to move to 2^n buckets; without memory the table goes on as it is. */
static void resize(struct hashtab *t, uint32_t buckets)
{
	struct hash_node **array;

	if (t->old)
		return;
	if (buckets == HASHTAB_INLINE) {
		array = t->inline_bucket;
		memset(array, 0, sizeof(t->inline_bucket));
	} else {
		array = memory_alloc_zero(t->memory, (size_t)buckets * sizeof(*array));
	}
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
	struct hash_node **head;

	move_some(t);
	if (t->count > t->mask && t->mask < UINT32_C(1) << 28)
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
	move_some(t);
	if (t->mask >= HASHTAB_INLINE && t->count < t->mask / 8)
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
