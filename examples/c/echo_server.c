/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends back what its clients send, one client after the other, until each has ended its stream.
 */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void echo(int fd)
{
	char buffer[4096];
	unsigned long long total = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0) {
		write_all(fd, buffer, (size_t)n);
		total += (unsigned long long)n;
	}
	if (n < 0)
		perror("read");
	printf("echoed %llu\n", total);
	fflush(stdout);
	close(fd);
}

int main(int argc, char **argv)
{
	int listener;
	long clients;

	if (argc < 2)
		usage("echo_server PORT [CLIENTS [SNDBUF [RCVBUF]]]");
	clients = argc > 2 ? atol(argv[2]) : 0;
	listener = serve(argv[1], buffers_of(argc, argv, 3));
	for (long i = 0; clients == 0 || i < clients; i++)
		echo(next_client(listener));
	return 0;
}
