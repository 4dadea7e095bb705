/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of next hops: which MAC address an address has, and how far that is to be believed
 * (the states of RFC 4861 s7.3.2, used for ARP).
 *
 *	             asks            answer               30 s              used
 *	(no entry) ------> INCOMPLETE ------> RESOLVED ........> (stale) --------> DELAY
 *	                       | 3 s             ^  ^                                | 5 s
 *	                       v                 |  +---- answer ---- PROBE <--------+
 *	     <---- 3 s ---- FAILED      net_path_confirm()              | 3 s without answer: forgotten
 *
 * Stale is not a state of its own but RESOLVED behind usable_until: an idle entry needs no timer. A
 * neighbour is used in RESOLVED, DELAY and PROBE. After a probe without answer the entry is forgotten, and the
 * next use asks everybody, so that an address that moved is found.
 *
 * Whom to believe [W-ARP-1, N-2]: a MAC address changes only while we ask everybody, or when the entry is stale.
 * Anything that contradicts a fresh entry starts a probe of the station known so far; it loses its
 * place only by silence.
 *
 * Bounds [N-1]: max_neighbours in all; half of them unresolved. What goes first: FAILED, the oldest INCOMPLETE, the
 *stalest RESOLVED. Fresh, probed and static entries never go. IPv6 next hops have static entries only.
 */
#include "net/net_internal.h"

enum { REACHABLE_S = 30, CONFIRM_S = 15, DELAY_S = 5, RETRY_S = 1, FAILED_S = 3, TRIES = 3 };
enum { EVICT_SCAN = 16, SLOTS_FIRST = 8 };

static const weir_time always = {INT64_MAX}, never = {INT64_MIN};

struct neighbour_key {
	weir_addr addr;
	uint64_t ifindex;
};

static uint32_t key_hash(const struct net *net, const struct neighbour_key *key)
{
	return (uint32_t)siphash13(&net->host->key_demux, key, sizeof(*key));
}

static bool key_match(const struct hash_node *node, const void *key)
{
	const struct neighbour *n = (const struct neighbour *)(const void *)node;
	const struct neighbour_key *k = key;

	return n->ifindex == k->ifindex && weir_addr_equal(&n->addr, &k->addr);
}

struct neighbour *neighbour_find(const struct net *net, unsigned ifindex, const weir_addr *addr)
{
	struct neighbour_key key = {*addr, ifindex};

	return (struct neighbour *)(void *)hashtab_find(&net->table, key_hash(net, &key), key_match, &key);
}

static bool is_unresolved(const struct neighbour *n)
{
	return n->state == NEIGHBOUR_INCOMPLETE || n->state == NEIGHBOUR_FAILED;
}

static void state_set(struct net *net, struct neighbour *n, enum neighbour_state state)
{
	net->unresolved_count = (uint16_t)(net->unresolved_count - is_unresolved(n));
	list_remove(&n->link);
	n->state = (uint8_t)state;
	net->unresolved_count = (uint16_t)(net->unresolved_count + is_unresolved(n));
	switch (state) {
	case NEIGHBOUR_FREE:
		list_push_front(&net->spare, &n->link);
		break;
	case NEIGHBOUR_INCOMPLETE:
		list_push_back(&net->unresolved, &n->link);
		break;
	case NEIGHBOUR_FAILED:
		list_push_front(&net->unresolved, &n->link);
		break;
	case NEIGHBOUR_RESOLVED:
	case NEIGHBOUR_DELAY:
	case NEIGHBOUR_PROBE:
		list_push_back(&net->resolved, &n->link);
		break;
	case NEIGHBOUR_STATIC:
		break;
	}
}

static void timer_stop(struct net *net, struct neighbour *n)
{
	if (wheel_timer_set(&n->timer))
		wheel_cancel(&net->host->wheel, &n->timer);
}

static void timer_start(struct net *net, struct neighbour *n, weir_time from, int64_t seconds)
{
	wheel_set(&net->host->wheel, &n->timer, weir_time_add(from, weir_s(seconds)));
}

static void waiting_drop(struct net *net, struct neighbour *n)
{
	struct outgoing *packet;

	while ((packet = outgoing_take(&n->waiting)) != NULL) {
		outgoing_free(net, packet);
		host_drop(net->host, drop_neighbour_unresolved, 0);
	}
}

