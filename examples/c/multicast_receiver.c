/* SPDX-License-Identifier: Apache-2.0
 *
 * Joins a group and prints the next datagram that is sent to it. Several receivers on one host can share the port, and
 * each gets its copy: for that each sets SO_REUSEADDR.
 */
#include "net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in local = {.sin_family = AF_INET};
	static char datagram[65536];
	struct ip_mreq group = {.imr_interface.s_addr = INADDR_ANY};
	ssize_t n;
	int fd, on = 1;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &group.imr_multiaddr) != 1)
		usage("multicast_receiver GROUP PORT");
	local.sin_port = htons((uint16_t)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&local, sizeof(local)) != 0)
		die("bind");
	if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) != 0)
		die("join");
	n = recv(fd, datagram, sizeof(datagram), 0);
	if (n < 0)
		die("recv");
	printf("received: %.*s\n", (int)n, datagram);
	return 0;
}
