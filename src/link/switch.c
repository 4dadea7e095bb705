/* SPDX-License-Identifier: Apache-2.0
 *
 * The switch. A batch from a port is cut into runs of frames with one destination, so that what goes to one
 * port goes in one call. Deliveries to ports with an injector wait until the batch has been dealt with.
 */
#include "link/switch.h"

#include "base/assert.h"
#include "wire/ethernet.h"

#include <weir/error.h>

#include <stdlib.h>
#include <string.h>

enum { TO_NOBODY = -1, TO_ALL = -2 };

static struct link_switch *switch_of(struct link *link)
{
	return weir_container(link, struct link_switch, link);
}

static const struct link_switch *const_switch_of(const struct link *link)
{
	return (const struct link_switch *)link;
}

/* Addresses that a bridge must not pass on (IEEE 802.1D table 7-10). */
static bool is_reserved(const uint8_t mac[6])
{
	static const uint8_t prefix[5] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	return memcmp(mac, prefix, sizeof prefix) == 0 && mac[5] < 0x10;
}

/* Learns from a frame and says where it goes. */
static int route(struct link_switch *sw, unsigned from, const struct weir_packet *packet, weir_time now)
{
	struct wire_eth eth;
	int to;

	if (packet->slices == 0 || wire_eth_parse(packet->slice[0].data, packet->slice[0].len, &eth) != DROP_NONE) {
		sw->stats.short_frames++;
		return TO_NOBODY;
	}
	if ((eth.src[0] & 1) != 0) {
		sw->stats.bad_source++;
		return TO_NOBODY;
	}
	mactab_learn(&sw->macs, eth.src, from, now);
	to = (eth.dst[0] & 1) != 0 ? TO_ALL : mactab_find(&sw->macs, eth.dst, now);
	if (to == (int)from || is_reserved(eth.dst)) {
		sw->stats.filtered++;
		return TO_NOBODY;
	}
	if (to < 0) {
		sw->stats.flooded++;
		return TO_ALL;
	}
	sw->stats.forwarded++;
	return to;
}

static void give(struct link_switch_port *to, const struct weir_packet *packets, size_t n, weir_time now)
{
	if (to->out != NULL)
		link_fault_push(to->out, packets, n, now);
	else
		link_port_deliver(&to->port, packets, n, now, &to->to);
}

static void give_run(struct link_switch *sw, unsigned from, int to, const struct weir_packet *packets, size_t n,
                     weir_time now)
{
	if (to == TO_NOBODY || n == 0)
		return;
	if (to >= 0) {
		give(&sw->port[to], packets, n, now);
		return;
	}
	for (unsigned i = 0; i < sw->ports; i++) {
		if (i != from && sw->port[i].used)
			give(&sw->port[i], packets, n, now);
	}
}

void link_switch_forward(struct link_switch *sw, unsigned from, const struct weir_packet *packets, size_t n,
                         weir_time now)
{
	int run_to = TO_NOBODY;
	size_t run = 0;

	for (size_t i = 0; i < n; i++) {
		int to = route(sw, from, &packets[i], now);

		sw->port[from].from.bytes += packets[i].len;
		if (to == run_to)
			continue;
		give_run(sw, from, run_to, packets + run, i - run, now);
		run_to = to;
		run = i;
	}
	give_run(sw, from, run_to, packets + run, n - run, now);
	sw->port[from].from.packets += n;
}

static size_t take(struct link_switch *sw, unsigned from, weir_time now)
{
	struct link_switch_port *p = &sw->port[from];
	struct weir_packet batch[LINK_BATCH];
	size_t n = p->port.ops->output(&p->port, now, batch, LINK_BATCH), moved = n;

	if (p->in == NULL) {
		if (n > 0)
			link_switch_forward(sw, from, batch, n, now);
		return moved;
	}
	if (n > 0)
		link_fault_push(p->in, batch, n, now);
	while ((n = link_fault_pull(p->in, now, batch, LINK_BATCH)) > 0) {
		link_switch_forward(sw, from, batch, n, now);
		moved += n;
	}
	return moved;
}

static size_t drain(struct link_switch_port *p, weir_time now)
{
	struct weir_packet batch[LINK_BATCH];
	size_t n, moved = 0;

	while ((n = link_fault_pull(p->out, now, batch, LINK_BATCH)) > 0) {
		link_port_deliver(&p->port, batch, n, now, &p->to);
		moved += n;
	}
	return moved;
}

static size_t switch_step(struct link *link, weir_time now, size_t budget)
{
	struct link_switch *sw = switch_of(link);
	size_t total = 0, moved;

	do {
		moved = 0;
		for (unsigned i = 0; i < sw->ports; i++) {
			unsigned from = (sw->turn + i) % sw->ports;

			if (sw->port[from].used)
				moved += take(sw, from, now);
		}
		for (unsigned i = 0; i < sw->ports; i++) {
			if (sw->port[i].used && sw->port[i].out != NULL)
				moved += drain(&sw->port[i], now);
		}
		sw->turn = sw->ports > 0 ? (sw->turn + 1) % sw->ports : 0;
		total += moved;
	} while (moved > 0 && total < budget);
	return total;
}

