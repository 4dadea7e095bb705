/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault injector. push() decides everything about a packet at once and puts it, as an owned copy, into a heap
 * of packets under way; pull() takes out what is due.
 */
#include "link/fault.h"

#include "link/frame.h"
#include "link/gso.h"
#include "link/hold.h"
#include "link/random.h"
#include "link/rate.h"
#include "link/too_big.h"

#include <weir/error.h>

#include <stdlib.h>

struct link_fault {
	struct link_fault_spec spec;
	enum weir_link_kind kind;
	struct link_random random;
	struct link_hold way; /* under way */
	struct link_rate rate;
	weir_time last_due; /* of those that keep the order */
	uint64_t newest;    /* latest arrival among those delivered */
	link_aim_fn *aim;
	void *aim_ctx;
	link_report_fn *report;
	void *report_ctx;
	link_answer_fn *answer;
	void *answer_ctx;
	struct link_held *parked, **parked_end; /* LINK_AIM_HOLD, oldest first */
	uint64_t parked_bytes;
	struct link_held *given; /* handed out by pull(): free at the next call */
	struct link_fault_stats stats;
};

/* What was drawn for one packet. Always all of it. */
struct draw {
	bool lost, doubled, damaged, late, marked;
	weir_duration jitter;
	uint64_t damage;
};

static bool valid_duration(weir_duration d)
{
	return d.ns >= 0 && d.ns <= LINK_FAULT_DURATION_MAX;
}

static bool valid(const struct link_fault_spec *spec)
{
	return valid_duration(spec->delay) && valid_duration(spec->jitter) && valid_duration(spec->reorder_delay) &&
	       (spec->reorder == 0 || spec->reorder_delay.ns > 0) && spec->rate_bytes_per_s <= INT64_MAX;
}

int link_fault_new(const struct link_fault_spec *spec, enum weir_link_kind kind, struct link_fault **fault)
{
	struct link_fault *f;

	if (spec != NULL && !valid(spec))
		return -WEIR_EINVAL;
	f = calloc(1, sizeof *f);
	if (f == NULL)
		return -WEIR_ENOMEM;
	if (spec != NULL)
		f->spec = *spec;
	f->kind = kind;
	f->last_due.ns = INT64_MIN;
	f->parked_end = &f->parked;
	link_random_init(&f->random, f->spec.seed);
	link_hold_init(&f->way);
	link_rate_init(&f->rate);
	*fault = f;
	return 0;
}

static void free_list(struct link_fault *f, struct link_held *held)
{
	while (held != NULL) {
		struct link_held *next = held->next;

		link_held_free(&f->way, held);
		held = next;
	}
}

static void free_given(struct link_fault *f)
{
	free_list(f, f->given);
	f->given = NULL;
}

void link_fault_free(struct link_fault *fault)
{
	if (fault == NULL)
		return;
	free_given(fault);
	free_list(fault, fault->parked);
	link_hold_deinit(&fault->way);
	link_rate_deinit(&fault->rate);
	free(fault);
}

int link_fault_set(struct link_fault *fault, const struct link_fault_spec *spec)
{
	static const struct link_fault_spec none;

	if (spec == NULL)
		spec = &none;
	if (!valid(spec))
		return -WEIR_EINVAL;
	if (spec->seed != fault->spec.seed)
		link_random_init(&fault->random, spec->seed);
	fault->spec = *spec;
	return 0;
}

const struct link_fault_spec *link_fault_spec(const struct link_fault *fault)
{
	return &fault->spec;
}

void link_fault_aim(struct link_fault *fault, link_aim_fn *aim, void *ctx)
{
	fault->aim = aim;
	fault->aim_ctx = ctx;
}

void link_fault_report(struct link_fault *fault, link_report_fn *report, void *ctx)
{
	fault->report = report;
	fault->report_ctx = ctx;
}

void link_fault_answers(struct link_fault *fault, link_answer_fn *answer, void *ctx)
{
	fault->answer = answer;
	fault->answer_ctx = ctx;
}

static void give_up(struct link_fault *f, struct link_held *take_held, enum link_fate fate)
{
	if (f->report != NULL) {
		struct weir_packet shown = link_held_packet(take_held);

		f->report(f->report_ctx, &shown, fate);
	}
	link_held_free(&f->way, take_held);
}

const struct link_fault_stats *link_fault_stats(const struct link_fault *fault)
{
	return &fault->stats;
}

