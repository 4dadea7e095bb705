/* SPDX-License-Identifier: Apache-2.0
 *
 * Sends a file to the compression server, then reads the answer. It looks right and is not: while it writes nobody
 * takes what the server sends back. When the queues of that direction are full the server stops reading, the queues of
 * this direction fill too, and both programs wait in write() for ever. Small files fit into the queues.
 */
#include "files.h"
#include "net.h"

#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char piece[PIECE];
	int fd, in, out;
	size_t n;

	if (argc < 5)
		usage("gzip_client HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]");
	fd = dial(argv[1], argv[2], buffers_of(argc, argv, 5));
	in = open_input(argv[3]);
	out = open_output(argv[4]);
	while ((n = read_piece(in, piece)) > 0) {
		write_all(fd, piece, n);
		show('W');
	}
	shutdown(fd, SHUT_WR);
	while ((n = read_piece(fd, piece)) > 0) {
		write_all(out, piece, n);
		show('R');
	}
	show('\n');
	close(out);
	close(in);
	close(fd);
	return 0;
}
