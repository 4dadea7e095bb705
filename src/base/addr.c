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

enum { NO_GAP = 17 };

/* What of an IPv6 address has been read. */
struct groups {
	uint8_t b[16];
	size_t at;  /* bytes filled */
	size_t gap; /* where "::" stood, or NO_GAP */
};

/* One group of one to four digits, or a dotted quad that ends the text. NULL: neither; else what follows. */
static const char *parse_group(const char *text, struct groups *g)
{
	unsigned value = 0;
	int digits = 0;

	while (digits < 4 && hex_value(text[digits]) >= 0)
		value = value << 4 | (unsigned)hex_value(text[digits++]);
	if (text[digits] == '.' && g->at <= 12 && parse_v4(text, g->b + g->at)) {
		g->at += 4;
		return "";
	}
	if (digits == 0 || g->at > 14)
		return NULL;
	g->b[g->at++] = (uint8_t)(value >> 8);
	g->b[g->at++] = (uint8_t)value;
	return text + digits;
}

static bool parse_groups(const char *text, struct groups *g)
{
	if (text[0] == ':' && text[1] == ':') {
		g->gap = 0;
		text += 2;
		if (*text == '\0')
			return true;
	}
	for (;;) {
		text = parse_group(text, g);
		if (!text)
			return false;
		if (*text == '\0')
			return true;
		if (*text++ != ':')
			return false;
		if (*text != ':')
			continue;
		if (g->gap != NO_GAP)
			return false;
		g->gap = g->at;
		if (*++text == '\0')
			return true;
	}
}

static bool parse_v6(const char *text, uint8_t b[16])
{
	struct groups g = {.gap = NO_GAP};
	size_t behind;

	if (!parse_groups(text, &g))
		return false;
	/* "::" stands for one group at least. */
	if (g.gap == NO_GAP ? g.at != 16 : g.at > 14)
		return false;
	behind = g.gap == NO_GAP ? 0 : g.at - g.gap;
	memset(b, 0, 16);
	memcpy(b, g.b, g.at - behind);
	memcpy(b + 16 - behind, g.b + g.at - behind, behind);
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