static bool chance(struct link_fault *f, uint32_t probability)
{
	uint32_t draw = (uint32_t)(link_random_next(&f->random) >> 32);

	return probability == LINK_ALWAYS || draw < probability;
}

static struct draw draw_faults(struct link_fault *f)
{
	struct draw d;

	d.lost = chance(f, f->spec.loss);
	d.doubled = chance(f, f->spec.duplicate);
	d.damaged = chance(f, f->spec.corrupt);
	d.late = chance(f, f->spec.reorder);
	d.jitter.ns = (int64_t)link_random_below(link_random_next(&f->random), (uint64_t)f->spec.jitter.ns + 1);
	d.damage = link_random_next(&f->random);
	/* No number of its own: the decisions that a seed made before there were marks stay as they were. */
	d.marked = f->spec.mark == LINK_ALWAYS || (uint32_t)d.damage < f->spec.mark;
	return d;
}

/* The aim has the last word: a packet aimed at suffers what was aimed and nothing random. */
static void apply_aim(struct draw *d, enum link_aim_action action)
{
	if (action == LINK_AIM_NONE)
		return;
	d->lost = d->late = d->marked = false;
	d->damaged = action == LINK_AIM_CORRUPT;
	d->doubled = action == LINK_AIM_DUPLICATE;
}

/* Flips one bit behind the link header, where the receiver's checksums must find it. */
static void corrupt(const struct link_fault *f, struct link_held *held, uint64_t bits)
{
	uint32_t start = link_header_bytes(f->kind);
	uint64_t at;

	if ((held->flags & WEIR_PACKET_TRUSTED) != 0) {
		link_frame_complete(held->data, held->len, f->kind);
		held->flags &= (uint8_t)~WEIR_PACKET_TRUSTED;
	}
	if (held->len <= start)
		return;
	at = link_random_below(bits, (uint64_t)(held->len - start) * 8);
	held->data[start + at / 8] ^= (uint8_t)(1U << at % 8);
}

/* [3168 s5] What finds a long queue is marked, if it says that it understands that. */
static void mark(struct link_fault *f, struct link_held *held, bool by_chance, weir_time now)
{
	bool marked = by_chance;

	if (f->spec.mark_bytes > 0) {
		link_rate_retire(&f->rate, now);
		marked |= f->rate.queued_bytes > f->spec.mark_bytes;
	}
	if (marked)
		f->stats.marked += link_frame_mark(held->data, held->len, f->kind);
}

static bool add(struct link_fault *f, struct link_held *take_held, weir_time due)
{
	uint64_t limit = f->spec.held_bytes ? f->spec.held_bytes : LINK_FAULT_HELD_BYTES;

	if (f->way.bytes + f->parked_bytes + take_held->len > limit) {
		f->stats.held_drops++;
	} else if (!link_hold_add(&f->way, take_held, due)) {
		f->stats.memory_drops++;
	} else {
		return true;
	}
	give_up(f, take_held, LINK_FATE_ROOM);
	return false;
}

static void park(struct link_fault *f, struct link_held *take_held)
{
	uint64_t limit = f->spec.held_bytes ? f->spec.held_bytes : LINK_FAULT_HELD_BYTES;

	if (f->way.bytes + f->parked_bytes + take_held->len > limit) {
		f->stats.held_drops++;
		give_up(f, take_held, LINK_FATE_ROOM);
		return;
	}
	f->parked_bytes += take_held->len;
	*f->parked_end = take_held;
	f->parked_end = &take_held->next;
}

size_t link_fault_release(struct link_fault *fault, weir_time now)
{
	struct link_held *held = fault->parked, *next;
	size_t n = 0;

	fault->parked = NULL;
	fault->parked_end = &fault->parked;
	fault->parked_bytes = 0;
	for (; held != NULL; held = next) {
		next = held->next;
		held->next = NULL;
		n += add(fault, held, now);
	}
	return n;
}

/* Behind the queue: what the wire does to a packet whose last byte was sent at `sent`. */
static void cross_wire(struct link_fault *f, struct link_held *take_held, const struct draw *d, struct link_aim aim,
                       weir_time sent)
{
	weir_time due = weir_time_add(weir_time_add(sent, f->spec.delay), d->jitter);
	struct link_held *copy = NULL;

	if (weir_time_before(due, f->last_due))
		due = f->last_due;
	f->last_due = due;
	if (d->late)
		due = weir_time_add(due, f->spec.reorder_delay);
	if (aim.action == LINK_AIM_DELAY)
		due = weir_time_add(due, aim.extra);
	if (d->damaged) {
		corrupt(f, take_held, d->damage);
		f->stats.corrupted++;
	}
	if (d->doubled) {
		copy = link_held_copy(&f->way, take_held);
		f->stats.memory_drops += copy == NULL;
	}
	(void)add(f, take_held, due);
	if (copy != NULL && add(f, copy, due))
		f->stats.duplicated++;
}

