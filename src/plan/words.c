/* SPDX-License-Identifier: Apache-2.0
 *
 * world{}, host{}, link{}, tap{}. Each takes one table. A key that no word knows is an error: a misspelt one must not
 * pass for a default.
 */
#include "plan/words.h"

#include <lauxlib.h>

#include <limits.h>
#include <string.h>

/* Its address is the plan's key in the registry. */
static const char plan_key;

void words_bind(lua_State *lua, struct plan *plan)
{
	lua_pushlightuserdata(lua, plan);
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &plan_key);
}

static struct plan *words_plan(lua_State *lua)
{
	struct plan *plan;

	lua_rawgetp(lua, LUA_REGISTRYINDEX, &plan_key);
	plan = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return plan;
}

/* The value on the top of the stack as text, for the parsers of plan.c: numbers count as their digits. */
static const char *text_value(lua_State *lua, const char *key)
{
	if (!lua_isstring(lua, -1)) {
		luaL_error(lua, "%s: expected text or a number, found a %s", key, luaL_typename(lua, -1));
		return "";
	}
	return lua_tostring(lua, -1);
}

static void bad_value(lua_State *lua, const char *key, const char *expected)
{
	luaL_error(lua, "%s = '%s': expected %s", key, luaL_tolstring(lua, -1, NULL), expected);
}

static void read_duration(lua_State *lua, const char *key, void *to)
{
	if (!plan_parse_duration(text_value(lua, key), to))
		bad_value(lua, key, "a duration, as in '20ms' or '1.5s'");
}

static void read_chance(lua_State *lua, const char *key, void *to)
{
	if (!plan_parse_chance(text_value(lua, key), to))
		bad_value(lua, key, "a share, as in '1%' or 0.01");
}

static void read_rate(lua_State *lua, const char *key, void *to)
{
	if (!plan_parse_rate(text_value(lua, key), to))
		bad_value(lua, key, "a rate, as in '10Mbit/s'");
}

static uint64_t read_number(lua_State *lua, const char *key, uint64_t max)
{
	uint64_t size;

	if (!plan_parse_size(text_value(lua, key), &size) || size > max)
		bad_value(lua, key, "a number in its range, or a size as in '64KiB'");
	return size;
}

static void read_u32(lua_State *lua, const char *key, void *to)
{
	*(uint32_t *)to = (uint32_t)read_number(lua, key, UINT32_MAX);
}

static void read_u16(lua_State *lua, const char *key, void *to)
{
	*(uint16_t *)to = (uint16_t)read_number(lua, key, UINT16_MAX);
}

static void read_u8(lua_State *lua, const char *key, void *to)
{
	*(uint8_t *)to = (uint8_t)read_number(lua, key, UINT8_MAX);
}

static void read_u64(lua_State *lua, const char *key, void *to)
{
	*(uint64_t *)to = read_number(lua, key, INT64_MAX);
}

static void read_bool(lua_State *lua, const char *key, void *to)
{
	if (!lua_isboolean(lua, -1))
		bad_value(lua, key, "true or false");
	*(bool *)to = lua_toboolean(lua, -1);
}

/* true and false, or a number by Linux's tcp_ecn. */
static void read_ecn(lua_State *lua, const char *key, void *to)
{
	uint8_t ecn;

	if (lua_isboolean(lua, -1))
		ecn = lua_toboolean(lua, -1) ? WEIR_ECN_ON : WEIR_ECN_OFF;
	else
		ecn = (uint8_t)read_number(lua, key, WEIR_ECN_ACCEPT_ACCURATE);
	*(uint8_t *)to = ecn;
}

/* A number counts packets, a size with a unit bytes. */
static void read_queue(lua_State *lua, const char *key, void *to)
{
	struct link_fault_spec *fault = to;

	if (lua_type(lua, -1) == LUA_TNUMBER)
		fault->queue_packets = (uint32_t)read_number(lua, key, UINT32_MAX);
	else
		fault->queue_bytes = read_number(lua, key, INT64_MAX);
}

