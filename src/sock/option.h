/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket options by Linux's numbers: one table a level. Each row says which sockets have the option, which values
 * it takes and what keeps it. What is not honoured is not in a table, and is refused with ENOPROTOOPT.
 */
#ifndef WEIR_SOCK_OPTION_H
#define WEIR_SOCK_OPTION_H

#include "sock/sock.h"

enum { OPTION_TCP = 1, OPTION_UDP = 2, OPTION_ANY = 3, OPTION_READ_ONLY = 4, OPTION_TUNING = 8 };

struct option {
	uint16_t name;
	uint8_t who;   /* OPTION_* */
	uint8_t bytes; /* of the field in struct sock_options: 1, 2 or 4; 0 = no field, the functions do it; with
	                * OPTION_TUNING it is in struct tcp_tuning */
	uint16_t offset;
	int32_t low, high; /* else EINVAL; 0 and 1: any value, as a truth; 0 and 0: can only be left off */
	/* NULL, or after the field was set: takes effect. Or instead of a field: sets. 0 or -errno. */
	int (*set)(struct weir_socket *s, int32_t value);
	/* NULL = the field. */
	int (*get)(struct weir_socket *s, int32_t *value);
};

#define OPTION_FIELD(field) sizeof(((struct sock_options *)0)->field), offsetof(struct sock_options, field)
#define OPTION_TUNED(field) sizeof(((struct tcp_tuning *)0)->field), offsetof(struct tcp_tuning, field)
#define OPTION_NO_FIELD 0, 0

extern const struct option option_socket[], option_tcp[], option_ip[], option_ipv6[]; /* name 0 ends each */

/* option_open.c */
int option_set_fast_open(struct weir_socket *s, int32_t value);
int option_get_fast_open(struct weir_socket *s, int32_t *value);
int option_set_fast_open_connect(struct weir_socket *s, int32_t value);
int option_get_fast_open_connect(struct weir_socket *s, int32_t *value);
int option_set_fast_open_no_cookie(struct weir_socket *s, int32_t value);
int option_get_fast_open_no_cookie(struct weir_socket *s, int32_t *value);
int option_set_defer_accept(struct weir_socket *s, int32_t value);
int option_get_defer_accept(struct weir_socket *s, int32_t *value);

/* option_tcp.c */
int option_apply(struct weir_socket *s, int32_t value);
void option_fill_tcp_info(const struct weir_socket *s, void *to, uint32_t *len);

#endif
