/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of the level IPPROTO_TCP that are about opening: Fast Open, TCP_DEFER_ACCEPT.
 */
#include "sock/option.h"
#include "tcp/fastopen.h"

/* TCP_FASTOPEN and TCP_FASTOPEN_NO_COOKIE belong before a connection, TCP_FASTOPEN_CONNECT before listen() as well. */
int option_set_fast_open(struct weir_socket *s, int32_t value)
{
	uint32_t most = sock_host(s)->config.max_backlog;

	if (s->kind == SOCK_CONNECTION)
		return -WEIR_EINVAL;
	if (most > UINT16_MAX)
		most = UINT16_MAX;
	s->opt.fast_open_queue = (uint16_t)((uint32_t)value < most ? (uint32_t)value : most);
	return 0;
}

int option_get_fast_open(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.fast_open_queue;
	return 0;
}

int option_set_fast_open_connect(struct weir_socket *s, int32_t value)
{
	if (!(sock_host(s)->config.fast_open & TCP_FAST_OPEN_CLIENT))
		return -WEIR_EOPNOTSUPP;
	if (s->kind != SOCK_FRESH || value > 1)
		return -WEIR_EINVAL;
	s->opt.fast_open_connect = (uint8_t)value;
	return 0;
}

int option_get_fast_open_connect(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.fast_open_connect;
	return 0;
}

int option_set_fast_open_no_cookie(struct weir_socket *s, int32_t value)
{
	if (s->kind == SOCK_CONNECTION || value > 1)
		return -WEIR_EINVAL;
	s->opt.fast_open_no_cookie = (uint8_t)value;
	return 0;
}

int option_get_fast_open_no_cookie(struct weir_socket *s, int32_t *value)
{
	*value = s->opt.fast_open_no_cookie;
	return 0;
}

/* [6298] The waits for a SYN,ACK's answer are 1 s, 2 s, 4 s ... 120 s: how long so many of them are. */
static int32_t seconds_of(unsigned timeouts)
{
	int32_t sum = 0;

	for (int32_t wait = 1; timeouts > 0; timeouts--) {
		sum += wait;
		wait = wait < 60 ? 2 * wait : 120;
	}
	return sum;
}

/* As Linux: rounded up to a number of time-outs; what is not positive switches it off. */
int option_set_defer_accept(struct weir_socket *s, int32_t value)
{
	unsigned timeouts = 0;

	while (timeouts < UINT8_MAX && seconds_of(timeouts) < value)
		timeouts++;
	s->opt.defer_accept = (uint8_t)timeouts;
	return 0;
}

int option_get_defer_accept(struct weir_socket *s, int32_t *value)
{
	*value = seconds_of(s->opt.defer_accept);
	return 0;
}
