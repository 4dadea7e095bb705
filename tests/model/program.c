/* SPDX-License-Identifier: Apache-2.0
 *
 * See real.h: the calls of the program on the real side.
 */
#include "real.h"

#include <stdlib.h>

enum { IO_MAX = 70000 };

static uint8_t buffer[IO_MAX];

static weir_addr peer_address(const struct real *r)
{
	if (!r->v6)
		return weir_addr_v4(10, 0, 0, 2);
	return (weir_addr){.b = {0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};
}

int real_connects(struct real *r)
{
	struct weir_endpoint peer = {.addr = peer_address(r), .port = REAL_PEER_PORT};

	weir_stack_now(r->stack, r->now);
	return weir_connect(r->sock, &peer);
}

int real_accepts(struct real *r)
{
	weir_stack_now(r->stack, r->now);
	return weir_accept(r->listener, &r->sock);
}

int64_t real_sends(struct real *r, uint64_t offset, uint32_t n)
{
	struct weir_slice vec = {buffer, n};

	for (uint32_t i = 0; i < n; i++)
		buffer[i] = model_our_byte(offset + i);
	weir_stack_now(r->stack, r->now);
	return weir_send(r->sock, &vec, 1, 0);
}

int64_t real_reads(struct real *r, struct model *m, uint32_t n)
{
	uint64_t from = m->read;
	int64_t got;

	weir_stack_now(r->stack, r->now);
	got = weir_recv(r->sock, buffer, n, 0);
	for (int64_t i = 0; i < got; i++)
		if (buffer[i] != model_peer_byte((uint32_t)(from + (uint64_t)i))) {
			model_complain(m, "byte %lld of what was read is wrong", (long long)i);
			break;
		}
	return got;
}

int real_shuts(struct real *r)
{
	weir_stack_now(r->stack, r->now);
	return weir_shutdown(r->sock, WEIR_SHUT_WR);
}

void real_closes(struct real *r, bool abort)
{
	weir_stack_now(r->stack, r->now);
	if (abort)
		weir_abort(r->sock);
	else
		weir_close(r->sock);
	r->sock = NULL;
}

void real_sweeps(struct real *r)
{
	struct weir_socket *s;

	while (r->listener && weir_accept(r->listener, &s) == 0)
		weir_close(s);
}

void real_sets_rcvbuf(struct real *r, uint32_t bytes)
{
	const int value = (int)bytes;
	enum { SOCKET = 1, RCVBUF = 8 };

	weir_stack_now(r->stack, r->now);
	if (weir_setsockopt(r->sock, SOCKET, RCVBUF, &value, sizeof(value)) < 0)
		abort();
}
