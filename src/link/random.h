/* SPDX-License-Identifier: Apache-2.0
 *
 * The fault injector's random numbers: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. Integers
 * only, so that one seed gives the same faults on every machine. Not for secrets.
 */
#ifndef WEIR_LINK_RANDOM_H
#define WEIR_LINK_RANDOM_H

#include <stdint.h>

struct link_random {
	uint64_t s[4];
};

static inline void link_random_init(struct link_random *r, uint64_t seed)
{
	for (unsigned i = 0; i < 4; i++) {
		uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		r->s[i] = z ^ (z >> 31);
	}
}

static inline uint64_t link_random_rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline uint64_t link_random_next(struct link_random *r)
{
	uint64_t result = link_random_rotl(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = link_random_rotl(r->s[3], 45);
	return result;
}

/* A number below bound, which is at least 1, from 64 random bits: their high part scaled. The bias is
 * at most bound / 2^32 for bounds that fit 32 bits. */
static inline uint64_t link_random_below(uint64_t bits, uint64_t bound)
{
	if (bound <= UINT32_MAX)
		return (bits >> 32) * bound >> 32;
	return bits % bound;
}

#endif
