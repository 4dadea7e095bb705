/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel as a host on the path: a network namespace of its own with a TAP device in it, and a program's
 * non-blocking socket. The namespace lives as long as its descriptors do.
 */
#define _GNU_SOURCE
#include "rig.h"

#include "link/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_PACKETS = 50000 };

static const char device[] = "path0";

struct linux_host {
	struct rig_host host;
	struct link_tap *tap;
	int namespace, listener, sock; /* sock: -1 until accepted */
	bool connected, shut;
};

static void write_setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	rig_must(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value), path);
	close(fd);
}

/* What the kernel may use for queues: at least as much as Weir's hosts have, so that no bound of them shows. */
static void set_memory(uint32_t bytes)
{
	char value[64];

	snprintf(value, sizeof(value), "4096 %u %u", 2 * bytes, 4 * bytes);
	write_setting("/proc/sys/net/ipv4/tcp_rmem", value);
	write_setting("/proc/sys/net/ipv4/tcp_wmem", value);
	write_setting("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
	write_setting("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
}

static struct sockaddr_in end_of(unsigned number)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	                            .sin_port = htons(number == 0 ? 0 : RIG_PORT),
	                            .sin_addr.s_addr = htonl(0x0a000000u | number)};
}

static void set_up_device(struct linux_host *l)
{
	struct link_tap_config config = {.name = device, .kind = WEIR_LINK_ETHERNET, .mtu_bytes = RIG_MTU};
	struct link_tap_error error;
	struct sockaddr_in addr = end_of(l->host.number), mask = end_of(0);
	struct ifreq request = {0};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (link_tap_open(&config, &l->tap, &error) != 0) {
		fprintf(stderr, "%s: %s; %s\n", error.failed, error.saw, error.try);
		exit(1);
	}
	snprintf(request.ifr_name, IFNAMSIZ, "%s", device);
	request.ifr_qlen = QUEUE_PACKETS;
	rig_must(s >= 0 && ioctl(s, SIOCSIFTXQLEN, &request) == 0, "cannot set the device's queue");
	memcpy(&request.ifr_addr, &addr, sizeof(addr));
	rig_must(ioctl(s, SIOCSIFADDR, &request) == 0, "cannot set the device's address");
	mask.sin_addr.s_addr = htonl(0xffffff00u);
	memcpy(&request.ifr_netmask, &mask, sizeof(mask));
	rig_must(ioctl(s, SIOCSIFNETMASK, &request) == 0, "cannot set the device's mask");
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	rig_must(ioctl(s, SIOCSIFFLAGS, &request) == 0, "cannot bring the device up");
	close(s);
	l->host.port = link_tap_port(l->tap);
}

static int new_socket(const struct rig_flow *flow)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	rig_must(s >= 0, "no socket");
	rig_must(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, flow->congestion, (socklen_t)strlen(flow->congestion)) == 0,
	         "the kernel has no such congestion control");
	return s;
}

static void linux_connects(struct rig_host *host, unsigned to)
{
	struct linux_host *l = (struct linux_host *)host;
	struct sockaddr_in end = end_of(to);

	rig_must(connect(l->sock, (struct sockaddr *)&end, sizeof(end)) < 0 && errno == EINPROGRESS, "cannot connect");
	l->connected = true;
}

