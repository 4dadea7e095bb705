/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors and what can be asked of them: options, poll, epoll, ioctl, messages, splice.
 */
#include "drill.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <unistd.h>

static void table_is_complete(void **state)
{
	struct drill d;
	void *entries[sizeof(d.ifc) / sizeof(void *)];

	(void)state;
	drill_open(&d, &way_v4, "");
	memcpy(entries, &d.ifc, sizeof(d.ifc));
	assert_int_equal(sizeof(entries) / sizeof(entries[0]), 33);
	for (size_t i = 0; i < 33; i++)
		assert_non_null(entries[i]);
	drill_close(&d);
}

/* They are real and far from those that a program opens itself. */
static void descriptors_are_real(void **state)
{
	struct drill d;
	int fd, ends[2];

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_socket(&d);
	assert_true(fd >= 1000);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	assert_int_equal(d.ifc.pipe(d.u, ends), 0);
	assert_true(ends[0] >= 1000 && ends[1] >= 1000 && ends[0] != ends[1]);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	assert_int_equal(d.ifc.close(d.u, fd), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	drill_close(&d);
	assert_int_equal(fcntl(ends[0], F_GETFD), -1);
}

static void wrong_calls_are_refused(void **state)
{
	struct drill d;
	int fd, error;
	socklen_t len = 4;

	(void)state;
	drill_open(&d, &way_v4, "");
	assert_int_equal(d.ifc.socket(d.u, AF_UNIX, SOCK_STREAM, 0), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
	assert_int_equal(d.ifc.socket(d.u, AF_INET, SOCK_STREAM, IPPROTO_UDP), -1);
	assert_int_equal(errno, EPROTONOSUPPORT);
	assert_int_equal(d.ifc.read(d.u, 5, &error, 1), -1);
	assert_int_equal(errno, EBADF);
	fd = d.ifc.epoll_create(d.u, 1);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_ERROR, &error, &len), -1);
	assert_int_equal(errno, ENOTSOCK);
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.write(d.u, fd, NULL, 10), -1);
	assert_int_equal(errno, EFAULT);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, 9999, &len, sizeof(len)), -1);
	assert_int_equal(errno, ENOPROTOOPT);
	drill_close(&d);
}

/* Linux shows twice what was asked for, and has a least size; FreeBSD shows the bytes. */
static void buffer_sizes(void **state)
{
	struct drill d;
	int fd, size = 21000;
	socklen_t len = sizeof(size);

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_socket(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_SNDBUF, &size, len), 0);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	assert_int_equal(size, 42000);
	size = 1;
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_RCVBUF, &size, len), 0);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_RCVBUF, &size, &len), 0);
	assert_int_equal(size, 2304);
	drill_close(&d);
	drill_open(&d, &way_v4, ",profile=freebsd");
	fd = drill_socket(&d);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_RCVBUF, &size, &len), 0);
	assert_int_equal(size, 65536);
	size = 10000;
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_SNDBUF, &size, len), 0);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, SO_SNDBUF, &size, &len), 0);
	assert_int_equal(size, 10000);
	drill_close(&d);
}

/* Asked for at more than its length: the known part, then zeros, and the length as asked. */
static void tcp_info_of_any_length(void **state)
{
	uint8_t info[1000];
	struct tcp_info known;
	uint32_t meminfo[9];
	struct drill d;
	socklen_t len = sizeof(info);
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	memset(info, 0xee, sizeof(info));
	assert_int_equal(d.ifc.getsockopt(d.u, fd, IPPROTO_TCP, TCP_INFO, info, &len), 0);
	assert_int_equal(len, sizeof(info));
	memcpy(&known, info, sizeof(known));
	assert_int_equal(known.tcpi_state, TCP_ESTABLISHED);
	assert_int_equal(known.tcpi_snd_mss, 1000);
	for (size_t i = 600; i < sizeof(info); i++)
		assert_int_equal(info[i], 0);
	len = 8;
	assert_int_equal(d.ifc.getsockopt(d.u, fd, IPPROTO_TCP, TCP_INFO, info, &len), 0);
	assert_int_equal(len, 8);
	len = 24;
	assert_int_equal(d.ifc.getsockopt(d.u, fd, IPPROTO_TCP, TCP_CC_INFO, info, &len), 0);
	assert_int_equal(len, 24);
	len = sizeof(meminfo);
	inject(&d, A | P, 1, 1, 77);
	assert_int_equal(d.ifc.getsockopt(d.u, fd, SOL_SOCKET, 55, meminfo, &len), 0);
	assert_int_equal(len, sizeof(meminfo));
	assert_int_equal(meminfo[0], 77);
	drill_close(&d);
}

