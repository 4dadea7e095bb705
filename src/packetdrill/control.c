/* SPDX-License-Identifier: Apache-2.0
 *
 * fcntl() and ioctl(). Either may come without its third argument, which is therefore read only where the request has
 * one.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

int control_fcntl(void *userdata, int fd, int cmd, ...)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0, arg = 0;
	va_list args;

	if (cmd == F_SETFL || cmd == F_SETFD) {
		va_start(args, cmd);
		arg = va_arg(args, int);
		va_end(args);
	}
	adapter_enter(a);
	f = file_find(a, fd);
	if (!f) {
		r = -EBADF;
	} else if (f->kind == FILE_PIPE || cmd == F_GETFD || cmd == F_SETFD) {
		r = fcntl(fd, cmd, arg);
		r = r < 0 ? -errno : r;
	} else if (cmd == F_GETFL) {
		r = O_RDWR | (f->nonblocking ? O_NONBLOCK : 0);
	} else if (cmd == F_SETFL) {
		f->nonblocking = arg & O_NONBLOCK;
	} else {
		r = -EINVAL;
	}
	return (int)adapter_leave(a, r);
}

/* A FIN on its way takes a sequence number, and counts. */
static int unacknowledged(const struct weir_socket_info *info)
{
	bool fin =
	    info->state == WEIR_TCP_FIN_WAIT_1 || info->state == WEIR_TCP_CLOSING || info->state == WEIR_TCP_LAST_ACK;

	return (int)info->sendq_bytes + fin;
}

static int ask(struct file *f, unsigned long request, int *value)
{
	struct weir_socket_info info;

	if (!value)
		return -EFAULT;
	if (request == FIONBIO) {
		f->nonblocking = *value != 0;
		return 0;
	}
	weir_socket_get_info(f->sock, &info);
	if (info.state == WEIR_TCP_LISTEN && request != SIOCATMARK)
		return -EINVAL;
	switch (request) {
	case SIOCINQ:
		*value = (int)weir_readable(f->sock);
		return 0;
	case SIOCATMARK:
		*value = weir_at_mark(f->sock);
		return 0;
	case SIOCOUTQ:
		*value = unacknowledged(&info);
		return 0;
	case SIOCOUTQNSD:
		*value = (int)info.sendq_unsent_bytes;
		return 0;
	default:
		return -ENOTTY;
	}
}

int control_ioctl(void *userdata, int fd, unsigned long request, ...)
{
	struct adapter *a = userdata;
	int *value = NULL, r = 0;
	struct file *f;
	va_list args;

	if (request == FIONBIO || request == SIOCINQ || request == SIOCOUTQ || request == SIOCOUTQNSD ||
	    request == SIOCATMARK) {
		va_start(args, request);
		value = va_arg(args, int *);
		va_end(args);
	}
	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = value ? ask(f, request, value) : -ENOTTY;
	return (int)adapter_leave(a, r);
}
