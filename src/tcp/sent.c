/* SPDX-License-Identifier: Apache-2.0
 *
 * See sent.h.
 */
#include "tcp/sent.h"

#include "base/assert.h"

#include <string.h>

enum { DIRECTORY_ORDER = 10 };

_Static_assert(sizeof(struct sent_chunk) <= 1u << SENT_CHUNK_ORDER, "a chunk fits its buffer");
_Static_assert(SENT_CHUNKS_MAX * sizeof(struct sent_chunk *) <= 1u << DIRECTORY_ORDER, "so does the directory");

void sent_init(struct sent *s, seq_t at)
{
	memset(s, 0, sizeof(*s));
	s->chunk = s->few;
	s->una = s->end = s->lost_from = at;
}

void sent_deinit(struct sent *s, struct memory *m)
{
	sent_acknowledge(s, m, s->end);
	if (s->many)
		memory_buffer_put(m, s->chunk, DIRECTORY_ORDER);
	s->many = false;
	s->chunk = s->few;
}

/* An empty chunk at place i of the directory. */
static struct sent_chunk *insert_chunk(struct sent *s, struct memory *m, unsigned i)
{
	struct sent_chunk *c;

	if (s->chunks == SENT_CHUNKS_MAX)
		return NULL;
	if (s->chunks == SENT_FEW && !s->many) {
		struct sent_chunk **directory = memory_buffer_get(m, DIRECTORY_ORDER);

		if (!directory)
			return NULL;
		memcpy(directory, s->few, sizeof(s->few));
		s->chunk = directory;
		s->many = true;
	}
	c = memory_buffer_get(m, SENT_CHUNK_ORDER);
	if (!c)
		return NULL;
	c->first = c->count = 0;
	c->oldest = WEIR_NEVER;
	memmove(&s->chunk[i + 1], &s->chunk[i], (s->chunks - i) * sizeof(s->chunk[0]));
	s->chunk[i] = c;
	s->chunks++;
	return c;
}

static void remove_chunks(struct sent *s, struct memory *m, unsigned i, unsigned n)
{
	for (unsigned k = i; k < i + n; k++)
		memory_buffer_put(m, s->chunk[k], SENT_CHUNK_ORDER);
	s->chunks = (uint16_t)(s->chunks - n);
	memmove(&s->chunk[i], &s->chunk[i + n], (s->chunks - i) * sizeof(s->chunk[0]));
}

static uint32_t *sum_of(struct sent *s, uint8_t flags)
{
	if (flags & SENT_SACKED)
		return &s->sacked_bytes;
	return flags & SENT_LOST ? &s->lost_bytes : NULL;
}

static void count_bytes(struct sent *s, uint8_t flags, uint32_t bytes, bool more)
{
	uint32_t *sum = sum_of(s, flags);

	if (sum)
		*sum = more ? *sum + bytes : *sum - bytes;
}

static bool is_outstanding(const struct sent_run *r)
{
	return !(r->flags & (SENT_SACKED | SENT_LOST));
}

/* When something sacked left does not matter any more, nor does it for what will leave again. */
static bool are_alike(const struct sent_run *a, const struct sent_run *b)
{
	if (a->flags & b->flags & SENT_SACKED)
		return true;
	return a->flags == b->flags && ((a->flags & SENT_LOST) || a->at.ns == b->at.ns);
}

void sent_append(struct sent *s, struct memory *m, uint32_t len, weir_time at)
{
	struct sent_chunk *c = s->chunks > 0 ? s->chunk[s->chunks - 1] : NULL;
	struct sent_run *last = c ? &c->run[c->first + c->count - 1] : NULL;
	seq_t start = c ? s->end : s->una;

	s->end = seq_add(s->end, len);
	if (last && last->flags == 0 && last->at.ns == at.ns)
		return;
	if (c && c->first + c->count == SENT_RUNS && c->first > 0) {
		memmove(&c->run[0], &c->run[c->first], c->count * sizeof(c->run[0]));
		c->first = 0;
	}
	if (!c || c->first + c->count == SENT_RUNS) {
		struct sent_chunk *fresh = insert_chunk(s, m, s->chunks);

		if (!fresh && !last) /* all that is kept is that something is under way */
			return;
		if (!fresh) {
			count_bytes(s, last->flags, seq_dist(last->start, start), false);
			last->flags = 0;
			last->at = at;
			c->oldest = weir_time_min(c->oldest, at);
			return;
		}
		c = fresh;
	}
	c->run[c->first + c->count++] = (struct sent_run){start, 0, at};
	c->oldest = weir_time_min(c->oldest, at);
}

