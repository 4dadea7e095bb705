/* SPDX-License-Identifier: Apache-2.0
 *
 * The IPv6 half of wire/ip.h, for ip.c only.
 */
#ifndef WEIR_WIRE_IPV6_H
#define WEIR_WIRE_IPV6_H

#include "wire/ip.h"

/* As wire_ip_parse(), where *more is false and the version is 6. */
enum drop ipv6_parse(const uint8_t *head, size_t head_len, size_t total, struct wire_ip *ip, bool *more);
void ipv6_emit(uint8_t *out, const struct wire_ip *ip);

#endif