static void forget(struct net *net, struct neighbour *n)
{
	timer_stop(net, n);
	waiting_drop(net, n);
	hashtab_remove(&net->table, &n->node);
	state_set(net, n, NEIGHBOUR_FREE);
	n->generation = ++net->generation;
	n->usable_until = never;
	net->neighbours--;
	net->interface[n->ifindex]->neighbours_changed = true;
}

void neighbours_free(struct net *net)
{
	for (unsigned k = 0; k < net->slots; k++) {
		timer_stop(net, net->slot[k]);
		outgoing_free_all(net, &net->slot[k]->waiting);
	}
	hashtab_deinit(&net->table);
	slab_deinit(&net->slab);
	if (net->slot)
		memory_free(&net->host->memory, net->slot, net->slots_room * sizeof(*net->slot));
}

static unsigned limit(const struct net *net)
{
	uint32_t max = net->host->config.max_neighbours;

	return max < UINT16_MAX ? max : UINT16_MAX;
}

static bool evict(struct net *net)
{
	struct list *oldest = list_first(&net->unresolved);
	unsigned scanned = 0;

	if (oldest) {
		forget(net, weir_container(oldest, struct neighbour, link));
		return true;
	}
	list_each (link, &net->resolved) {
		struct neighbour *n = weir_container(link, struct neighbour, link);

		if (n->state == NEIGHBOUR_RESOLVED && !weir_time_before(net->host->now, n->usable_until)) {
			forget(net, n);
			return true;
		}
		if (++scanned == EVICT_SCAN)
			break;
	}
	return false;
}

static bool slots_grow(struct net *net)
{
	struct memory *memory = &net->host->memory;
	unsigned room = net->slots_room ? net->slots_room * 2u : (unsigned)SLOTS_FIRST;
	struct neighbour **grown;

	if (net->slots < net->slots_room)
		return true;
	if (room > UINT16_MAX)
		room = UINT16_MAX;
	grown = memory_alloc(memory, room * sizeof(*grown));
	if (!grown)
		return false;
	if (net->slot) {
		memcpy(grown, net->slot, net->slots * sizeof(*grown));
		memory_free(memory, net->slot, net->slots_room * sizeof(*grown));
	}
	net->slot = grown;
	net->slots_room = (uint16_t)room;
	return true;
}

/* A structure that is in no table, on the spare list. */
static struct neighbour *spare_get(struct net *net)
{
	struct list *spare = list_first(&net->spare);
	struct neighbour *n;

	if (spare)
		return weir_container(spare, struct neighbour, link);
	if (!slots_grow(net))
		return NULL;
	n = slab_get(&net->slab);
	if (!n)
		return NULL;
	n->slot = net->slots;
	n->state = NEIGHBOUR_FREE;
	list_init(&n->link);
	list_push_back(&net->spare, &n->link);
	wheel_timer_init(&n->timer, HOST_TIMER_NEIGHBOUR);
	net->slot[net->slots++] = n;
	return n;
}

/* A new entry in this state; NULL: no memory, or the table is full of what must stay. */
static struct neighbour *entry_new(struct net *net, struct interface *i, const weir_addr *addr,
                                   enum neighbour_state state)
{
	struct neighbour_key key = {*addr, i->ifindex};
	struct neighbour *n;

	if (net->neighbours >= limit(net) && !evict(net))
		return NULL;
	if (state == NEIGHBOUR_INCOMPLETE && net->unresolved_count >= (limit(net) + 1) / 2)
		evict(net);
	n = spare_get(net);
	if (!n)
		return NULL;
	n->addr = *addr;
	n->ifindex = i->ifindex;
	n->generation = ++net->generation;
	n->usable_until = never;
	n->tries = 0;
	n->asked_at = weir_time_add(net->host->now, weir_s(-RETRY_S));
	memset(n->header, 0, sizeof(n->header));
	state_set(net, n, state);
	hashtab_insert(&net->table, &n->node, key_hash(net, &key));
	net->neighbours++;
	return n;
}

static void mac_set(struct net *net, struct neighbour *n, const uint8_t mac[6])
{
	struct wire_eth eth = {.type = weir_addr_is_v4(&n->addr) ? ETH_IPV4 : ETH_IPV6};

	memcpy(eth.dst, mac, 6);
	memcpy(eth.src, net->interface[n->ifindex]->config.mac, 6);
	wire_eth_emit(n->header, &eth);
	n->generation = ++net->generation;
}