struct sent_place sent_find(const struct sent *s, seq_t seq)
{
	unsigned low = 0, high = s->chunks, run;
	const struct sent_chunk *c;

	weir_assert(s->chunks > 0 && seq_le(s->una, seq) && seq_lt(seq, s->end));
	while (high - low > 1) { /* the last chunk that begins at or before seq */
		unsigned middle = (low + high) / 2;

		c = s->chunk[middle];
		if (seq_le(c->run[c->first].start, seq))
			low = middle;
		else
			high = middle;
	}
	c = s->chunk[low];
	for (run = 0, high = c->count; high - run > 1;) {
		unsigned middle = (run + high) / 2;

		if (seq_le(c->run[c->first + middle].start, seq))
			run = middle;
		else
			high = middle;
	}
	return (struct sent_place){(uint16_t)low, (uint16_t)run};
}

/* A full chunk becomes two halves. */
static bool halve(struct sent *s, struct memory *m, struct sent_place *p)
{
	struct sent_chunk *c = s->chunk[p->chunk], *half = insert_chunk(s, m, p->chunk + 1u);
	uint16_t stay = c->count / 2;

	if (!half)
		return false;
	half->count = (uint16_t)(c->count - stay);
	memcpy(half->run, &c->run[c->first + stay], half->count * sizeof(half->run[0]));
	half->oldest = c->oldest;
	c->count = stay;
	if (p->run >= stay) {
		p->chunk++;
		p->run = (uint16_t)(p->run - stay);
	}
	return true;
}

/* A copy of the run at p behind it, beginning at seq; *p moves there. */
static bool insert_behind(struct sent *s, struct memory *m, struct sent_place *p, seq_t seq)
{
	struct sent_chunk *c;
	struct sent_run *r;

	if (s->chunk[p->chunk]->count == SENT_RUNS && !halve(s, m, p))
		return false;
	c = s->chunk[p->chunk];
	if (c->first > 0) { /* the room is in front */
		memmove(&c->run[c->first - 1], &c->run[c->first], (p->run + 1u) * sizeof(c->run[0]));
		c->first--;
		c->count++;
		r = sent_run(s, *p);
		r[1] = r[0];
	} else {
		r = sent_run(s, *p);
		memmove(&r[1], &r[0], (c->count - p->run) * sizeof(c->run[0]));
		c->count++;
	}
	r[1].start = seq;
	p->run++;
	return true;
}

bool sent_split(struct sent *s, struct memory *m, seq_t seq, struct sent_place *p)
{
	if (seq_eq(seq, s->end)) {
		*p = (struct sent_place){s->chunks, 0};
		return true;
	}
	if (s->chunks == 0) /* there was no memory for a run */
		return false;
	*p = sent_find(s, seq);
	if (seq_eq(sent_run(s, *p)->start, seq))
		return true;
	return insert_behind(s, m, p, seq);
}

/* Takes a run out of its chunk: the one before it has become longer by it. */
static void take_out(struct sent *s, struct memory *m, struct sent_place p)
{
	struct sent_chunk *c = s->chunk[p.chunk];
	struct sent_run *r = &c->run[c->first + p.run];

	if (p.run == 0)
		c->first++;
	else
		memmove(r, r + 1, (c->count - p.run - 1u) * sizeof(*r));
	if (--c->count == 0)
		remove_chunks(s, m, p.chunk, 1);
}

static bool place_before(const struct sent *s, struct sent_place p, struct sent_place *before)
{
	if (p.run > 0) {
		*before = (struct sent_place){p.chunk, (uint16_t)(p.run - 1)};
		return true;
	}
	if (p.chunk == 0)
		return false;
	before->chunk = (uint16_t)(p.chunk - 1);
	before->run = (uint16_t)(s->chunk[before->chunk]->count - 1);
	return true;
}

