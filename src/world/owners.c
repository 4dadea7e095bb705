/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/PID/fd of the programs.
 */
#include "world/owners.h"

#include "world/program.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OWNERS_MAX = 1 << 18 };

static bool add(struct owners *owners, size_t *room, const struct owner *owner)
{
	if (owners->count == *room) {
		size_t more = *room > 0 ? 2 * *room : 256;
		struct owner *grown = more <= OWNERS_MAX ? realloc(owners->owner, more * sizeof(*grown)) : NULL;

		if (grown == NULL)
			return false;
		owners->owner = grown;
		*room = more;
	}
	owners->owner[owners->count++] = *owner;
	return true;
}

/* Every socket among the descriptors of one process. */
static void look_at(struct owners *owners, size_t *room, pid_t pid)
{
	char path[64], target[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		struct owner owner = {.pid = pid, .fd = atoi(entry->d_name)};

		if (n <= 0)
			continue;
		target[n] = '\0';
		if (sscanf(target, "socket:[%u]", &owner.inode) == 1 && !add(owners, room, &owner))
			break;
	}
	if (dir != NULL)
		closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid > y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

static void sort_and_thin(struct owners *owners)
{
	size_t kept = 0;

	if (owners->count == 0)
		return;
	qsort(owners->owner, owners->count, sizeof(*owners->owner), compare);
	for (size_t i = 1; i < owners->count; i++) {
		if (owners->owner[i].inode != owners->owner[kept].inode)
			owners->owner[++kept] = owners->owner[i];
	}
	owners->count = kept + 1;
}

void owners_read(struct owners *owners, const struct world *world, bool all)
{
	DIR *proc = all ? opendir("/proc") : NULL;
	struct dirent *entry;
	size_t room = 0;

	*owners = (struct owners){0};
	list_each (node, &world->programs) {
		if (!all)
			look_at(owners, &room, weir_container(node, struct program, node)->pid);
	}
	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			look_at(owners, &room, (pid_t)atoi(entry->d_name));
	}
	if (proc != NULL)
		closedir(proc);
	sort_and_thin(owners);
}

void owners_free(struct owners *owners)
{
	free(owners->owner);
	*owners = (struct owners){0};
}

static int by_inode(const void *a, const void *b)
{
	uint32_t x = ((const struct owner *)a)->inode, y = ((const struct owner *)b)->inode;

	return x < y ? -1 : x > y;
}

const struct owner *owners_find(const struct owners *owners, uint32_t inode)
{
	struct owner key = {.inode = inode};

	return owners->count == 0 ? NULL : bsearch(&key, owners->owner, owners->count, sizeof(key), by_inode);
}

bool owners_name(pid_t pid, char *name, size_t room)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, name, room - 1) : -1;
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return false;
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return true;
}