struct key {
	const char *name;
	size_t offset;
	void (*read)(lua_State *lua, const char *key, void *to);
};

static const struct key host_keys[] = {
    {"sndbuf", offsetof(struct weir_config, sndbuf_bytes), read_u32},
    {"rcvbuf", offsetof(struct weir_config, rcvbuf_bytes), read_u32},
    {"sndbuf_auto_max", offsetof(struct weir_config, sndbuf_auto_max_bytes), read_u32},
    {"rcvbuf_auto_max", offsetof(struct weir_config, rcvbuf_auto_max_bytes), read_u32},
    {"max_buffer", offsetof(struct weir_config, max_buffer_bytes), read_u32},
    {"max_sockets", offsetof(struct weir_config, max_sockets), read_u32},
    {"max_time_wait", offsetof(struct weir_config, max_time_wait), read_u32},
    {"max_backlog", offsetof(struct weir_config, max_backlog), read_u32},
    {"time_wait", offsetof(struct weir_config, time_wait), read_duration},
    {"fin_wait_2", offsetof(struct weir_config, fin_wait_2), read_duration},
    {"min_rto", offsetof(struct weir_config, min_rto), read_duration},
    {"delayed_ack", offsetof(struct weir_config, delayed_ack), read_duration},
    {"syn_retries", offsetof(struct weir_config, syn_retries), read_u8},
    {"synack_retries", offsetof(struct weir_config, synack_retries), read_u8},
    {"reset_rate", offsetof(struct weir_config, reset_rate), read_u32},
    {"fast_open", offsetof(struct weir_config, fast_open), read_u8},
    {"syn_cookies", offsetof(struct weir_config, syn_cookies), read_u8},
    {"max_orphans", offsetof(struct weir_config, max_orphans), read_u32},
    {"orphan_probes", offsetof(struct weir_config, orphan_probes), read_u8},
    {"user_timeout_option", offsetof(struct weir_config, user_timeout_option), read_bool},
    {"data_retries", offsetof(struct weir_config, data_retries), read_u8},
    {"timestamps", offsetof(struct weir_config, timestamps), read_bool},
    {"window_scaling", offsetof(struct weir_config, window_scaling), read_bool},
    {"sack", offsetof(struct weir_config, sack), read_bool},
    {"mtu_probing", offsetof(struct weir_config, mtu_probing), read_bool},
    {"ecn", offsetof(struct weir_config, ecn), read_ecn},
    {"ttl", offsetof(struct weir_config, ttl), read_u8},
    {"port_low", offsetof(struct weir_config, port_low), read_u16},
    {"port_high", offsetof(struct weir_config, port_high), read_u16},
    {NULL, 0, NULL},
};

static const struct key fault_keys[] = {
    {"delay", offsetof(struct link_fault_spec, delay), read_duration},
    {"jitter", offsetof(struct link_fault_spec, jitter), read_duration},
    {"rate", offsetof(struct link_fault_spec, rate_bytes_per_s), read_rate},
    {"queue", 0, read_queue},
    {"max_packet", offsetof(struct link_fault_spec, max_packet_bytes), read_u16},
    {"too_big", offsetof(struct link_fault_spec, too_big), read_bool},
    {"mark", offsetof(struct link_fault_spec, mark), read_chance},
    {"mark_queue", offsetof(struct link_fault_spec, mark_bytes), read_u64},
    {"loss", offsetof(struct link_fault_spec, loss), read_chance},
    {"duplicate", offsetof(struct link_fault_spec, duplicate), read_chance},
    {"corrupt", offsetof(struct link_fault_spec, corrupt), read_chance},
    {"reorder", offsetof(struct link_fault_spec, reorder), read_chance},
    {"reorder_delay", offsetof(struct link_fault_spec, reorder_delay), read_duration},
    {"seed", offsetof(struct link_fault_spec, seed), read_u64},
    {NULL, 0, NULL},
};

