/* SPDX-License-Identifier: Apache-2.0
 *
 * TAP and TUN (Linux Documentation/networking/tuntap): one frame a read or write, without packet information header.
 */
#include "link/tap.h"

#include "link/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READ_BATCH = 32, VLAN_TAG_BYTES = 4, MTU_MIN = 68, MTU_MAX = 65521 };

static const char device[] = "/dev/net/tun";

struct link_tap {
	int fd;
	enum weir_link_kind kind;
	char name[IFNAMSIZ];
	size_t frame_bytes; /* room for each frame in the buffer */
	uint8_t *buffer;    /* READ_BATCH frames */
	struct link_tap_stats stats;
};

static int explain(struct link_tap_error *error, int code, const char *step, const char *name)
{
	snprintf(error->failed, sizeof error->failed, "cannot %s '%s'", step, name);
	snprintf(error->saw, sizeof error->saw, "%s", strerror(code));
	switch (code) {
	case EPERM:
	case EACCES:
		snprintf(
		    error->try, sizeof error->try,
		    "run as root or with CAP_NET_ADMIN; or once, as root: ip tuntap add dev %s mode tap user $USER",
		    name);
		break;
	case ENOENT:
	case ENODEV:
		snprintf(error->try, sizeof error->try, "modprobe tun; in a container, pass the device %s in", device);
		break;
	case EBUSY:
		snprintf(error->try, sizeof error->try,
		         "another program holds this device: choose another name, or see who with: ip -d link show %s",
		         name);
		break;
	case EINVAL:
		snprintf(error->try, sizeof error->try,
		         "a name of 1 to 15 characters that is no other kind of interface, and an MTU of %d to %d",
		         MTU_MIN, MTU_MAX);
		break;
	default:
		snprintf(error->try, sizeof error->try, "see the kernel's messages: dmesg | tail");
		break;
	}
	return -code;
}

/* Device properties are set through any socket. Returns 0 or an errno. */
static int set_properties(const struct link_tap *tap, const struct link_tap_config *config)
{
	struct ifreq request = {0};
	int error = 0, s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return errno;
	memcpy(request.ifr_name, tap->name, IFNAMSIZ);
	if (ioctl(s, SIOCGIFMTU, &request) < 0) {
		error = errno;
	} else if (request.ifr_mtu != config->mtu_bytes) {
		request.ifr_mtu = config->mtu_bytes;
		if (ioctl(s, SIOCSIFMTU, &request) < 0)
			error = errno;
	}
	if (error == 0 && config->up) {
		if (ioctl(s, SIOCGIFFLAGS, &request) < 0) {
			error = errno;
		} else if ((request.ifr_flags & IFF_UP) == 0) {
			request.ifr_flags |= IFF_UP;
			if (ioctl(s, SIOCSIFFLAGS, &request) < 0)
				error = errno;
		}
	}
	close(s);
	return error;
}

static int attach(struct link_tap *tap, const struct link_tap_config *config, struct link_tap_error *error)
{
	const char *kind = config->kind == WEIR_LINK_ETHERNET ? "open TAP device" : "open TUN device";
	struct ifreq request = {0};
	int code;

	tap->fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0)
		return explain(error, errno, kind, config->name);
	snprintf(request.ifr_name, IFNAMSIZ, "%s", config->name);
	request.ifr_flags = (short)((config->kind == WEIR_LINK_ETHERNET ? IFF_TAP : IFF_TUN) | IFF_NO_PI);
	if (ioctl(tap->fd, TUNSETIFF, &request) < 0)
		return explain(error, errno, kind, config->name);
	memcpy(tap->name, request.ifr_name, IFNAMSIZ);
	code = set_properties(tap, config);
	return code == 0 ? 0 : explain(error, code, "configure device", tap->name);
}

int link_tap_open(const struct link_tap_config *config, struct link_tap **tap, struct link_tap_error *error)
{
	size_t name_len = strlen(config->name);
	struct link_tap *t;
	int result;

	*error = (struct link_tap_error){0};
	if (name_len == 0 || name_len >= IFNAMSIZ || config->mtu_bytes < MTU_MIN || config->mtu_bytes > MTU_MAX)
		return explain(error, EINVAL, "open device", config->name);
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return explain(error, ENOMEM, "open device", config->name);
	t->fd = -1;
	t->kind = config->kind;
	t->frame_bytes = config->mtu_bytes + link_header_bytes(config->kind) + VLAN_TAG_BYTES;
	t->buffer = malloc(READ_BATCH * t->frame_bytes);
	result = t->buffer == NULL ? explain(error, ENOMEM, "open device", config->name) : attach(t, config, error);
	if (result != 0) {
		link_tap_close(t);
		return result;
	}
	*tap = t;
	return 0;
}

void link_tap_close(struct link_tap *tap)
{
	if (tap == NULL)
		return;
	if (tap->fd >= 0)
		close(tap->fd);
	free(tap->buffer);
	free(tap);
}

int link_tap_fd(const struct link_tap *tap)
{
	return tap->fd;
}

const char *link_tap_name(const struct link_tap *tap)
{
	return tap->name;
}

const struct link_tap_stats *link_tap_stats(const struct link_tap *tap)
{
	return &tap->stats;
}

static size_t tap_output(const struct link_port *port, weir_time now, struct weir_packet *packets, size_t max)
{
	struct link_tap *tap = port->owner;
	size_t n = 0, limit = max < READ_BATCH ? max : READ_BATCH;

	(void)now;
	while (n < limit) {
		uint8_t *frame = tap->buffer + n * tap->frame_bytes;
		ssize_t len = read(tap->fd, frame, tap->frame_bytes);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0) {
			tap->stats.read_errors += len < 0 && errno != EAGAIN && errno != EIO;
			break;
		}
		packets[n++] = (struct weir_packet){
		    .slice[0] = {frame, (size_t)len},
		    .slices = 1,
		    .len = (uint32_t)len,
		};
		tap->stats.read_packets++;
		tap->stats.read_bytes += (uint64_t)len;
	}
	return n;
}

static void write_frame(struct link_tap *tap, const struct weir_packet *packet)
{
	struct iovec piece[WEIR_PACKET_SLICES];
	ssize_t written;

	for (unsigned i = 0; i < packet->slices; i++) {
		/* writev() does not write through the pointer. */
		piece[i].iov_base = (void *)(uintptr_t)packet->slice[i].data;
		piece[i].iov_len = packet->slice[i].len;
	}
	do
		written = writev(tap->fd, piece, packet->slices);
	while (written < 0 && errno == EINTR);
	if (written >= 0) {
		tap->stats.written_packets++;
		tap->stats.written_bytes += (uint64_t)written;
	} else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
		tap->stats.write_full++;
	} else if (errno == EIO) {
		tap->stats.write_down++;
	} else {
		tap->stats.write_errors++;
	}
}

static void tap_input(const struct link_port *port, const struct weir_packet *packets, size_t n, weir_time now)
{
	(void)now;
	for (size_t i = 0; i < n; i++)
		write_frame(port->owner, &packets[i]);
}

static bool tap_pending(const struct link_port *port)
{
	const struct link_tap *tap = port->owner;
	struct pollfd ready = {.fd = tap->fd, .events = POLLIN};

	return poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0;
}

static const struct link_port_ops tap_ops = {
    .input = tap_input,
    .output = tap_output,
    .pending = tap_pending,
};

struct link_port link_tap_port(struct link_tap *tap)
{
	return (struct link_port){
	    .ops = &tap_ops,
	    .owner = tap,
	    .kind = tap->kind,
	    .needs_checksums = true,
	};
}
