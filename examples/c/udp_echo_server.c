/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends each datagram back to where it came from. There is no connection and no stream: a datagram is taken whole, or
 * what does not fit into the buffer is cut off.
 */
#include "net.h"

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 local = {.sin6_family = AF_INET6}, from;
	static char datagram[65536];
	int fd;

	if (argc != 2)
		usage("udp_echo_server PORT");
	local.sin6_port = htons((uint16_t)atoi(argv[1]));
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)) != 0)
		die("bind");
	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			die("recvfrom");
		if (sendto(fd, datagram, (size_t)n, 0, (struct sockaddr *)&from, len) < 0)
			die("sendto");
	}
}
