/* SPDX-License-Identifier: Apache-2.0
 *
 * Two interfaces of one lwIP (it is one global instance), each the other's wire. TCP control blocks bound to
 * them with tcp_bind_netif() talk through the wire rather than through lwIP's own loopback.
 */
#ifndef BENCH_LWIP_LINK_H
#define BENCH_LWIP_LINK_H

#include "lwip/netif.h"

#include <stdbool.h>

extern struct netif lwip_link_client, lwip_link_server;

/* Starts lwIP, once in a process. */
void lwip_link_init(void);
/* Delivers what is on the wire until nothing is. */
void lwip_link_pump(void);
/* From now on lwIP sums with Weir's checksum (true) or its own. */
void lwip_link_use_simd(bool simd);
/* Whether the choice has any effect: the library's calls can be redirected. */
bool lwip_link_simd_possible(void);

#endif
