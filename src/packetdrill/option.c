/* SPDX-License-Identifier: Apache-2.0
 *
 * Socket options. The core takes Linux's numbers and exact sizes; what a kernel's layer above does differently is done
 * here: doubled buffer sizes, structures asked for at more than their length, time-outs of blocking calls.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/time.h>

enum { NAME_SO_MEMINFO = 55, MEMINFO_FIELDS = 9 };
enum { TIMESTAMPS_BYTES = 12 };
enum { LEAST_RCVBUF = 1152, LEAST_SNDBUF = 2304 }; /* before doubling */

/*
 * Linux doubles what a program asks for, and shows the double, for its bookkeeping. What a program writes is kept in
 * few large pieces, and SendQ takes nearly all of that in bytes; what arrives comes in small ones, and RecvQ takes
 * half.
 */
static int set_buffer(const struct adapter *a, struct file *f, int name, const void *value, socklen_t len)
{
	bool receive = name == SO_RCVBUF || name == SO_RCVBUFFORCE;
	int bytes, least = receive ? LEAST_RCVBUF : LEAST_SNDBUF;

	if (len < sizeof(bytes))
		return -EINVAL;
	memcpy(&bytes, value, sizeof(bytes));
	if (a->flags.profile == PROFILE_LINUX && bytes >= 0 && bytes < least)
		bytes = least;
	if (a->flags.profile == PROFILE_LINUX && !receive)
		bytes = bytes < 0 || bytes > INT_MAX / 2 ? INT_MAX : bytes * 2;
	return weir_setsockopt(f->sock, SOL_SOCKET, receive ? SO_RCVBUF : SO_SNDBUF, &bytes, sizeof(bytes));
}

static int get_buffer(const struct adapter *a, const struct file *f, int name, void *value, socklen_t *len)
{
	bool doubled = a->flags.profile == PROFILE_LINUX && name == SO_RCVBUF;
	uint32_t bytes, size = sizeof(bytes);
	int r = weir_getsockopt(f->sock, SOL_SOCKET, name, &bytes, &size);

	if (r < 0)
		return r;
	if (doubled)
		bytes *= 2;
	*len = *len < sizeof(bytes) ? *len : sizeof(bytes);
	memcpy(value, &bytes, *len);
	return 0;
}

