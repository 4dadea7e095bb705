/* SPDX-License-Identifier: Apache-2.0
 *
 * What is under way: the record of [SND.UNA, SND.NXT) that loss recovery works on (the scoreboard of RFC 6675 s3 and
 * the per-segment data of RFC 8985 s5.2). It is a sequence of runs without gaps between them; the bytes of one run left
 * at the same instant, were sent equally often and have the same fate. Segments that one call sent are one run, and a
 * large segment that the link cuts is part of one: until something is lost, a window of thousands of segments is
 * a handful of runs. SACK splits runs, at any byte.
 *
 * Runs lie in chunks of up to SENT_RUNS, chunks in a directory: to find, split, or join costs a binary search and a
 * move within one chunk, whatever a peer acknowledges. Their number has a bound (SENT_CHUNKS_MAX): a split that needs
 * more is refused, and so is one without memory; what was to be marked stays as it was, which costs at most a
 * repetition.
 *
 * Invariants (sent_check() holds them): runs ascend and cover [una, end), or there are none; the sums of bytes are
 * those of the runs; no chunk is empty; lost_from and oldest are not too late.
 */
#ifndef WEIR_TCP_SENT_H
#define WEIR_TCP_SENT_H

#include "base/memory.h"
#include "base/seq.h"

enum {
	SENT_CHUNK_ORDER = 10,
	SENT_RUNS = 63,
	SENT_FEW = 4,
	SENT_CHUNKS_MAX = 128,
};

enum sent_flags {
	SENT_SACKED = 1, /* the peer has it */
	SENT_LOST = 2,   /* taken for lost, and not sent again yet */
	SENT_AGAIN = 4,  /* sent more than once: no round trip is measured by it (Karn) */
};

struct sent_run {
	seq_t start;
	uint8_t flags;
	weir_time at; /* of the last transmission */
};

struct sent_chunk {
	uint16_t first, count; /* run[first] ... */
	weir_time oldest;      /* at or before the oldest transmission here that is neither sacked nor lost */
	struct sent_run run[SENT_RUNS];
};

struct sent {
	struct sent_chunk **chunk;
	struct sent_chunk *few[SENT_FEW]; /* chunk points here until there are more */
	uint16_t chunks;
	bool many;       /* chunk is a buffer of its own */
	seq_t una, end;  /* SND.UNA, SND.NXT */
	seq_t lost_from; /* no run before it is SENT_LOST */
	uint32_t sacked_bytes, lost_bytes;
};

/* A place in it; chunk == sent->chunks: behind the last run. */
struct sent_place {
	uint16_t chunk, run;
};

/* Nothing is under way: una == end == at. Holds no memory. */
void sent_init(struct sent *s, seq_t at);
void sent_deinit(struct sent *s, struct memory *m);

/* New data from end on was sent at that instant. Without memory it joins the last run: nothing is forgotten, only the
 * instant is later than it was for some. */
void sent_append(struct sent *s, struct memory *m, uint32_t len, weir_time at);

static inline bool sent_at_end(const struct sent *s, struct sent_place p)
{
	return p.chunk >= s->chunks;
}

static inline struct sent_run *sent_run(const struct sent *s, struct sent_place p)
{
	struct sent_chunk *c = s->chunk[p.chunk];

	return &c->run[c->first + p.run];
}

/* The run that holds seq; una <= seq < end. */
struct sent_place sent_find(const struct sent *s, seq_t seq);

static inline struct sent_place sent_first(void)
{
	return (struct sent_place){0, 0};
}

static inline struct sent_place sent_next(const struct sent *s, struct sent_place p)
{
	if (++p.run == s->chunk[p.chunk]->count) {
		p.chunk++;
		p.run = 0;
	}
	return p;
}

/* Behind the run's last byte. */
static inline seq_t sent_run_end(const struct sent *s, struct sent_place p)
{
	p = sent_next(s, p);
	return sent_at_end(s, p) ? s->end : sent_run(s, p)->start;
}

/* Makes seq the start of a run; una <= seq <= end. *p is that run afterwards (the end for end). false: no
 * memory or too many, nothing changed. */
bool sent_split(struct sent *s, struct memory *m, seq_t seq, struct sent_place *p);

/* Gives a run other flags and another instant; joins it with neighbours that are the same now. Returns where it is,
 * perhaps as a part of a larger run. */
struct sent_place sent_mark(struct sent *s, struct memory *m, struct sent_place p, uint8_t flags, weir_time at);

/* Everything before seq is acknowledged and forgotten; una <= seq <= end. */
void sent_acknowledge(struct sent *s, struct memory *m, seq_t seq);

/* The first run that is SENT_LOST, or the end. */
struct sent_place sent_find_lost(struct sent *s);

uint32_t sent_runs(const struct sent *s);
/* Asserts the invariants. */
void sent_check(const struct sent *s);

#endif
