/* SPDX-License-Identifier: Apache-2.0
 *
 * Destinations as programs give them, made exact: families, wildcards, zones (RFC 4007).
 */
#include "sock/sock.h"

uint16_t sock_zone(const weir_addr *addr, unsigned ifindex)
{
	return weir_addr_is_link_local6(addr) ? (uint16_t)ifindex : 0;
}

int sock_check_family(const struct weir_socket *s, const weir_addr *addr, int mapped_on_v6only)
{
	bool v4 = weir_addr_is_v4(addr);

	if (s->family == WEIR_INET)
		return v4 ? 0 : -WEIR_EAFNOSUPPORT;
	return v4 && s->opt.v6only ? mapped_on_v6only : 0;
}

/* Broadcast and multicast addresses are for net_route() to refuse [9293 MUST-46]: it knows the subnets. */
int sock_normalise(const struct weir_socket *s, const struct weir_endpoint *to, struct weir_endpoint *remote)
{
	int r = sock_check_family(s, &to->addr, -WEIR_ENETUNREACH);

	if (r < 0)
		return r;
	*remote = *to;
	if (weir_addr_is_any(&to->addr))
		remote->addr = weir_addr_is_v4(&to->addr) ? weir_addr_v4(127, 0, 0, 1) : (weir_addr){.b = {[15] = 1}};
	if (s->explicit_addr && weir_addr_is_v4(&s->local.addr) != weir_addr_is_v4(&remote->addr))
		return -WEIR_ENETUNREACH;
	remote->ifindex = sock_zone(&remote->addr, to->ifindex);
	return 0;
}
