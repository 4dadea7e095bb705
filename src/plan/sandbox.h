/* SPDX-License-Identifier: Apache-2.0
 *
 * Lua 5.4 for scripts that are not trusted: no files, no processes, no code loading; a script that runs for too long or
 * wants too much memory is stopped with an error that names its line, and cannot catch that.
 */
#ifndef WEIR_PLAN_SANDBOX_H
#define WEIR_PLAN_SANDBOX_H

#include <lua.h>

#include <stddef.h>

struct sandbox {
	const char *what; /* for the message: "the world file" */
	unsigned long instructions_max;
	size_t memory_max;
	/* its own */
	unsigned long instructions;
	size_t memory_bytes;
};

/* A state without libraries, or NULL. The sandbox must outlive it; coroutines are bound by it too. */
lua_State *sandbox_new(struct sandbox *sandbox);

/* Opens what cannot reach out of the script. May raise an error: call it protected. */
void sandbox_open(lua_State *lua);

#endif
