/* SPDX-License-Identifier: Apache-2.0
 *
 * A port for tests of links: sends what the test queued, records what is delivered to it, copied.
 */
#ifndef TESTS_UNIT_LINK_FAKE_H
#define TESTS_UNIT_LINK_FAKE_H

#include "link/frame.h"
#include "link/port.h"

#include <stdlib.h>
#include <string.h>

enum { FAKE_PACKETS = 256 };

struct fake_packet {
	uint8_t *data;
	uint32_t len;
	uint8_t flags;
	uint16_t gso_bytes;
	weir_time at;
	const uint8_t *first_slice; /* where the packet lay when it was delivered */
};

struct fake {
	struct weir_packet send[FAKE_PACKETS];
	size_t to_send, sent;
	struct fake_packet got[FAKE_PACKETS];
	size_t received, calls;
};

static void fake_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	struct fake *fake = port->owner;

	fake->calls++;
	for (size_t i = 0; i < n && fake->received < FAKE_PACKETS; i++) {
		struct fake_packet *got = &fake->got[fake->received++];

		*got = (struct fake_packet){
		    malloc(packets[i].len + 1), packets[i].len, packets[i].flags, packets[i].gso_bytes, now,
		    packets[i].slice[0].data};
		if (got->data == NULL)
			abort();
		link_frame_copy(&packets[i], got->data);
	}
}

static size_t fake_output(const struct link_port *port, weir_time now, struct weir_packet *packets, size_t max)
{
	struct fake *fake = port->owner;
	size_t n = 0;

	(void)now;
	while (n < max && fake->sent < fake->to_send)
		packets[n++] = fake->send[fake->sent++];
	return n;
}

static bool fake_pending(const struct link_port *port)
{
	const struct fake *fake = port->owner;

	return fake->sent < fake->to_send;
}

static inline struct link_port fake_port(struct fake *fake, enum weir_link_kind kind)
{
	static const struct link_port_ops ops = {fake_input, fake_output, fake_pending};

	return (struct link_port){.ops = &ops, .owner = fake, .kind = kind};
}

static inline struct weir_packet fake_packet(const void *data, size_t len)
{
	return (struct weir_packet){.slice[0] = {data, len}, .slices = 1, .len = (uint32_t)len};
}

static inline void fake_queue(struct fake *fake, struct weir_packet packet)
{
	if (fake->to_send == FAKE_PACKETS)
		abort();
	fake->send[fake->to_send++] = packet;
}

static inline void fake_clear(struct fake *fake)
{
	for (size_t i = 0; i < fake->received; i++)
		free(fake->got[i].data);
	*fake = (struct fake){0};
}

#endif
