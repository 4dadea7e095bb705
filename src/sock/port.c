/* SPDX-License-Identifier: Apache-2.0
 *
 * Holders of local ports and their conflicts: see sock/port.h. The rules are Linux's, which programs are
 * written against: two holders of overlapping addresses on one port get along only when both set SO_REUSEADDR and the
 * one who was there does not listen, or when both set SO_REUSEPORT.
 */
#include "sock/port.h"

/* Ports are few and nobody outside chooses how many are in use: no secret needed, and no two collide. */
static uint32_t port_hash(uint8_t protocol, uint16_t port)
{
	return (uint32_t)port << 1 | (protocol == IP_UDP);
}

static bool same_port(const struct hash_node *node, const void *key)
{
	const struct sock_port *port = weir_container_const(node, struct sock_port, node);
	const struct sock_tuple *tuple = key;

	return port->port == tuple->local.port && port->protocol == tuple->protocol;
}

struct sock_port *sock_port_find(const struct sock_table *t, uint8_t protocol, uint16_t number)
{
	struct sock_tuple key = {.protocol = protocol, .local.port = number};
	struct hash_node *node = hashtab_find(&t->ports, port_hash(protocol, number), same_port, &key);

	return node ? weir_container(node, struct sock_port, node) : NULL;
}

static struct sock_port *find_or_make(struct sock_table *t, uint8_t protocol, uint16_t number)
{
	struct sock_port *port = sock_port_find(t, protocol, number);

	if (port)
		return port;
	port = slab_get(&t->port_slab);
	if (!port)
		return NULL;
	port->protocol = protocol;
	port->port = number;
	list_init(&port->owners);
	hashtab_insert(&t->ports, &port->node, port_hash(protocol, number));
	return port;
}

static void drop_if_unused(struct sock_table *t, struct sock_port *port)
{
	if (port->users)
		return;
	weir_assert(list_empty(&port->owners) && !port->addresses);
	hashtab_remove(&t->ports, &port->node);
	slab_put(&t->port_slab, port);
}

static struct sock_port_address *find_or_make_address(struct sock_table *t, struct sock_port *port,
                                                      const weir_addr *addr)
{
	struct sock_port_address *a = port->addresses;

	while (a && !weir_addr_equal(&a->addr, addr))
		a = a->next;
	if (a)
		return a;
	a = slab_get(&t->address_slab);
	if (!a)
		return NULL;
	a->addr = *addr;
	a->next = port->addresses;
	port->addresses = a;
	return a;
}

static uint8_t class_of(const struct weir_socket *s)
{
	return (uint8_t)((s->opt.reuse_addr ? SOCK_PORT_REUSE_ADDR : 0) |
	                 (s->opt.reuse_port ? SOCK_PORT_REUSE_PORT : 0));
}

static void uncount(struct sock_table *t, struct sock_port *port, const weir_addr *addr, uint8_t class)
{
	struct sock_port_address **at = &port->addresses, *a;

	while (*at && !weir_addr_equal(&(*at)->addr, addr))
		at = &(*at)->next;
	a = *at;
	weir_assert(a && a->users[class]);
	a->users[class]--;
	for (unsigned c = 0; c < SOCK_PORT_CLASSES; c++) {
		if (a->users[c])
			return;
	}
	*at = a->next;
	slab_put(&t->address_slab, a);
}

/* Which families a wildcard stands for: bit 0 IPv4, bit 1 IPv6. */
static unsigned wildcard_families(const weir_addr *addr, bool v6only)
{
	if (weir_addr_is_v4(addr))
		return 1;
	return v6only ? 2 : 3;
}

