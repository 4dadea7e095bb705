/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls of the interface, by file; each is as in interface.h.
 */
#ifndef WEIR_PACKETDRILL_CALLS_H
#define WEIR_PACKETDRILL_CALLS_H

#include "packetdrill/interface.h"

/* clock.c */
int clock_usleep(void *userdata, useconds_t usecs);
int clock_gettimeofday(void *userdata, struct timeval *tv, struct timezone *tz);

/* packets.c */
int packets_send(void *userdata, const void *packet, size_t bytes);
int packets_receive(void *userdata, void *buffer, size_t *count, long long *time_usecs);

/* socket.c */
int socket_open(void *userdata, int domain, int type, int protocol);
int socket_bind(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
int socket_listen(void *userdata, int fd, int backlog);
int socket_accept(void *userdata, int fd, struct sockaddr *addr, socklen_t *len);
int socket_connect(void *userdata, int fd, const struct sockaddr *addr, socklen_t len);
int socket_close(void *userdata, int fd);
int socket_shutdown(void *userdata, int fd, int how);

/* receive.c */
ssize_t receive_read(void *userdata, int fd, void *buf, size_t count);
ssize_t receive_readv(void *userdata, int fd, const struct iovec *iov, int iovcnt);
ssize_t receive_recv(void *userdata, int fd, void *buf, size_t len, int flags);
ssize_t receive_recvfrom(void *userdata, int fd, void *buf, size_t len, int flags, struct sockaddr *addr,
                         socklen_t *addrlen);
ssize_t receive_recvmsg(void *userdata, int fd, struct msghdr *msg, int flags);

/* send.c */
ssize_t send_write(void *userdata, int fd, const void *buf, size_t count);
ssize_t send_writev(void *userdata, int fd, const struct iovec *iov, int iovcnt);
ssize_t send_send(void *userdata, int fd, const void *buf, size_t len, int flags);
ssize_t send_sendto(void *userdata, int fd, const void *buf, size_t len, int flags, const struct sockaddr *addr,
                    socklen_t addrlen);
ssize_t send_sendmsg(void *userdata, int fd, const struct msghdr *msg, int flags);

/* control.c */
int control_fcntl(void *userdata, int fd, int cmd, ...);
int control_ioctl(void *userdata, int fd, unsigned long request, ...);

/* option.c */
int option_get(void *userdata, int fd, int level, int name, void *value, socklen_t *len);
int option_set(void *userdata, int fd, int level, int name, const void *value, socklen_t len);

/* poll.c, epoll.c */
int poll_poll(void *userdata, struct pollfd *fds, nfds_t n, int timeout_ms);
int epoll_open(void *userdata, int size);
int epoll_control(void *userdata, int epfd, int op, int fd, struct epoll_event *event);
int epoll_await(void *userdata, int epfd, struct epoll_event *events, int max, int timeout_ms);

/* pipe.c */
int pipe_open(void *userdata, int fds[2]);
int pipe_splice(void *userdata, int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t len, unsigned flags);

/* import.c. From now on the program's own getsockopt() reaches the sockets of this adapter. */
struct adapter;
void import_lead_here(struct adapter *a);
void import_forget(const struct adapter *a);

#endif
