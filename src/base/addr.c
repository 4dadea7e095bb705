/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of addresses: RFC 5952 out, RFC 4291 s2.2 in.
 */
#include <weir/addr.h>

#include <weir/error.h>

#include <string.h>

static char *put_decimal(char *out, unsigned value)
{
	if (value >= 100)
		*out++ = (char)('0' + value / 100);
	if (value >= 10)
		*out++ = (char)('0' + value / 10 % 10);
	*out++ = (char)('0' + value % 10);
	return out;
}

static char *put_hex(char *out, unsigned value)
{
	static const char digit[] = "0123456789abcdef";
	bool started = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned d = value >> shift & 15;

		if (d != 0 || started || shift == 0) {
			*out++ = digit[d];
			started = true;
		}
	}
	return out;
}

static char *put_v4(char *out, const uint8_t *b)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*out++ = '.';
		out = put_decimal(out, b[i]);
	}
	return out;
}

/* The longest run of at least two zero groups, the first of equals [5952 s4.2]. */
static int longest_zeros(const uint16_t group[8], int *length)
{
	int best = -1;

	*length = 1;
	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && group[i + n] == 0)
			n++;
		if (n > *length) {
			best = i;
			*length = n;
		}
	}
	return best;
}

size_t weir_addr_format(const weir_addr *addr, char *text)
{
	uint16_t group[8];
	int zeros, length;
	char *out = text;

	if (weir_addr_is_v4(addr)) {
		out = put_v4(out, addr->b + 12);
		*out = '\0';
		return (size_t)(out - text);
	}
	for (int i = 0; i < 8; i++)
		group[i] = (uint16_t)(addr->b[2 * i] << 8 | addr->b[2 * i + 1]);
	zeros = longest_zeros(group, &length);
	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			*out++ = ':';
			*out++ = ':';
			i += length - 1;
			continue;
		}
		if (i > 0 && i != zeros + length)
			*out++ = ':';
		out = put_hex(out, group[i]);
	}
	*out = '\0';
	return (size_t)(out - text);
}

static bool parse_v4(const char *text, uint8_t b[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned value = 0, digits = 0;

		if (i > 0 && *text++ != '.')
			return false;
		for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
			value = value * 10 + (unsigned)(*text - '0');
		if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && value < 10u) ||
		    (digits > 2 && value < 100u))
			return false;
		b[i] = (uint8_t)value;
	}
	return *text == '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Up to four hex digits; how many there were. */
static int parse_group(const char *text, unsigned *value)
{
	int n = 0;

	*value = 0;
	while (n < 4 && hex_value(text[n]) >= 0)
		*value = *value << 4 | (unsigned)hex_value(text[n++]);
	return n;
}

static bool parse_v6(const char *text, uint8_t b[16])
{
	uint8_t bytes[16] = {0};
	int at = 0, gap = -1;
	unsigned value;

	if (text[0] == ':' && text[1] != ':')
		return false;
	while (*text) {
		int n;

		if (text[0] == ':' && text[1] == ':') {
			if (gap >= 0)
				return false;
			gap = at;
			text += 2;
			continue;
		}
		if (*text == ':')
			text++;
		n = parse_group(text, &value);
		if (text[n] == '.' && at <= 12 && (at > 0 || gap >= 0)) {
			if (!parse_v4(text, bytes + at))
				return false;
			at += 4;
			break;
		}
		if (n == 0 || at > 14 || (text[n] != '\0' && text[n] != ':'))
			return false;
		bytes[at++] = (uint8_t)(value >> 8);
		bytes[at++] = (uint8_t)value;
		text += n;
	}
	if (gap < 0 ? at != 16 : at > 14)
		return false;
	if (gap >= 0) {
		memmove(bytes + gap + 16 - at, bytes + gap, (size_t)(at - gap));
		memset(bytes + gap, 0, (size_t)(16 - at));
	}
	memcpy(b, bytes, 16);
	return true;
}

int weir_addr_parse(const char *text, weir_addr *addr)
{
	uint8_t b[16];

	if (parse_v4(text, b)) {
		*addr = weir_addr_v4(b[0], b[1], b[2], b[3]);
		return 0;
	}
	if (!parse_v6(text, b))
		return -WEIR_EINVAL;
	memcpy(addr->b, b, 16);
	return 0;
}
