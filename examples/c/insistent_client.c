/* SPDX-License-Identifier: Apache-2.0
 *
 * A client that insists on its local port, and closes first. Started again it cannot have the port while its old
 * connection is in TIME_WAIT: bind() says EADDRINUSE. (Weir picks a free port for clients that leave it alone.)
 */
#include "net.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *to;
	struct sockaddr_in local = {.sin_family = AF_INET};
	int fd, error;

	if (argc != 4)
		usage("insistent_client HOST PORT LOCAL-PORT");
	error = getaddrinfo(argv[1], argv[2], &hints, &to);
	if (error != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
		return 1;
	}
	local.sin_port = htons((uint16_t)atoi(argv[3]));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		die("socket");
	if (bind(fd, (struct sockaddr *)&local, sizeof(local)) != 0)
		die("bind");
	if (connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	freeaddrinfo(to);
	printf("connected from port %s\n", argv[3]);
	close(fd);
	return 0;
}
