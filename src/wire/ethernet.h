/* SPDX-License-Identifier: Apache-2.0
 *
 * Ethernet II (RFC 894) and ARP for IPv4 on it (RFC 826). Pure: bytes in, structure out, and back.
 */
#ifndef WEIR_WIRE_ETHERNET_H
#define WEIR_WIRE_ETHERNET_H

#include "base/drop.h"

#include <stdbool.h>
#include <stddef.h>

enum { ETH_HEADER_BYTES = 14, ETH_MIN_FRAME_BYTES = 60, ARP_BYTES = 28 };
enum { ETH_IPV4 = 0x0800, ETH_ARP = 0x0806, ETH_IPV6 = 0x86dd };
enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct wire_eth {
	uint8_t dst[6], src[6];
	uint16_t type;
};

struct wire_arp {
	uint16_t operation;
	uint8_t sender_mac[6], sender_ip[4], target_mac[6], target_ip[4];
};

/* DROP_NONE or drop_eth_short. */
enum drop wire_eth_parse(const uint8_t *data, size_t len, struct wire_eth *eth);
void wire_eth_emit(uint8_t out[ETH_HEADER_BYTES], const struct wire_eth *eth);

/* DROP_NONE or drop_arp_malformed (hardware or protocol not Ethernet and IPv4, short). */
enum drop wire_arp_parse(const uint8_t *data, size_t len, struct wire_arp *arp);
void wire_arp_emit(uint8_t out[ARP_BYTES], const struct wire_arp *arp);

#endif
