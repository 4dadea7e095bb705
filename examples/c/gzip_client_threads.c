/* SPDX-License-Identifier: Apache-2.0
 *
 * The compression client without the deadlock: a second thread writes, then ends the stream; this one reads meanwhile,
 * so the queues of the answer always drain.
 */
#include "files.h"
#include "net.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

struct job {
	int fd, in;
};

static void *send_file(void *of_job)
{
	const struct job *job = of_job;
	char piece[PIECE];
	size_t n;

	while ((n = read_piece(job->in, piece)) > 0) {
		write_all(job->fd, piece, n);
		show('W');
	}
	shutdown(job->fd, SHUT_WR);
	return NULL;
}

int main(int argc, char **argv)
{
	char piece[PIECE];
	pthread_t sender;
	struct job job;
	size_t n;
	int out;

	if (argc < 5)
		usage("gzip_client_threads HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]");
	job.fd = dial(argv[1], argv[2], buffers_of(argc, argv, 5));
	job.in = open_input(argv[3]);
	out = open_output(argv[4]);
	if (pthread_create(&sender, NULL, send_file, &job) != 0)
		die("pthread_create");
	while ((n = read_piece(job.fd, piece)) > 0) {
		write_all(out, piece, n);
		show('R');
	}
	pthread_join(sender, NULL);
	show('\n');
	close(out);
	close(job.in);
	close(job.fd);
	return 0;
}
