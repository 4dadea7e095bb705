/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes N bytes to a server and closes with SO_LINGER: close() waits until the other host's TCP has all of them and
 * has answered the closing message, but no longer than the time given.
 */
#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct linger linger = {.l_onoff = 1};
	char *bytes;
	int fd;

	if (argc != 5)
		usage("lingering_client HOST PORT BYTES SECONDS");
	linger.l_linger = atoi(argv[4]);
	fd = dial(argv[1], argv[2], (struct buffers){0, 0});
	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) != 0)
		die("SO_LINGER");
	bytes = calloc((size_t)atol(argv[3]) + 1, 1);
	if (bytes == NULL)
		die("memory");
	write_all(fd, bytes, (size_t)atol(argv[3]));
	puts("written");
	fflush(stdout);
	if (close(fd) == 0)
		puts("closed");
	else
		printf("closed, but not in time: %s\n", strerror(errno));
	free(bytes);
	return 0;
}
