/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors of connections whose D is closed, for the program that asks SO_ERROR afterwards. Bounded: the newest ones.
 * ECONNRESET is not kept, for that is what the kernel itself says of such a pair.
 */
#include "world/world.h"

void world_note_error(struct world *world, uint64_t id, int error)
{
	world->error[world->next_error] = (struct world_error){.id = id, .error = error};
	world->next_error = (world->next_error + 1) % WORLD_ERRORS;
}

int world_take_error(struct world *world, uint64_t id)
{
	for (unsigned i = 0; i < WORLD_ERRORS; i++) {
		struct world_error *entry = &world->error[i];
		int error = entry->error;

		if (entry->id != id || error == 0)
			continue;
		*entry = (struct world_error){0};
		return error;
	}
	return 0;
}
