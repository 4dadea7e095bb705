/* SPDX-License-Identifier: Apache-2.0
 *
 * See ethernet.h.
 */
#include "wire/ethernet.h"

#include "base/bytes.h"

enum { ARP_HARDWARE_ETHERNET = 1 };

enum drop wire_eth_parse(const uint8_t *data, size_t len, struct wire_eth *eth)
{
	if (len < ETH_HEADER_BYTES)
		return drop_eth_short;
	memcpy(eth->dst, data, 6);
	memcpy(eth->src, data + 6, 6);
	eth->type = load_be16(data + 12);
	return DROP_NONE;
}

void wire_eth_emit(uint8_t out[ETH_HEADER_BYTES], const struct wire_eth *eth)
{
	memcpy(out, eth->dst, 6);
	memcpy(out + 6, eth->src, 6);
	store_be16(out + 12, eth->type);
}

enum drop wire_arp_parse(const uint8_t *data, size_t len, struct wire_arp *arp)
{
	if (len < ARP_BYTES || load_be16(data) != ARP_HARDWARE_ETHERNET || load_be16(data + 2) != ETH_IPV4 || data[4] != 6 ||
	    data[5] != 4)
		return drop_arp_malformed;
	arp->operation = load_be16(data + 6);
	memcpy(arp->sender_mac, data + 8, 6);
	memcpy(arp->sender_ip, data + 14, 4);
	memcpy(arp->target_mac, data + 18, 6);
	memcpy(arp->target_ip, data + 24, 4);
	return DROP_NONE;
}

void wire_arp_emit(uint8_t out[ARP_BYTES], const struct wire_arp *arp)
{
	store_be16(out, ARP_HARDWARE_ETHERNET);
	store_be16(out + 2, ETH_IPV4);
	out[4] = 6;
	out[5] = 4;
	store_be16(out + 6, arp->operation);
	memcpy(out + 8, arp->sender_mac, 6);
	memcpy(out + 14, arp->sender_ip, 4);
	memcpy(out + 18, arp->target_mac, 6);
	memcpy(out + 24, arp->target_ip, 4);
}
