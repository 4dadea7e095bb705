/* SPDX-License-Identifier: Apache-2.0
 *
 * Datagrams for many: multicast groups that sockets join, copies for each socket that listens, and for this host itself
 * (T8.6). errno values, defaults and who gets a copy follow Linux.
 */
#ifndef WEIR_SOCK_MULTICAST_H
#define WEIR_SOCK_MULTICAST_H

#include "sock/sock.h"

enum { SOCK_MAX_GROUPS = 20 }; /* a socket; as Linux */

/* What a socket has that has asked for anything about groups; others have none of it. */
struct sock_groups {
	uint8_t count;
	bool only_own4, only_own6; /* IP_MULTICAST_ALL, IPV6_MULTICAST_ALL off: not what other sockets have joined */
	uint16_t interface4, interface6; /* by which it sends to groups; 0 = as routed */
	struct {
		weir_addr addr;
		uint16_t ifindex;
	} group[SOCK_MAX_GROUPS];
};

/* addr: of the interface, or the wildcard. 0, -WEIR_EINVAL (not a group), -WEIR_ENODEV, -WEIR_EADDRINUSE (a member
 * already), -WEIR_ENOBUFS, -WEIR_ENOMEM; leave: -WEIR_EADDRNOTAVAIL (not a member). */
int sock_group_join(struct weir_socket *s, const weir_addr *group, const weir_addr *addr, unsigned ifindex);
int sock_group_leave(struct weir_socket *s, const weir_addr *group, const weir_addr *addr, unsigned ifindex);
/* Made when it is not there; NULL: no memory. */
struct sock_groups *sock_groups_of(struct weir_socket *s);
/* All memberships end. */
void sock_groups_free(struct weir_socket *s);

/* The interface that the socket's datagrams to this destination leave by, if it has chosen one for groups; else 0. */
unsigned sock_group_interface(const struct weir_socket *s, const weir_addr *to);

/* A datagram for many that came in, or stays here, by this interface: a copy for each socket that takes it. false:
 * there was none. */
bool sock_queue_for_all(struct sock_table *t, const struct sock_tuple *tuple, unsigned ifindex,
                        const struct weir_slice *slice, unsigned n, uint32_t len);
void sock_queue_datagram(struct weir_socket *s, const struct weir_endpoint *from, const struct weir_slice *slice,
                         unsigned n, uint32_t len);

/* option_multicast.c: 0, a negative error, or 1: none of these options. */
int option_multicast_set(struct weir_socket *s, int level, int name, const void *value, uint32_t len);
int option_multicast_get(const struct weir_socket *s, int level, int name, void *value, uint32_t *len);

#endif
