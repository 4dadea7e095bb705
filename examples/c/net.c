/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct buffers buffers_of(int argc, char **argv, int first)
{
	struct buffers buffers = {0, 0};

	if (argc > first)
		buffers.sndbuf = atoi(argv[first]);
	if (argc > first + 1)
		buffers.rcvbuf = atoi(argv[first + 1]);
	return buffers;
}

void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

void usage(const char *line)
{
	fprintf(stderr, "usage: %s\n", line);
	exit(2);
}

static void set_buffers(int fd, struct buffers buffers)
{
	if (buffers.sndbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffers.sndbuf, sizeof(buffers.sndbuf));
	if (buffers.rcvbuf > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffers.rcvbuf, sizeof(buffers.rcvbuf));
}

int dial(const char *host, const char *port, struct buffers buffers)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
	int error = getaddrinfo(host, port, &hints, &found), fd = -1;

	if (error != 0) {
		fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
		exit(1);
	}
	for (struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (fd < 0)
			continue;
		set_buffers(fd, buffers);
		if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			break;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	if (fd < 0)
		die(host);
	return fd;
}

int serve(const char *port, struct buffers buffers)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	set_buffers(fd, buffers);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) != 0 || listen(fd, 8) != 0)
		die("listen");
	return fd;
}

int next_client(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	return fd;
}

void write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			die("write");
		at += n;
		len -= (size_t)n;
	}
}
