/* SPDX-License-Identifier: Apache-2.0
 *
 * The words that scripts describe a world with: host{} and link{} in world files and scenarios alike, trunk{} in
 * scenarios, world{} and tap{} in world files. They fill a plan.
 */
#ifndef WEIR_PLAN_WORDS_H
#define WEIR_PLAN_WORDS_H

#include "plan/plan.h"

#include <lua.h>

/* The plan that the words of this script fill; it must outlive the script. */
void words_bind(lua_State *lua, struct plan *plan);

/* Makes host and link known to a script; and trunk, which joins simulated links; and world and tap, which need a world
 * in real time. */
void words_register(lua_State *lua);
void words_register_scenario(lua_State *lua);
void words_register_world(lua_State *lua);

#endif
