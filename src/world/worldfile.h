/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the reader of world files (worldfile.c) and the words they may use (worldwords.c).
 */
#ifndef WEIR_WORLD_WORLDFILE_H
#define WEIR_WORLD_WORLDFILE_H

#include "world/plan.h"

#include <lua.h>

/* The plan that a script fills. */
struct plan *worldfile_plan(lua_State *lua);
/* Makes world, host, link and tap known to a script. */
void worldfile_register(lua_State *lua);

#endif
