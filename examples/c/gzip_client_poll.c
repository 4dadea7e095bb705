/* SPDX-License-Identifier: Apache-2.0
 *
 * The compression client without the deadlock and with one thread: the socket does not block, and poll() tells whether
 * it can be written to or read from.
 */
#include "files.h"
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is being sent: a piece of the file, of which `sent` bytes are written. */
struct outgoing {
	char piece[PIECE];
	size_t len, sent;
	bool ended;
};

/* Writes what goes; at the end of the file it ends the stream. */
static void send_more(int fd, int in, struct outgoing *o)
{
	ssize_t n;

	if (o->sent == o->len) {
		o->len = read_piece(in, o->piece);
		o->sent = 0;
		if (o->len == 0) {
			o->ended = true;
			shutdown(fd, SHUT_WR);
			return;
		}
	}
	n = write(fd, o->piece + o->sent, o->len - o->sent);
	if (n < 0 && errno != EAGAIN)
		die("write");
	if (n > 0) {
		o->sent += (size_t)n;
		show('W');
	}
}

/* Reads what there is. false: the stream has ended. */
static bool receive_more(int fd, int out)
{
	char piece[PIECE];
	ssize_t n = read(fd, piece, sizeof(piece));

	if (n < 0 && errno != EAGAIN)
		die("read");
	if (n > 0) {
		write_all(out, piece, (size_t)n);
		show('R');
	}
	return n != 0;
}

static void exchange(int fd, int in, int out)
{
	struct outgoing outgoing = {.len = 0};
	struct pollfd wanted = {.fd = fd};
	bool more = true;

	while (more) {
		wanted.events = (short)(POLLIN | (outgoing.ended ? 0 : POLLOUT));
		if (poll(&wanted, 1, -1) < 0)
			die("poll");
		if (wanted.revents & POLLOUT)
			send_more(fd, in, &outgoing);
		if (wanted.revents & (POLLIN | POLLHUP | POLLERR))
			more = receive_more(fd, out);
	}
}

int main(int argc, char **argv)
{
	int fd, in, out;

	if (argc < 5)
		usage("gzip_client_poll HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]");
	fd = dial(argv[1], argv[2], buffers_of(argc, argv, 5));
	in = open_input(argv[3]);
	out = open_output(argv[4]);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		die("fcntl");
	exchange(fd, in, out);
	show('\n');
	close(out);
	close(in);
	close(fd);
	return 0;
}
