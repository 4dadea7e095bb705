/* SPDX-License-Identifier: Apache-2.0
 *
 * The file `conns` in the control directory: what a script's shell commands are shown in place of a kernel's list of
 * connections. One line each, "4|6 PORT STATE": the family of its packets, the local port, the state as RFC 9293
 * spells it. It is replaced in one step whenever it would read differently.
 */
#include "packetdrill/adapter.h"

#include <stdlib.h>
#include <string.h>

static bool list_one(void *ctx, const struct weir_socket_info *info)
{
	bool connection = info->type == WEIR_STREAM && info->state != WEIR_TCP_LISTEN && info->state != WEIR_TCP_CLOSED;

	if (connection)
		fprintf(ctx, "%c %u %s\n", weir_addr_is_v4(&info->local.addr) ? '4' : '6', info->local.port,
		        weir_tcp_state_name(info->state));
	return true;
}

static char *list_all(struct adapter *a)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);

	if (!to)
		return NULL;
	if (a->stack)
		weir_sockets_each(a->stack, list_one, to);
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool write_file(const char *path, const char *text)
{
	FILE *to = fopen(path, "we");
	bool good;

	if (!to)
		return false;
	good = fputs(text, to) >= 0;
	return fclose(to) == 0 && good;
}

void connections_write(struct adapter *a)
{
	char path[sizeof(a->flags.control_dir) + 8], made[sizeof(path) + 8], *text;

	if (!a->flags.control_dir[0])
		return;
	text = list_all(a);
	if (!text || (a->connections && strcmp(text, a->connections) == 0)) {
		free(text);
		return;
	}
	snprintf(path, sizeof(path), "%s/conns", a->flags.control_dir);
	snprintf(made, sizeof(made), "%s.new", path);
	if (!write_file(made, text) || rename(made, path) != 0) {
		fprintf(stderr, "libweir-packetdrill.so: cannot write %s\n", path);
		free(text);
		return;
	}
	free(a->connections);
	a->connections = text;
}
