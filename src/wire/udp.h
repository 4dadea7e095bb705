/* SPDX-License-Identifier: Apache-2.0
 *
 * UDP header (RFC 768).
 */
#ifndef WEIR_WIRE_UDP_H
#define WEIR_WIRE_UDP_H

#include "wire/ip.h"

#include <weir/packet.h>

enum { UDP_HEADER_BYTES = 8 };

struct wire_udp {
	uint16_t src_port, dst_port;
	uint16_t payload_bytes;
};

/*
 * payload: the IP payload as slices (the first holds at least the header, or the datagram is malformed). Checks length
 * and checksum (absent is allowed over IPv4 only; skipped when trusted). DROP_NONE, drop_udp_malformed,
 * drop_udp_checksum.
 */
enum drop wire_udp_parse(const struct weir_slice *payload, unsigned n, const struct wire_ip *ip, bool trusted,
                         struct wire_udp *udp);

/* Writes the header for data behind it; no_checksum leaves the field 0 (IPv4 or trusted links only). */
void wire_udp_emit(uint8_t out[UDP_HEADER_BYTES], const weir_addr *src, const weir_addr *dst, uint16_t src_port,
                   uint16_t dst_port, const struct weir_slice *data, unsigned n, bool no_checksum);

#endif