static void send_all(struct linux_host *l)
{
	struct rig_flow *flow = l->host.flow;
	size_t left;

	while ((left = rig_left(flow)) > 0) {
		ssize_t n = send(l->sock, rig_bytes(flow->sent), left, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return;
		flow->sent += (uint64_t)n;
	}
	if (!l->shut)
		shutdown(l->sock, SHUT_WR);
	l->shut = true;
}

static void read_all(struct linux_host *l)
{
	static uint8_t buffer[RIG_CHUNK];
	ssize_t n;

	while ((n = recv(l->sock, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		rig_received(l->host.flow, buffer, (size_t)n);
	l->host.flow->ended = n == 0;
}

static void linux_works(struct rig_host *host, weir_time now)
{
	struct linux_host *l = (struct linux_host *)host;

	(void)now;
	if (host->sends && l->connected)
		send_all(l);
	if (!host->sends && l->sock < 0)
		l->sock = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (!host->sends && l->sock >= 0)
		read_all(l);
}

static weir_time no_deadline(const struct rig_host *host)
{
	(void)host;
	return WEIR_NEVER;
}

static unsigned linux_waits(const struct rig_host *host, struct pollfd *fds)
{
	const struct linux_host *l = (const struct linux_host *)host;
	bool writes = host->sends && l->connected && rig_left(host->flow) > 0;

	fds[0] = (struct pollfd){.fd = link_tap_fd(l->tap), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = l->sock >= 0 ? l->sock : l->listener, .events = writes ? POLLOUT : POLLIN};
	if (host->sends && !writes)
		fds[1].fd = -1;
	if (host->flow->ended)
		fds[1].fd = -1;
	return 2;
}

/* The device's own line of /proc/net/dev: dropped on receipt is the 4th number, on sending the 12th. */
static uint64_t linux_drops(struct rig_host *host)
{
	struct linux_host *l = (struct linux_host *)host;
	const struct link_tap_stats *stats = link_tap_stats(l->tap);
	uint64_t drops = stats->write_full + stats->write_down + stats->write_errors + stats->read_errors;
	char line[512];
	FILE *table;

	rig_must(setns(l->namespace, CLONE_NEWNET) == 0, "cannot enter the namespace");
	table = fopen("/proc/thread-self/net/dev", "r");
	rig_must(table != NULL, "no /proc/thread-self/net/dev");
	while (fgets(line, sizeof(line), table) != NULL) {
		unsigned long long n[12];
		const char *colon = strstr(line, "path0:");

		if (colon != NULL &&
		    sscanf(colon + 6, "%llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu", &n[0], &n[1],
		           &n[2], &n[3], &n[4], &n[5], &n[6], &n[7], &n[8], &n[9], &n[10], &n[11]) == 12)
			drops += n[3] + n[11];
	}
	fclose(table);
	return drops;
}

static struct rig_look linux_looks(const struct rig_host *host)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(((const struct linux_host *)host)->sock, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return (struct rig_look){0};
	return (struct rig_look){(uint64_t)info.tcpi_snd_cwnd * info.tcpi_snd_mss,
	                         (uint64_t)info.tcpi_snd_ssthresh * info.tcpi_snd_mss, info.tcpi_rtt};
}

static void linux_closes(struct rig_host *host)
{
	struct linux_host *l = (struct linux_host *)host;
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (host->sends && getsockopt(l->sock, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		host->flow->resent = info.tcpi_total_retrans;
	if (l->sock >= 0)
		close(l->sock);
	if (l->listener >= 0)
		close(l->listener);
	close(l->namespace);
	link_tap_close(l->tap);
	free(l);
}

static const struct rig_host_ops linux_ops = {
    .connect = linux_connects,
    .work = linux_works,
    .deadline = no_deadline,
    .wait = linux_waits,
    .drops = linux_drops,
    .look = linux_looks,
    .close = linux_closes,
};

struct rig_host *rig_linux_new(uint8_t number, bool sends, struct rig_flow *flow)
{
	struct linux_host *l = calloc(1, sizeof(*l));
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(RIG_PORT)};

	rig_must(l != NULL, "no memory");
	l->host = (struct rig_host){.ops = &linux_ops, .flow = flow, .number = number, .sends = sends};
	l->listener = l->sock = -1;
	rig_must(unshare(CLONE_NEWNET) == 0, "no network namespace (needs root)");
	l->namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	rig_must(l->namespace >= 0, "no /proc/thread-self/ns/net");
	set_memory(flow->buffer_bytes);
	set_up_device(l);
	if (sends) {
		l->sock = new_socket(flow);
	} else {
		l->listener = new_socket(flow);
		rig_must(bind(l->listener, (struct sockaddr *)&any, sizeof(any)) == 0 && listen(l->listener, 1) == 0,
		         "cannot listen");
	}
	return &l->host;
}
