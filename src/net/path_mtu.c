/* SPDX-License-Identifier: Apache-2.0
 *
 * What paths carry (RFC 1191, RFC 8201): a table by destination of the MTU that was learned, by a validated message or
 * by what got through and what did not. Entries count for ten minutes, then the path may have grown [8201 s4].
 *
 * The table is sets of a few places, chosen by a keyed hash, so that nobody can push out what others have taught us
 * [attacks I-6]; within a set the oldest goes. It is made when the first path is found that carries less than its link.
 */
#include "net/net_internal.h"

enum { WAYS = 4, SETS = NET_PATH_MTUS_MAX / WAYS };

#define LIFE weir_s(600)

_Static_assert(SETS *WAYS == NET_PATH_MTUS_MAX, "whole sets");

/* Zones matter where an address means another host on each link. */
static uint16_t zone_of(const weir_addr *dst, const struct net_path *path)
{
	return weir_addr_is_link_local6(dst) ? path->ifindex : 0;
}

static struct path_mtu *set_of(const struct net *net, const weir_addr *dst, uint16_t zone)
{
	struct {
		weir_addr dst;
		uint64_t zone;
	} key = {*dst, zone};

	return &net->path_mtu[siphash24(&net->host->key_path, &key, sizeof(key)) % SETS * WAYS];
}

static bool is_for(const struct path_mtu *p, const weir_addr *dst, uint16_t zone)
{
	return p->until.ns > 0 && p->ifindex == zone && weir_addr_equal(&p->dst, dst);
}

void net_path_mtu_refresh(struct net *net, const weir_addr *dst, struct net_path *path)
{
	uint16_t zone = zone_of(dst, path);
	const struct path_mtu *set;

	path->mtu_bytes = path->link_mtu_bytes;
	if (likely(net->path_mtu == NULL))
		return;
	set = set_of(net, dst, zone);
	for (unsigned i = 0; i < WAYS; i++) {
		if (is_for(&set[i], dst, zone) && weir_time_before(net->host->now, set[i].until) &&
		    set[i].mtu_bytes < path->link_mtu_bytes)
			path->mtu_bytes = set[i].mtu_bytes;
	}
}

/* Its place, or the one that it may take. */
static struct path_mtu *place(struct path_mtu *set, const weir_addr *dst, uint16_t zone)
{
	struct path_mtu *oldest = set;

	for (unsigned i = 0; i < WAYS; i++) {
		if (is_for(&set[i], dst, zone))
			return &set[i];
		if (weir_time_before(set[i].until, oldest->until))
			oldest = &set[i];
	}
	return oldest;
}

void net_path_mtu_learn(struct net *net, const weir_addr *dst, struct net_path *path, uint16_t mtu_bytes)
{
	uint16_t zone = zone_of(dst, path);
	bool smaller = mtu_bytes < path->link_mtu_bytes;
	struct path_mtu *p;

	path->mtu_bytes = smaller ? mtu_bytes : path->link_mtu_bytes;
	if (!net->path_mtu && smaller)
		net->path_mtu = memory_alloc_zero(&net->host->memory, NET_PATH_MTUS_MAX * sizeof(*net->path_mtu));
	if (!net->path_mtu) /* without memory each connection learns for itself */
		return;
	p = place(set_of(net, dst, zone), dst, zone);
	if (smaller)
		*p = (struct path_mtu){*dst, weir_time_add(net->host->now, LIFE), zone, mtu_bytes};
	else if (is_for(p, dst, zone))
		*p = (struct path_mtu){.until = {0}};
}

void path_mtu_free(struct net *net)
{
	if (net->path_mtu)
		memory_free(&net->host->memory, net->path_mtu, NET_PATH_MTUS_MAX * sizeof(*net->path_mtu));
}

/* [1191 s7.1] A router from before 1990 does not say what its link carries: the next smaller usual size is tried. */
static uint16_t plateau_below(uint16_t bytes)
{
	static const uint16_t plateau[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006};

	for (unsigned i = 0; i < sizeof(plateau) / sizeof(plateau[0]); i++)
		if (plateau[i] < bytes)
			return plateau[i];
	return NET_PATH_MTU_MIN_V4;
}

uint16_t net_path_mtu_told(const struct wire_icmp *icmp)
{
	uint16_t mtu = icmp->mtu_bytes;

	if (icmp->kind != ICMP_PACKET_TOO_BIG)
		return 0;
	if (!weir_addr_is_v4(&icmp->quoted_dst))
		return mtu >= NET_PATH_MTU_MIN_V6 ? mtu : 0; /* [8021] no answer to it but fragments that are none */
	if (mtu == 0)
		mtu = plateau_below(icmp->quoted_bytes);
	return mtu > NET_PATH_MTU_MIN_V4 ? mtu : NET_PATH_MTU_MIN_V4;
}
