/* SPDX-License-Identifier: Apache-2.0
 *
 * One direction of a link with faults. A packet passes, in this order: the aim (a test's finger on one packet),
 * the size that passes, the queue in front of the wire (bounded, drops its tail, or marks), the wire's rate, then the
 * wire itself: loss, corruption, delay with jitter, reordering, duplication. So a lost packet has used the wire, and a
 * dropped one has not. GSO packets are cut first: faults befall real segments.
 *
 * Deterministic: one seed and the same packets at the same instants give the same faults on every machine.
 * Every packet draws the same count of random numbers whatever becomes of it, so that changing one
 * probability leaves the other decisions as they were.
 *
 * Corruption computes checksums that the stack left out, then flips a bit: a receiver whose interface
 * does not verify checksums (WEIR_IF_NO_CHECKSUM) takes the damaged bytes.
 */
#ifndef WEIR_LINK_FAULT_H
#define WEIR_LINK_FAULT_H

#include <weir/packet.h>
#include <weir/stack.h>

/* A probability as a 32-bit fraction; the highest value means "always". */
#define LINK_ALWAYS UINT32_MAX

static inline uint32_t link_chance_ppm(uint32_t per_million)
{
	return per_million >= 1000000 ? LINK_ALWAYS : (uint32_t)(((uint64_t)per_million << 32) / 1000000);
}

struct link_fault_spec {
	weir_duration delay;
	weir_duration jitter;      /* added: uniform in 0 .. jitter; keeps the order */
	uint64_t rate_bytes_per_s; /* 0 = unlimited. Counts the packet with its link header */
	/* Bounds of the queue in front of the rate, the packet on the wire not counted; 0 = none. Without a rate there
	 * is no queue. */
	uint32_t queue_packets;
	uint64_t queue_bytes;
	uint64_t held_bytes; /* most that may be under way; 0 = LINK_FAULT_HELD_BYTES */
	/* Larger IP packets do not pass; 0 = all do. With too_big the sender is told [1191], where the link knows a way
	 * back (link_fault_answers()), else nobody is. */
	uint16_t max_packet_bytes;
	bool too_big;
	/* Explicit congestion notification: packets that say they understand it are marked, by chance, and those that
	 * find more than mark_bytes in the queue (0 = never). */
	uint32_t mark;
	uint64_t mark_bytes;
	uint32_t loss, duplicate, corrupt; /* probabilities */
	uint32_t reorder;                  /* probability of reorder_delay on top: later packets overtake */
	weir_duration reorder_delay;
	uint64_t seed;
};

#define LINK_FAULT_HELD_BYTES (UINT64_C(256) << 20)
/* The longest delay, jitter, reorder_delay: so that no sum of instants overflows. About 100 days. */
#define LINK_FAULT_DURATION_MAX (INT64_C(1) << 53)

enum link_aim_action {
	LINK_AIM_NONE,  /* faults as specified */
	LINK_AIM_SPARE, /* no random fault */
	LINK_AIM_DROP,
	LINK_AIM_DELAY, /* `extra` on top: later packets overtake. Otherwise spared */
	LINK_AIM_HOLD,  /* kept until link_fault_release() */
	LINK_AIM_DUPLICATE,
	LINK_AIM_CORRUPT,
};

struct link_aim {
	enum link_aim_action action;
	weir_duration extra;
};

/* Is shown every packet (one slice, whole); index counts from 0 in this direction. */
typedef struct link_aim link_aim_fn(void *ctx, const struct weir_packet *packet, uint64_t index, weir_time now);

/* Why a packet will not arrive. */
enum link_fate {
	LINK_FATE_LOST,  /* by chance */
	LINK_FATE_AIMED, /* by the aim */
	LINK_FATE_SIZE,  /* larger than what passes */
	LINK_FATE_QUEUE, /* the queue in front of the rate is full */
	LINK_FATE_ROOM,  /* too much under way, or no memory */
};

/* Is told of every packet that will not arrive (one slice, whole), for views; it changes nothing. */
typedef void link_report_fn(void *ctx, const struct weir_packet *packet, enum link_fate fate);

struct link_fault_stats {
	uint64_t taken; /* packets that came in, GSO packets as their segments */
	uint64_t taken_bytes;
	uint64_t delivered, delivered_bytes; /* duplicates included */
	uint64_t lost;
	uint64_t duplicated; /* copies made */
	uint64_t corrupted;
	uint64_t marked;
	uint64_t reordered; /* delivered after one that came in later */
	uint64_t queue_drops;
	uint64_t aimed_drops;
	uint64_t size_drops;
	uint64_t held_drops;   /* too much under way */
	uint64_t memory_drops; /* no memory */
	uint64_t refused;      /* GSO packets that could not be cut */
};

struct link_fault;

/* NULL spec = no fault: packets are only copied. 0, -WEIR_EINVAL (a duration negative or too long,
 * reorder without reorder_delay), -WEIR_ENOMEM. */
int link_fault_new(const struct link_fault_spec *spec, enum weir_link_kind kind, struct link_fault **fault);
void link_fault_free(struct link_fault *fault);

/* Other faults, or none (NULL), from now on; the random numbers begin anew when the seed differs. What is under way
 * stays so. 0 or -WEIR_EINVAL with the old ones kept. */
int link_fault_set(struct link_fault *fault, const struct link_fault_spec *spec);
const struct link_fault_spec *link_fault_spec(const struct link_fault *fault);

/* Sets the aim, or takes it away (NULL). */
void link_fault_aim(struct link_fault *fault, link_aim_fn *aim, void *ctx);
/* Sets who is told of losses, or nobody (NULL). */
void link_fault_report(struct link_fault *fault, link_report_fn *report, void *ctx);
/* An answer to who sent what did not pass: one packet, which is to go the other way. Called while packets are pushed.
 */
typedef void link_answer_fn(void *ctx, const struct weir_packet *answer, weir_time now);
/* Sets where answers go, or nowhere (NULL). */
void link_fault_answers(struct link_fault *fault, link_answer_fn *answer, void *ctx);
/* What LINK_AIM_HOLD keeps is due now, in its order. Returns how many. */
size_t link_fault_release(struct link_fault *fault, weir_time now);

/* Packets come in. No reference to them is kept. */
void link_fault_push(struct link_fault *fault, const struct weir_packet *packets, size_t n, weir_time now);
/* Takes up to max packets that are due. Valid until the next call on this direction. */
size_t link_fault_pull(struct link_fault *fault, weir_time now, struct weir_packet *packets, size_t max);
/* When link_fault_pull() will return something next, or WEIR_NEVER. */
weir_time link_fault_deadline(const struct link_fault *fault);

/* Packets and bytes in the queue in front of the rate. */
void link_fault_queue(struct link_fault *fault, weir_time now, size_t *packets, uint64_t *bytes);
const struct link_fault_stats *link_fault_stats(const struct link_fault *fault);

#endif
