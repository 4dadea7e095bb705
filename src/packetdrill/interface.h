/* SPDX-License-Identifier: Apache-2.0
 *
 * The structure through which the public packetdrill tool drives a stack that is a shared object. The tool hands it in
 * zeroed, the object fills all of it: the tool calls what it needs without looking. The order of the members is the
 * contract; there is no version in it. Each call takes userdata first, then what its POSIX namesake takes, and fails as
 * that does: -1 and errno.
 */
#ifndef WEIR_PACKETDRILL_INTERFACE_H
#define WEIR_PACKETDRILL_INTERFACE_H

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

struct packetdrill_interface {
	void *userdata;
	void (*free)(void *userdata);

	int (*socket)(void *userdata, int domain, int type, int protocol);
	int (*bind)(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
	int (*listen)(void *userdata, int fd, int backlog);
	int (*accept)(void *userdata, int fd, struct sockaddr *addr, socklen_t *len);
	int (*connect)(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);

	ssize_t (*read)(void *userdata, int fd, void *buf, size_t count);
	ssize_t (*readv)(void *userdata, int fd, const struct iovec *iov, int iovcnt);
	ssize_t (*recv)(void *userdata, int fd, void *buf, size_t len, int flags);
	ssize_t (*recvfrom)(void *userdata, int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
	                    socklen_t *addrlen);
	ssize_t (*recvmsg)(void *userdata, int fd, struct msghdr *msg, int flags);

	ssize_t (*write)(void *userdata, int fd, const void *buf, size_t count);
	ssize_t (*writev)(void *userdata, int fd, const struct iovec *iov, int iovcnt);
	ssize_t (*send)(void *userdata, int fd, const void *buf, size_t len, int flags);
	ssize_t (*sendto)(void *userdata, int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
	                  socklen_t addrlen);
	ssize_t (*sendmsg)(void *userdata, int fd, const struct msghdr *msg, int flags);

	int (*fcntl)(void *userdata, int fd, int cmd, ...);
	int (*ioctl)(void *userdata, int fd, unsigned long request, ...);
	int (*close)(void *userdata, int fd);
	int (*shutdown)(void *userdata, int fd, int how);
	int (*getsockopt)(void *userdata, int fd, int level, int name, void *value, socklen_t *len);
	int (*setsockopt)(void *userdata, int fd, int level, int name, const void *value, socklen_t len);
	int (*poll)(void *userdata, struct pollfd *fds, nfds_t n, int timeout_ms);

	/* A packet arrives at the stack: 0 or -1. */
	int (*netdev_send)(void *userdata, const void *packet, size_t bytes);
	/* The next packet that left it. *count: the buffer's size in, the packet's length out, 0 = none will come.
	 * *time_usecs: when it left. 0 or -1. */
	int (*netdev_receive)(void *userdata, void *buffer, size_t *count, long long *time_usecs);

	int (*usleep)(void *userdata, useconds_t usecs);
	int (*gettimeofday)(void *userdata, struct timeval *tv, struct timezone *tz);

	int (*epoll_create)(void *userdata, int size);
	int (*epoll_ctl)(void *userdata, int epfd, int op, int fd, struct epoll_event *event);
	int (*epoll_wait)(void *userdata, int epfd, struct epoll_event *events, int max, int timeout_ms);
	int (*pipe)(void *userdata, int fds[2]);
	/* Offsets are never NULL here: one that points at 0 stands for NULL. */
	int (*splice)(void *userdata, int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t len,
	              unsigned flags);
};

/* What the object exports. flags is the text of --so_flags, or NULL. */
void packetdrill_interface_init(const char *flags, struct packetdrill_interface *interface);

#endif
