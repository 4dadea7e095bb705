/* SPDX-License-Identifier: Apache-2.0
 *
 * See siphash.h.
 */
#include "base/siphash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline void rounds(struct state *s, int n)
{
	while (n-- > 0) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

/* Little-endian word of up to eight bytes. */
static inline uint64_t word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)p[i] << (8 * i);
	return w;
}

static inline uint64_t siphash(const struct siphash_key *key, const uint8_t *p, size_t len, int c, int d)
{
	struct state s = {key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d),
	                  key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573)};
	uint64_t m, last = (uint64_t)len << 56;

	for (; len >= 8; p += 8, len -= 8) {
		m = word(p, 8);
		s.v3 ^= m;
		rounds(&s, c);
		s.v0 ^= m;
	}
	last |= word(p, len);
	s.v3 ^= last;
	rounds(&s, c);
	s.v0 ^= last;
	s.v2 ^= 0xff;
	rounds(&s, d);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t siphash24(const struct siphash_key *key, const void *data, size_t len)
{
	return siphash(key, data, len, 2, 4);
}

uint64_t siphash13(const struct siphash_key *key, const void *data, size_t len)
{
	return siphash(key, data, len, 1, 3);
}

struct siphash_key siphash_derive(const struct siphash_key *key, uint64_t use)
{
	uint64_t in[2] = {use, 0};
	struct siphash_key derived;

	derived.k0 = siphash24(key, in, sizeof(in));
	in[1] = 1;
	derived.k1 = siphash24(key, in, sizeof(in));
	return derived;
}
