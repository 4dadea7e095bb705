/* SPDX-License-Identifier: Apache-2.0
 *
 * recvmsg(MSG_ERRQUEUE): what Linux tells by control messages. Written bytes that are sent on without a copy (here they
 * never are), time stamps of what was sent, and errors that somebody on the way has reported.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* One more control message; false: there is no room for it. */
static bool add(struct msghdr *msg, size_t *used, int level, int type, const void *data, size_t bytes)
{
	struct cmsghdr c = {.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(bytes)};
	uint8_t *at;

	if (!msg->msg_control || msg->msg_controllen - *used < CMSG_SPACE(bytes)) {
		msg->msg_flags |= MSG_CTRUNC;
		return false;
	}
	at = (uint8_t *)msg->msg_control + *used;
	memset(at, 0, CMSG_SPACE(bytes));
	memcpy(at, &c, sizeof(c));
	memcpy(at + CMSG_LEN(0), data, bytes);
	*used += CMSG_SPACE(bytes);
	return true;
}

/* Behind the error stands an address: of who has reported it, or of nobody. */
static void add_error(const struct file *f, struct msghdr *msg, size_t *used, const struct sock_extended_err *error,
                      const weir_addr *offender)
{
	bool v4 = f->domain == AF_INET;
	uint8_t data[sizeof(*error) + sizeof(struct sockaddr_in6)] = {0};
	struct weir_endpoint end = {.port = 0};
	socklen_t len = sizeof(struct sockaddr_in6);

	memcpy(data, error, sizeof(*error));
	if (offender) {
		end.addr = *offender;
		address_write(f, &end, (struct sockaddr *)(data + sizeof(*error)), &len);
	}
	add(msg, used, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, data,
	    sizeof(*error) + (v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)));
}

/* The clock is the script's. The packet that Linux would show is not kept: none of it fits. */
static void add_stamp(struct msghdr *msg, size_t *used, const struct weir_error_report *report)
{
	struct scm_timestamping stamp = {
	    .ts[0] = {.tv_sec = report->at.ns / WEIR_NS_PER_S, .tv_nsec = report->at.ns % WEIR_NS_PER_S}};

	msg->msg_flags |= MSG_TRUNC;
	add(msg, used, SOL_SOCKET, SCM_TIMESTAMPING, &stamp, sizeof(stamp));
}

static int64_t take_report(struct file *f, struct msghdr *msg, size_t *used)
{
	struct weir_error_report report;
	struct sock_extended_err error;
	int r = weir_recv_error(f->sock, &report);
	bool stamp = report.origin == WEIR_ORIGIN_TIMESTAMPING;

	if (r < 0)
		return r;
	error = (struct sock_extended_err){
	    .ee_errno = (uint32_t)report.error,
	    .ee_origin = (uint8_t)report.origin,
	    .ee_type = report.type,
	    .ee_code = report.code,
	    .ee_info = report.info,
	    .ee_data = report.number,
	};
	msg->msg_flags = MSG_ERRQUEUE;
	if (stamp)
		add_stamp(msg, used, &report);
	add_error(f, msg, used, &error, stamp || report.origin == WEIR_ORIGIN_LOCAL ? NULL : &report.offender);
	return 0;
}

int64_t errors_take(struct file *f, struct msghdr *msg)
{
	struct sock_extended_err error;
	size_t used = 0;
	int64_t r = 0;

	if (zerocopy_take(f, &error)) {
		msg->msg_flags = MSG_ERRQUEUE;
		add_error(f, msg, &used, &error, NULL);
	} else {
		r = take_report(f, msg, &used);
		if (r < 0)
			return r;
	}
	msg->msg_namelen = 0;
	msg->msg_controllen = used;
	return r;
}
