/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans: memory, the default world, and the spelling of addresses and quantities.
 */
#include "plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void plan_init(struct plan *plan)
{
	*plan = (struct plan){.name = "default"};
}

void plan_deinit(struct plan *plan)
{
	for (unsigned i = 0; i < plan->links; i++)
		free(plan->link[i].member);
	free(plan->host);
	free(plan->link);
	free(plan->trunk);
	free(plan->tap);
	plan_init(plan);
}

int plan_find_host(const struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->hosts; i++) {
		if (strcmp(plan->host[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

static bool set_name(char *to, size_t room, const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= room)
		return false;
	memcpy(to, name, len + 1);
	return true;
}

/* One more element at the end of an array, zeroed; NULL leaves the array as it was. */
static void *grow(void *array, unsigned count, unsigned max, size_t size)
{
	char *more;

	if (count == max)
		return NULL;
	more = realloc(array, (count + 1) * size);
	if (more != NULL)
		memset(more + count * size, 0, size);
	return more;
}

struct plan_host *plan_add_host(struct plan *plan, const char *name)
{
	struct plan_host *host = grow(plan->host, plan->hosts, PLAN_HOSTS_MAX, sizeof(*host));

	if (host == NULL)
		return NULL;
	plan->host = host;
	host += plan->hosts;
	if (!set_name(host->name, sizeof(host->name), name))
		return NULL;
	weir_config_init(&host->config);
	plan->hosts++;
	return host;
}

struct plan_link *plan_add_link(struct plan *plan, const char *name)
{
	struct plan_link *link = grow(plan->link, plan->links, PLAN_LINKS_MAX, sizeof(*link));

	if (link == NULL)
		return NULL;
	plan->link = link;
	link += plan->links;
	if (!set_name(link->name, sizeof(link->name), name))
		return NULL;
	link->mtu_bytes = 1500;
	link->group = plan->links++;
	return link;
}

struct plan_trunk *plan_add_trunk(struct plan *plan, const char *name, unsigned a, unsigned b)
{
	unsigned from = plan->link[a].group, to = plan->link[b].group;
	struct plan_trunk *trunk;

	if (from == to)
		return NULL;
	trunk = grow(plan->trunk, plan->trunks, PLAN_LINKS_MAX, sizeof(*trunk));
	if (trunk == NULL)
		return NULL;
	plan->trunk = trunk;
	trunk += plan->trunks;
	if (!set_name(trunk->name, sizeof(trunk->name), name))
		return NULL;
	trunk->link[0] = a;
	trunk->link[1] = b;
	plan->trunks++;
	for (unsigned i = 0; i < plan->links; i++) {
		if (plan->link[i].group == from)
			plan->link[i].group = to;
	}
	return trunk;
}

struct plan_tap *plan_add_tap(struct plan *plan, const char *name)
{
	struct plan_tap *tap = grow(plan->tap, plan->taps, PLAN_TAPS_MAX, sizeof(*tap));

	if (tap == NULL)
		return NULL;
	plan->tap = tap;
	tap += plan->taps;
	if (!set_name(tap->name, sizeof(tap->name), name))
		return NULL;
	tap->mtu_bytes = 1500;
	plan->taps++;
	return tap;
}

struct plan_member *plan_add_member(struct plan_link *link, unsigned host)
{
	struct plan_member *member = grow(link->member, link->members, PLAN_MEMBERS_MAX, sizeof(*member));

	if (member == NULL)
		return NULL;
	link->member = member;
	member += link->members++;
	member->host = host;
	return member;
}

bool plan_default(struct plan *plan)
{
	static const struct {
		const char *name, *v4, *v6;
	} hosts[] = {{"a", "10.0.0.1/24", "fd00::1/64"}, {"b", "10.0.0.2/24", "fd00::2/64"}};
	struct plan_link *link = plan_add_link(plan, "lan");

	for (unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct plan_host *host = plan_add_host(plan, hosts[i].name);

		if (link == NULL || host == NULL || plan_add_member(link, i) == NULL)
			return false;
		host->addrs = 2;
		host->attached = true;
		if (!plan_parse_addr(hosts[i].v4, &host->addr[0]) || !plan_parse_addr(hosts[i].v6, &host->addr[1]))
			return false;
	}
	return true;
}

bool plan_parse_addr(const char *text, struct plan_addr *addr)
{
	char literal[WEIR_ADDR_TEXT];
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	unsigned long bits;
	char *end;

	if (len >= sizeof(literal))
		return false;
	memcpy(literal, text, len);
	literal[len] = '\0';
	if (weir_addr_parse(literal, &addr->addr) != 0)
		return false;
	bits = weir_addr_is_v4(&addr->addr) ? 32 : 128;
	addr->prefix_len = (unsigned)bits;
	if (slash == NULL)
		return true;
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	addr->prefix_len = (unsigned)strtoul(slash + 1, &end, 10);
	return *end == '\0' && addr->prefix_len <= bits;
}

bool plan_parse_mac(const char *text, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++) {
		char *end;
		unsigned long byte = strtoul(text, &end, 16);

		if (end == text || end - text > 2 || byte > 0xff || *end != (i < 5 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)byte;
		text = end + 1;
	}
	return (mac[0] & 1) == 0;
}

struct unit {
	const char *name;
	double factor;
};

/* A number of 0 or more and a unit of the list, which NULL ends. */
static bool parse_quantity(const char *text, const struct unit *units, double max, double *value)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || !isfinite(number) || number < 0)
		return false;
	for (; units->name != NULL; units++) {
		if (strcmp(end, units->name) == 0) {
			*value = number * units->factor;
			return *value <= max;
		}
	}
	return false;
}

bool plan_parse_duration(const char *text, weir_duration *duration)
{
	static const struct unit units[] = {{"ns", 1},     {"us", 1e3},   {"ms", 1e6}, {"s", 1e9},
	                                    {"min", 60e9}, {"h", 3600e9}, {NULL, 0}};
	double ns;

	if (!parse_quantity(text, units, 1e15, &ns))
		return false;
	duration->ns = (int64_t)(ns + 0.5);
	return true;
}

bool plan_parse_rate(const char *text, uint64_t *bytes_per_s)
{
	static const struct unit units[] = {{"bit/s", 0.125},  {"kbit/s", 125}, {"Mbit/s", 125e3},
	                                    {"Gbit/s", 125e6}, {"B/s", 1},      {"kB/s", 1e3},
	                                    {"MB/s", 1e6},     {"GB/s", 1e9},   {NULL, 0}};
	double rate;

	if (!parse_quantity(text, units, 1e15, &rate) || rate < 1)
		return false;
	*bytes_per_s = (uint64_t)(rate + 0.5);
	return true;
}

bool plan_parse_size(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {{"", 1},     {"B", 1},      {"kB", 1e3},      {"MB", 1e6},
	                                    {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824},
	                                    {NULL, 0}};
	double size;

	if (!parse_quantity(text, units, 1e15, &size) || size != floor(size))
		return false;
	*bytes = (uint64_t)size;
	return true;
}

bool plan_parse_chance(const char *text, uint32_t *chance)
{
	static const struct unit units[] = {{"", 1}, {"%", 0.01}, {NULL, 0}};
	double p;

	if (!parse_quantity(text, units, 1, &p))
		return false;
	*chance = link_chance_ppm((uint32_t)(p * 1e6 + 0.5));
	return true;
}
