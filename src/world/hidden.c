/* SPDX-License-Identifier: Apache-2.0
 *
 * unix_diag over netlink (sock_diag(7)): one dump of all connected Unix sockets with their peers and queue lengths. A
 * view is rare and the dump costs about a microsecond a socket.
 */
#include "world/hidden.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ESTABLISHED = 1, CHUNK = 65536, ENTRIES_MAX = 1 << 20 };

static bool send_query(int fd)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} query = {
	    .header = {.nlmsg_len = sizeof(query),
	               .nlmsg_type = SOCK_DIAG_BY_FAMILY,
	               .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	    .request = {.sdiag_family = AF_UNIX,
	                .udiag_states = 1 << ESTABLISHED,
	                .udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN},
	};

	return send(fd, &query, sizeof(query), 0) == (ssize_t)sizeof(query);
}

static bool add(struct hidden *hidden, size_t *room, const struct hidden_entry *entry)
{
	if (hidden->count == *room) {
		size_t more = *room > 0 ? 2 * *room : 256;
		struct hidden_entry *grown = more <= ENTRIES_MAX ? realloc(hidden->entry, more * sizeof(*grown)) : NULL;

		if (grown == NULL)
			return false;
		hidden->entry = grown;
		*room = more;
	}
	hidden->entry[hidden->count++] = *entry;
	return true;
}

static struct hidden_entry parse(struct nlmsghdr *header)
{
	const struct unix_diag_msg *msg = NLMSG_DATA(header);
	struct hidden_entry entry = {.inode = msg->udiag_ino};
	int len = (int)header->nlmsg_len - (int)NLMSG_LENGTH(sizeof(*msg));

	for (struct rtattr *a = (struct rtattr *)((char *)header + NLMSG_LENGTH(sizeof(*msg))); RTA_OK(a, len);
	     a = RTA_NEXT(a, len)) {
		struct unix_diag_rqlen queue;

		if (a->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(a) >= sizeof(entry.peer))
			memcpy(&entry.peer, RTA_DATA(a), sizeof(entry.peer));
		if (a->rta_type == UNIX_DIAG_RQLEN && RTA_PAYLOAD(a) >= sizeof(queue)) {
			memcpy(&queue, RTA_DATA(a), sizeof(queue));
			entry.unread_bytes = queue.udiag_rqueue;
		}
	}
	return entry;
}

/* Reads the dump to its end. */
static bool receive(int fd, struct hidden *hidden, char *chunk)
{
	size_t room = 0;

	for (;;) {
		ssize_t n = recv(fd, chunk, CHUNK, 0);

		if (n <= 0)
			return false;
		for (struct nlmsghdr *h = (struct nlmsghdr *)(void *)chunk; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
			struct hidden_entry entry;

			if (h->nlmsg_type == NLMSG_DONE)
				return true;
			if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				return false;
			entry = parse(h);
			if (!add(hidden, &room, &entry))
				return false;
		}
	}
}

static int by_inode(const void *a, const void *b)
{
	uint32_t x = ((const struct hidden_entry *)a)->inode, y = ((const struct hidden_entry *)b)->inode;

	return x < y ? -1 : x > y;
}

bool hidden_read(struct hidden *hidden)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	char *chunk = malloc(CHUNK);
	bool ok;

	*hidden = (struct hidden){0};
	ok = fd >= 0 && chunk != NULL && send_query(fd) && receive(fd, hidden, chunk);
	if (ok && hidden->count > 0)
		qsort(hidden->entry, hidden->count, sizeof(*hidden->entry), by_inode);
	if (!ok)
		hidden_free(hidden);
	free(chunk);
	if (fd >= 0)
		close(fd);
	return ok;
}

int hidden_open(void)
{
	struct hidden_entry none;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), pair[2] = {-1, -1};
	struct stat st;
	bool ok = fd >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 &&
	          fstat(pair[0], &st) == 0 && hidden_ask(fd, (uint32_t)st.st_ino, &none);

	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
	if (ok || fd < 0)
		return fd;
	close(fd);
	return -1;
}

bool hidden_ask(int fd, uint32_t inode, struct hidden_entry *entry)
{
	struct {
		struct nlmsghdr header;
		struct unix_diag_req request;
	} query = {
	    .header = {.nlmsg_len = sizeof(query), .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
	    .request = {.sdiag_family = AF_UNIX,
	                .udiag_ino = inode,
	                .udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
	                .udiag_cookie = {UINT32_MAX, UINT32_MAX}}, /* any */
	};
	union {
		struct nlmsghdr header;
		char space[4096];
	} reply;
	ssize_t n;

	if (send(fd, &query, sizeof(query), 0) != (ssize_t)sizeof(query))
		return false;
	/* The kernel has answered within send(). An answer to an earlier question would be one it had no memory for
	 * then. */
	do {
		n = recv(fd, &reply, sizeof(reply), MSG_DONTWAIT);
		if (n <= 0 || !NLMSG_OK(&reply.header, n) || reply.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return false;
		*entry = parse(&reply.header);
	} while (entry->inode != inode);
	return true;
}

void hidden_free(struct hidden *hidden)
{
	free(hidden->entry);
	*hidden = (struct hidden){0};
}

const struct hidden_entry *hidden_find(const struct hidden *hidden, uint32_t inode)
{
	struct hidden_entry key = {.inode = inode};

	return hidden->count == 0 ? NULL : bsearch(&key, hidden->entry, hidden->count, sizeof(key), by_inode);
}