/* Where the sanitizer's runtime is part of the program, it has the program's getsockopt(), and nothing is imported. */
static bool getsockopt_is_imported(void)
{
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
	return false;
#endif
#endif
	return true;
}

/* The tool asks the C library on behalf of a script's assertions. */
static void assertions_reach_the_stack(void **state)
{
	struct tcp_info known;
	int pair[2], type;
	struct drill d;
	socklen_t len = sizeof(known);
	int fd;

	(void)state;
	if (!getsockopt_is_imported())
		skip();
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &known, &len), 0);
	assert_int_equal(known.tcpi_state, TCP_ESTABLISHED);
	assert_int_equal(known.tcpi_snd_mss, 1000);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	len = sizeof(type);
	assert_int_equal(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &type, &len), 0);
	assert_int_equal(type, SOCK_STREAM);
	drill_close(&d);
	assert_int_equal(getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &type, &len), 0);
	close(pair[0]);
	close(pair[1]);
}

/* Likewise. The file's place is the caller's, or moves by what was taken. */
static void files_are_sent(void **state)
{
	char path[] = "/tmp/weir-drill-XXXXXX";
	off_t at = 2;
	struct drill d;
	int fd, in;

	(void)state;
	if (!getsockopt_is_imported())
		skip();
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	in = mkstemp(path);
	assert_true(in >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(write(in, "0123456789", 10), 10);
	assert_int_equal(sendfile(fd, in, &at, 5), 5);
	assert_int_equal(at, 7);
	expect(&d, A | P, 1, 1, 5);
	inject(&d, A, 1, 6, 0);
	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	assert_int_equal(sendfile(fd, in, NULL, 100), 10);
	expect(&d, A | P, 6, 1, 10);
	assert_int_equal(lseek(in, 0, SEEK_CUR), 10);
	close(in);
	drill_close(&d);
}

static void expect_copied(struct drill *d, int fd, uint32_t low, uint32_t high)
{
	union {
		struct cmsghdr header;
		char space[256];
	} control;
	struct msghdr msg = {.msg_control = &control, .msg_controllen = sizeof(control)};
	struct sock_extended_err error;

	assert_int_equal(d->ifc.recvmsg(d->u, fd, &msg, MSG_ERRQUEUE), 0);
	assert_int_equal(msg.msg_flags, MSG_ERRQUEUE);
	assert_int_equal(control.header.cmsg_level, SOL_IP);
	assert_int_equal(control.header.cmsg_type, IP_RECVERR);
	memcpy(&error, CMSG_DATA(&control.header), sizeof(error));
	assert_int_equal(error.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
	assert_int_equal(error.ee_code, SO_EE_CODE_ZEROCOPY_COPIED);
	assert_int_equal(error.ee_info, low);
	assert_int_equal(error.ee_data, high);
}

/* Each write that asks for it is over at once, and told of as copied; several in one. */
static void zerocopy_is_copied(void **state)
{
	struct pollfd entry = {.events = 0};
	struct msghdr msg = {0};
	struct drill d;
	int fd, on = 1, two = 2;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.send(d.u, fd, "x", 1, MSG_ZEROCOPY), 1); /* not switched on: an ordinary one */
	assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, MSG_ERRQUEUE), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_ZEROCOPY, &two, sizeof(two)), -1);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)), 0);
	assert_int_equal(d.ifc.send(d.u, fd, "x", 1, MSG_ZEROCOPY), 1);
	entry.fd = fd;
	assert_int_equal(d.ifc.poll(d.u, &entry, 1, 0), 1);
	assert_int_equal(entry.revents, POLLERR);
	expect_copied(&d, fd, 0, 0);
	assert_int_equal(d.ifc.poll(d.u, &entry, 1, 0), 0);
	assert_int_equal(d.ifc.send(d.u, fd, "x", 1, MSG_ZEROCOPY), 1);
	assert_int_equal(d.ifc.send(d.u, fd, "x", 1, MSG_ZEROCOPY), 1);
	expect_copied(&d, fd, 1, 2);
	drill_close(&d);
}

static void control_of_descriptors(void **state)
{
	char buffer[100] = {0};
	struct drill d;
	int fd, value = -1;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.fcntl(d.u, fd, F_GETFL), O_RDWR);
	drill_nonblocking(&d, fd);
	assert_int_equal(d.ifc.fcntl(d.u, fd, F_GETFL), O_RDWR | O_NONBLOCK);
	assert_int_equal(d.ifc.read(d.u, fd, buffer, 1), -1);
	assert_int_equal(errno, EAGAIN);
	inject(&d, A | P, 1, 1, 60);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCINQ, &value), 0);
	assert_int_equal(value, 60);
	assert_int_equal(d.ifc.write(d.u, fd, buffer, 40), 40);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCOUTQ, &value), 0);
	assert_int_equal(value, 40);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCOUTQNSD, &value), 0);
	assert_int_equal(value, 0);
	inject(&d, A, 61, 41, 0);
	assert_int_equal(d.ifc.shutdown(d.u, fd, SHUT_WR), 0);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCOUTQ, &value), 0);
	assert_int_equal(value, 1); /* the FIN */
	assert_int_equal(d.ifc.ioctl(d.u, fd, TIOCGWINSZ), -1);
	assert_int_equal(errno, ENOTTY);
	drill_close(&d);
}