/* FreeBSD rounds RQS up to whole segments, once the peer's size is known. */
void option_opened(const struct adapter *a, struct file *f)
{
	struct weir_socket_info info;
	uint32_t mss, bytes;

	if (a->flags.profile != PROFILE_FREEBSD || f->kind != FILE_SOCKET || f->type != SOCK_STREAM || f->rounded ||
	    !f->sock)
		return;
	weir_socket_get_info(f->sock, &info);
	if (info.state == WEIR_TCP_CLOSED || info.state == WEIR_TCP_LISTEN || info.state == WEIR_TCP_SYN_SENT)
		return;
	mss = info.snd_mss + (info.timestamps ? TIMESTAMPS_BYTES : 0);
	bytes = ((uint32_t)info.recvq_limit + mss - 1) / mss * mss;
	weir_setsockopt(f->sock, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	f->rounded = true;
}

static int set_timeout(struct file *f, int name, const void *value, socklen_t len)
{
	struct timeval tv;
	int64_t us;

	if (len < sizeof(tv))
		return -EINVAL;
	memcpy(&tv, value, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -EDOM;
	us = tv.tv_sec < 0 ? 1 : tv.tv_sec * INT64_C(1000000) + tv.tv_usec; /* as Linux: negative is no wait */
	if (name == SO_RCVTIMEO)
		f->receive_timeout_us = us;
	else
		f->send_timeout_us = us;
	return 0;
}

static int get_timeout(const struct file *f, int name, void *value, socklen_t *len)
{
	int64_t us = name == SO_RCVTIMEO ? f->receive_timeout_us : f->send_timeout_us;
	struct timeval tv = {us / 1000000, us % 1000000};

	*len = *len < sizeof(tv) ? *len : sizeof(tv);
	memcpy(value, &tv, *len);
	return 0;
}

static int get_meminfo(const struct adapter *a, const struct file *f, void *value, socklen_t *len)
{
	struct weir_socket_info info;
	uint32_t field[MEMINFO_FIELDS] = {0}, twice = a->flags.profile == PROFILE_LINUX ? 2 : 1;

	weir_socket_get_info(f->sock, &info);
	field[0] = (uint32_t)(info.recvq_bytes + info.out_of_order_bytes);
	field[1] = (uint32_t)info.recvq_limit * twice;
	field[3] = (uint32_t)info.sendq_limit;
	field[5] = (uint32_t)info.sendq_bytes;
	*len = *len < sizeof(field) ? *len : sizeof(field);
	memcpy(value, field, *len);
	return 0;
}

/* Asked for at the tool's own length, which may be more than there is: the rest is zero. */
static int get_padded(const struct file *f, int level, int name, void *value, socklen_t *len)
{
	uint32_t known = *len;
	int r;

	memset(value, 0, *len);
	r = weir_getsockopt(f->sock, level, name, value, &known);
	return r == -ENOPROTOOPT && name == TCP_CC_INFO ? 0 : r;
}

/* One that the adapter keeps itself: 0 or 1, and nothing else. */
static int set_switch(bool *to, const void *value, socklen_t len)
{
	int on;

	if (len < sizeof(on))
		return -EINVAL;
	memcpy(&on, value, sizeof(on));
	if (on != 0 && on != 1)
		return -EINVAL;
	*to = on;
	return 0;
}

/* Without a meaning here: no policy routes by marks, and an address that is not there can be bound by nobody. */
static bool means_nothing(int level, int name)
{
	return (level == SOL_SOCKET && name == SO_MARK) || (level == IPPROTO_IP && name == IP_FREEBIND);
}

static int set(struct adapter *a, struct file *f, int level, int name, const void *value, socklen_t len)
{
	if (!value && len > 0)
		return -EFAULT;
	if (means_nothing(level, name))
		return len < sizeof(int) ? -EINVAL : 0;
	if (level == SOL_SOCKET) {
		switch (name) {
		case SO_ZEROCOPY:
			return set_switch(&f->zerocopy, value, len);
		case SO_SNDBUF:
		case SO_RCVBUF:
		case SO_SNDBUFFORCE:
		case SO_RCVBUFFORCE:
			return set_buffer(a, f, name, value, len);
		case SO_RCVTIMEO:
		case SO_SNDTIMEO:
			return set_timeout(f, name, value, len);
		default:
			break;
		}
	}
	if (level == IPPROTO_TCP && name == TCP_INQ && f->type == SOCK_STREAM)
		return set_switch(&f->wants_inq, value, len);
	return weir_setsockopt(f->sock, level, name, value, len);
}

static int get(struct adapter *a, struct file *f, int level, int name, void *value, socklen_t *len)
{
	if (!value || !len)
		return -EFAULT;
	if (level == SOL_SOCKET) {
		switch (name) {
		case SO_SNDBUF:
		case SO_RCVBUF:
			return get_buffer(a, f, name, value, len);
		case SO_RCVTIMEO:
		case SO_SNDTIMEO:
			return get_timeout(f, name, value, len);
		case NAME_SO_MEMINFO:
			return get_meminfo(a, f, value, len);
		default:
			break;
		}
	}
	if (level == IPPROTO_TCP && f->type == SOCK_STREAM && (name == TCP_INFO || name == TCP_CC_INFO))
		return get_padded(f, level, name, value, len);
	return weir_getsockopt(f->sock, level, name, value, len);
}

int option_set(void *userdata, int fd, int level, int name, const void *value, socklen_t len)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = set(a, f, level, name, value, len);
	return (int)adapter_leave(a, r);
}

int option_get(void *userdata, int fd, int level, int name, void *value, socklen_t *len)
{
	struct adapter *a = userdata;
	struct file *f;
	int r = 0;

	adapter_enter(a);
	f = file_find_socket(a, fd, &r);
	if (f)
		r = get(a, f, level, name, value, len);
	return (int)adapter_leave(a, r);
}