/* Everything that waited may go. fresh: it answered us; otherwise the entry is stale from the start. */
static void resolved(struct net *net, struct neighbour *n, bool fresh)
{
	struct interface *i = net->interface[n->ifindex];
	struct outgoing *packet;

	if (is_unresolved(n))
		i->neighbours_changed = true;
	timer_stop(net, n);
	state_set(net, n, NEIGHBOUR_RESOLVED);
	n->usable_until = fresh ? weir_time_add(net->host->now, weir_s(REACHABLE_S)) : net->host->now;
	while ((packet = outgoing_take(&n->waiting)) != NULL) {
		memcpy(packet->data, n->header, ETH_HEADER_BYTES);
		outgoing_queue_frame(net, i, packet);
	}
}

/* One question, not sooner than a second after the last; the timer comes when the next is due. */
static bool ask(struct net *net, struct neighbour *n)
{
	weir_time now = net->host->now;

	if (!weir_time_before(now, weir_time_add(n->asked_at, weir_s(RETRY_S)))) {
		const uint8_t *mac = n->state == NEIGHBOUR_PROBE ? n->header : NULL;

		if (!arp_ask(net, net->interface[n->ifindex], &n->addr, mac))
			return false;
		n->tries++;
		n->asked_at = now;
	}
	timer_start(net, n, n->asked_at, RETRY_S);
	return true;
}

static void probe_start(struct net *net, struct neighbour *n)
{
	state_set(net, n, NEIGHBOUR_PROBE);
	n->usable_until = always;
	n->tries = 0;
	if (!ask(net, n))
		forget(net, n);
}

static void failed(struct net *net, struct neighbour *n)
{
	waiting_drop(net, n);
	state_set(net, n, NEIGHBOUR_FAILED);
	timer_start(net, n, net->host->now, FAILED_S);
	net->interface[n->ifindex]->neighbours_changed = true;
}

void net_expire(struct net *net, struct wheel_timer *timer)
{
	struct neighbour *n = weir_container(timer, struct neighbour, timer);

	switch ((enum neighbour_state)n->state) {
	case NEIGHBOUR_INCOMPLETE:
		if (n->tries >= TRIES || !ask(net, n))
			failed(net, n);
		break;
	case NEIGHBOUR_DELAY:
		probe_start(net, n);
		break;
	case NEIGHBOUR_PROBE:
		if (n->tries >= TRIES || !ask(net, n))
			forget(net, n);
		break;
	case NEIGHBOUR_FAILED:
		forget(net, n);
		break;
	case NEIGHBOUR_FREE:
	case NEIGHBOUR_RESOLVED:
	case NEIGHBOUR_STATIC:
		break;
	}
}

/* First use of an unknown next hop. */
static enum net_resolve resolve_new(struct net *net, struct net_path *path, struct neighbour **neighbour)
{
	struct neighbour *n;

	if (!weir_addr_is_v4(&path->next_hop))
		return NET_UNRESOLVED;
	n = entry_new(net, net->interface[path->ifindex], &path->next_hop, NEIGHBOUR_INCOMPLETE);
	if (!n) {
		host_count(net->host, drop_neighbour_table_full);
		return NET_UNRESOLVED;
	}
	if (!ask(net, n)) {
		forget(net, n);
		return NET_UNRESOLVED;
	}
	*neighbour = n;
	return NET_RESOLVING;
}

enum net_resolve neighbour_resolve(struct net *net, struct net_path *path, struct neighbour **neighbour)
{
	struct neighbour *n = neighbour_find(net, path->ifindex, &path->next_hop);

	if (!n)
		return resolve_new(net, path, neighbour);
	*neighbour = n;
	if (n->state == NEIGHBOUR_FAILED)
		return NET_UNRESOLVED;
	if (n->state == NEIGHBOUR_INCOMPLETE)
		return NET_RESOLVING;
	if (n->state == NEIGHBOUR_RESOLVED && !weir_time_before(net->host->now, n->usable_until)) {
		state_set(net, n, NEIGHBOUR_DELAY);
		n->usable_until = weir_time_add(net->host->now, weir_s(DELAY_S));
		timer_start(net, n, net->host->now, DELAY_S);
	}
	path->neighbour_slot = n->slot;
	path->neighbour_generation = n->generation;
	return NET_RESOLVED;
}

