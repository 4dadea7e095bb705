/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads uncompressed bytes and writes back compressed ones as it goes; ends its stream when the client has ended its
 * own. It holds little: a client that only writes finds, sooner or later, all queues of both directions full.
 */
#include "net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIECE = 4096, GZIP = 16 + MAX_WBITS };

/* Gives the compressor what it has been told to take, and sends what comes out. */
static void press(z_stream *z, int flush, int fd)
{
	unsigned char out[PIECE];

	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		deflate(z, flush);
		write_all(fd, out, sizeof(out) - z->avail_out);
	} while (z->avail_out == 0);
}

static void compress_stream(int fd)
{
	unsigned char in[PIECE];
	z_stream z;
	ssize_t n;

	memset(&z, 0, sizeof(z));
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	while ((n = read(fd, in, sizeof(in))) > 0) {
		z.next_in = in;
		z.avail_in = (uInt)n;
		press(&z, Z_NO_FLUSH, fd);
	}
	if (n < 0) {
		perror("read");
	} else {
		press(&z, Z_FINISH, fd);
		printf("%lu bytes became %lu\n", z.total_in, z.total_out);
		fflush(stdout);
	}
	deflateEnd(&z);
	close(fd);
}

int main(int argc, char **argv)
{
	int listener;
	long clients;

	if (argc < 2)
		usage("gzip_server PORT [CLIENTS [SNDBUF [RCVBUF]]]");
	clients = argc > 2 ? atol(argv[2]) : 0;
	listener = serve(argv[1], buffers_of(argc, argv, 3));
	for (long i = 0; clients == 0 || i < clients; i++)
		compress_stream(next_client(listener));
	return 0;
}
