/* SPDX-License-Identifier: Apache-2.0
 *
 * See report.h.
 */
#include "sock/report.h"

#include <string.h>

/* Destination unreachable of IPv4, by code; 4 is the path's business. */
static const uint8_t unreachable4[] = {
    WEIR_ENETUNREACH,  WEIR_EHOSTUNREACH, WEIR_ENOPROTOOPT,  WEIR_ECONNREFUSED, 0,
    WEIR_EOPNOTSUPP,   WEIR_ENETUNREACH,  WEIR_EHOSTDOWN,    WEIR_ENONET,       WEIR_ENETUNREACH,
    WEIR_EHOSTUNREACH, WEIR_ENETUNREACH,  WEIR_EHOSTUNREACH, WEIR_EHOSTUNREACH, WEIR_EHOSTUNREACH,
    WEIR_EHOSTUNREACH,
};

static const uint8_t unreachable6[] = {
    WEIR_ENETUNREACH, WEIR_EACCES, WEIR_EHOSTUNREACH, WEIR_EHOSTUNREACH, WEIR_ECONNREFUSED, WEIR_EACCES, WEIR_EACCES,
};

int sock_icmp_errno(const struct wire_icmp *icmp, unsigned version)
{
	switch (icmp->kind) {
	case ICMP_TTL_EXCEEDED:
		return WEIR_EHOSTUNREACH;
	case ICMP_PARAMETER_PROBLEM:
		return WEIR_EPROTO;
	case ICMP_NET_UNREACHABLE:
	case ICMP_HOST_UNREACHABLE:
	case ICMP_PROTOCOL_UNREACHABLE:
	case ICMP_PORT_UNREACHABLE:
	case ICMP_PROHIBITED:
		break;
	default:
		return 0;
	}
	if (version == 4)
		return icmp->code < sizeof(unreachable4) ? unreachable4[icmp->code] : 0;
	if (icmp->type == ICMP6_PARAMETER)
		return WEIR_EPROTO;
	return icmp->code < sizeof(unreachable6) ? unreachable6[icmp->code] : 0;
}

bool sock_wants_reports(const struct weir_socket *s, bool v4)
{
	return s->has_handle && (v4 ? s->opt.recverr4 : s->opt.recverr6); /* [9293 SHLD-20] off unless asked for */
}

/* [9293 MUST-47] */
void sock_report_queue(struct weir_socket *s, const struct weir_error_report *report)
{
	struct host *h = sock_host(s);
	struct sock_reports *q = s->reports;

	if (!q)
		q = s->reports = memory_alloc_zero(&h->memory, sizeof(*q));
	if (!q || q->count == SOCK_REPORTS) {
		host_count(h, drop_report_lost);
		return;
	}
	q->report[(q->first + q->count++) % SOCK_REPORTS] = *report;
	sock_mark_ready(s);
}

static void tell(const struct weir_socket *s, const struct weir_error_report *report, const char *reason)
{
	struct weir_event event = {
	    .kind = WEIR_EVENT_REPORT,
	    .at = sock_host(s)->now,
	    .socket_id = s->id,
	    .to = report->error,
	    .reason = reason,
	};

	if (host_observed(sock_host(s)))
		host_observe(sock_host(s), &event);
}

/* The pending error of what is not over: the next call says it, once. */
static void set_error(struct weir_socket *s, int error)
{
	if (s->kind != SOCK_CONNECTION)
		s->error = (uint8_t)error;
	else if (s->u.tcb.state != WEIR_TCP_CLOSED)
		s->u.tcb.error = (uint8_t)error;
}

/* [9293 W-RPT-1, SHLD-25] */
void sock_report_icmp(struct weir_socket *s, const struct net_packet *packet, int error)
{
	const struct wire_icmp *icmp = &packet->icmp;
	struct weir_error_report report = {
	    .error = error,
	    .origin = packet->ip.version == 4 ? WEIR_ORIGIN_ICMP : WEIR_ORIGIN_ICMP6,
	    .type = icmp->type,
	    .code = icmp->code,
	    .info = icmp->kind == ICMP_PARAMETER_PROBLEM ? icmp->rest : icmp->mtu_bytes,
	    .offender = packet->ip.src,
	    .remote = {icmp->quoted_dst, icmp->quoted_dst_port, sock_zone(&icmp->quoted_dst, packet->ifindex)},
	};

	tell(s, &report, "ICMP error");
	if (!sock_wants_reports(s, packet->ip.version == 4))
		return;
	sock_report_queue(s, &report);
	set_error(s, error); /* as Linux: who asks for reports is also told by the next call */
	sock_mark_ready(s);
}

/* [9293 SHLD-9, W-RPT-2] Between R1 and R2. */
void sock_report_silence(struct weir_socket *s)
{
	struct weir_error_report report = {
	    .error = WEIR_ETIMEDOUT,
	    .origin = WEIR_ORIGIN_LOCAL,
	    .info = s->u.tcb.retransmits,
	    .remote = s->remote,
	};

	tell(s, &report, "repeated in vain");
	if (sock_wants_reports(s, weir_addr_is_v4(&s->remote.addr)))
		sock_report_queue(s, &report);
}

void sock_reports_free(struct weir_socket *s)
{
	if (s->reports)
		memory_free(&sock_host(s)->memory, s->reports, sizeof(*s->reports));
	s->reports = NULL;
}

static bool is_icmp(const struct weir_error_report *report)
{
	return report->origin == WEIR_ORIGIN_ICMP || report->origin == WEIR_ORIGIN_ICMP6;
}

int weir_recv_error(struct weir_socket *s, struct weir_error_report *report)
{
	struct sock_reports *q = s->reports;
	bool icmp;

	if (!sock_has_reports(s))
		return -WEIR_EAGAIN;
	*report = q->report[q->first];
	q->first = (uint8_t)((q->first + 1) % SOCK_REPORTS);
	q->count--;
	/* As Linux: the pending error is that of the next report. */
	icmp = is_icmp(report);
	if (q->count > 0 && is_icmp(&q->report[q->first]))
		set_error(s, q->report[q->first].error);
	else if (icmp)
		set_error(s, 0);
	if (q->count == 0)
		sock_reports_free(s);
	return 0;
}
