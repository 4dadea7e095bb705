/* SPDX-License-Identifier: Apache-2.0
 *
 * Sockets from socket() to close(). WEIR_E* have the values of this machine's errno.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <netinet/in.h>

_Static_assert(WEIR_EAGAIN == EAGAIN && WEIR_EINPROGRESS == EINPROGRESS, "errors are handed on as they are");

static int check_kind(int domain, int type, int protocol)
{
	if (domain != AF_INET && domain != AF_INET6)
		return -EAFNOSUPPORT;
	if (type != SOCK_STREAM && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != 0 && protocol != (type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP))
		return -EPROTONOSUPPORT;
	return 0;
}

/* A descriptor for sock, which is closed when there is none to be had. */
static struct file *file_for(struct adapter *a, struct weir_socket *sock, int domain, int type, int *error)
{
	struct file *f = file_new(a, FILE_SOCKET, error);

	if (!f) {
		weir_close(sock);
		return NULL;
	}
	f->sock = sock;
	f->domain = domain;
	f->type = type;
	weir_socket_set_user(sock, f);
	return f;
}

static int open_socket(struct adapter *a, int domain, int type, int protocol)
{
	int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), r = check_kind(domain, kind, protocol);
	struct weir_socket *sock;
	struct file *f;

	if (r == 0)
		r = adapter_need_stack(a);
	if (r == 0)
		r = weir_socket_new(a->stack, domain == AF_INET ? WEIR_INET : WEIR_INET6,
		                    kind == SOCK_STREAM ? WEIR_STREAM : WEIR_DGRAM, &sock);
	if (r < 0)
		return r;
	f = file_for(a, sock, domain, kind, &r);
	if (!f)
		return r;
	f->nonblocking = type & SOCK_NONBLOCK;
	return f->fd;
}

int socket_open(void *userdata, int domain, int type, int protocol)
{
	struct adapter *a = userdata;

	adapter_enter(a);
	return (int)adapter_leave(a, open_socket(a, domain, type, protocol));
}

int socket_bind(void *userdata, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct adapter *a = userdata;
	struct weir_endpoint local;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = address_read(f, addr, len, &local);
	if (r == 0)
		r = weir_bind(f->sock, &local);
	return (int)adapter_leave(a, r);
}

int socket_listen(void *userdata, int fd, int backlog)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = weir_listen(f->sock, backlog);
	return (int)adapter_leave(a, r);
}

static int accept_one(struct adapter *a, struct file *f, struct sockaddr *addr, socklen_t *len)
{
	struct weir_socket *sock;
	struct weir_socket_info info;
	struct file *made;
	int r;

	while ((r = weir_accept(f->sock, &sock)) == -EAGAIN) {
		r = file_wait(a, f, WEIR_IN, f->nonblocking, f->receive_timeout_us);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	/* Not getpeername(): a connection may have ended already, and accept() tells its peer all the same. */
	weir_socket_get_info(sock, &info);
	made = file_for(a, sock, f->domain, f->type, &r);
	if (!made)
		return r;
	made->wants_inq = f->wants_inq;
	made->zerocopy = f->zerocopy;
	option_opened(a, made);
	address_write(made, &info.remote, addr, len);
	return made->fd;
}

int socket_accept(void *userdata, int fd, struct sockaddr *addr, socklen_t *len)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f) {
		file_get(f);
		r = accept_one(a, f, addr, len);
		file_put(a, f);
	}
	return (int)adapter_leave(a, r);
}

static int connect_to(struct adapter *a, struct file *f, const struct weir_endpoint *remote)
{
	int r = weir_connect(f->sock, remote), waited;

	if (r != -EINPROGRESS && r != -EALREADY)
		return r;
	if (f->nonblocking)
		return r;
	waited = file_wait(a, f, WEIR_OUT, false, f->send_timeout_us);
	if (waited == -EBADF)
		return waited;
	return waited < 0 ? -EINPROGRESS : weir_connect(f->sock, remote);
}

int socket_connect(void *userdata, int fd, const struct sockaddr *addr, socklen_t len)
{
	struct adapter *a = userdata;
	struct weir_endpoint remote;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f) {
		file_get(f);
		r = address_read(f, addr, len, &remote);
		if (r == 0)
			r = connect_to(a, f, &remote);
		file_put(a, f);
	}
	return (int)adapter_leave(a, r);
}

static bool all_acknowledged(void *ctx)
{
	const struct file *f = ctx;
	struct weir_socket_info info;

	if (f->closed)
		return true;
	weir_socket_get_info(f->sock, &info);
	return info.sendq_bytes == 0 && info.state != WEIR_TCP_FIN_WAIT_1 && info.state != WEIR_TCP_LAST_ACK &&
	       info.state != WEIR_TCP_CLOSING;
}

/* SO_LINGER with a time: close() waits until the peer has all. */
static void linger(struct adapter *a, struct file *f)
{
	struct linger l = {0};
	uint32_t len = sizeof(l);

	if (f->nonblocking || weir_getsockopt(f->sock, SOL_SOCKET, SO_LINGER, &l, &len) < 0)
		return;
	if (l.l_onoff == 0 || l.l_linger <= 0 || weir_shutdown(f->sock, WEIR_SHUT_WR) < 0)
		return;
	clock_wait(a, all_acknowledged, f, weir_time_add(a->now, weir_s(l.l_linger)));
}

int socket_close(void *userdata, int fd)
{
	struct adapter *a = userdata;
	struct file *f;

	adapter_enter(a);
	f = file_find(a, fd);
	if (!f)
		return (int)adapter_leave(a, -EBADF);
	file_get(f);
	if (f->kind == FILE_SOCKET)
		linger(a, f);
	if (!f->closed)
		file_close(a, f);
	file_put(a, f);
	return (int)adapter_leave(a, 0);
}

int socket_shutdown(void *userdata, int fd, int how)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = weir_shutdown(f->sock, (enum weir_shutdown_how)how);
	return (int)adapter_leave(a, r);
}