static void refuse_size(struct link_fault *f, struct link_held *take_held, weir_time now)
{
	struct weir_packet shown = link_held_packet(take_held);
	uint8_t data[LINK_TOO_BIG_BYTES];
	size_t len = 0;

	f->stats.size_drops++;
	if (f->spec.too_big && f->answer != NULL)
		len = link_too_big(data, &shown, f->kind, f->spec.max_packet_bytes);
	if (len > 0) {
		struct weir_packet answer = {.slice[0] = {data, len}, .slices = 1, .len = (uint32_t)len};

		f->answer(f->answer_ctx, &answer, now);
	}
	give_up(f, take_held, LINK_FATE_SIZE);
}

static void push_one(struct link_fault *f, const struct weir_packet *packet, weir_time now)
{
	struct link_held *held = link_held_new(&f->way, packet);
	struct draw d = draw_faults(f);
	uint64_t index = f->stats.taken++;
	struct link_aim aim = {LINK_AIM_NONE, {0}};
	enum link_rate_verdict queued;
	weir_time sent;

	f->stats.taken_bytes += packet->len;
	if (held == NULL) {
		f->stats.memory_drops++;
		return;
	}
	held->arrival = index;
	if (f->aim != NULL) {
		struct weir_packet shown = link_held_packet(held);

		aim = f->aim(f->aim_ctx, &shown, index, now);
		apply_aim(&d, aim.action);
	}
	if (aim.action == LINK_AIM_DROP) {
		f->stats.aimed_drops++;
		give_up(f, held, LINK_FATE_AIMED);
		return;
	}
	if (f->spec.max_packet_bytes > 0 && packet->len > f->spec.max_packet_bytes + link_header_bytes(f->kind)) {
		refuse_size(f, held, now);
		return;
	}
	mark(f, held, d.marked, now);
	queued = link_rate_send(&f->rate, now, packet->len, f->spec.rate_bytes_per_s, f->spec.queue_packets,
	                        f->spec.queue_bytes, &sent);
	if (queued != LINK_RATE_OK) {
		f->stats.queue_drops += queued == LINK_RATE_FULL;
		f->stats.memory_drops += queued == LINK_RATE_NO_MEMORY;
		give_up(f, held, queued == LINK_RATE_FULL ? LINK_FATE_QUEUE : LINK_FATE_ROOM);
	} else if (aim.action == LINK_AIM_HOLD) {
		park(f, held);
	} else if (d.lost) {
		f->stats.lost++;
		give_up(f, held, LINK_FATE_LOST);
	} else {
		cross_wire(f, held, &d, aim, sent);
	}
}

void link_fault_push(struct link_fault *fault, const struct weir_packet *packets, size_t n, weir_time now)
{
	uint8_t header[LINK_GSO_HEADER_MAX];
	struct weir_packet segment;
	struct link_gso gso;

	free_given(fault);
	for (size_t i = 0; i < n; i++) {
		if (packets[i].gso_bytes == 0) {
			push_one(fault, &packets[i], now);
		} else if (link_gso_start(&gso, &packets[i], fault->kind, false)) {
			while (link_gso_next(&gso, header, &segment))
				push_one(fault, &segment, now);
		} else {
			fault->stats.refused++;
		}
	}
}

size_t link_fault_pull(struct link_fault *fault, weir_time now, struct weir_packet *packets, size_t max)
{
	struct link_held *held;
	size_t n = 0;

	free_given(fault);
	while (n < max && (held = link_hold_take(&fault->way, now)) != NULL) {
		packets[n++] = link_held_packet(held);
		fault->stats.delivered++;
		fault->stats.delivered_bytes += held->len;
		if (held->arrival < fault->newest)
			fault->stats.reordered++;
		else
			fault->newest = held->arrival;
		held->next = fault->given;
		fault->given = held;
	}
	return n;
}

weir_time link_fault_deadline(const struct link_fault *fault)
{
	return link_hold_deadline(&fault->way);
}

void link_fault_queue(struct link_fault *fault, weir_time now, size_t *packets, uint64_t *bytes)
{
	link_rate_retire(&fault->rate, now);
	*packets = fault->rate.count;
	*bytes = fault->rate.queued_bytes;
}