static void messages_in_pieces(void **state)
{
	char a[10] = {0}, b[30] = {0}, control[64];
	struct iovec piece[3] = {{a, sizeof(a)}, {NULL, 0}, {b, sizeof(b)}};
	struct msghdr msg = {.msg_iov = piece, .msg_iovlen = 3};
	struct drill d;
	int fd, on = 1, left;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.sendmsg(d.u, fd, &msg, 0), 40);
	expect(&d, A | P, 1, 1, 40);
	assert_int_equal(d.ifc.writev(d.u, fd, piece, 1), 10);
	inject(&d, A, 1, 41, 0);
	expect(&d, A | P, 41, 1, 10);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, IPPROTO_TCP, TCP_INQ, &on, sizeof(on)), 0);
	inject(&d, F | A | P, 1, 51, 90);
	msg.msg_control = control;
	msg.msg_controllen = sizeof(control);
	assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, 0), 40);
	assert_int_equal(CMSG_FIRSTHDR(&msg)->cmsg_type, TCP_INQ);
	memcpy(&left, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(left));
	assert_int_equal(left, 50);
	assert_int_equal(d.ifc.readv(d.u, fd, piece, 3), 40);
	msg.msg_controllen = sizeof(control);
	assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, 0), 10);
	memcpy(&left, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(left));
	assert_int_equal(left, 1); /* the end */
	drill_close(&d);
}

static void poll_shows_levels(void **state)
{
	char byte;
	struct drill d;
	struct pollfd p[3] = {{.events = POLLIN | POLLOUT}, {.fd = -1}, {.fd = 77}};

	(void)state;
	drill_open(&d, &way_v4, "");
	p[0].fd = drill_accepted(&d);
	assert_int_equal(d.ifc.poll(d.u, p, 3, 0), 2);
	assert_int_equal(p[0].revents, POLLOUT);
	assert_int_equal(p[1].revents, 0);
	assert_int_equal(p[2].revents, POLLNVAL);
	inject(&d, A | P, 1, 1, 1);
	assert_int_equal(d.ifc.poll(d.u, p, 1, 0), 1);
	assert_int_equal(p[0].revents, POLLIN | POLLOUT);
	assert_int_equal(d.ifc.read(d.u, p[0].fd, &byte, 1), 1);
	p[0].events = POLLIN | POLLRDHUP;
	assert_int_equal(d.ifc.poll(d.u, p, 1, 0), 0);
	inject(&d, F | A, 2, 1, 0);
	assert_int_equal(d.ifc.poll(d.u, p, 1, 0), 1);
	assert_int_equal(p[0].revents, POLLIN | POLLRDHUP);
	drill_close(&d);
}