/* Reads the value on the top of the stack if a list knows the key. */
static bool read_key(lua_State *lua, const struct key *keys, const char *name, void *base)
{
	for (; keys->name != NULL; keys++) {
		if (strcmp(keys->name, name) == 0) {
			keys->read(lua, name, (char *)base + keys->offset);
			return true;
		}
	}
	return false;
}

/* The field's text, copied out; it must be there when `needed`. */
static bool take_name(lua_State *lua, const char *key, char *to, size_t room, bool needed)
{
	size_t len;
	const char *text;

	if (lua_getfield(lua, 1, key) == LUA_TNIL) {
		if (needed)
			luaL_error(lua, "'%s' is missing", key);
		lua_pop(lua, 1);
		return false;
	}
	text = lua_tolstring(lua, -1, &len);
	if (text == NULL || len == 0 || len >= room || memchr(text, '\0', len) != NULL)
		bad_value(lua, key, "a name");
	memcpy(to, text, len + 1);
	lua_pop(lua, 1);
	return true;
}

static unsigned add_addr(lua_State *lua, struct plan_addr *addr, unsigned count)
{
	if (count == PLAN_ADDRS_MAX)
		luaL_error(lua, "more than %d addresses", PLAN_ADDRS_MAX);
	if (!plan_parse_addr(text_value(lua, "address"), &addr[count]))
		bad_value(lua, "address", "an address with its prefix, as in '10.0.0.1/24'");
	return count + 1;
}

/* The value on the top: one address or a list of them. Returns how many. */
static unsigned read_addrs(lua_State *lua, struct plan_addr *addr)
{
	unsigned count = 0;

	if (!lua_istable(lua, -1))
		return add_addr(lua, addr, 0);
	for (int i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
		count = add_addr(lua, addr, count);
		lua_pop(lua, 1);
	}
	lua_pop(lua, 1);
	return count;
}

/* The value on the top: { { to = "0.0.0.0/0", via = "10.0.0.9" }, ... }. */
static void read_routes(lua_State *lua, struct plan_host *host)
{
	luaL_checktype(lua, -1, LUA_TTABLE);
	for (int i = 1; lua_rawgeti(lua, -1, i) != LUA_TNIL; i++) {
		struct plan_route *route = &host->route[host->routes];
		struct plan_addr via;

		if (host->routes == PLAN_ROUTES_MAX || !lua_istable(lua, -1))
			luaL_error(lua, "route: expected a list of at most %d { to = , via = }", PLAN_ROUTES_MAX);
		lua_getfield(lua, -1, "to");
		if (!plan_parse_addr(text_value(lua, "to"), &route->to))
			bad_value(lua, "to", "a prefix, as in '0.0.0.0/0'");
		lua_pop(lua, 1);
		lua_getfield(lua, -1, "via");
		if (!plan_parse_addr(text_value(lua, "via"), &via))
			bad_value(lua, "via", "an address");
		lua_pop(lua, 2);
		route->via = via.addr;
		host->routes++;
	}
	lua_pop(lua, 1);
}

static int word_host(lua_State *lua)
{
	struct plan *plan = words_plan(lua);
	char name[PLAN_NAME];
	struct plan_host *host;

	luaL_checktype(lua, 1, LUA_TTABLE);
	take_name(lua, "name", name, sizeof(name), true);
	if (plan_find_host(plan, name) >= 0)
		return luaL_error(lua, "there is a host '%s' already", name);
	host = plan_add_host(plan, name);
	if (host == NULL)
		return luaL_error(lua, "host '%s': too many hosts, or no memory", name);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";

		if (strcmp(key, "name") == 0)
			continue;
		if (strcmp(key, "address") == 0)
			host->addrs = read_addrs(lua, host->addr);
		else if (strcmp(key, "route") == 0)
			read_routes(lua, host);
		else if (!read_key(lua, host_keys, key, &host->config))
			return luaL_error(lua, "host '%s' has no setting '%s'", name, key);
	}
	return 0;
}

