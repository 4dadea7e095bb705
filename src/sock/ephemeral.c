/* SPDX-License-Identifier: Apache-2.0
 *
 * Automatic local ports (T5.1, T8.5). For connect(): RFC 6056 s3.3.4, a keyed hash of the destination picks where to
 * start and which counter to move on, so that an observer of one destination learns nothing about the ports used
 * towards another; the same port serves many destinations at once. For bind(): any port that nobody has. The search
 * looks at each port of the range at most once.
 */
#include "sock/port.h"

#include <string.h>

static uint32_t range(const struct weir_config *config)
{
	return (uint32_t)config->port_high - config->port_low + 1;
}

uint16_t sock_pick_port(struct sock_table *t, const struct weir_socket *s, const weir_addr *addr)
{
	const struct weir_config *config = &t->host->config;
	uint32_t n = range(config), bind = t->binds++;
	uint32_t start = (uint32_t)(siphash13(&t->host->key_port, &bind, sizeof(bind)) % n);
	uint8_t protocol = (uint8_t)sock_protocol(s);

	/* One that is wholly free, if there is any; else one that may be shared. */
	for (uint32_t i = 0; i < n; i++) {
		uint16_t port = (uint16_t)(config->port_low + (start + i) % n);

		if (!sock_port_find(t, protocol, port))
			return port;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint16_t port = (uint16_t)(config->port_low + (start + i) % n);

		if (!sock_port_conflict(sock_port_find(t, protocol, port), s, addr))
			return port;
	}
	return 0;
}

static bool usable(const struct sock_table *t, const struct sock_tuple *tuple)
{
	const struct sock_port *port = sock_port_find(t, tuple->protocol, tuple->local.port);

	if (!port)
		return true;
	/* A port that somebody asked for by name is left alone; one that connect() picked may serve again
	 * towards another remote end. */
	if (port->users != port->ephemeral)
		return false;
	return !sock_find_tuple(t, tuple, sock_tuple_hash(t, tuple));
}

uint16_t sock_pick_connect_port(struct sock_table *t, const struct weir_socket *s, const weir_addr *local,
                                const struct weir_endpoint *remote)
{
	const struct weir_config *config = &t->host->config;
	struct sock_tuple tuple = {.protocol = (uint8_t)sock_protocol(s), .local.addr = *local, .remote = *remote};
	uint32_t n = range(config), start;
	uint32_t *counter;
	uint64_t hash;
	struct {
		weir_addr local, remote;
		uint32_t port;
	} destination;

	memset(&destination, 0, sizeof(destination));
	destination.local = *local;
	destination.remote = remote->addr;
	destination.port = remote->port;
	hash = siphash13(&t->host->key_port, &destination, sizeof(destination));
	counter = &t->ephemeral[(hash >> 32) % SOCK_EPHEMERAL_COUNTERS];
	start = ((uint32_t)hash % n + *counter) % n;
	for (uint32_t i = 0; i < n; i++) {
		tuple.local.port = (uint16_t)(config->port_low + (start + i) % n);
		if (usable(t, &tuple)) {
			*counter = (*counter + i + 1) % n;
			return tuple.local.port;
		}
	}
	return 0;
}
