/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets to and from the tool: bare IP. Those that leave are kept with the time at which they left. The tool looks at
 * every field but the transport checksum, so that is verified here: a wrong one fails the script, as the packet is
 * withheld.
 */
#include "packetdrill/adapter.h"
#include "packetdrill/calls.h"
#include "packetdrill/file.h"
#include "wire/checksum.h"
#include "wire/ip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16 };

struct packet {
	struct list link;
	weir_time left;
	size_t bytes;
	uint8_t data[];
};

/* Whether the transport's checksum is right; protocols without one over a pseudo-header pass. */
static bool checksum_right(const uint8_t *data, size_t bytes)
{
	struct wire_ip ip;
	bool more = false;
	uint64_t sum;

	if (wire_ip_parse(data, bytes, bytes, false, &ip, &more) != DROP_NONE)
		return false;
	if (ip.fragment || (ip.protocol != IP_TCP && ip.protocol != IP_UDP && ip.protocol != IP_ICMPV6))
		return true;
	sum = checksum_pseudo(&ip.src, &ip.dst, ip.protocol, ip.payload_bytes);
	return checksum_finish(checksum_add(sum, data + ip.header_bytes, ip.payload_bytes)) == 0;
}

static void keep(struct adapter *a, const struct weir_packet *from)
{
	struct packet *p = malloc(sizeof(*p) + from->len);
	size_t at = 0;

	if (!p)
		return; /* lost, as on any link */
	for (unsigned i = 0; i < from->slices; i++) {
		memcpy(p->data + at, from->slice[i].data, from->slice[i].len);
		at += from->slice[i].len;
	}
	p->bytes = at;
	p->left = a->now;
	if (!checksum_right(p->data, p->bytes)) {
		fprintf(stderr, "libweir-packetdrill.so: the stack sent a packet of %zu bytes with a wrong checksum\n",
		        p->bytes);
		free(p);
		return;
	}
	list_push_back(&a->sent, &p->link);
}

void packets_pump(struct adapter *a)
{
	struct weir_packet packets[BATCH];
	size_t n;

	if (!a->stack)
		return;
	while ((n = weir_output(a->stack, a->ifindex, a->now, packets, BATCH)) > 0) {
		for (size_t i = 0; i < n; i++)
			keep(a, &packets[i]);
	}
}

void packets_drop(struct adapter *a)
{
	list_each_safe (node, &a->sent) {
		list_remove(node);
		free(weir_container(node, struct packet, link));
	}
}

int packets_send(void *userdata, const void *data, size_t bytes)
{
	struct adapter *a = userdata;
	struct weir_packet packet = {.slice = {{data, bytes}}, .slices = 1, .len = (uint32_t)bytes};
	int r;

	adapter_enter(a);
	r = adapter_need_stack(a);
	if (r == 0)
		weir_input(a->stack, a->ifindex, &packet, 1, a->now);
	list_each (node, &a->files) {
		option_opened(a, weir_container(node, struct file, link));
	}
	return (int)adapter_leave(a, r);
}

/* Time goes on until something leaves. */
static struct packet *next_packet(struct adapter *a)
{
	packets_pump(a);
	while (list_empty(&a->sent)) {
		if (!clock_step(a))
			return NULL;
	}
	return weir_container(list_first(&a->sent), struct packet, link);
}

int packets_receive(void *userdata, void *buffer, size_t *count, long long *time_usecs)
{
	struct adapter *a = userdata;
	struct packet *p;

	adapter_enter(a);
	p = next_packet(a);
	if (!p) {
		*count = 0;
		*time_usecs = a->now.ns / WEIR_NS_PER_US;
		return (int)adapter_leave(a, 0);
	}
	if (p->bytes > *count)
		p->bytes = *count;
	memcpy(buffer, p->data, p->bytes);
	*count = p->bytes;
	*time_usecs = p->left.ns / WEIR_NS_PER_US;
	list_remove(&p->link);
	free(p);
	return (int)adapter_leave(a, 0);
}
