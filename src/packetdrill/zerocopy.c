/* SPDX-License-Identifier: Apache-2.0
 *
 * MSG_ZEROCOPY and the error queue. The stack copies what a program writes, so each such write is over when the call
 * returns, and is told of as copied: programs that ask for it see what a kernel says that could not do otherwise.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

void zerocopy_done(struct adapter *a, struct file *f)
{
	if (!f->zerocopy)
		return;
	if (!f->zerocopy_told)
		f->zerocopy_low = f->zerocopy_next;
	f->zerocopy_told = true;
	f->zerocopy_next++;
	epoll_error(a, f);
}

static void fill(struct sock_extended_err *to, struct file *f)
{
	*to = (struct sock_extended_err){
	    .ee_origin = SO_EE_ORIGIN_ZEROCOPY,
	    .ee_code = SO_EE_CODE_ZEROCOPY_COPIED,
	    .ee_info = f->zerocopy_low,
	    .ee_data = f->zerocopy_next - 1,
	};
	f->zerocopy_told = false;
}

/* An address follows, of nobody. */
int64_t zerocopy_take(struct file *f, struct msghdr *msg)
{
	bool v4 = f->domain == AF_INET;
	size_t bytes =
	    sizeof(struct sock_extended_err) + (v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	struct cmsghdr *c = msg->msg_control;
	struct sock_extended_err error;

	if (!f->zerocopy_told)
		return -EAGAIN;
	fill(&error, f);
	msg->msg_flags = MSG_ERRQUEUE;
	msg->msg_namelen = 0;
	if (!c || msg->msg_controllen < CMSG_SPACE(bytes)) {
		msg->msg_controllen = 0;
		msg->msg_flags |= MSG_CTRUNC;
		return 0;
	}
	memset(c, 0, CMSG_SPACE(bytes));
	c->cmsg_level = v4 ? SOL_IP : SOL_IPV6;
	c->cmsg_type = v4 ? IP_RECVERR : IPV6_RECVERR;
	c->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(c), &error, sizeof(error));
	msg->msg_controllen = CMSG_SPACE(bytes);
	return 0;
}
