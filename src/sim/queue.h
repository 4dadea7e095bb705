/* SPDX-License-Identifier: Apache-2.0
 *
 * The event queue of a simulation: which source has something to do next. A source is a number (a host, a link, a
 * program) with at most one instant; setting it again moves it. Equal instants come in the order of the numbers, so
 * the order depends on nothing but the simulation itself.
 */
#ifndef WEIR_SIM_QUEUE_H
#define WEIR_SIM_QUEUE_H

#include <weir/time.h>

#include <stddef.h>
#include <stdint.h>

struct sim_queue {
	uint32_t *heap;  /* sources */
	uint32_t *place; /* of each source in the heap, plus one; 0 = not in it */
	weir_time *at;   /* of each source */
	uint32_t count, sources;
};

void sim_queue_init(struct sim_queue *q);
void sim_queue_deinit(struct sim_queue *q);
/* Room for sources 0 .. sources - 1; those known keep their instants. false: no memory, and nothing has changed. */
bool sim_queue_grow(struct sim_queue *q, uint32_t sources);
/* WEIR_NEVER takes the source out. */
void sim_queue_set(struct sim_queue *q, uint32_t source, weir_time at);
/* The earliest instant, or WEIR_NEVER. */
weir_time sim_queue_next(const struct sim_queue *q);
/* Takes out the first source that is due at now. false: there is none. */
bool sim_queue_take(struct sim_queue *q, weir_time now, uint32_t *source);

#endif
