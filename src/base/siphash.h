/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash (Aumasson, Bernstein 2012): 2-4 for what an attacker must not predict (ISN, RFC 6528), 1-3 for hash tables.
 */
#ifndef WEIR_BASE_SIPHASH_H
#define WEIR_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

/* 16 bytes as a key. */
struct siphash_key siphash_key_of(const uint8_t *bytes);
/* Any other 128-bit key from this one and a number, for separate uses. */
struct siphash_key siphash_derive(const struct siphash_key *key, uint64_t use);
uint64_t siphash24(const struct siphash_key *key, const void *data, size_t len);
uint64_t siphash13(const struct siphash_key *key, const void *data, size_t len);

#endif
