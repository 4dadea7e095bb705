/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket options: the stack's, seen as Linux shows them.
 *
 * SO_SNDBUF and SO_RCVBUF: the stack takes the number as an exact bound; the program reads back twice of it, and no
 * less than Linux's floor, once it has set one. (Linux doubles because its bound counts bookkeeping; Weir's does not.)
 *
 * Options that the kernel keeps with A (shim/options.c) are kept here too, because accepted sockets inherit them.
 */
#include "world/stream.h"

#include <weir/error.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SNDBUF_FLOOR = 4608, RCVBUF_FLOOR = 2304, KEPT_BYTES = 16 };

struct kept_option {
	struct kept_option *next;
	int32_t name; /* of SOL_SOCKET */
	uint32_t len;
	uint8_t value[KEPT_BYTES];
};

static struct kept_option *find_kept(const struct stream *s, int32_t name)
{
	struct kept_option *kept = s->options;

	while (kept != NULL && kept->name != name)
		kept = kept->next;
	return kept;
}

/* One entry an option: the list is as long as there are options. */
static void keep(struct stream *s, const struct world_option *option)
{
	struct kept_option *kept = find_kept(s, option->name);

	if (option->len > KEPT_BYTES)
		return;
	if (kept == NULL) {
		kept = calloc(1, sizeof(*kept));
		if (kept == NULL)
			return;
		kept->name = option->name;
		kept->next = s->options;
		s->options = kept;
	}
	kept->len = option->len;
	memcpy(kept->value, option->value, option->len);
}

enum kind { FOR_STACK, KEPT, KEPT_AND_FOR_STACK };

static enum kind kind_of(int32_t level, int32_t name)
{
	if (level != SOL_SOCKET)
		return FOR_STACK;
	switch (name) {
	case SO_REUSEADDR:
	case SO_KEEPALIVE:
	case SO_LINGER:
	case SO_PRIORITY:
	case SO_SNDBUF:
	case SO_RCVBUF:
		return KEPT_AND_FOR_STACK;
	case SO_OOBINLINE:
	case SO_BROADCAST:
	case SO_DONTROUTE:
	case SO_RCVLOWAT:
	case SO_RCVTIMEO_OLD:
	case SO_SNDTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
	case SO_SNDTIMEO_NEW:
		return KEPT;
	default:
		return FOR_STACK;
	}
}

static bool asks_for_reports(const struct world_option *option)
{
	return (option->level == SOL_SOCKET &&
	        (option->name == SO_TIMESTAMPING_OLD || option->name == SO_TIMESTAMPING_NEW)) ||
	       (option->level == IPPROTO_IP && option->name == IP_RECVERR) ||
	       (option->level == IPPROTO_IPV6 && option->name == IPV6_RECVERR);
}

int options_set(struct stream *s, const struct world_option *option)
{
	enum kind kind = kind_of(option->level, option->name);

	if (option->len > sizeof(option->value))
		return -WEIR_EINVAL;
	if (asks_for_reports(option)) /* a socket pair has no error queue */
		return -WEIR_ENOPROTOOPT;
	if (kind != FOR_STACK)
		keep(s, option);
	return kind == KEPT ? 0 : weir_setsockopt(s->sock, option->level, option->name, option->value, option->len);
}

/* The size of a buffer as Linux would tell it. */
static void as_linux(const struct stream *s, int32_t name, struct world_option *answer)
{
	int32_t value, floor = name == SO_SNDBUF ? SNDBUF_FLOOR : RCVBUF_FLOOR;

	if (find_kept(s, name) == NULL || answer->len != sizeof(value))
		return;
	memcpy(&value, answer->value, sizeof(value));
	value = value > INT32_MAX / 2 ? INT32_MAX : 2 * value < floor ? floor : 2 * value;
	memcpy(answer->value, &value, sizeof(value));
}

int options_get(struct stream *s, const struct world_option *asked, struct world_option *answer)
{
	int error;

	answer->level = asked->level;
	answer->name = asked->name;
	answer->len = asked->len < sizeof(answer->value) ? asked->len : sizeof(answer->value);
	error = weir_getsockopt(s->sock, asked->level, asked->name, answer->value, &answer->len);
	if (answer->len > sizeof(answer->value))
		answer->len = sizeof(answer->value);
	if (error == 0 && asked->level == SOL_SOCKET && (asked->name == SO_SNDBUF || asked->name == SO_RCVBUF))
		as_linux(s, asked->name, answer);
	return error;
}

void options_inherit(struct stream *s, const struct stream *listener, int a_fd)
{
	for (const struct kept_option *kept = listener->options; kept != NULL; kept = kept->next) {
		struct world_option option = {.level = SOL_SOCKET, .name = kept->name, .len = kept->len};

		memcpy(option.value, kept->value, kept->len);
		keep(s, &option);
		if (kept->name != SO_SNDBUF && kept->name != SO_RCVBUF)
			setsockopt(a_fd, SOL_SOCKET, kept->name, kept->value, kept->len);
	}
}

void options_free(struct stream *s)
{
	while (s->options != NULL) {
		struct kept_option *kept = s->options;

		s->options = kept->next;
		free(kept);
	}
}

bool options_resets(const struct stream *s)
{
	const struct kept_option *kept = find_kept(s, SO_LINGER);
	struct linger linger;

	if (kept == NULL || kept->len < sizeof(linger))
		return false;
	memcpy(&linger, kept->value, sizeof(linger));
	return linger.l_onoff != 0 && linger.l_linger == 0;
}