struct sent_place sent_mark(struct sent *s, struct memory *m, struct sent_place p, uint8_t flags, weir_time at)
{
	struct sent_run *r = sent_run(s, p);
	uint32_t bytes = seq_dist(r->start, sent_run_end(s, p));
	struct sent_place other;

	count_bytes(s, r->flags, bytes, false);
	count_bytes(s, flags, bytes, true);
	r->flags = flags;
	r->at = at;
	if ((flags & SENT_LOST) && seq_lt(r->start, s->lost_from))
		s->lost_from = r->start;
	if (is_outstanding(r))
		s->chunk[p.chunk]->oldest = weir_time_min(s->chunk[p.chunk]->oldest, at);
	other = sent_next(s, p);
	if (!sent_at_end(s, other) && are_alike(r, sent_run(s, other)))
		take_out(s, m, other);
	if (place_before(s, p, &other) && are_alike(sent_run(s, other), sent_run(s, p))) {
		take_out(s, m, p);
		p = other;
	}
	return p;
}

/* What of one chunk lies before seq goes. True when nothing of it is left. */
static bool empty_chunk(struct sent *s, unsigned i, seq_t seq)
{
	struct sent_chunk *c = s->chunk[i];

	for (; c->count > 0; c->first++, c->count--) {
		struct sent_run *r = &c->run[c->first];
		seq_t end = sent_run_end(s, (struct sent_place){(uint16_t)i, 0});

		if (seq_gt(end, seq)) {
			if (seq_lt(r->start, seq)) {
				count_bytes(s, r->flags, seq_dist(r->start, seq), false);
				r->start = seq;
			}
			return false;
		}
		count_bytes(s, r->flags, seq_dist(r->start, end), false);
	}
	return true;
}

void sent_acknowledge(struct sent *s, struct memory *m, seq_t seq)
{
	unsigned n = 0;

	while (n < s->chunks && empty_chunk(s, n, seq))
		n++;
	if (n > 0)
		remove_chunks(s, m, 0, n);
	s->una = seq;
	s->lost_from = seq_max(s->lost_from, seq);
}

struct sent_place sent_find_lost(struct sent *s)
{
	struct sent_place end = {s->chunks, 0}, p;

	if (s->lost_bytes == 0 || !seq_lt(s->lost_from, s->end))
		return end;
	for (p = sent_find(s, s->lost_from); !sent_at_end(s, p); p = sent_next(s, p)) {
		if (sent_run(s, p)->flags & SENT_LOST) {
			s->lost_from = sent_run(s, p)->start;
			return p;
		}
	}
	return end;
}

uint32_t sent_runs(const struct sent *s)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < s->chunks; i++)
		n += s->chunk[i]->count;
	return n;
}

void sent_check(const struct sent *s)
{
	uint32_t sacked = 0, lost = 0;
	const struct sent_run *before = NULL;

	weir_assert(seq_le(s->una, s->end));
	for (unsigned i = 0; i < s->chunks; i++)
		weir_assert(s->chunk[i]->count > 0 && s->chunk[i]->first + s->chunk[i]->count <= SENT_RUNS);
	for (struct sent_place p = sent_first(); !sent_at_end(s, p); p = sent_next(s, p)) {
		const struct sent_run *r = sent_run(s, p);
		uint32_t bytes = seq_dist(r->start, sent_run_end(s, p));

		weir_assert(bytes > 0 && bytes < UINT32_C(1) << 31);
		weir_assert(before ? seq_lt(before->start, r->start) : seq_eq(r->start, s->una));
		weir_assert((r->flags & (SENT_SACKED | SENT_LOST)) != (SENT_SACKED | SENT_LOST));
		if (r->flags & SENT_LOST)
			weir_assert(seq_ge(r->start, s->lost_from));
		if (is_outstanding(r))
			weir_assert(!weir_time_before(r->at, s->chunk[p.chunk]->oldest));
		sacked += r->flags & SENT_SACKED ? bytes : 0;
		lost += r->flags & SENT_LOST ? bytes : 0;
		before = r;
	}
	weir_assert(sacked == s->sacked_bytes && lost == s->lost_bytes);
}
