/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends its words to an echo server and waits until every byte has come back. That is more than politeness: close()
 * says nothing about delivery, and only the server's own bytes tell a client that its message was read.
 */
#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char back[4096];
	size_t len, got = 0;
	int fd;

	if (argc != 4 || strlen(argv[3]) >= sizeof(back))
		usage("echo_client HOST PORT WORDS");
	len = strlen(argv[3]);
	fd = dial(argv[1], argv[2], (struct buffers){0, 0});
	write_all(fd, argv[3], len);
	while (got < len) { /* TCP keeps no message boundaries: one write may come back in several reads */
		ssize_t n = read(fd, back + got, len - got);

		if (n < 0)
			die("read");
		if (n == 0) {
			fprintf(stderr, "the server closed after %zu of %zu bytes\n", got, len);
			return 1;
		}
		got += (size_t)n;
	}
	printf("received: %.*s\n", (int)len, back);
	close(fd);
	return memcmp(back, argv[3], len) != 0;
}
