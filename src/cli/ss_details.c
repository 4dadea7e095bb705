/* SPDX-License-Identifier: Apache-2.0
 *
 * The last column of ss: program, timer, user, memory, TCP's numbers. Words and units are those of iproute2 6.1, and a
 * number that is nothing is left out, as there. Weir's own words come last and begin with weir_.
 *
 * Counts of bytes are bytes of data: Linux counts SYN and FIN in bytes_acked and bytes_received, Weir does not.
 */
#include "cli/ss.h"

#include <inttypes.h>
#include <stdlib.h>

enum { RATE_BYTES = 32, TIME_BYTES = 48 };

/* As ss words a time: 990ms, 59sec, 1min3sec, 12min, 1.250ms for a second and a quarter. */
static void time_text(char *text, uint64_t ns)
{
	uint64_t ms = ns / 1000000, seconds = ms / 1000, minutes = seconds / 60;
	char *at = text;

	seconds %= 60;
	ms %= 1000;
	*at = '\0';
	if (minutes > 0) {
		ms = 0;
		at += snprintf(at, TIME_BYTES / 2, "%" PRIu64 "min", minutes);
		seconds = minutes > 9 ? 0 : seconds;
	}
	if (seconds > 0) {
		ms = seconds > 9 ? 0 : ms;
		at += snprintf(at, 16, "%u%s", (unsigned)seconds, ms ? "." : "sec");
	}
	if (ms > 0)
		snprintf(at, 8, "%03ums", (unsigned)ms);
}

