/* SPDX-License-Identifier: Apache-2.0
 *
 * recvmsg(MSG_ERRQUEUE) but for MSG_ZEROCOPY.
 */
#include "drill.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <string.h>

/* SO_TIMESTAMPING: the times are the script's. */
static void stamps_are_in_the_error_queue(void **state)
{
	int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
	            SOF_TIMESTAMPING_OPT_ID;
	union {
		struct cmsghdr align;
		uint8_t bytes[256];
	} control;
	struct msghdr msg = {.msg_control = &control};
	struct drill d;
	int fd;

	(void)state;
	drill_open(&d, &way_v4, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)), 0);
	assert_int_equal(d.ifc.write(d.u, fd, "hello", 5), 5);
	expect(&d, A | P, 1, 1, 5);
	drill_wait_ms(&d, 20);
	inject(&d, A, 1, 6, 0);
	for (int i = 0; i < 2; i++) {
		struct scm_timestamping stamp;
		struct sock_extended_err error;
		struct cmsghdr *c;

		msg.msg_controllen = sizeof(control);
		assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, MSG_ERRQUEUE), 0);
		assert_int_equal(msg.msg_flags, MSG_ERRQUEUE | MSG_TRUNC);
		c = CMSG_FIRSTHDR(&msg);
		assert_int_equal(c->cmsg_level, SOL_SOCKET);
		assert_int_equal(c->cmsg_type, SCM_TIMESTAMPING);
		memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
		assert_in_range(stamp.ts[0].tv_sec * 1000000 + stamp.ts[0].tv_nsec / 1000 - d.left_us, i * 20000,
		                i * 20000 + 100);
		c = CMSG_NXTHDR(&msg, c);
		assert_int_equal(c->cmsg_type, IP_RECVERR);
		memcpy(&error, CMSG_DATA(c), sizeof(error));
		assert_int_equal(error.ee_errno, ENOMSG);
		assert_int_equal(error.ee_origin, SO_EE_ORIGIN_TIMESTAMPING);
		assert_int_equal(error.ee_info, i == 0 ? SCM_TSTAMP_SND : SCM_TSTAMP_ACK);
		assert_int_equal(error.ee_data, 4);
	}
	msg.msg_controllen = sizeof(control);
	assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, MSG_ERRQUEUE), -1);
	assert_int_equal(errno, EAGAIN);
	drill_close(&d);
}

/* What has no room is said to be cut off. */
static void error_queue_without_room(void **state)
{
	int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
	struct msghdr msg = {.msg_controllen = 0};
	struct drill d;
	int fd;

	(void)state;
	drill_open(&d, &way_v6, "");
	fd = drill_accepted(&d);
	assert_int_equal(d.ifc.setsockopt(d.u, fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)), 0);
	assert_int_equal(d.ifc.write(d.u, fd, "hello", 5), 5);
	expect(&d, A | P, 1, 1, 5);
	assert_int_equal(d.ifc.recvmsg(d.u, fd, &msg, MSG_ERRQUEUE), 0);
	assert_int_equal(msg.msg_flags, MSG_ERRQUEUE | MSG_TRUNC | MSG_CTRUNC);
	drill_close(&d);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(stamps_are_in_the_error_queue),
    cmocka_unit_test(error_queue_without_room),
};

DRILL_MAIN(tests)
