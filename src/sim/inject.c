/* SPDX-License-Identifier: Apache-2.0
 *
 * Injected segments: made, and put into a host's pipe.
 */
#include "sim/inject.h"

#include "wire/ethernet.h"

#include <weir/error.h>

#include <stdlib.h>
#include <string.h>

static bool has_addr(const struct sim_interface *interface, const weir_addr *addr)
{
	for (unsigned i = 0; i < interface->addrs; i++) {
		if (weir_addr_equal(&interface->addr[i].addr, addr))
			return true;
	}
	return false;
}

static struct sim_interface *interface_with(struct sim *sim, const weir_addr *addr)
{
	const struct sim_host *host = sim_host_of(sim, addr);

	for (unsigned i = 0; host != NULL && i < host->interfaces; i++) {
		if (has_addr(&host->interface[i], addr))
			return &host->interface[i];
	}
	return NULL;
}

/* Where it enters the network: at the host whose address it bears, or for a stranger at any other host of the link. */
static struct sim_interface *way_in(struct sim *sim, const weir_addr *src, const struct sim_interface *target)
{
	const struct sim_link *link = &sim->link[target->link];
	struct sim_interface *own = interface_with(sim, src);

	if (own != NULL)
		return own != target && sim->link[own->link].plan->group == link->plan->group ? own : NULL;
	return link->member[0] != target ? link->member[0] : link->member[1];
}

/* Locally administered, and no host's. */
static void stranger_mac(const weir_addr *addr, uint8_t mac[6])
{
	memcpy(mac, (uint8_t[]){0x06, 0x57, addr->b[12], addr->b[13], addr->b[14], addr->b[15]}, 6);
}

static size_t write_frame(uint8_t *out, const struct wire_eth *eth, const weir_addr *src, const weir_addr *dst,
                          const struct tcp_segment *segment)
{
	uint8_t header[TCP_MAX_HEADER_BYTES];
	size_t tcp_bytes = wire_tcp_emit(header, segment, src, dst, false), ip_bytes;
	struct wire_ip ip = {.src = *src,
	                     .dst = *dst,
	                     .version = weir_addr_is_v4(dst) ? 4 : 6,
	                     .protocol = IP_TCP,
	                     .ttl = 64,
	                     .dont_fragment = true,
	                     .payload_bytes = (uint16_t)(tcp_bytes + segment->text_bytes)};

	wire_eth_emit(out, eth);
	ip_bytes = wire_ip_emit(out + ETH_HEADER_BYTES, &ip);
	out += ETH_HEADER_BYTES + ip_bytes;
	memcpy(out, header, tcp_bytes);
	if (segment->text_bytes > 0)
		memcpy(out + tcp_bytes, segment->text[0].data, segment->text_bytes);
	return ETH_HEADER_BYTES + ip_bytes + tcp_bytes + segment->text_bytes;
}

int sim_inject(struct sim *sim, const weir_addr *src, const weir_addr *dst, const struct tcp_segment *segment)
{
	const struct sim_interface *target = interface_with(sim, dst), *real = interface_with(sim, src);
	size_t most = ETH_HEADER_BYTES + IPV6_HEADER_BYTES + TCP_MAX_HEADER_BYTES + (size_t)segment->text_bytes;
	struct sim_interface *in = target != NULL ? way_in(sim, src, target) : NULL;
	struct wire_eth eth = {.type = weir_addr_is_v4(dst) ? ETH_IPV4 : ETH_IPV6};
	struct weir_packet packet;
	uint8_t *frame;
	size_t len;
	int error;

	if (in == NULL || weir_addr_is_v4(src) != weir_addr_is_v4(dst))
		return -WEIR_ENETUNREACH;
	if (most > ETH_HEADER_BYTES + (size_t)in->config.mtu_bytes)
		return -WEIR_EMSGSIZE;
	memcpy(eth.dst, target->config.mac, 6);
	if (real != NULL) {
		sim_introduce(real->host, dst);
		memcpy(eth.src, in->config.mac, 6);
	} else {
		stranger_mac(src, eth.src);
		error = weir_neighbour_add(target->host->stack, target->ifindex, src, eth.src);
		if (error != 0)
			return error;
	}
	frame = malloc(most);
	if (frame == NULL)
		return -WEIR_ENOMEM;
	len = write_frame(frame, &eth, src, dst, segment);
	packet = (struct weir_packet){.slice = {{frame, len}}, .slices = 1, .len = (uint32_t)len};
	sim_pipe_push(&in->pipe, &packet, 1, sim->now);
	free(frame);
	return 0;
}
