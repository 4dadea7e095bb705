/* SPDX-License-Identifier: Apache-2.0
 *
 * weir_setsockopt and weir_getsockopt: looking up the row of the table, checking and moving values. The few options
 * that are not an int are here too: SO_LINGER, SO_COOKIE, TCP_INFO, TCP_CONGESTION, TCP_FASTOPEN_KEY.
 */
#include "sock/option.h"
#include "sock/fastopen.h"
#include "sock/multicast.h"
#include "sock/stamp.h"
#include "tcp/cc.h"

#include <string.h>

enum { LEVEL_SOCKET = 1, LEVEL_IP = 0, LEVEL_TCP = 6, LEVEL_IPV6 = 41 };
enum { NAME_LINGER = 13, NAME_COOKIE = 57, NAME_TCP_INFO = 11, NAME_TCP_CONGESTION = 13, NAME_TCP_FASTOPEN_KEY = 33 };

static const struct option *find(const struct weir_socket *s, int level, int name)
{
	const struct option *row;
	unsigned kind = s->type == WEIR_STREAM ? OPTION_TCP : OPTION_UDP;

	switch (level) {
	case LEVEL_SOCKET:
		row = option_socket;
		break;
	case LEVEL_TCP:
		row = option_tcp;
		break;
	case LEVEL_IP:
		row = option_ip;
		break;
	case LEVEL_IPV6:
		if (s->family != WEIR_INET6)
			return NULL;
		row = option_ipv6;
		break;
	default:
		return NULL;
	}
	for (; row->name; row++) {
		if (row->name == name)
			return row->who & kind ? row : NULL;
	}
	return NULL;
}

struct tcp_tuning *sock_tuning(struct weir_socket *s)
{
	if (!s->opt.tuning)
		s->opt.tuning = memory_alloc_zero(&sock_host(s)->memory, sizeof(*s->opt.tuning));
	return s->opt.tuning;
}

void sock_tuning_free(struct weir_socket *s)
{
	if (!s->opt.tuning)
		return;
	sock_stamps_free(s);
	memory_free(&sock_host(s)->memory, s->opt.tuning, sizeof(*s->opt.tuning));
	s->opt.tuning = NULL;
}

/* Without memory it is as if none had been set. */
void sock_tuning_inherit(struct weir_socket *s)
{
	const struct tcp_tuning *from = s->opt.tuning;

	if (!from)
		return;
	s->opt.tuning = NULL;
	if (!sock_tuning(s)) {
		host_count(sock_host(s), drop_no_memory);
		return;
	}
	*s->opt.tuning = *from;
	s->opt.tuning->stamps = NULL; /* the listener's own */
}

static int store(struct weir_socket *s, const struct option *row, int32_t value)
{
	uint8_t *field = (uint8_t *)&s->opt + row->offset;
	uint32_t wide = (uint32_t)value;
	uint16_t half = (uint16_t)value;
	uint8_t byte = (uint8_t)value;

	if (row->who & OPTION_TUNING) {
		if (!sock_tuning(s))
			return -WEIR_ENOBUFS;
		field = (uint8_t *)s->opt.tuning + row->offset;
	}
	if (row->bytes == 1)
		memcpy(field, &byte, 1);
	else if (row->bytes == 2)
		memcpy(field, &half, 2);
	else if (row->bytes == 4)
		memcpy(field, &wide, 4);
	return 0;
}

static int32_t load(const struct weir_socket *s, const struct option *row)
{
	const uint8_t *field = (const uint8_t *)&s->opt + row->offset;
	uint32_t wide = 0;
	uint16_t half = 0;

	if (row->who & OPTION_TUNING) {
		if (!s->opt.tuning)
			return 0;
		field = (const uint8_t *)s->opt.tuning + row->offset;
	}
	if (row->bytes == 1)
		return *field;
	if (row->bytes == 2) {
		memcpy(&half, field, 2);
		return half;
	}
	memcpy(&wide, field, 4);
	return (int32_t)wide;
}

static int set_linger(struct weir_socket *s, const void *value, uint32_t len)
{
	int32_t on_seconds[2];

	if (len < sizeof(on_seconds))
		return -WEIR_EINVAL;
	memcpy(on_seconds, value, sizeof(on_seconds));
	s->opt.linger = on_seconds[0] != 0;
	s->opt.linger_s = on_seconds[1] < 0 || on_seconds[1] > UINT16_MAX ? UINT16_MAX : (uint16_t)on_seconds[1];
	return 0;
}

