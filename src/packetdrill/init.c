/* SPDX-License-Identifier: Apache-2.0
 *
 * The adapter's life and its table of calls. The stack comes to be with the first socket or packet: until then the
 * commands at a script's start configure it. The tool's error exits do not call free(): what must be true then is
 * written down at the end of each call.
 */
#include "packetdrill/adapter.h"
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *take_memory(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

static void give_memory(void *ctx, void *memory, size_t bytes)
{
	(void)ctx;
	(void)bytes;
	free(memory);
}

/* The network that an address of its is given for. */
static weir_addr network_of(const weir_addr *addr, unsigned prefix_len)
{
	unsigned bits = weir_addr_is_v4(addr) ? 96 + prefix_len : prefix_len;
	weir_addr network = *addr;

	for (unsigned i = bits; i < 128; i++)
		network.b[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	return network;
}

static int plug_in(struct adapter *a)
{
	struct weir_interface interface = {.name = "tun0", .kind = WEIR_LINK_IP, .mtu_bytes = a->flags.mtu};
	weir_addr all = a->flags.version == 4 ? WEIR_ADDR_ANY4 : WEIR_ADDR_ANY6;
	weir_addr remote = network_of(&a->flags.remote, a->flags.remote_prefix);
	int r;

	interface.gso_max_bytes = a->large_packets ? 65535 : 0;
	r = weir_interface_add(a->stack, &interface);

	if (r < 0)
		return r;
	a->ifindex = (unsigned)r;
	r = weir_address_add(a->stack, a->ifindex, &a->flags.local, a->flags.local_prefix);
	if (r == 0 && a->flags.has_remote)
		r = weir_route_add(a->stack, &remote, a->flags.remote_prefix, a->ifindex, NULL);
	if (r == 0 || r == -EEXIST)
		r = weir_route_add(a->stack, &all, 0, a->ifindex, NULL);
	return r == -EEXIST ? 0 : r;
}

int adapter_need_stack(struct adapter *a)
{
	int r;

	if (a->stack)
		return 0;
	r = weir_stack_new(&a->config, a->now, &a->stack);
	if (r == 0)
		r = plug_in(a);
	if (r < 0) {
		fprintf(stderr, "libweir-packetdrill.so: no stack can be made of this configuration: %s\n",
		        strerror(-r));
		if (a->stack)
			weir_stack_free(a->stack);
		a->stack = NULL;
	}
	return r;
}

void adapter_enter(struct adapter *a)
{
	pthread_mutex_lock(&a->lock);
	clock_release(a);
	commands_read(a);
}

int64_t adapter_leave(struct adapter *a, int64_t result)
{
	clock_settle(a);
	connections_write(a);
	pthread_mutex_unlock(&a->lock);
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

static void adapter_free(void *userdata)
{
	struct adapter *a = userdata;

	import_forget(a);
	packets_drop(a);
	list_each_safe (node, &a->files) {
		file_close(a, weir_container(node, struct file, link));
	}
	if (a->stack)
		weir_stack_free(a->stack);
	pthread_cond_destroy(&a->released);
	pthread_mutex_destroy(&a->lock);
	free(a->connections);
	free(a);
}

static struct adapter *adapter_new(const struct adapter_flags *flags)
{
	struct adapter *a = calloc(1, sizeof(*a));
	pthread_condattr_t monotonic;

	if (!a)
		return NULL;
	a->flags = *flags;
	a->main_thread = pthread_self();
	a->now = (weir_time){1000 * WEIR_NS_PER_S};
	a->large_packets = flags->profile == PROFILE_LINUX;
	profile_configure(flags, &a->config);
	a->config.allocator = (struct weir_allocator){take_memory, give_memory, NULL};
	/* Always the same: a script's conversation is the same on each run, byte for byte. */
	memcpy(a->config.secret, "weir-packetdrill", sizeof(a->config.secret));
	list_init(&a->waiters);
	list_init(&a->sent);
	list_init(&a->files);
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&a->released, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return a;
}

__attribute__((visibility("default"))) void packetdrill_interface_init(const char *text,
                                                                       struct packetdrill_interface *interface)
{
	struct adapter_flags flags;
	struct adapter *a = flags_parse(text, &flags) == 0 ? adapter_new(&flags) : NULL;

	/* There is no way to refuse: a tool that went on would test something else than it was asked to. */
	if (!a)
		_exit(EXIT_FAILURE);
	import_lead_here(a);
	*interface = (struct packetdrill_interface){
	    .userdata = a,
	    .free = adapter_free,
	    .socket = socket_open,
	    .bind = socket_bind,
	    .listen = socket_listen,
	    .accept = socket_accept,
	    .connect = socket_connect,
	    .read = receive_read,
	    .readv = receive_readv,
	    .recv = receive_recv,
	    .recvfrom = receive_recvfrom,
	    .recvmsg = receive_recvmsg,
	    .write = send_write,
	    .writev = send_writev,
	    .send = send_send,
	    .sendto = send_sendto,
	    .sendmsg = send_sendmsg,
	    .fcntl = control_fcntl,
	    .ioctl = control_ioctl,
	    .close = socket_close,
	    .shutdown = socket_shutdown,
	    .getsockopt = option_get,
	    .setsockopt = option_set,
	    .poll = poll_poll,
	    .netdev_send = packets_send,
	    .netdev_receive = packets_receive,
	    .usleep = clock_usleep,
	    .gettimeofday = clock_gettimeofday,
	    .epoll_create = epoll_open,
	    .epoll_ctl = epoll_control,
	    .epoll_wait = epoll_await,
	    .pipe = pipe_open,
	    .splice = pipe_splice,
	};
}
