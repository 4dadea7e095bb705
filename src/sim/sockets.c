/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of the sockets that programs have: their writes, and who uses them. Records outlive the sockets,
 * so that a closed connection's bytes can still be told by write.
 */
#include "sim/sim.h"

#include <stdlib.h>

static bool grow(void **array, size_t count, size_t size)
{
	void *more;

	if (count != 0 && (count & (count - 1)) != 0) /* room for the next power of two is there */
		return true;
	more = realloc(*array, (count == 0 ? 1 : 2 * count) * size);
	if (more == NULL)
		return false;
	*array = more;
	return true;
}

struct sim_socket *sim_socket_new(struct sim_host *host, struct weir_socket *sock)
{
	struct sim_socket *socket = calloc(1, sizeof(*socket));
	void *array = host->socket;

	if (socket == NULL || !grow(&array, host->sockets, sizeof(struct sim_socket *))) {
		free(socket);
		return NULL;
	}
	host->socket = array;
	host->socket[host->sockets++] = socket;
	socket->sock = sock;
	socket->host = host;
	socket->id = weir_socket_id(sock);
	weir_socket_set_user(sock, socket);
	return socket;
}

struct sim_socket *sim_socket_find(const struct sim_host *host, uint64_t id)
{
	for (size_t i = host->sockets; i-- > 0;) {
		if (host->socket[i]->id == id)
			return host->socket[i];
	}
	return NULL;
}

bool sim_socket_used(struct sim_socket *socket, uint32_t program)
{
	void *array = socket->user;

	for (unsigned i = 0; i < socket->users; i++) {
		if (socket->user[i] == program)
			return true;
	}
	if (!grow(&array, socket->users, sizeof(uint32_t)))
		return false;
	socket->user = array;
	socket->user[socket->users++] = program;
	return true;
}

bool sim_socket_wrote(struct sim_socket *socket, uint64_t bytes, bool fresh)
{
	void *array = socket->write;

	socket->written += bytes;
	if (!fresh && socket->writes > 0) {
		socket->write[socket->writes - 1] += bytes;
		return true;
	}
	if (!grow(&array, socket->writes, sizeof(uint64_t)))
		return false;
	socket->write = array;
	socket->write[socket->writes++] = bytes;
	return true;
}
