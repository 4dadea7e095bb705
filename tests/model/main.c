/* SPDX-License-Identifier: Apache-2.0
 *
 * The model check as a test.
 *
 *	model                        500,000 steps, in walks of 200
 *	model --steps 5000000        more
 *	model --seed 17              one walk again, as a failure's last line says, with all that happened
 *	model --mistakes             each cell of the tables made wrong in turn: the walk must notice
 */
#include "walk.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { WALK_STEPS = 200, STEPS = 500000, MISTAKE_STEPS = 3000000, STEPS_TO_ALL = 3000000 };

static struct walk walk;
static const char *program;
static uint64_t current;

static void print_command(uint64_t seed)
{
	printf("# again: %s --seed %llu\n", program, (unsigned long long)seed);
	fflush(stdout);
}

/* An assertion of the core. */
static void on_trap(int number)
{
	printf("# an assertion of the core failed\n");
	print_command(current);
	signal(number, SIG_DFL);
	raise(number);
}

static void print_walk(uint64_t seed)
{
	const struct real *r = &walk.real;
	char text[REAL_LINE];
	unsigned n = r->traced < REAL_TRACE ? r->traced : REAL_TRACE;

	walk_describe(&walk, text, sizeof(text));
	printf("# seed %llu: %s\n", (unsigned long long)seed, text);
	for (unsigned i = r->traced - n; i < r->traced; i++)
		printf("# %s\n", r->trace[i % REAL_TRACE]);
	printf("# %s, in %s\n", walk.model.complaint[0] ? walk.model.complaint : "nothing wrong",
	       model_state_name(walk.model.state));
}

/* Returns the seed of the first walk with a complaint; 0 = none. */
static uint64_t run(uint64_t steps, uint64_t *made)
{
	for (*made = 0, current = 1; *made < steps; current++) {
		*made += 1 + walk_run(&walk, current, WALK_STEPS);
		if (walk.model.complaint[0])
			return current;
	}
	return 0;
}

static unsigned cells_missed(void)
{
	unsigned missed = 0;

	for (int s = 0; s < M_STATES; s++)
		for (int e = 0; e < M_EVENTS; e++) {
			const struct model_cell *cell = model_cell((enum model_state)s, (enum model_event)e);

			if (!cell->possible || model_cell_visits((enum model_state)s, (enum model_event)e) > 1)
				continue;
			printf("# never met: %s in %s\n", model_event_name((enum model_event)e),
			       model_state_name((enum model_state)s));
			missed++;
		}
	return missed;
}

static int check(uint64_t steps)
{
	uint64_t made, seed = run(steps, &made);
	bool long_enough = steps >= STEPS_TO_ALL;
	unsigned missed;

	printf("1..%d\n", long_enough && !seed ? 2 : 1);
	printf("%sok 1 - %llu steps as the model says\n", seed ? "not " : "", (unsigned long long)made);
	if (seed) {
		walk.real.tracing = true;
		walk_run(&walk, seed, WALK_STEPS);
		print_walk(seed);
		print_command(seed);
		return 1;
	}
	if (!long_enough)
		return 0;
	missed = cells_missed();
	printf("%sok 2 - all cells of the tables were met\n", missed ? "not " : "");
	return missed > 0;
}

static int replay(uint64_t seed)
{
	walk.real.tracing = true;
	current = seed;
	walk_run(&walk, seed, WALK_STEPS);
	print_walk(seed);
	return walk.model.complaint[0] ? 1 : 0;
}

static int check_mistakes(void)
{
	unsigned found = 0, all = 0, missed = 0;
	char name[REAL_LINE];
	uint64_t made;

	for (unsigned n = 0; n < model_mistakes(); n++) {
		if (!model_mistake_possible(n))
			continue;
		all++;
		model_make_mistake(n);
		if (run(MISTAKE_STEPS, &made)) {
			found++;
			continue;
		}
		model_mistake_name(n, name, sizeof(name));
		printf("# not noticed: %s\n", name);
		missed++;
	}
	model_mend();
	printf("1..1\n%sok 1 - %u of %u wrong cells are noticed\n", missed ? "not " : "", found, all);
	return missed > 0;
}

int main(int argc, char **argv)
{
	program = argv[0];
	signal(SIGILL, on_trap);
	signal(SIGTRAP, on_trap);
	if (argc == 1)
		return check(STEPS);
	if (argc == 2 && strcmp(argv[1], "--mistakes") == 0)
		return check_mistakes();
	if (argc == 3 && strcmp(argv[1], "--steps") == 0)
		return check(strtoull(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "--seed") == 0)
		return replay(strtoull(argv[2], NULL, 10));
	fprintf(stderr, "usage: %s [--steps N | --seed N | --mistakes]\n", program);
	return 2;
}
