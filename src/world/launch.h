/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting a world's process.
 */
#ifndef WEIR_WORLD_LAUNCH_H
#define WEIR_WORLD_LAUNCH_H

#include "plan/complaint.h"

/* Runs a world in this process until it is told to stop: by weir down, SIGTERM or SIGINT. world_file NULL = the default
 * world. Returns an exit status; when not 0, *complaint is filled in. */
int launch_here(const char *path, const char *world_file, struct complaint *complaint);

/* Sees to it that a world answers at path: if none does, starts one in the background and waits until it listens. Its
 * output goes to path.log. *started tells whether it had to. 0, or an exit status with *complaint. */
int launch_if_needed(const char *path, const char *world_file, int *started, struct complaint *complaint);

#endif
