/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and ports as net-tools and iproute2 print them. net-tools shows a v4-mapped address as IPv4 even on a tcp6
 * row, and cuts what does not fit its column: the port stays whole. iproute2 brackets IPv6, and shows the wildcard of a
 * socket that takes both families as '*'.
 */
#include "cli/look.h"

#include <string.h>
#include <strings.h>

enum {
	NETSTAT_COLUMNS = 22,
	NETSTAT_PORT_MAX = NETSTAT_COLUMNS - 4,
};

static const char *unmapped(const char *addr)
{
	static const char prefix[] = "::ffff:";

	if (strncasecmp(addr, prefix, sizeof(prefix) - 1) == 0 && strchr(addr, '.'))
		return addr + sizeof(prefix) - 1;
	return addr;
}

static void port_text(char *text, size_t size, unsigned port, const char *any)
{
	if (port)
		snprintf(text, size, "%u", port);
	else
		snprintf(text, size, "%s", any);
}

void endpoint_netstat(char *text, const struct look_end *end, bool wide, bool book)
{
	const char *addr = unmapped(end->addr);
	int addr_len = (int)strlen(addr), port_len;
	char port[16];

	port_text(port, sizeof(port), end->port, book ? "0" : "*");
	port_len = (int)strlen(port);
	if (!wide && addr_len + port_len > NETSTAT_COLUMNS) {
		port_len = port_len < NETSTAT_PORT_MAX ? port_len : NETSTAT_PORT_MAX;
		addr_len = NETSTAT_COLUMNS - port_len;
	}
	snprintf(text, ENDPOINT_BYTES, "%.*s:%.*s", addr_len, addr, port_len, port);
}

void endpoint_ss_addr(char *text, const struct look_end *end, bool v6only)
{
	if (strcmp(end->addr, "::") == 0 && !v6only)
		snprintf(text, ENDPOINT_BYTES, "*:");
	else if (strchr(end->addr, ':'))
		snprintf(text, ENDPOINT_BYTES, "[%s]:", end->addr);
	else
		snprintf(text, ENDPOINT_BYTES, "%s:", end->addr);
}

void endpoint_ss_port(char *text, const struct look_end *end)
{
	port_text(text, ENDPOINT_BYTES, end->port, "*");
}
