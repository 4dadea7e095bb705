/* SPDX-License-Identifier: Apache-2.0
 *
 * What happened, as text, while it happens: time downwards, the programs' calls and the states of their sockets beside
 * the hosts, the segments between. With two hosts a ladder, with more a list.
 */
#ifndef WEIR_SIM_TIMELINE_H
#define WEIR_SIM_TIMELINE_H

#include <weir/time.h>

#include <stdio.h>

struct timeline {
	FILE *out; /* NULL: nobody looks */
	bool ascii;
	bool ladder;
	const char *(*name)(const void *ctx, unsigned host);
	const void *name_ctx;
};

enum timeline_leg { TIMELINE_LEAVES, TIMELINE_ARRIVES, TIMELINE_LOST };

/* "1.234567 s" in 13 columns. text holds TIMELINE_TIME bytes. */
enum { TIMELINE_TIME = 40 };
const char *timeline_time(weir_time at, char *text);

/* Something at one host. */
void timeline_at(struct timeline *t, weir_time at, unsigned host, const char *text);
/* A segment leaves its host, arrives at the other, or is lost; what: why it is lost. One end may be -1, a stranger's or
 * a group's, but not that where it happens. */
void timeline_segment(struct timeline *t, weir_time at, int from, int to, enum timeline_leg leg, const char *text,
                      const char *what);

#endif