static int set_congestion(struct weir_socket *s, const void *value, uint32_t len)
{
	int found;

	if (len < 1)
		return -WEIR_EINVAL;
	found = tcp_cc_find(value, len);
	if (found < 0)
		return -WEIR_ENOENT;
	s->opt.congestion = (uint8_t)found;
	return option_apply(s, 0);
}

/* Values of one byte are taken where old programs use them: multicast TTL and loop at the IP level. */
static int read_int(int level, const void *value, uint32_t len, int32_t *to)
{
	if (len >= sizeof(*to)) {
		memcpy(to, value, sizeof(*to));
		return 0;
	}
	if (level == LEVEL_IP && len >= 1) {
		*to = *(const uint8_t *)value;
		return 0;
	}
	return -WEIR_EINVAL;
}

int weir_setsockopt(struct weir_socket *s, int level, int name, const void *value, uint32_t len)
{
	const struct option *row;
	int32_t v;
	int r;

	if (level == LEVEL_SOCKET && name == NAME_LINGER)
		return set_linger(s, value, len);
	if (level == LEVEL_TCP && name == NAME_TCP_CONGESTION && s->type == WEIR_STREAM)
		return set_congestion(s, value, len);
	if (level == LEVEL_TCP && name == NAME_TCP_FASTOPEN_KEY && s->type == WEIR_STREAM)
		return sock_fast_open_set_key(s, value, len);
	r = option_multicast_set(s, level, name, value, len);
	if (r <= 0)
		return r;
	row = find(s, level, name);
	if (!row || (row->who & OPTION_READ_ONLY))
		return -WEIR_ENOPROTOOPT;
	r = read_int(level, value, len, &v);
	if (r < 0)
		return r;
	if (row->low == 0 && row->high == 1)
		v = v != 0;
	if (v != 0 && row->low == 0 && row->high == 0) /* can only be left off */
		return -WEIR_ENOPROTOOPT;
	if (v < row->low || v > row->high)
		return -WEIR_EINVAL;
	r = row->bytes ? store(s, row, v) : 0;
	return r == 0 && row->set ? row->set(s, v) : r;
}

/* As Linux does: what does not fit is cut off, and the length says how much there is. */
static int give(void *value, uint32_t *len, const void *from, uint32_t bytes)
{
	if (*len > bytes)
		*len = bytes;
	if (*len)
		memcpy(value, from, *len);
	return 0;
}

/* Linux gives 16 bytes. */
static const char *congestion_name(const struct weir_socket *s, char name[16])
{
	const char *from = tcp_cc_at(s->opt.congestion)->name;

	for (unsigned i = 0; i < 15 && from[i] != '\0'; i++)
		name[i] = from[i];
	return name;
}

static int get_special(struct weir_socket *s, int level, int name, void *value, uint32_t *len)
{
	char congestion[16] = {0};
	uint8_t key[32];
	int32_t linger[2] = {s->opt.linger, s->opt.linger_s};

	if (level == LEVEL_SOCKET && name == NAME_LINGER)
		return give(value, len, linger, sizeof(linger));
	if (level == LEVEL_SOCKET && name == NAME_COOKIE)
		return *len < sizeof(s->id) ? -WEIR_EINVAL : give(value, len, &s->id, sizeof(s->id));
	if (level == LEVEL_TCP && s->type == WEIR_STREAM && name == NAME_TCP_CONGESTION)
		return give(value, len, congestion_name(s, congestion), sizeof(congestion));
	if (level == LEVEL_TCP && s->type == WEIR_STREAM && name == NAME_TCP_FASTOPEN_KEY)
		return give(value, len, key, sock_fast_open_get_key(s, key));
	if (level == LEVEL_TCP && s->type == WEIR_STREAM && name == NAME_TCP_INFO) {
		option_fill_tcp_info(s, value, len);
		return 0;
	}
	return 1;
}

int weir_getsockopt(struct weir_socket *s, int level, int name, void *value, uint32_t *len)
{
	const struct option *row;
	int32_t v;
	int r = get_special(s, level, name, value, len);

	if (r > 0)
		r = option_multicast_get(s, level, name, value, len);
	if (r <= 0)
		return r;
	row = find(s, level, name);
	if (!row)
		return -WEIR_ENOPROTOOPT;
	if (row->get) {
		r = row->get(s, &v);
		if (r < 0)
			return r;
	} else {
		v = load(s, row);
	}
	return give(value, len, &v, sizeof(v));
}
