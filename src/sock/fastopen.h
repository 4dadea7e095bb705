/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open [7413], the sockets' side: whose cookies are known, whose are right.
 */
#ifndef WEIR_SOCK_FASTOPEN_H
#define WEIR_SOCK_FASTOPEN_H

#include "sock/sock.h"

void sock_fast_open_deinit(struct sock_table *t);

/* The socket has just begun to connect: fast, if the peer is known; else it asks for a cookie. True: the SYN waits for
 * text. */
bool sock_fast_open_begin(struct weir_socket *s);
/* It is answered: what was learnt is remembered. */
void sock_fast_open_answered(struct weir_socket *s);
/* A timer of it went off. */
void sock_fast_open_timeout(struct weir_socket *s);

/* s is the listener's child for that SYN, just opened. */
void sock_fast_open_child(const struct weir_socket *listener, struct weir_socket *s, const struct tcp_segment *syn);

/* TCP_FASTOPEN_KEY: 0 or -WEIR_EINVAL; the bytes there are. */
int sock_fast_open_set_key(struct weir_socket *s, const void *value, uint32_t len);
uint32_t sock_fast_open_get_key(const struct weir_socket *s, uint8_t key[32]);

#endif
