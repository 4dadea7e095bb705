/* SPDX-License-Identifier: Apache-2.0
 *
 * Several hosts behind one port of a link: who sends first is drawn, what arrives goes to whom the frame names. A
 * capture (pcap) of both, when it is wanted.
 */
#include "rig.h"

enum { ETHERTYPE_AT = 12, ARP_TARGET_AT = 41, IPV4_DESTINATION_AT = 33, FRAME_MAX = 2048 };

/* The last byte of the address that a frame is for; 0 = nobody's. */
static uint8_t destination(const uint8_t *frame, size_t len)
{
	if (len <= ARP_TARGET_AT || frame[ETHERTYPE_AT] != 0x08)
		return 0;
	if (frame[ETHERTYPE_AT + 1] == 0x06)
		return frame[ARP_TARGET_AT];
	return frame[ETHERTYPE_AT + 1] == 0x00 ? frame[IPV4_DESTINATION_AT] : 0;
}

static size_t flatten(const struct weir_packet *packet, uint8_t *frame)
{
	size_t len = 0;

	for (unsigned i = 0; i < packet->slices; i++)
		for (size_t k = 0; k < packet->slice[i].len && len < FRAME_MAX; k++)
			frame[len++] = packet->slice[i].data[k];
	return len;
}

static void capture(FILE *to, const struct weir_packet *packet, weir_time now)
{
	uint8_t frame[FRAME_MAX];
	uint32_t len = (uint32_t)flatten(packet, frame);
	uint32_t header[4] = {(uint32_t)(now.ns / WEIR_NS_PER_S), (uint32_t)(now.ns % WEIR_NS_PER_S / WEIR_NS_PER_US),
	                      len, len};

	if (to != NULL)
		rig_must(fwrite(header, sizeof(header), 1, to) == 1 && fwrite(frame, len, 1, to) == 1, "no capture");
}

static size_t mux_output(const struct link_port *port, weir_time now, struct weir_packet *packets, size_t max)
{
	struct rig_mux *mux = port->owner;
	/* Drawn: who is always first never finds the queue full, and turns have a beat of their own. */
	unsigned first = (unsigned)link_random_below(link_random_next(&mux->random), mux->hosts);
	size_t n = 0;

	for (unsigned i = 0; i < mux->hosts && n < max; i++) {
		const struct link_port *from = &mux->host[(first + i) % mux->hosts]->port;

		n += from->ops->output(from, now, packets + n, max - n);
	}
	for (size_t i = 0; i < n; i++)
		capture(mux->capture, &packets[i], now);
	return n;
}

static void mux_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	struct rig_mux *mux = port->owner;
	struct weir_packet own[LINK_BATCH];
	struct link_traffic traffic = {0};

	for (unsigned i = 0; i < mux->hosts; i++) {
		size_t count = 0;

		for (size_t k = 0; k < n; k++)
			if (destination(packets[k].slice[0].data, packets[k].slice[0].len) == mux->host[i]->number)
				own[count++] = packets[k];
		if (count > 0)
			link_port_deliver(&mux->host[i]->port, own, count, now, &traffic);
	}
	for (size_t i = 0; i < n; i++)
		capture(mux->capture, &packets[i], now);
}

static bool mux_pending(const struct link_port *port)
{
	const struct rig_mux *mux = port->owner;

	for (unsigned i = 0; i < mux->hosts; i++)
		if (mux->host[i]->port.ops->pending(&mux->host[i]->port))
			return true;
	return false;
}

static const struct link_port_ops mux_ops = {.input = mux_input, .output = mux_output, .pending = mux_pending};

struct link_port rig_mux_port(struct rig_mux *mux)
{
	static const uint32_t header[6] = {0xa1b2c3d4, 4u << 16 | 2u, 0, 0, FRAME_MAX, 1};

	if (mux->capture != NULL)
		rig_must(fwrite(header, sizeof(header), 1, mux->capture) == 1, "no capture");
	return (struct link_port){.ops = &mux_ops, .owner = mux, .kind = WEIR_LINK_ETHERNET, .needs_checksums = true};
}