/* A member without addresses of its own takes the host's; only one may. */
static void settle_member(lua_State *lua, struct plan_host *host, struct plan_member *member, const char *where)
{
	if (member->addrs > 0)
		return;
	if (host->attached)
		luaL_error(lua,
		           "%s: host '%s' uses its addresses on another link: give it one for this, { host = \"%s\", "
		           "address = ... }",
		           where, host->name, host->name);
	if (host->addrs == 0)
		luaL_error(lua, "%s: host '%s' has no address", where, host->name);
	host->attached = true;
}

/* The value on the top: "a" or { host = "a", address = ... }. */
static void read_member(lua_State *lua, struct plan_link *link)
{
	struct plan *plan = words_plan(lua);
	bool detailed = lua_istable(lua, -1);
	struct plan_member *member;
	const char *name;
	int host;

	if (detailed)
		lua_getfield(lua, -1, "host");
	name = lua_isstring(lua, -1) ? lua_tostring(lua, -1) : "";
	host = plan_find_host(plan, name);
	if (host < 0)
		luaL_error(lua, "link '%s': no host '%s' has been declared before", link->name, name);
	if (detailed)
		lua_pop(lua, 1);
	member = plan_add_member(link, (unsigned)host);
	if (member == NULL)
		luaL_error(lua, "link '%s': too many members, or no memory", link->name);
	else if (detailed) {
		if (lua_getfield(lua, -1, "address") != LUA_TNIL)
			member->addrs = read_addrs(lua, member->addr);
		lua_pop(lua, 1);
	}
	if (member != NULL)
		settle_member(lua, &plan->host[host], member, link->name);
}

static void read_link_setting(lua_State *lua, struct plan_link *link, const char *key)
{
	if (strcmp(key, "name") == 0)
		return;
	if (strcmp(key, "mtu") == 0) {
		read_u16(lua, key, &link->mtu_bytes);
		if (link->mtu_bytes < 576)
			bad_value(lua, key, "576 or more");
		return;
	}
	if (!read_key(lua, fault_keys, key, &link->fault))
		luaL_error(lua, "link '%s' has no setting '%s'", link->name, key);
	link->faulty |= strcmp(key, "seed") != 0;
}

static void settle_fault(struct link_fault_spec *fault)
{
	if (fault->reorder != 0 && fault->reorder_delay.ns == 0)
		fault->reorder_delay = weir_ms(5);
}

static int word_link(lua_State *lua)
{
	struct plan *plan = words_plan(lua);
	char name[PLAN_NAME];
	struct plan_link *link;

	luaL_checktype(lua, 1, LUA_TTABLE);
	if (!take_name(lua, "name", name, sizeof(name), false))
		snprintf(name, sizeof(name), "link%u", plan->links + 1);
	link = plan_add_link(plan, name);
	if (link == NULL)
		return luaL_error(lua, "link '%s': too many links, or no memory", name);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		if (lua_type(lua, -2) == LUA_TSTRING)
			read_link_setting(lua, link, lua_tostring(lua, -2));
	}
	for (int i = 1; lua_rawgeti(lua, 1, i) != LUA_TNIL; i++) {
		read_member(lua, link);
		lua_settop(lua, 1);
	}
	if (link->members < 2)
		return luaL_error(lua, "link '%s' joins fewer than two hosts", name);
	if (link->fault.too_big)
		return luaL_error(lua, "link '%s': too_big belongs to a trunk, which knows the way back", name);
	settle_fault(&link->fault);
	return 0;
}

static unsigned read_joined(lua_State *lua, const char *trunk, int i)
{
	const struct plan *plan = words_plan(lua);
	const char *name = lua_rawgeti(lua, 1, i) == LUA_TSTRING ? lua_tostring(lua, -1) : "";

	for (unsigned k = 0; k < plan->links; k++) {
		if (strcmp(plan->link[k].name, name) == 0) {
			lua_pop(lua, 1);
			return k;
		}
	}
	return (unsigned)luaL_error(lua, "trunk '%s': no link '%s' has been declared before", trunk, name);
}

