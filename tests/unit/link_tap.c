/* SPDX-License-Identifier: Apache-2.0
 *
 * The TAP port against the kernel, in a network namespace of its own: datagrams both ways through a TUN device, frames
 * through a TAP device, and what is said to those who may not. Skipped where namespaces cannot be made.
 */
#define _GNU_SOURCE /* unshare */

#include "link/tap.h"

#include "base/bytes.h"
#include "link/frame.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static bool isolated; /* in a namespace of our own, with the right to make devices */

static struct link_tap *open_device(const char *name, enum weir_link_kind kind)
{
	struct link_tap_config config = {.name = name, .kind = kind, .mtu_bytes = 1400, .up = true};
	struct link_tap_error error;
	struct link_tap *tap = NULL;

	if (link_tap_open(&config, &tap, &error) != 0)
		fail_msg("%s: %s: %s", error.failed, error.saw, error.try);
	return tap;
}

static struct sockaddr_in address(const char *text, uint16_t port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, text, &sin.sin_addr), 1);
	return sin;
}

/* Gives the kernel's side 10.9.0.1/24. */
static void set_address(const char *name)
{
	struct sockaddr_in addr = address("10.9.0.1", 0), mask = address("255.255.255.0", 0);
	struct ifreq request = {0};
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(s >= 0);
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	memcpy(&request.ifr_addr, &addr, sizeof addr);
	assert_int_equal(ioctl(s, SIOCSIFADDR, &request), 0);
	memcpy(&request.ifr_netmask, &mask, sizeof mask);
	assert_int_equal(ioctl(s, SIOCSIFNETMASK, &request), 0);
	close(s);
}