static weir_time switch_deadline(const struct link *link)
{
	const struct link_switch *sw = const_switch_of(link);
	weir_time at = WEIR_NEVER;

	for (unsigned i = 0; i < sw->ports; i++) {
		if (sw->port[i].in != NULL)
			at = weir_time_min(at, link_fault_deadline(sw->port[i].in));
		if (sw->port[i].out != NULL)
			at = weir_time_min(at, link_fault_deadline(sw->port[i].out));
	}
	return at;
}

static bool switch_pending(const struct link *link, weir_time now)
{
	const struct link_switch *sw = const_switch_of(link);

	for (unsigned i = 0; i < sw->ports; i++) {
		if (sw->port[i].used && sw->port[i].port.ops->pending(&sw->port[i].port))
			return true;
	}
	return !weir_time_before(now, switch_deadline(link));
}

static void unplug(struct link_switch_port *p)
{
	link_fault_free(p->in);
	link_fault_free(p->out);
	*p = (struct link_switch_port){0};
}

static void switch_free(struct link *link)
{
	struct link_switch *sw = switch_of(link);

	for (unsigned i = 0; i < sw->ports; i++)
		unplug(&sw->port[i]);
	free(sw->port);
	mactab_deinit(&sw->macs);
	free(sw);
}

static const struct link_ops switch_ops = {
    .step = switch_step,
    .pending = switch_pending,
    .deadline = switch_deadline,
    .free = switch_free,
};

int link_switch_new(uint32_t max_macs, uint64_t seed, struct link_switch **sw)
{
	struct link_switch *s = calloc(1, sizeof *s);

	if (s == NULL)
		return -WEIR_ENOMEM;
	s->link.ops = &switch_ops;
	if (!mactab_init(&s->macs, max_macs ? max_macs : LINK_SWITCH_MACS, seed)) {
		free(s);
		return -WEIR_ENOMEM;
	}
	*sw = s;
	return 0;
}

static int free_place(struct link_switch *sw)
{
	struct link_switch_port *port;

	for (unsigned i = 0; i < sw->ports; i++) {
		if (!sw->port[i].used)
			return (int)i;
	}
	if (sw->ports == LINK_SWITCH_PORTS_MAX)
		return -WEIR_ENOSPC;
	port = realloc(sw->port, (sw->ports + 1) * sizeof *port);
	if (port == NULL)
		return -WEIR_ENOMEM;
	sw->port = port;
	sw->port[sw->ports] = (struct link_switch_port){0};
	return (int)sw->ports++;
}

/* A second port of one owner: packets must not be fed back to the owner while it is their owner, so both get
 * an injector, which copies, for what goes out to them. */
static int separate(struct link_switch *sw, struct link_switch_port *added)
{
	for (unsigned i = 0; i < sw->ports; i++) {
		struct link_switch_port *other = &sw->port[i];
		int error = 0;

		if (!other->used || other->port.owner != added->port.owner)
			continue;
		if (other->out == NULL)
			error = link_fault_new(NULL, WEIR_LINK_ETHERNET, &other->out);
		if (error == 0 && added->out == NULL)
			error = link_fault_new(NULL, WEIR_LINK_ETHERNET, &added->out);
		if (error != 0)
			return error;
	}
	return 0;
}

int link_switch_add(struct link_switch *sw, const struct link_port *port, const struct link_fault_spec *in,
                    const struct link_fault_spec *out)
{
	struct link_switch_port added = {.port = *port};
	int place, error = 0;

	if (port->kind != WEIR_LINK_ETHERNET)
		return -WEIR_EINVAL;
	if (in != NULL)
		error = link_fault_new(in, port->kind, &added.in);
	if (error == 0 && out != NULL)
		error = link_fault_new(out, port->kind, &added.out);
	if (error == 0)
		error = separate(sw, &added);
	place = error != 0 ? error : free_place(sw);
	if (place < 0) {
		unplug(&added);
		return place;
	}
	added.used = true;
	sw->port[place] = added;
	return place;
}

void link_switch_remove(struct link_switch *sw, unsigned number)
{
	weir_assert(number < sw->ports && sw->port[number].used);
	mactab_forget(&sw->macs, number);
	unplug(&sw->port[number]);
}

int link_switch_set_fault(struct link_switch *sw, unsigned number, bool out, const struct link_fault_spec *spec)
{
	struct link_fault **fault;

	weir_assert(number < sw->ports && sw->port[number].used);
	fault = out ? &sw->port[number].out : &sw->port[number].in;
	if (*fault != NULL)
		return link_fault_set(*fault, spec);
	return link_fault_new(spec, WEIR_LINK_ETHERNET, fault);
}
