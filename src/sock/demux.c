/* SPDX-License-Identifier: Apache-2.0
 *
 * Demultiplexing (Fig. 6.12; T8.1, T8.2): which socket a packet belongs to. Both ends known: a hash table keyed with
 * a secret, so that nobody outside can fill one chain (attacks: Q-7). Else the sockets bound to the port: every
 * field that is not a wildcard must match, and the fewest wildcards win. Work depends on how many sockets share
 * one port unconnected, never on how many connections there are.
 */
#include "sock/port.h"

#include <string.h>

uint32_t sock_tuple_hash(const struct sock_table *t, const struct sock_tuple *tuple)
{
	const struct siphash_key *key = &t->host->key_demux;
	uint32_t ports = (uint32_t)tuple->local.port << 16 | tuple->remote.port;
	uint32_t word[9];
	uint64_t hash;

	if (weir_addr_is_v4(&tuple->local.addr) && weir_addr_is_v4(&tuple->remote.addr)) {
		word[0] = tuple->local.addr.w[3];
		word[1] = tuple->remote.addr.w[3];
		word[2] = ports;
		hash = siphash13(key, word, 3 * sizeof(word[0]));
	} else {
		memcpy(&word[0], &tuple->local.addr, 16);
		memcpy(&word[4], &tuple->remote.addr, 16);
		word[8] = ports;
		hash = siphash13(key, word, sizeof(word));
	}
	return (uint32_t)(hash ^ hash >> 32) ^ tuple->protocol;
}

bool sock_has_tuple(const struct weir_socket *s, const struct sock_tuple *tuple)
{
	return s->local.port == tuple->local.port && s->remote.port == tuple->remote.port &&
	       weir_addr_equal(&s->remote.addr, &tuple->remote.addr) &&
	       weir_addr_equal(&s->local.addr, &tuple->local.addr) && s->remote.ifindex == tuple->remote.ifindex &&
	       sock_protocol(s) == tuple->protocol;
}

static bool same_tuple(const struct hash_node *node, const void *key)
{
	return sock_has_tuple(weir_container_const(node, struct weir_socket, tuple_node), key);
}

struct weir_socket *sock_find_tuple(const struct sock_table *t, const struct sock_tuple *tuple, uint32_t hash)
{
	struct hash_node *node = hashtab_find(&t->tuples, hash, same_tuple, tuple);

	return node ? weir_container(node, struct weir_socket, tuple_node) : NULL;
}

void sock_tuples_insert(struct weir_socket *s)
{
	struct sock_tuple tuple = {(uint8_t)sock_protocol(s), s->local, s->remote};

	weir_assert(!s->in_tuples);
	hashtab_insert(&s->table->tuples, &s->tuple_node, sock_tuple_hash(s->table, &tuple));
	s->in_tuples = true;
}

void sock_tuples_remove(struct weir_socket *s)
{
	if (!s->in_tuples)
		return;
	hashtab_remove(&s->table->tuples, &s->tuple_node);
	if (s->table->recent == s)
		s->table->recent = NULL;
	s->in_tuples = false;
}

bool sock_matches_bound(const struct weir_socket *s, const struct sock_tuple *tuple, unsigned *wildcards)
{
	const weir_addr *local = &tuple->local.addr;

	if (s->type == WEIR_STREAM ? s->kind != SOCK_LISTENER : s->connected)
		return false;
	if (weir_addr_equal(&s->local.addr, local)) {
		*wildcards = 2;
		return true;
	}
	if (!weir_addr_is_any(&s->local.addr))
		return false;
	/* 0.0.0.0 takes IPv4; :: takes IPv6, and IPv4 too unless IPV6_V6ONLY. */
	*wildcards = 3;
	if (weir_addr_is_v4(local))
		return weir_addr_is_v4(&s->local.addr) || !s->opt.v6only;
	return !weir_addr_is_v4(&s->local.addr);
}

/* Equal wildcards: the socket of the packet's own family first. */
static unsigned rank(const struct weir_socket *s, const struct sock_tuple *tuple, unsigned wildcards)
{
	bool native = weir_addr_is_v4(&s->local.addr) == weir_addr_is_v4(&tuple->local.addr);

	return wildcards * 2 + !native;
}

/* The n-th of those with this rank that share the port by SO_REUSEPORT. */
static struct weir_socket *pick_shared(const struct sock_port *port, const struct sock_tuple *tuple, unsigned best,
                                       uint32_t n)
{
	list_each (node, &port->owners) {
		struct weir_socket *s = weir_container(node, struct weir_socket, port_link);
		unsigned wildcards;

		if (s->opt.reuse_port && sock_matches_bound(s, tuple, &wildcards) &&
		    rank(s, tuple, wildcards) == best && n-- == 0)
			return s;
	}
	return NULL;
}

struct weir_socket *sock_find_bound(const struct sock_table *t, const struct sock_tuple *tuple, uint32_t hash,
                                    unsigned *wildcards)
{
	const struct sock_port *port = sock_port_find(t, tuple->protocol, tuple->local.port);
	struct weir_socket *winner = NULL;
	unsigned best = UINT32_MAX;
	uint32_t sharing = 0;

	if (!port)
		return NULL;
	/* Newest first, so that of equals the one bound last is kept. */
	list_each (node, &port->owners) {
		struct weir_socket *s = weir_container(node, struct weir_socket, port_link);
		unsigned w, r;

		if (!sock_matches_bound(s, tuple, &w))
			continue;
		r = rank(s, tuple, w);
		if (r < best) {
			best = r;
			winner = s;
			*wildcards = w;
			sharing = 0;
		}
		if (r == best)
			sharing += s->opt.reuse_port;
	}
	if (winner && winner->opt.reuse_port && sharing > 1)
		return pick_shared(port, tuple, best, hash % sharing);
	return winner;
}
