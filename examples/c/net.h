/* SPDX-License-Identifier: Apache-2.0
 *
 * What the example programs share: connecting, listening, and ending with a message. Plain sockets, nothing of Weir's.
 */
#ifndef EXAMPLES_NET_H
#define EXAMPLES_NET_H

#include <stddef.h>

/* The sizes of the queues, from two words of the command line that may be missing; 0 = the system's. */
struct buffers {
	int sndbuf, rcvbuf;
};

struct buffers buffers_of(int argc, char **argv, int first);

/* Prints what failed and why (errno), and ends the program with status 1. */
_Noreturn void die(const char *what);
/* Prints how the program is called, and ends it with status 2. */
_Noreturn void usage(const char *line);

/* A socket connected to the port of a host, tried at each of its addresses. Buffers are set before the handshake. */
int dial(const char *host, const char *port, struct buffers buffers);
/* A listening socket at the port of every local address; connections that it accepts inherit the buffers. */
int serve(const char *port, struct buffers buffers);
int next_client(int listener);

/* All of them, or the program ends. */
void write_all(int fd, const void *data, size_t len);

#endif
