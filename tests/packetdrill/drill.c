/* SPDX-License-Identifier: Apache-2.0
 *
 * See drill.h.
 */
#include "drill.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct way way_v4 = {
    "v=4,local=192.168.0.1/16,remote=192.0.2.1/24,mtu=1500", AF_INET, false, "0.0.0.0", "192.168.0.1", "192.0.2.1"};
const struct way way_v6 = {
    "v=6,local=fd3d:a0b:17d6::1/48,remote=,mtu=1520", AF_INET6, true, "::", "fd3d:a0b:17d6::1", "fd3d:fa7b:d17d::1"};
const struct way way_mapped = {"v=4,local=192.168.0.1/16,remote=192.0.2.1/24,mtu=1500",
                               AF_INET6,
                               false,
                               "::",
                               "::ffff:192.168.0.1",
                               "::ffff:192.0.2.1"};

const char *drill_object;

void drill_open(struct drill *d, const struct way *way, const char *more)
{
	void (*init)(const char *flags, struct packetdrill_interface *interface);
	void *symbol;
	char flags[512];

	memset(d, 0, sizeof(*d));
	d->way = way;
	d->our_port = OUR_PORT;
	d->peer_port = PEER_PORT;
	d->peer_isn = 1000000;
	d->handle = dlopen(drill_object, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!d->handle)
		fail_msg("%s", dlerror());
	symbol = dlsym(d->handle, "packetdrill_interface_init");
	assert_non_null(symbol);
	memcpy(&init, &symbol, sizeof(init));
	snprintf(flags, sizeof(flags), "%s%s", way->flags, more);
	init(flags, &d->ifc);
	d->u = d->ifc.userdata;
}

void drill_close(struct drill *d)
{
	d->ifc.free(d->u);
	dlclose(d->handle);
}

long long drill_now_us(struct drill *d)
{
	struct timeval tv;

	assert_int_equal(d->ifc.gettimeofday(d->u, &tv, NULL), 0);
	return tv.tv_sec * 1000000LL + tv.tv_usec;
}

void drill_wait_ms(struct drill *d, unsigned ms)
{
	assert_int_equal(d->ifc.usleep(d->u, ms * 1000), 0);
}

struct sockaddr_storage drill_address(const struct way *way, const char *ip, uint16_t port, socklen_t *len)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (way->domain == AF_INET) {
		assert_int_equal(inet_pton(AF_INET, ip, &in.sin_addr), 1);
		memcpy(&storage, &in, *len = sizeof(in));
	} else {
		assert_int_equal(inet_pton(AF_INET6, ip, &in6.sin6_addr), 1);
		memcpy(&storage, &in6, *len = sizeof(in6));
	}
	return storage;
}

int drill_socket(struct drill *d)
{
	int fd = d->ifc.socket(d->u, d->way->domain, SOCK_STREAM, IPPROTO_TCP);

	assert_true(fd >= 0);
	return fd;
}

int drill_listener(struct drill *d, int backlog)
{
	int fd = drill_socket(d);
	socklen_t len;
	struct sockaddr_storage any = drill_address(d->way, d->way->any, OUR_PORT, &len);

	assert_int_equal(d->ifc.bind(d->u, fd, (struct sockaddr *)&any, len), 0);
	assert_int_equal(d->ifc.listen(d->u, fd, backlog), 0);
	return fd;
}

int drill_connect(struct drill *d, int fd)
{
	socklen_t len;
	struct sockaddr_storage to = drill_address(d->way, d->way->peer, PEER_PORT, &len);

	return d->ifc.connect(d->u, fd, (struct sockaddr *)&to, len);
}