static void epoll_level_and_edge(void **state)
{
	struct epoll_event level = {.events = EPOLLIN, .data.u32 = 11}, edge = {.events = EPOLLIN | EPOLLET}, got;
	char byte;
	struct drill d;
	int fd, level_fd, edge_fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	level_fd = d.ifc.epoll_create(d.u, 1);
	edge_fd = d.ifc.epoll_create(d.u, 1);
	assert_int_equal(d.ifc.epoll_ctl(d.u, level_fd, EPOLL_CTL_ADD, fd, &level), 0);
	assert_int_equal(d.ifc.epoll_ctl(d.u, level_fd, EPOLL_CTL_ADD, fd, &level), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(d.ifc.epoll_ctl(d.u, edge_fd, EPOLL_CTL_ADD, fd, &edge), 0);
	assert_int_equal(d.ifc.epoll_wait(d.u, level_fd, &got, 1, 0), 0);
	inject(&d, A | P, 1, 1, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(d.ifc.epoll_wait(d.u, level_fd, &got, 1, 0), 1);
		assert_int_equal(got.events, EPOLLIN);
		assert_int_equal(got.data.u32, 11);
		assert_int_equal(d.ifc.epoll_wait(d.u, edge_fd, &got, 1, 0), i == 0);
	}
	inject(&d, A | P, 3, 1, 1); /* more, although there was some */
	assert_int_equal(d.ifc.epoll_wait(d.u, edge_fd, &got, 1, 0), 1);
	assert_int_equal(d.ifc.epoll_wait(d.u, edge_fd, &got, 1, 0), 0);
	edge.events = EPOLLIN | EPOLLONESHOT;
	assert_int_equal(d.ifc.epoll_ctl(d.u, edge_fd, EPOLL_CTL_MOD, fd, &edge), 0);
	assert_int_equal(d.ifc.epoll_wait(d.u, edge_fd, &got, 1, 0), 1);
	assert_int_equal(d.ifc.read(d.u, fd, &byte, 1), 1);
	assert_int_equal(d.ifc.epoll_wait(d.u, edge_fd, &got, 1, 0), 0);
	assert_int_equal(d.ifc.close(d.u, fd), 0);
	assert_int_equal(d.ifc.epoll_wait(d.u, level_fd, &got, 1, 0), 0);
	drill_close(&d);
}

static void splice_through_a_pipe(void **state)
{
	loff_t none = 0, some = 7;
	struct drill d;
	int fd, ends[2];

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.pipe(d.u, ends), 0);
	inject(&d, A | P, 1, 1, 500);
	expect(&d, A, 1, 501, 0);
	assert_int_equal(d.ifc.splice(d.u, fd, &none, ends[1], &none, 400, 0), 400);
	assert_int_equal(d.ifc.splice(d.u, ends[0], &none, fd, &none, 4096, 0), 400);
	expect(&d, A | P, 1, 501, 400);
	assert_int_equal(d.ifc.splice(d.u, ends[0], &none, fd, &none, 1, SPLICE_F_NONBLOCK), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(d.ifc.splice(d.u, fd, &some, ends[1], &none, 1, 0), -1);
	assert_int_equal(errno, ESPIPE);
	drill_close(&d);
}

/* As Linux: it ends at the urgent byte, and stays there. */
static void splice_stops_at_the_mark(void **state)
{
	loff_t none = 0;
	struct drill d;
	int fd, ends[2];

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.pipe(d.u, ends), 0);
	d.up = 100;
	inject(&d, A | U, 1, 1, 150);
	assert_int_equal(d.ifc.splice(d.u, fd, &none, ends[1], &none, 150, 0), 99);
	for (int i = 0; i < 2; i++)
		assert_int_equal(d.ifc.splice(d.u, fd, &none, ends[1], &none, 51, 0), 0);
	assert_int_equal(d.ifc.splice(d.u, fd, &none, ends[1], &none, 51, SPLICE_F_NONBLOCK), -1);
	assert_int_equal(errno, EAGAIN);
	drill_close(&d);
}

static void urgent_data(void **state)
{
	char bytes[10] = {0};
	struct drill d;
	int fd, value = -1;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, 1, MSG_OOB), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(d.ifc.send(d.u, fd, "xyz", 3, MSG_OOB), 3);
	expect(&d, A | P | U, 1, 1, 3);
	assert_int_equal(d.seg.up, 3);
	d.up = 9;
	inject(&d, A | U, 1, 4, 0);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, 1, MSG_OOB), -1);
	assert_int_equal(errno, EAGAIN);
	d.up = 3;
	inject(&d, A | P | U, 1, 4, 2);
	d.up = 1;
	inject(&d, A | P | U, 3, 4, 8);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCINQ, &value), 0);
	assert_int_equal(value, 8);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, sizeof(bytes), 0), 8);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCATMARK, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, 1, MSG_OOB | MSG_PEEK), 1);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, 1, MSG_OOB), 1);
	assert_int_equal(d.ifc.recv(d.u, fd, bytes, sizeof(bytes), 0), 1);
	assert_int_equal(d.ifc.ioctl(d.u, fd, SIOCATMARK, &value), 0);
	assert_int_equal(value, 0);
	drill_close(&d);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(table_is_complete),
    cmocka_unit_test(descriptors_are_real),
    cmocka_unit_test(wrong_calls_are_refused),
    cmocka_unit_test(buffer_sizes),
    cmocka_unit_test(tcp_info_of_any_length),
    cmocka_unit_test(control_of_descriptors),
    cmocka_unit_test(assertions_reach_the_stack),
    cmocka_unit_test(messages_in_pieces),
    cmocka_unit_test(poll_shows_levels),
    cmocka_unit_test(epoll_level_and_edge),
    cmocka_unit_test(splice_through_a_pipe),
    cmocka_unit_test(splice_stops_at_the_mark),
    cmocka_unit_test(urgent_data),
    cmocka_unit_test(files_are_sent),
    cmocka_unit_test(zerocopy_is_copied),
};

DRILL_MAIN(tests)