static void rate_text(char *text, double bits_per_second, bool numeric)
{
	static const struct {
		double unit;
		const char *letter;
	} units[] = {{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};

	if (numeric) {
		snprintf(text, RATE_BYTES, "%.0f", bits_per_second);
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (bits_per_second >= units[i].unit) {
			snprintf(text, RATE_BYTES, "%.3g%s", bits_per_second / units[i].unit, units[i].letter);
			return;
		}
	}
	snprintf(text, RATE_BYTES, "%g", bits_per_second);
}

static void print_count(FILE *out, const char *name, uint64_t count)
{
	if (count > 0)
		fprintf(out, " %s:%" PRIu64, name, count);
}

static void print_program(FILE *out, const struct look_program *program)
{
	if (!program->known)
		return;
	fprintf(out, " users:((\"%s\",pid=%" PRId64, program->name, program->pid);
	if (program->has_fd)
		fprintf(out, ",fd=%" PRId64, program->fd);
	fputs("))", out);
}

static void print_timer(FILE *out, const struct look_timer *timer)
{
	static const char *const names[] = {
	    [WEIR_TIMER_NONE] = "off",           [WEIR_TIMER_RETRANSMIT] = "on",   [WEIR_TIMER_KEEPALIVE] = "keepalive",
	    [WEIR_TIMER_TIME_WAIT] = "timewait", [WEIR_TIMER_PERSIST] = "persist",
	};
	char left[TIME_BYTES];

	if (timer->kind == WEIR_TIMER_NONE)
		return;
	time_text(left, timer->left_ns);
	fprintf(out, " timer:(%s,%s,%" PRIu64 ")", names[timer->kind], left, timer->retransmits);
}

static void print_owner(FILE *out, const struct look_socket *sock)
{
	print_count(out, "uid", sock->uid);
	fprintf(out, " ino:%" PRIu64 " sk:%" PRIx64, sock->inode, sock->id);
	if (sock->v6)
		fprintf(out, " v6only:%d", sock->v6only);
}

/* Weir's queues need no memory beside their bytes; what waits for a gap to close lies in RecvQ. */
static void print_memory(FILE *out, const struct look_socket *sock)
{
	fprintf(out, " skmem:(r%" PRIu64 ",rb%" PRIu64 ",t0,tb%" PRIu64 ",f0,w%" PRIu64 ",o0,bl0,d%" PRIu64 ")",
	        sock->recvq.bytes + sock->out_of_order, sock->recvq.limit, sock->sendq.limit, sock->sendq.bytes,
	        sock->accept_dropped);
}

/* Milliseconds, to the microsecond. */
static double ms_of(uint64_t ns)
{
	return (double)(ns / 1000) / 1000;
}

static uint64_t segments(uint64_t bytes, uint64_t mss)
{
	return mss ? bytes / mss : 0;
}

static void print_path(FILE *out, const struct look_socket *sock, bool options)
{
	const struct look_tcp *tcp = &sock->conn;
	bool backs_off = sock->timer.kind == WEIR_TIMER_RETRANSMIT || sock->timer.kind == WEIR_TIMER_PERSIST;

	if (options && tcp->timestamps)
		fputs(" ts", out);
	if (tcp->snd_wscale || tcp->rcv_wscale)
		fprintf(out, " wscale:%" PRIu64 ",%" PRIu64, tcp->snd_wscale, tcp->rcv_wscale);
	if (tcp->rto_ns)
		fprintf(out, " rto:%g", ms_of(tcp->rto_ns));
	if (backs_off)
		print_count(out, "backoff", sock->timer.retransmits);
	if (tcp->srtt_ns)
		fprintf(out, " rtt:%g/%g", ms_of(tcp->srtt_ns), ms_of(tcp->rttvar_ns));
	print_count(out, "mss", tcp->snd_mss);
	print_count(out, "rcvmss", tcp->rcv_mss);
	print_count(out, "cwnd", segments(tcp->cwnd_bytes, tcp->snd_mss));
	print_count(out, "ssthresh", segments(tcp->ssthresh_bytes, tcp->snd_mss));
}

static void print_times(FILE *out, const struct look_tcp *tcp)
{
	if (tcp->since_sent_ns >= 1000000)
		fprintf(out, " lastsnd:%" PRIu64, tcp->since_sent_ns / 1000000);
	if (tcp->since_text_ns >= 1000000)
		fprintf(out, " lastrcv:%" PRIu64, tcp->since_text_ns / 1000000);
	if (tcp->since_heard_ns >= 1000000)
		fprintf(out, " lastack:%" PRIu64, tcp->since_heard_ns / 1000000);
}

static void print_share(FILE *out, const char *name, uint64_t part_ns, uint64_t whole_ns)
{
	if (part_ns && whole_ns)
		fprintf(out, " %s:%" PRIu64 "ms(%.1f%%)", name, part_ns / 1000000,
		        100.0 * (double)part_ns / (double)whole_ns);
}

static void print_busy(FILE *out, const struct look_tcp *tcp)
{
	if (tcp->busy_ns)
		fprintf(out, " busy:%" PRIu64 "ms", tcp->busy_ns / 1000000);
	print_share(out, "rwnd_limited", tcp->window_limited_ns, tcp->busy_ns);
	print_share(out, "sndbuf_limited", tcp->queue_limited_ns, tcp->busy_ns);
}

static void print_delivery(FILE *out, const struct look_tcp *tcp, bool numeric)
{
	char rate[RATE_BYTES];

	if (tcp->delivery_bytes_per_s) {
		rate_text(rate, (double)tcp->delivery_bytes_per_s * 8, numeric);
		fprintf(out, " delivery_rate %sbps", rate);
	}
	print_count(out, "delivered", tcp->delivered_segs);
	print_count(out, "delivered_ce", tcp->marked_out);
	if (tcp->delivery_limited)
		fputs(" app_limited", out);
}

static void print_traffic(FILE *out, const struct look_socket *sock, bool numeric)
{
	const struct look_tcp *tcp = &sock->conn;
	uint64_t cwnd = segments(tcp->cwnd_bytes, tcp->snd_mss);
	uint64_t sent = sock->written > sock->sendq.unsent ? sock->written - sock->sendq.unsent : 0;
	char rate[RATE_BYTES];

	print_count(out, "bytes_sent", sent + tcp->bytes_resent);
	print_count(out, "bytes_retrans", tcp->bytes_resent);
	print_count(out, "bytes_acked", sock->written > sock->sendq.bytes ? sock->written - sock->sendq.bytes : 0);
	print_count(out, "bytes_received", sock->delivered + sock->recvq.hidden + sock->recvq.bytes);
	print_count(out, "segs_out", tcp->segs_out);
	print_count(out, "segs_in", tcp->segs_in);
	print_count(out, "data_segs_out", tcp->text_segs_out);
	print_count(out, "data_segs_in", tcp->text_segs_in);
	if (tcp->srtt_ns >= 1000 && cwnd) { /* ss counts in microseconds; below one there is no rate to tell */
		rate_text(rate, (double)(cwnd * tcp->snd_mss) * 8e9 / (double)tcp->srtt_ns, numeric);
		fprintf(out, " send %sbps", rate);
	}
	print_times(out, tcp);
	print_delivery(out, tcp, numeric);
	print_busy(out, tcp);
	/* After a time-out exactly one segment is on its way again. */
	if (tcp->resent)
		fprintf(out, " retrans:%d/%" PRIu64, sock->timer.retransmits > 0, tcp->resent);
	print_count(out, "dsack_dups", tcp->dsacks);
	print_count(out, "reord_seen", tcp->reorderings);
	if (tcp->rcv_rtt_ns)
		fprintf(out, " rcv_rtt:%g", ms_of(tcp->rcv_rtt_ns));
	print_count(out, "notsent", sock->sendq.unsent);
	if (tcp->min_rtt_ns)
		fprintf(out, " minrtt:%g", ms_of(tcp->min_rtt_ns));
	print_count(out, "rcv_ooopack", tcp->out_of_order_segs);
	print_count(out, "snd_wnd", tcp->snd_wnd);
}

static void print_own_numbers(FILE *out, const struct look_host *host, const struct look_socket *sock)
{
	fprintf(out, " weir_id:%s#%" PRIu64, host->name, sock->id);
	if (look_is_listening(sock)) {
		fprintf(out, " weir_incomplete:%" PRIu64, sock->incomplete_len);
		print_count(out, "weir_accept_dropped", sock->accept_dropped);
		return;
	}
	fprintf(out, " weir_delivered:%" PRIu64, sock->delivered);
	print_count(out, "weir_out_of_order", sock->out_of_order);
	if (sock->linger)
		fprintf(out, " weir_linger:\"%s\"", sock->linger);
	if (sock->conn.known)
		fprintf(out, " weir_rcv_wnd:%" PRIu64, sock->conn.rcv_wnd);
}

static void print_inferred(FILE *out, const struct look_socket *sock)
{
	if (look_is_exact(sock))
		return;
	fprintf(out, " weir_inferred:%s%s%s", sock->recvq.exact ? "" : "recvq",
	        sock->recvq.exact || sock->sendq.exact ? "" : ",", sock->sendq.exact ? "" : "sendq");
}

static void print_all(FILE *out, const struct look_host *host, const struct look_socket *sock,
                      const struct ss_options *options)
{
	bool info = options->info && sock->tcp;

	print_program(out, &sock->program);
	if (options->timer)
		print_timer(out, &sock->timer);
	if (options->details)
		print_owner(out, sock);
	if ((info || options->memory) && !options->oneline)
		fputs("\n\t", out);
	if (options->memory)
		print_memory(out, sock);
	if (info) {
		print_path(out, sock, options->timer);
		print_traffic(out, sock, options->numeric);
		print_own_numbers(out, host, sock);
	}
	print_inferred(out, sock);
	if (options->names_host)
		fprintf(out, " weir_host:%s", host->name);
}

char *ss_details(const struct look_host *host, const struct look_socket *sock, const struct ss_options *options)
{
	size_t len = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	print_all(out, host, sock, options);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