static int kernel_socket(uint16_t port)
{
	struct sockaddr_in own = address("10.9.0.1", port);
	struct timeval limit = {.tv_sec = 5};
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(s >= 0);
	assert_int_equal(setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	assert_int_equal(bind(s, (struct sockaddr *)&own, sizeof own), 0);
	return s;
}

/* Waits for packets from the kernel until one is of this IP protocol, or ARP when protocol is -1. */
static struct weir_packet await(struct link_tap *tap, enum weir_link_kind kind, int protocol, struct link_frame *frame)
{
	struct link_port port = link_tap_port(tap);
	struct weir_packet packet;

	for (unsigned i = 0; i < 100; i++) {
		struct pollfd readable = {.fd = link_tap_fd(tap), .events = POLLIN};

		assert_int_equal(poll(&readable, 1, 5000), 1);
		assert_true(port.ops->pending(&port));
		assert_int_equal(port.ops->output(&port, (weir_time){0}, &packet, 1), 1);
		if (protocol < 0 && load_be16(packet.slice[0].data + 12) == ETH_ARP)
			return packet;
		if (link_frame_parse(packet.slice[0].data, packet.len, packet.len, kind, frame) &&
		    frame->ip.protocol == protocol)
			return packet;
	}
	fail_msg("the kernel never sent what was awaited");
	return packet;
}

static void datagrams_cross_a_tun_device_both_ways(void **state)
{
	struct sockaddr_in peer = address("10.9.0.2", 7);
	struct wire_ip answer = {.protocol = IP_UDP, .ttl = 64, .payload_bytes = UDP_HEADER_BYTES + 4};
	struct weir_packet packet;
	struct link_traffic traffic = {0};
	struct link_frame frame;
	struct link_port port;
	struct link_tap *tap;
	uint8_t reply[64];
	char text[8] = "";
	size_t at;
	int s;

	(void)state;
	if (!isolated)
		skip();
	tap = open_device("weirtun%d", WEIR_LINK_IP);
	set_address(link_tap_name(tap));
	s = kernel_socket(1007);
	port = link_tap_port(tap);
	assert_int_equal(sendto(s, "ping", 4, 0, (struct sockaddr *)&peer, sizeof peer), 4);
	packet = await(tap, WEIR_LINK_IP, IP_UDP, &frame);
	assert_memory_equal(packet.slice[0].data + frame.transport_at + UDP_HEADER_BYTES, "ping", 4);
	/* The answer, its checksum left to the link. */
	answer.src = frame.ip.dst;
	answer.dst = frame.ip.src;
	at = wire_ip_emit(reply, &answer);
	wire_udp_emit(reply + at, &answer.src, &answer.dst, 7, 1007, &(struct weir_slice){(const uint8_t *)"pong", 4},
	              1, true);
	packet = (struct weir_packet){
	    .slice = {{reply, at + UDP_HEADER_BYTES}, {(const uint8_t *)"pong", 4}},
	    .slices = 2,
	    .flags = WEIR_PACKET_TRUSTED,
	    .len = (uint32_t)at + UDP_HEADER_BYTES + 4,
	};
	link_port_deliver(&port, &packet, 1, (weir_time){0}, &traffic);
	assert_int_equal(recv(s, text, sizeof text, 0), 4);
	assert_string_equal(text, "pong");
	assert_int_equal(link_tap_stats(tap)->written_packets, 1);
	assert_true(link_tap_stats(tap)->read_packets >= 1);
	close(s);
	link_tap_close(tap);
}

static void frames_come_from_a_tap_device(void **state)
{
	struct sockaddr_in peer = address("10.9.0.2", 7);
	struct weir_packet packet;
	struct link_frame frame;
	struct link_tap *tap;
	struct wire_arp arp;
	int s;

	(void)state;
	if (!isolated)
		skip();
	tap = open_device("weirtap0", WEIR_LINK_ETHERNET);
	assert_string_equal(link_tap_name(tap), "weirtap0");
	set_address("weirtap0");
	s = kernel_socket(1008);
	assert_int_equal(sendto(s, "ping", 4, 0, (struct sockaddr *)&peer, sizeof peer), 4);
	packet = await(tap, WEIR_LINK_ETHERNET, -1, &frame);
	assert_int_equal(wire_arp_parse(packet.slice[0].data + ETH_HEADER_BYTES, packet.len - ETH_HEADER_BYTES, &arp),
	                 DROP_NONE);
	assert_int_equal(arp.operation, ARP_REQUEST);
	assert_memory_equal(arp.target_ip, "\x0a\x09\x00\x02", 4);
	close(s);
	link_tap_close(tap);
	assert_int_equal(if_nametoindex("weirtap0"), 0);
}

static void a_device_that_is_down_takes_nothing(void **state)
{
	struct link_tap_config config = {.name = "weirdown", .kind = WEIR_LINK_IP, .mtu_bytes = 1500};
	static const uint8_t bytes[20] = {0x45};
	struct weir_packet packet = {.slice[0] = {bytes, sizeof bytes}, .slices = 1, .len = sizeof bytes};
	struct link_tap_error error;
	struct link_tap *tap = NULL;
	struct link_port port;

	(void)state;
	if (!isolated)
		skip();
	assert_int_equal(link_tap_open(&config, &tap, &error), 0);
	port = link_tap_port(tap);
	assert_int_equal(port.ops->output(&port, (weir_time){0}, &packet, 1), 0);
	port.ops->input(&port, &packet, 1, (weir_time){0});
	assert_int_equal(link_tap_stats(tap)->write_down, 1);
	assert_int_equal(link_tap_stats(tap)->written_packets, 0);
	link_tap_close(tap);
}

static void bad_names_and_sizes_are_refused(void **state)
{
	static const struct link_tap_config bad[] = {
	    {.name = "", .kind = WEIR_LINK_IP, .mtu_bytes = 1500},
	    {.name = "a-name-of-16-len", .kind = WEIR_LINK_IP, .mtu_bytes = 1500},
	    {.name = "weir0", .kind = WEIR_LINK_IP, .mtu_bytes = 67},
	    {.name = "weir0", .kind = WEIR_LINK_IP, .mtu_bytes = 65535},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct link_tap_error error;
		struct link_tap *tap = NULL;

		assert_int_equal(link_tap_open(&bad[i], &tap, &error), -EINVAL);
		assert_null(tap);
		assert_true(error.failed[0] != 0 && error.saw[0] != 0 && error.try[0] != 0);
	}
	link_tap_close(NULL);
}

static void who_may_not_is_told_what_to_try(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0 || !isolated)
		skip();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct link_tap_config config = {.name = "weirno", .kind = WEIR_LINK_ETHERNET, .mtu_bytes = 1500};
		struct link_tap_error error;
		struct link_tap *tap = NULL;
		int result;

		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(2);
		result = link_tap_open(&config, &tap, &error);
		_exit((result == -EPERM || result == -EACCES) && strstr(error.failed, "weirno") != NULL &&
		              strstr(error.try, "CAP_NET_ADMIN") != NULL
		          ? 0
		          : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(datagrams_cross_a_tun_device_both_ways), cmocka_unit_test(frames_come_from_a_tap_device),
	    cmocka_unit_test(a_device_that_is_down_takes_nothing),    cmocka_unit_test(bad_names_and_sizes_are_refused),
	    cmocka_unit_test(who_may_not_is_told_what_to_try),
	};

	isolated = access("/dev/net/tun", R_OK | W_OK) == 0 &&
	           (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