void neighbour_wait(struct net *net, struct neighbour *n, struct outgoing *packet)
{
	/* RFC 1122 s2.3.2.2: keep at least the latest. */
	if (n->waiting.count >= NET_WAITING_PACKETS) {
		outgoing_free(net, outgoing_take(&n->waiting));
		host_drop(net->host, drop_neighbour_queue_full, 0);
	}
	outgoing_append(&n->waiting, packet);
}

/* Another MAC address than the one known. Only a stale entry gives way at once. */
static enum drop contradicted(struct net *net, struct neighbour *n, const uint8_t mac[6])
{
	bool stale = !weir_time_before(net->host->now, n->usable_until);

	if (n->state == NEIGHBOUR_RESOLVED && stale) {
		mac_set(net, n, mac);
		return DROP_NONE;
	}
	if (n->state == NEIGHBOUR_RESOLVED || n->state == NEIGHBOUR_DELAY)
		probe_start(net, n);
	return drop_arp_conflict;
}

enum drop neighbour_learn(struct net *net, struct interface *i, const weir_addr *addr, const uint8_t mac[6],
                          bool solicited, bool create)
{
	struct neighbour *n = neighbour_find(net, i->ifindex, addr);

	if (!n) {
		if (!create)
			return drop_arp_not_ours;
		n = entry_new(net, i, addr, NEIGHBOUR_RESOLVED);
		if (!n)
			return drop_neighbour_table_full;
		mac_set(net, n, mac);
		n->usable_until = net->host->now;
		return DROP_NONE;
	}
	if (is_unresolved(n)) {
		mac_set(net, n, mac);
		resolved(net, n, solicited);
		return DROP_NONE;
	}
	if (memcmp(n->header, mac, 6) != 0)
		return contradicted(net, n, mac);
	if (n->state == NEIGHBOUR_PROBE && solicited)
		resolved(net, n, true);
	return DROP_NONE;
}

static bool neighbour_valid(const struct net *net, const struct interface *i, const weir_addr *addr,
                            const uint8_t mac[6])
{
	static const uint8_t zero[6];

	if (!i || i->config.kind != WEIR_LINK_ETHERNET || (mac[0] & 1) || memcmp(mac, zero, 6) == 0)
		return false;
	return !weir_addr_is_any(addr) && !weir_addr_is_multicast(addr) && !weir_addr_is_loopback(addr) &&
	       !addr_is_zero_net4(addr) && !addr_is_high4(addr) && !net_is_broadcast(net, addr) &&
	       !interface_has(i, addr);
}

int net_neighbour_add(struct net *net, unsigned ifindex, const weir_addr *addr, const uint8_t mac[6])
{
	struct interface *i = interface_get(net, ifindex);
	struct neighbour *n;

	if (!neighbour_valid(net, i, addr, mac))
		return -WEIR_EINVAL;
	n = neighbour_find(net, ifindex, addr);
	if (!n)
		n = entry_new(net, i, addr, NEIGHBOUR_STATIC);
	if (!n)
		return -WEIR_ENOSPC;
	mac_set(net, n, mac);
	resolved(net, n, true);
	state_set(net, n, NEIGHBOUR_STATIC);
	n->usable_until = always;
	return 0;
}

/* The entry a path holds, whatever its state. */
static struct neighbour *path_neighbour(const struct net *net, const struct net_path *path)
{
	struct neighbour *n = path->neighbour_slot < net->slots ? net->slot[path->neighbour_slot] : NULL;

	return n && n->generation == path->neighbour_generation ? n : NULL;
}

void net_path_doubt(struct net *net, struct net_path *path)
{
	struct neighbour *n = path_neighbour(net, path);

	if (n && (n->state == NEIGHBOUR_RESOLVED || n->state == NEIGHBOUR_DELAY))
		probe_start(net, n);
}

void net_path_confirm(struct net *net, const struct net_path *path)
{
	struct neighbour *n = path_neighbour(net, path);
	weir_time enough = weir_time_add(net->host->now, weir_s(CONFIRM_S));

	if (!n || n->state == NEIGHBOUR_STATIC || n->state == NEIGHBOUR_FREE || is_unresolved(n))
		return;
	if (n->state != NEIGHBOUR_RESOLVED || weir_time_before(n->usable_until, enough))
		resolved(net, n, true);
}
