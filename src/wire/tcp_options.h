/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP options: kinds 0, 1, 2 [9293 MUST-4], window scale and timestamps [7323], SACK [2018]. Others are skipped.
 */
#ifndef WEIR_WIRE_TCP_OPTIONS_H
#define WEIR_WIRE_TCP_OPTIONS_H

#include "wire/tcp.h"

/* Fills seg->opt from the option bytes; MSS, window scale and SACK-permitted count on a SYN only. */
void wire_tcp_options_parse(const uint8_t *option, size_t len, struct tcp_segment *seg);

/* Writes the options, padded to a multiple of four. out holds 40 bytes. Returns their length. */
size_t wire_tcp_options_emit(uint8_t *out, const struct tcp_options *opt, bool syn);

#endif
