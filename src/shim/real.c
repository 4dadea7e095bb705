/* SPDX-License-Identifier: Apache-2.0
 *
 * The C library's functions behind the wrappers.
 */
#include "shim/shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static struct shim_real real;
static pthread_once_t resolved = PTHREAD_ONCE_INIT;

/* memcpy, because ISO C has no conversion from an object pointer to a function pointer. */
static void resolve(void *slot, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(slot, &symbol, sizeof(symbol));
}

#define RESOLVE(name) resolve(&real.name, #name)

static void resolve_all(void)
{
	RESOLVE(socket);
	RESOLVE(bind);
	RESOLVE(listen);
	RESOLVE(connect);
	RESOLVE(accept);
	RESOLVE(accept4);
	RESOLVE(getsockname);
	RESOLVE(getpeername);
	RESOLVE(getsockopt);
	RESOLVE(setsockopt);
	RESOLVE(send);
	RESOLVE(sendto);
	RESOLVE(sendmsg);
	RESOLVE(recv);
	RESOLVE(recvfrom);
	RESOLVE(recvmsg);
	RESOLVE(shutdown);
	RESOLVE(ioctl);
	RESOLVE(sockatmark);
	RESOLVE(getaddrinfo);
	RESOLVE(getnameinfo);
	RESOLVE(gethostbyname);
	RESOLVE(gethostbyname2);
	RESOLVE(gethostbyname_r);
	RESOLVE(gethostbyname2_r);
}

const struct shim_real *shim_real(void)
{
	pthread_once(&resolved, resolve_all);
	return &real;
}
