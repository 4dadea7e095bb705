/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a world listens. The same rule for the daemon, for weir run and for the views: --stack PATH, else $WEIR_STACK,
 * else $XDG_RUNTIME_DIR/weir.sock, else /tmp/weir-<uid>/weir.sock, whose directory must be the user's own. Programs use
 * the path with ".run" behind it.
 */
#ifndef WEIR_WORLD_PATHS_H
#define WEIR_WORLD_PATHS_H

#include "plan/complaint.h"

#include <stdbool.h>

enum { WORLD_PATH = 96 }; /* with its NUL; leaves room for ".run" in a socket address */

/* The path of the world's socket; given = the --stack option, or NULL. With make_dir the directory in /tmp is made. 0,
 * or an exit status with *complaint. */
int world_path(const char *given, bool make_dir, char path[WORLD_PATH], struct complaint *complaint);

/* Connects to a world's view socket: the descriptor, or -errno. */
int world_connect(const char *path);

#endif
