/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include "net.h"

#include <fcntl.h>
#include <unistd.h>

int open_input(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		die(path);
	return fd;
}

int open_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (fd < 0)
		die(path);
	return fd;
}

size_t read_piece(int fd, char *piece)
{
	ssize_t n = read(fd, piece, PIECE);

	if (n < 0)
		die("read");
	return (size_t)n;
}

void show(char letter)
{
	write_all(STDOUT_FILENO, &letter, 1);
}
