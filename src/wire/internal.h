/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the files of this room.
 */
#ifndef WEIR_WIRE_INTERNAL_H
#define WEIR_WIRE_INTERNAL_H

#include "wire/ip.h"

enum { IPV6_HOP_BY_HOP = 0, IPV6_ROUTING = 43, IPV6_FRAGMENT = 44, IPV6_NO_NEXT_HEADER = 59, IPV6_DESTINATION = 60 };

/* Walks the extension headers behind the fixed header: head as in wire_ip_parse(), length = payload length field.
 * Sets protocol, fragment, header_bytes, payload_bytes. */
enum drop wire_ip_extensions(const uint8_t *head, size_t head_len, size_t length, struct wire_ip *ip, bool *more);

#endif
