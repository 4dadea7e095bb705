/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends its words to a group, in one datagram. How far it goes is its time to live: 1 stays on this link.
 */
#include "net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in group = {.sin_family = AF_INET};
	unsigned char ttl;
	int fd;

	if (argc < 4 || inet_pton(AF_INET, argv[1], &group.sin_addr) != 1)
		usage("multicast_sender GROUP PORT WORDS [TTL]");
	group.sin_port = htons((uint16_t)atoi(argv[2]));
	ttl = (unsigned char)(argc > 4 ? atoi(argv[4]) : 1);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof(ttl)) != 0)
		die("socket");
	if (sendto(fd, argv[3], strlen(argv[3]), 0, (struct sockaddr *)&group, sizeof(group)) < 0)
		die("sendto");
	return 0;
}
