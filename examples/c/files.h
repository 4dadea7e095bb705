/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that a compression client sends, and the one that it makes of the answer.
 */
#ifndef EXAMPLES_FILES_H
#define EXAMPLES_FILES_H

#include <stddef.h>

enum { PIECE = 4096 }; /* of one read or write */

int open_input(const char *path);
int open_output(const char *path);
/* At most PIECE bytes; 0 at the end of the file. Whatever else happens ends the program. */
size_t read_piece(int fd, char *piece);
/* Shows a call on the terminal as it happens: 'W' for a write, 'R' for a read. */
void show(char letter);

#endif
