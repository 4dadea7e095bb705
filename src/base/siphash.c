/* SPDX-License-Identifier: Apache-2.0
 *
 * See siphash.h. All numbers are little-endian, so that a hash is the same on every machine.
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

static inline uint64_t word(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	return w;
}

/* The same of the last, fewer than eight bytes. */
static inline uint64_t last_word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	while (n-- > 0)
		w = w << 8 | p[n];
	return w;
}

static inline uint64_t siphash(const struct siphash_key *key, const uint8_t *p, size_t len, int c, int d)
{
	struct state s = {key->k0 ^ UINT64_C(0x736f6d6570736575), key->k1 ^ UINT64_C(0x646f72616e646f6d),
	                  key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573)};
	uint64_t m, last = (uint64_t)len << 56;

	for (; len >= 8; p += 8, len -= 8) {
		m = word(p);
		s.v3 ^= m;
		rounds(&s, c);
		s.v0 ^= m;
	}
	last |= last_word(p, len);
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

struct siphash_key siphash_key_of(const uint8_t *bytes)
{
	return (struct siphash_key){word(bytes), word(bytes + 8)};
}

struct siphash_key siphash_derive(const struct siphash_key *key, uint64_t use)
{
	uint8_t in[9] = {0};
	struct siphash_key derived;

	for (unsigned i = 0; i < 8; i++)
		in[i] = (uint8_t)(use >> (8 * i));
	derived.k0 = siphash24(key, in, sizeof(in));
	in[8] = 1;
	derived.k1 = siphash24(key, in, sizeof(in));
	return derived;
}
