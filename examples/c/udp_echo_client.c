/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends its words in one datagram and waits for them to come back; UDP repeats nothing, so the client does, five times
 * at most.
 */
#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { TRIES = 5, WAIT_S = 3 };

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *to;
	struct timeval wait = {.tv_sec = WAIT_S};
	static char back[65536];
	int fd, error;

	if (argc != 4)
		usage("udp_echo_client HOST PORT WORDS");
	error = getaddrinfo(argv[1], argv[2], &hints, &to);
	if (error != 0) {
		fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
		return 1;
	}
	fd = socket(to->ai_family, SOCK_DGRAM, 0);
	/* Connected: datagrams of others do not come in, and errors are told. */
	if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) != 0)
		die("connect");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for (int i = 0; i < TRIES; i++) {
		ssize_t n;

		if (send(fd, argv[3], strlen(argv[3]), 0) < 0)
			die("send");
		n = recv(fd, back, sizeof(back), 0);
		if (n >= 0) {
			printf("received: %.*s\n", (int)n, back);
			return 0;
		}
		if (errno != EAGAIN)
			die("recv");
	}
	fprintf(stderr, "no answer to %d datagrams\n", TRIES);
	return 1;
}
