/* SPDX-License-Identifier: Apache-2.0
 *
 * Big-endian access and bounded cursors. A reader never reads past its end: once it fails it stays failed
 * and yields zeros, so that a parser checks once.
 */
#ifndef WEIR_BASE_BYTES_H
#define WEIR_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void store_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void store_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

struct reader {
	const uint8_t *at, *end;
	bool failed;
};

static inline struct reader reader_make(const uint8_t *data, size_t len)
{
	return (struct reader){data, data + len, false};
}

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

/* The next n bytes, or NULL (and failed). */
static inline const uint8_t *read_bytes(struct reader *r, size_t n)
{
	const uint8_t *p = r->at;

	if (r->failed || n > reader_left(r)) {
		r->failed = true;
		return NULL;
	}
	r->at += n;
	return p;
}

static inline uint8_t read_u8(struct reader *r)
{
	const uint8_t *p = read_bytes(r, 1);

	return p ? *p : 0;
}

static inline uint16_t read_u16(struct reader *r)
{
	const uint8_t *p = read_bytes(r, 2);

	return p ? load_be16(p) : 0;
}

static inline uint32_t read_u32(struct reader *r)
{
	const uint8_t *p = read_bytes(r, 4);

	return p ? load_be32(p) : 0;
}

#endif
