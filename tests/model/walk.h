/* SPDX-License-Identifier: Apache-2.0
 *
 * The random walk: one seed, one walk, byte for byte.
 */
#ifndef WEIR_TESTS_MODEL_WALK_H
#define WEIR_TESTS_MODEL_WALK_H

#include "real.h"

struct walk {
	uint64_t random;
	struct real_setting set;
	struct model model;
	struct real real;
	bool over; /* nothing can happen any more */
};

/* Walks at most that many steps; returns how many it made. walk->model.complaint says what was wrong, if anything. */
uint64_t walk_run(struct walk *w, uint64_t seed, uint64_t steps);
/* The description of its setting. */
void walk_describe(const struct walk *w, char *out, size_t bytes);

/* draw.c */
uint32_t walk_draw(struct walk *w, uint32_t below);
bool walk_chance(struct walk *w, uint32_t one_in);
void walk_draw_setting(struct walk *w);
void walk_draw_segment(struct walk *w, struct model_segment *seg);
int64_t walk_draw_time(struct walk *w);
/* A number near those that are under way. */
uint32_t walk_draw_quoted(struct walk *w);

#endif
