/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in the pairs, unread: asked of the kernel (unix_diag) for all Unix sockets at once, for the views.
 */
#ifndef WEIR_WORLD_HIDDEN_H
#define WEIR_WORLD_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hidden_entry {
	uint32_t inode, peer;  /* 0 = no peer */
	uint32_t unread_bytes; /* in its own receive queue */
};

/* Sorted by inode. */
struct hidden {
	struct hidden_entry *entry;
	size_t count;
};

/* false: the kernel does not tell (no unix_diag, or no memory); then hidden is empty. */
bool hidden_read(struct hidden *hidden);
void hidden_free(struct hidden *hidden);
/* A descriptor for questions about one socket; negative: not offered. */
int hidden_open(void);
/* About one socket, by its inode. false: not known. */
bool hidden_ask(int fd, uint32_t inode, struct hidden_entry *entry);
/* NULL: not known. */
const struct hidden_entry *hidden_find(const struct hidden *hidden, uint32_t inode);

#endif
