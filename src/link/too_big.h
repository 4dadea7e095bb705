/* SPDX-License-Identifier: Apache-2.0
 *
 * What a router says when a packet is too big for its next link (RFC 1191, RFC 4443 s3.2).
 */
#ifndef WEIR_LINK_TOO_BIG_H
#define WEIR_LINK_TOO_BIG_H

#include <weir/packet.h>
#include <weir/stack.h>

enum { LINK_TOO_BIG_BYTES = 14 + 1280 };

/* Writes the frame of the message about a linear packet into out, as if it came from where the packet was going;
 * returns its length. 0: no router would answer this (no IP, or it may be cut, or it is an error itself). */
size_t link_too_big(uint8_t out[LINK_TOO_BIG_BYTES], const struct weir_packet *packet, enum weir_link_kind kind,
                    uint16_t mtu_bytes);

#endif
