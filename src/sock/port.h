/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds which local port, and who may share it (T8.4, T8.5, T7.2). One struct sock_port for each
 * protocol and port in use. Sockets that are bound but not connected (listeners among them) are on its list;
 * connections, which may be a million on one port, are only counted, by local address and by what they
 * allow: so a check never looks at one connection after the other.
 */
#ifndef WEIR_SOCK_PORT_H
#define WEIR_SOCK_PORT_H

#include "sock/sock.h"

/* What a holder allows: index of a counter. */
enum sock_port_class { SOCK_PORT_REUSE_ADDR = 1, SOCK_PORT_REUSE_PORT = 2, SOCK_PORT_CLASSES = 4 };

struct sock_port_address {
	struct sock_port_address *next;
	weir_addr addr;
	uint32_t users[SOCK_PORT_CLASSES];
};

struct sock_port {
	struct hash_node node;
	struct list owners;                  /* weir_socket.port_link: bound, not connected; newest first */
	struct sock_port_address *addresses; /* of those counted */
	uint32_t users;                      /* all of them */
	uint32_t ephemeral;                  /* of these, those whose port connect() picked */
	uint16_t port;
	uint8_t protocol;
};

struct sock_port *sock_port_find(const struct sock_table *t, uint8_t protocol, uint16_t port);

/* Would s, bound to addr:port, be in somebody's way? port may be NULL (nobody has it). */
bool sock_port_conflict(const struct sock_port *port, const struct weir_socket *s, const weir_addr *addr);

/* s becomes one more owner of s->local. 0, -WEIR_ENOMEM. */
int sock_port_own(struct weir_socket *s);
/* s is a connection on s->local from now on: counted. It may be an owner already. 0, -WEIR_ENOMEM (nothing changed). */
int sock_port_count(struct weir_socket *s);
/* From counted back to owner (the address is again that of bind()). */
void sock_port_uncount(struct weir_socket *s, const weir_addr *was);
/* Lets go. */
void sock_port_release(struct weir_socket *s);
/* SO_REUSEADDR or SO_REUSEPORT changed. */
void sock_port_reclass(struct weir_socket *s);

/* A port for bind(0) at addr: 0 = none left. */
uint16_t sock_pick_port(struct sock_table *t, const struct weir_socket *s, const weir_addr *addr);
/* A port for connect() from local.addr to remote: 0 = none left. RFC 6056 s3.3.4. */
uint16_t sock_pick_connect_port(struct sock_table *t, const struct weir_socket *s, const weir_addr *local,
                                const struct weir_endpoint *remote);

#endif
