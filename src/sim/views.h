/* SPDX-License-Identifier: Apache-2.0
 *
 * What a simulated world looks like at an instant: sockets as netstat prints them, the bytes of each connection by
 * queue and write, the candidates for a packet.
 */
#ifndef WEIR_SIM_VIEWS_H
#define WEIR_SIM_VIEWS_H

#include "sim/sim.h"

/* Rows in the classic columns, states as the RFC spells them [T1.4]; wide: the header line first. */
void view_netstat(struct sim_host *host, bool header, FILE *out);

/* Of each direction of each connection with bytes: SendQ, RecvQ, Delivered, by write [T2.1]. */
void view_queues(struct sim *sim, FILE *out);

/* The other end of a connection, whatever has become of its program. false: there is none. */
bool view_peer(struct sim *sim, const struct weir_socket_info *info, struct sim_host **host,
               struct weir_socket_info *peer);
/* The connection between these two ends, as the host of the local one has it. false: there is none. */
bool view_connection(struct sim *sim, const struct weir_endpoint *local, const struct weir_endpoint *remote,
                     struct weir_socket_info *info);
bool view_find(struct sim_host *host, uint64_t id, struct weir_socket_info *info);

/* Which structure of a host a TCP packet goes to, and why. Returns its id, 0 = none. */
uint64_t view_demux(struct sim_host *host, const struct weir_endpoint *remote, const struct weir_endpoint *local,
                    unsigned *wildcards, FILE *out);

/* "10.0.0.1:80", "0.0.0.0:*" */
enum { VIEW_END = WEIR_ADDR_TEXT + 8 };
const char *view_end(const struct weir_endpoint *end, char *text);

#endif
