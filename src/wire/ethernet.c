/* SPDX-License-Identifier: Apache-2.0
 *
 * See ethernet.h. VLAN tags and 802.3 length fields are types that nobody here knows: the caller drops
 * such frames by their type, so no tag depth needs a bound. ARP: RFC 826 with Ethernet and IPv4 only.
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
	struct reader r = reader_make(data, len);
	uint16_t hardware = read_u16(&r), protocol = read_u16(&r);
	uint8_t hardware_len = read_u8(&r), protocol_len = read_u8(&r);

	if (len < ARP_BYTES || hardware != ARP_HARDWARE_ETHERNET || protocol != ETH_IPV4 || hardware_len != 6 ||
	    protocol_len != 4)
		return drop_arp_malformed;
	arp->operation = read_u16(&r);
	memcpy(arp->sender_mac, read_bytes(&r, 6), 6);
	memcpy(arp->sender_ip, read_bytes(&r, 4), 4);
	memcpy(arp->target_mac, read_bytes(&r, 6), 6);
	memcpy(arp->target_ip, read_bytes(&r, 4), 4);
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
