/* SPDX-License-Identifier: Apache-2.0
 *
 * Can this program be given Weir's sockets by preloading?
 */
#ifndef WEIR_WORLD_EXECUTABLE_H
#define WEIR_WORLD_EXECUTABLE_H

#include "plan/complaint.h"

enum { EXECUTABLE_PATH = 4096 };

/* Finds a command as the shell would, and looks at the file: and at its interpreter, if it is a script. 0 with the
 * path; 127 (not found), 126 (cannot be run, or not on Weir) with *complaint. */
int executable_find(const char *command, char path[EXECUTABLE_PATH], struct complaint *complaint);

#endif
