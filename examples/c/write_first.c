/* SPDX-License-Identifier: Apache-2.0
 *
 * One half of a pair of which both write N bytes before they read N bytes. Whether they ever return depends on N and on
 * the sizes of four queues: with SQS + RQS of a direction or less a write needs no reader; with one byte more both wait
 * for each other.
 */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void exchange(int fd, size_t bytes)
{
	char *buffer = calloc(bytes + 1, 1);
	size_t got = 0;

	if (buffer == NULL)
		die("memory");
	write_all(fd, buffer, bytes);
	printf("written %zu\n", bytes);
	fflush(stdout);
	while (got < bytes) {
		ssize_t n = read(fd, buffer, bytes - got);

		if (n <= 0)
			die("read");
		got += (size_t)n;
	}
	printf("read %zu\n", got);
	free(buffer);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		usage("write_first HOST|-l PORT BYTES [SNDBUF [RCVBUF]]");
	if (strcmp(argv[1], "-l") == 0)
		exchange(next_client(serve(argv[2], buffers_of(argc, argv, 4))), (size_t)atol(argv[3]));
	else
		exchange(dial(argv[1], argv[2], buffers_of(argc, argv, 4)), (size_t)atol(argv[3]));
	return 0;
}