static int word_trunk(lua_State *lua)
{
	struct plan *plan = words_plan(lua);
	struct plan_trunk *trunk;
	char name[PLAN_NAME];

	luaL_checktype(lua, 1, LUA_TTABLE);
	if (!take_name(lua, "name", name, sizeof(name), false))
		snprintf(name, sizeof(name), "trunk%u", plan->trunks + 1);
	if (lua_rawlen(lua, 1) != 2)
		return luaL_error(lua, "trunk '%s' joins two links", name);
	trunk = plan_add_trunk(plan, name, read_joined(lua, name, 1), read_joined(lua, name, 2));
	if (trunk == NULL)
		return luaL_error(lua, "trunk '%s': these links are joined already, or there is no memory", name);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "name";

		if (strcmp(key, "name") != 0 && !read_key(lua, fault_keys, key, &trunk->fault))
			return luaL_error(lua, "trunk '%s' has no setting '%s'", name, key);
	}
	settle_fault(&trunk->fault);
	return 0;
}

/* The value on the top: { ["fd09::2"] = "02:00:00:00:00:02", ... }. */
static void read_neighbours(lua_State *lua, struct plan_tap *tap)
{
	luaL_checktype(lua, -1, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, -2) != 0; lua_pop(lua, 1)) {
		struct plan_neighbour *neighbour = &tap->neighbour[tap->neighbours];
		struct plan_addr addr;

		if (tap->neighbours == PLAN_NEIGHBOURS_MAX)
			luaL_error(lua, "neighbour: more than %d", PLAN_NEIGHBOURS_MAX);
		if (lua_type(lua, -2) != LUA_TSTRING || !plan_parse_addr(lua_tostring(lua, -2), &addr))
			luaL_error(lua, "neighbour: expected [\"address\"] = \"aa:bb:cc:dd:ee:ff\"");
		if (!plan_parse_mac(text_value(lua, "neighbour"), neighbour->mac))
			bad_value(lua, "neighbour", "a unicast address as in '02:00:00:00:00:02'");
		neighbour->addr = addr.addr;
		tap->neighbours++;
	}
}

static int word_tap(lua_State *lua)
{
	struct plan *plan = words_plan(lua);
	char name[PLAN_IFNAME], host_name[PLAN_NAME];
	struct plan_tap *tap;
	int host;

	luaL_checktype(lua, 1, LUA_TTABLE);
	take_name(lua, "name", name, sizeof(name), true);
	take_name(lua, "host", host_name, sizeof(host_name), true);
	host = plan_find_host(plan, host_name);
	if (host < 0)
		return luaL_error(lua, "tap '%s': no host '%s' has been declared before", name, host_name);
	tap = plan_add_tap(plan, name);
	if (tap == NULL)
		return luaL_error(lua, "tap '%s': too many, or no memory", name);
	tap->member.host = (unsigned)host;
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";

		if (strcmp(key, "address") == 0)
			tap->member.addrs = read_addrs(lua, tap->member.addr);
		else if (strcmp(key, "mtu") == 0)
			read_u16(lua, key, &tap->mtu_bytes);
		else if (strcmp(key, "neighbour") == 0)
			read_neighbours(lua, tap);
		else if (strcmp(key, "name") != 0 && strcmp(key, "host") != 0)
			return luaL_error(lua, "tap '%s' has no setting '%s'", name, key);
	}
	settle_member(lua, &plan->host[host], &tap->member, name);
	return 0;
}

static int word_world(lua_State *lua)
{
	struct plan *plan = words_plan(lua);

	luaL_checktype(lua, 1, LUA_TTABLE);
	take_name(lua, "name", plan->name, sizeof(plan->name), true);
	return 0;
}

void words_register(lua_State *lua)
{
	lua_register(lua, "host", word_host);
	lua_register(lua, "link", word_link);
}

void words_register_scenario(lua_State *lua)
{
	lua_register(lua, "trunk", word_trunk);
}

void words_register_world(lua_State *lua)
{
	lua_register(lua, "world", word_world);
	lua_register(lua, "tap", word_tap);
}
