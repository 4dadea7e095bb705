/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule for socket paths.
 */
#include "world/paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int too_long(const char *path, struct complaint *complaint)
{
	char saw[sizeof(complaint->saw)];

	snprintf(saw, sizeof(saw), "%.200s", path);
	return complain(complaint, 2, "the path of the world's socket is too long", saw, "a path of at most 95 bytes");
}

/* A directory in /tmp that is ours alone: others could have made it first. */
static int check_dir(const char *dir, bool make, struct complaint *complaint)
{
	struct stat st;
	char saw[sizeof(complaint->saw)];

	if (make)
		mkdir(dir, 0700);
	if (lstat(dir, &st) != 0) {
		if (!make && errno == ENOENT)
			return 0; /* then nobody answers there */
		snprintf(saw, sizeof(saw), "%s: %s", dir, strerror(errno));
		return complain(complaint, 125, "cannot make the directory of the world's socket", saw,
		                "set XDG_RUNTIME_DIR, or use --stack PATH");
	}
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return 0;
	snprintf(saw, sizeof(saw), "%s: owner %u, mode %03o", dir, (unsigned)st.st_uid, (unsigned)(st.st_mode & 0777));
	return complain(complaint, 125, "the directory of the world's socket is not yours alone", saw,
	                "set XDG_RUNTIME_DIR, or use --stack PATH");
}

static bool put(char path[WORLD_PATH], const char *dir, const char *name)
{
	return snprintf(path, WORLD_PATH, "%s%s", dir, name) < WORLD_PATH;
}

int world_path(const char *given, bool make_dir, char path[WORLD_PATH], struct complaint *complaint)
{
	const char *stack = getenv("WEIR_STACK"), *runtime = getenv("XDG_RUNTIME_DIR");
	char dir[64];
	int status;

	if (given == NULL && stack != NULL && stack[0] != '\0')
		given = stack;
	if (given != NULL)
		return put(path, given, "") ? 0 : too_long(given, complaint);
	if (runtime != NULL && runtime[0] == '/')
		return put(path, runtime, "/weir.sock") ? 0 : too_long(runtime, complaint);
	snprintf(dir, sizeof(dir), "/tmp/weir-%u", (unsigned)geteuid());
	status = check_dir(dir, make_dir, complaint);
	if (status != 0)
		return status;
	return put(path, dir, "/weir.sock") ? 0 : too_long(dir, complaint);
}

int world_connect(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}
