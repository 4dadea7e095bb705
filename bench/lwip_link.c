/* SPDX-License-Identifier: Apache-2.0
 *
 * The wire between lwIP's two interfaces: a queue of packets. lwIP converts header fields of arriving packets in
 * place, so the headers are copied, as any receiver's own memory would be; the payload is handed over by
 * reference, which spares lwIP the copy that a real driver makes.
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "lwip_link.h"

#include "engine.h"

#include "lwip/inet_chksum.h"
#include "lwip/init.h"
#include "lwip/ip4.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/tcp.h"

#include "wire/checksum.h"

#include <dlfcn.h>
#include <string.h>

enum { WIRE_PACKETS = 4096 };

/* Part of a packet that belongs to the sender's segment. */
struct borrowed {
	struct pbuf_custom custom; /* first: lwIP hands it back as the pbuf that it is */
	struct pbuf *lender;
	struct borrowed *next;
};

struct netif lwip_link_client, lwip_link_server;

static struct {
	struct {
		struct pbuf *packet;
		struct netif *to;
	} wire[WIRE_PACKETS];
	size_t head, count;
	struct borrowed pool[WIRE_PACKETS], *free;
	bool simd, redirected;
	u16_t (*own_checksum)(const void *data, int len);
} lwip;

/*
 * Takes the place of the library's function of this name, whose calls go through the dynamic linker.
 */
BENCH_EXPORT u16_t lwip_standard_chksum(const void *data, int len);

u16_t lwip_standard_chksum(const void *data, int len)
{
	lwip.redirected = true;
	if (!lwip.simd)
		return lwip.own_checksum(data, len);
	return (u16_t)~checksum_finish(checksum_add(0, data, (size_t)len));
}

void lwip_link_use_simd(bool simd)
{
	lwip.simd = simd;
}

bool lwip_link_simd_possible(void)
{
	static const uint8_t probe[20] = {0x45};

	lwip.redirected = false;
	(void)inet_chksum(probe, sizeof probe);
	return lwip.redirected;
}

static void give_back(struct pbuf *p)
{
	struct borrowed *borrowed = (struct borrowed *)p;

	pbuf_free(borrowed->lender);
	borrowed->next = lwip.free;
	lwip.free = borrowed;
}

static struct pbuf *borrow(struct pbuf *lender, u16_t offset)
{
	struct borrowed *borrowed = lwip.free;
	struct pbuf *p;

	if (borrowed == NULL)
		bench_fail("lwIP: more than %d packets under way", WIRE_PACKETS);
	lwip.free = borrowed->next;
	borrowed->custom.custom_free_function = give_back;
	borrowed->lender = lender;
	p = pbuf_alloced_custom(PBUF_RAW, (u16_t)(lender->len - offset), PBUF_REF, &borrowed->custom,
	                        (u8_t *)lender->payload + offset, (u16_t)(lender->len - offset));
	pbuf_ref(lender);
	return p;
}

/* A packet as the receiver gets it: own headers, payload by reference. */
static struct pbuf *as_received(struct pbuf *p)
{
	const struct ip_hdr *ip = p->payload;
	u16_t ip_bytes = IPH_HL_BYTES(ip);
	const struct tcp_hdr *tcp = (const struct tcp_hdr *)(const void *)((const u8_t *)p->payload + ip_bytes);
	u16_t header_bytes = (u16_t)(ip_bytes + TCPH_HDRLEN_BYTES(tcp));
	struct pbuf *head = pbuf_alloc(PBUF_RAW, header_bytes, PBUF_RAM);

	if (head == NULL || p->next != NULL || header_bytes > p->len)
		bench_fail("lwIP: a packet that the wire does not know how to carry");
	memcpy(head->payload, p->payload, header_bytes);
	if (p->len > header_bytes)
		pbuf_cat(head, borrow(p, header_bytes));
	return head;
}

static err_t wire_output(struct netif *from, struct pbuf *p, const ip4_addr_t *next_hop)
{
	size_t at = (lwip.head + lwip.count) % WIRE_PACKETS;

	(void)next_hop;
	if (lwip.count == WIRE_PACKETS)
		bench_fail("lwIP: more than %d packets on the wire", WIRE_PACKETS);
	lwip.wire[at].packet = as_received(p);
	lwip.wire[at].to = from == &lwip_link_client ? &lwip_link_server : &lwip_link_client;
	lwip.count++;
	return ERR_OK;
}

void lwip_link_pump(void)
{
	while (lwip.count > 0) {
		struct pbuf *packet = lwip.wire[lwip.head].packet;
		struct netif *to = lwip.wire[lwip.head].to;

		lwip.head = (lwip.head + 1) % WIRE_PACKETS;
		lwip.count--;
		if (ip4_input(packet, to) != ERR_OK)
			bench_fail("lwIP: a packet was not taken");
	}
}

static err_t wire_init(struct netif *netif)
{
	netif->name[0] = 'w';
	netif->name[1] = netif == &lwip_link_client ? 'c' : 's';
	netif->mtu = 65535;
	netif->output = wire_output;
	return ERR_OK;
}

static void add(struct netif *netif, u8_t last)
{
	ip4_addr_t addr, mask, gateway;

	IP4_ADDR(&addr, 10, 0, last, 1);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gateway, 0, 0, 0, 0);
	if (netif_add(netif, &addr, &mask, &gateway, NULL, wire_init, ip4_input) == NULL)
		bench_fail("lwIP: cannot add an interface");
	netif_set_up(netif);
	netif_set_link_up(netif);
}

void lwip_link_init(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	*(void **)&lwip.own_checksum = dlsym(RTLD_NEXT, "lwip_standard_chksum");
	if (lwip.own_checksum == NULL)
		bench_fail("lwIP: its checksum function is not exported");
	for (size_t i = 0; i < WIRE_PACKETS; i++) {
		lwip.pool[i].next = lwip.free;
		lwip.free = &lwip.pool[i];
	}
	lwip_init();
	add(&lwip_link_client, 1);
	add(&lwip_link_server, 2);
}