static bool overlap(const weir_addr *a, bool a_v6only, const weir_addr *b, bool b_v6only)
{
	bool a_any = weir_addr_is_any(a), b_any = weir_addr_is_any(b);

	if (!a_any && !b_any)
		return weir_addr_equal(a, b);
	if (a_any && b_any)
		return wildcard_families(a, a_v6only) & wildcard_families(b, b_v6only);
	if (a_any)
		return wildcard_families(a, a_v6only) & (weir_addr_is_v4(b) ? 1 : 2);
	return wildcard_families(b, b_v6only) & (weir_addr_is_v4(a) ? 1 : 2);
}

static bool gets_along(uint8_t mine, uint8_t theirs, bool they_listen)
{
	uint8_t both = mine & theirs;

	return ((both & SOCK_PORT_REUSE_ADDR) && !they_listen) || (both & SOCK_PORT_REUSE_PORT);
}

bool sock_port_conflict(const struct sock_port *port, const struct weir_socket *s, const weir_addr *addr)
{
	uint8_t mine = class_of(s);

	if (!port)
		return false;
	list_each (node, &port->owners) {
		const struct weir_socket *o = weir_container(node, struct weir_socket, port_link);

		if (o != s && overlap(addr, s->opt.v6only, &o->local.addr, o->opt.v6only) &&
		    !gets_along(mine, class_of(o), o->kind == SOCK_LISTENER))
			return true;
	}
	for (const struct sock_port_address *a = port->addresses; a; a = a->next) {
		if (!overlap(addr, s->opt.v6only, &a->addr, false))
			continue;
		for (uint8_t c = 0; c < SOCK_PORT_CLASSES; c++) {
			if (a->users[c] && !gets_along(mine, c, false))
				return true;
		}
	}
	return false;
}

int sock_port_own(struct weir_socket *s)
{
	struct sock_port *port = find_or_make(s->table, (uint8_t)sock_protocol(s), s->local.port);

	if (!port)
		return -WEIR_ENOMEM;
	weir_assert(!s->port);
	s->port = port;
	s->port_counted = false;
	port->users++;
	list_push_front(&port->owners, &s->port_link);
	return 0;
}

int sock_port_count(struct weir_socket *s)
{
	struct sock_table *t = s->table;
	struct sock_port *port = s->port;
	struct sock_port_address *a;

	weir_assert(!s->port_counted);
	if (!port)
		port = find_or_make(t, (uint8_t)sock_protocol(s), s->local.port);
	if (!port)
		return -WEIR_ENOMEM;
	a = find_or_make_address(t, port, &s->local.addr);
	if (!a) {
		drop_if_unused(t, port);
		return -WEIR_ENOMEM;
	}
	if (!s->port) {
		s->port = port;
		port->users++;
		port->ephemeral += s->ephemeral;
	} else {
		list_remove(&s->port_link);
	}
	s->port_counted = true;
	s->port_class = class_of(s);
	a->users[s->port_class]++;
	return 0;
}

void sock_port_uncount(struct weir_socket *s, const weir_addr *was)
{
	weir_assert(s->port && s->port_counted);
	uncount(s->table, s->port, was, s->port_class);
	s->port_counted = false;
	list_push_front(&s->port->owners, &s->port_link);
}

void sock_port_release(struct weir_socket *s)
{
	struct sock_port *port = s->port;

	if (!port)
		return;
	if (s->port_counted)
		uncount(s->table, port, &s->local.addr, s->port_class);
	else
		list_remove(&s->port_link);
	port->users--;
	port->ephemeral -= s->ephemeral;
	s->port = NULL;
	s->port_counted = false;
	s->ephemeral = false;
	drop_if_unused(s->table, port);
}

void sock_port_reclass(struct weir_socket *s)
{
	uint8_t class = class_of(s);

	if (!s->port || !s->port_counted || class == s->port_class)
		return;
	for (struct sock_port_address *a = s->port->addresses; a; a = a->next) {
		if (weir_addr_equal(&a->addr, &s->local.addr)) {
			a->users[s->port_class]--;
			a->users[class]++;
			s->port_class = class;
			return;
		}
	}
}