void drill_nonblocking(struct drill *d, int fd)
{
	assert_int_equal(d->ifc.fcntl(d->u, fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
}

static weir_addr packet_address(const struct drill *d, const char *ip)
{
	weir_addr addr;

	assert_int_equal(weir_addr_parse(ip, &addr), 0);
	assert_int_equal(weir_addr_is_v4(&addr), !d->way->v6);
	return addr;
}

void inject_window(struct drill *d, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len, uint16_t window)
{
	static const uint8_t text[65536];
	uint8_t packet[65536];
	struct wire_ip ip = {.src = packet_address(d, d->way->peer),
	                     .dst = packet_address(d, d->way->us),
	                     .protocol = IP_TCP,
	                     .ttl = 64};
	struct tcp_segment seg = {
	    .src_port = d->peer_port, .dst_port = d->our_port, .flags = flags, .wnd = window, .up = d->up};
	size_t at;

	seg.seq = seq_make(d->peer_isn + seq);
	seg.ack = seq_make(flags & A ? d->our_isn + ack : 0);
	seg.text_bytes = len;
	seg.text_slices = len > 0;
	seg.text[0] = (struct weir_slice){text, len};
	seg.opt.has_mss = flags & S;
	seg.opt.mss_bytes = 1000;
	seg.opt.has_cookie = (flags & S) && d->cookie_bytes > 0;
	seg.opt.cookie_bytes = d->cookie_bytes;
	memset(seg.opt.cookie, 0xc0, sizeof(seg.opt.cookie));
	ip.payload_bytes = (uint16_t)(TCP_HEADER_BYTES + wire_tcp_options_bytes(&seg.opt, flags & S) + len);
	at = wire_ip_emit(packet, &ip);
	at += wire_tcp_emit(packet + at, &seg, &ip.src, &ip.dst, false);
	memset(packet + at, 0, len);
	assert_int_equal(d->ifc.netdev_send(d->u, packet, at + len), 0);
}

void inject(struct drill *d, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	inject_window(d, flags, seq, ack, len, PEER_WINDOW);
}

static void parse(struct drill *d, const uint8_t *packet, size_t bytes)
{
	struct weir_slice payload;
	struct wire_ip ip;
	bool more = false;

	assert_int_equal(wire_ip_parse(packet, bytes, bytes, false, &ip, &more), DROP_NONE);
	assert_int_equal(ip.version, d->way->v6 ? 6 : 4);
	payload = (struct weir_slice){packet + ip.header_bytes, ip.payload_bytes};
	bytes = ip.payload_bytes - (size_t)TCP_HEADER_BYTES;
	memcpy(d->options, payload.data + TCP_HEADER_BYTES, bytes < sizeof(d->options) ? bytes : sizeof(d->options));
	assert_int_equal(wire_tcp_parse(&payload, 1, &ip, false, &d->seg, &more), DROP_NONE);
}

void expect_at(struct drill *d, const char *file, int line, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t len)
{
	static uint8_t packet[65536];
	size_t bytes = sizeof(packet);

	if (d->ifc.netdev_receive(d->u, packet, &bytes, &d->left_us) != 0 || bytes == 0) {
		print_error("%s:%d: nothing leaves\n", file, line);
		fail();
	}
	parse(d, packet, bytes);
	if (!d->know_our_isn && (d->seg.flags & S)) {
		d->our_isn = seq_raw(d->seg.seq);
		d->our_port = d->seg.src_port;
		d->know_our_isn = true;
	}
	if (d->seg.flags != flags || seq_raw(d->seg.seq) - d->our_isn != seq || d->seg.text_bytes != len ||
	    ((flags & A) && seq_raw(d->seg.ack) - d->peer_isn != ack)) {
		print_error("%s:%d: flags %#x seq %u ack %u len %u leaves\n", file, line, d->seg.flags,
		            seq_raw(d->seg.seq) - d->our_isn, seq_raw(d->seg.ack) - d->peer_isn, d->seg.text_bytes);
		fail();
	}
}

void expect_silence(struct drill *d)
{
	uint8_t packet[2048];
	size_t bytes = sizeof(packet);
	long long left_us;

	assert_int_equal(d->ifc.netdev_receive(d->u, packet, &bytes, &left_us), 0);
	assert_int_equal(bytes, 0);
}

int drill_accepted(struct drill *d)
{
	return drill_accepted_after(d, 0);
}

int drill_accepted_after(struct drill *d, unsigned ms)
{
	int listener = drill_listener(d, 5), fd;

	inject(d, S, 0, 0, 0);
	expect(d, S | A, 0, 1, 0);
	drill_wait_ms(d, ms);
	inject(d, A, 1, 1, 0);
	fd = d->ifc.accept(d->u, listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(d->ifc.close(d->u, listener), 0);
	return fd;
}

int drill_connected(struct drill *d)
{
	int fd = drill_socket(d);

	drill_nonblocking(d, fd);
	assert_int_equal(drill_connect(d, fd), -1);
	assert_int_equal(errno, EINPROGRESS);
	expect(d, S, 0, 0, 0);
	inject(d, S | A, 0, 1, 0);
	expect(d, A, 1, 1, 0);
	return fd;
}

static void *run_call(void *arg)
{
	struct call *c = arg;

	c->tid = (int)syscall(SYS_gettid);
	c->result = c->make(c);
	c->error = errno;
	c->ended_us = drill_now_us(c->d);
	c->done = true;
	return NULL;
}

/* Is that thread asleep, as /proc tells it? */
static bool sleeps(int tid)
{
	char path[64], text[512], *state;
	size_t n = 0;
	FILE *from;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	from = fopen(path, "r");
	if (!from)
		return false;
	n = fread(text, 1, sizeof(text) - 1, from);
	fclose(from);
	text[n] = '\0';
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

void call_start(struct call *c)
{
	assert_int_equal(pthread_create(&c->thread, NULL, run_call, c), 0);
	while (!c->done && !(c->tid && sleeps(c->tid)))
		sched_yield();
}

bool call_blocks(const struct call *c)
{
	return !c->done;
}

long long call_end(struct call *c)
{
	assert_int_equal(pthread_join(c->thread, NULL), 0);
	assert_true(c->done);
	return c->result;
}

long long call_accept(struct call *c)
{
	return c->d->ifc.accept(c->d->u, c->fd, NULL, NULL);
}

long long call_connect(struct call *c)
{
	return drill_connect(c->d, c->fd);
}

long long call_read(struct call *c)
{
	return c->d->ifc.read(c->d->u, c->fd, c->buffer, c->len);
}

long long call_write(struct call *c)
{
	return c->d->ifc.write(c->d->u, c->fd, c->buffer, c->len);
}

int drill_run(const struct CMUnitTest *tests, size_t n, int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s libweir-packetdrill.so\n", argv[0]);
		return 2;
	}
	drill_object = argv[1];
	return _cmocka_run_group_tests("packetdrill", tests, n, NULL, NULL) == 0 ? 0 : 1;
}
