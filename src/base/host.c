/* SPDX-License-Identifier: Apache-2.0
 *
 * The shared part of one stack: see host.h. The keys of separate uses are derived from the one
 * secret, so that learning one (by breaking what it is used for) tells nothing of the others.
 */
#include "base/host.h"

#include <string.h>

/* Numbers of the uses of the secret. They are part of "same secret, same outputs": never renumber. */
enum { USE_ISN = 1, USE_DEMUX = 2, USE_PORT = 3, USE_IP_ID = 4, USE_COOKIE = 5, USE_FAST_OPEN = 6, USE_PATH = 7 };

void host_init(struct host *h, const struct weir_config *config, weir_time now)
{
	struct siphash_key secret = siphash_key_of(config->secret);

	memset(h, 0, sizeof(*h));
	h->now = now;
	memory_init(&h->memory, &config->allocator);
	wheel_init(&h->wheel, now);
	h->key_isn = siphash_derive(&secret, USE_ISN);
	h->key_demux = siphash_derive(&secret, USE_DEMUX);
	h->key_port = siphash_derive(&secret, USE_PORT);
	h->key_ip_id = siphash_derive(&secret, USE_IP_ID);
	h->key_cookie = siphash_derive(&secret, USE_COOKIE);
	h->key_path = siphash_derive(&secret, USE_PATH);
	host_configure(h, config);
}

void host_configure(struct host *h, const struct weir_config *config)
{
	struct siphash_key secret = siphash_key_of(config->secret);

	h->config = *config;
	h->key_fast_open = siphash_key_of(config->fast_open_key);
	if ((h->key_fast_open.k0 | h->key_fast_open.k1) == 0)
		h->key_fast_open = siphash_derive(&secret, USE_FAST_OPEN);
}

void host_deinit(struct host *h)
{
	memory_deinit(&h->memory);
}

void host_drop(struct host *h, enum drop reason, uint64_t socket_id)
{
	host_count(h, reason);
	if (host_observed(h)) {
		struct weir_event event = {
		    .kind = WEIR_EVENT_DROP,
		    .at = h->now,
		    .socket_id = socket_id,
		    .reason = drop_name(reason),
		};

		host_observe(h, &event);
	}
}
