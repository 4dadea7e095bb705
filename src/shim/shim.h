/* SPDX-License-Identifier: Apache-2.0
 *
 * What is loaded into an unchanged program: thin wrappers over the world's protocol (world/protocol.h). A wrapper asks
 * the kernel whose a descriptor is (shim_identify) and hands everything that is not Weir's on to the C library.
 *
 * The shim holds one control connection and no other state. All calls may be made from several threads, and after fork.
 */
#ifndef WEIR_SHIM_SHIM_H
#define WEIR_SHIM_SHIM_H

#include "world/protocol.h"

#include <netdb.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#define SHIM_EXPORT __attribute__((visibility("default")))

/* The C library's own functions. Resolved at the first use: another library's constructor may come before ours. */
struct shim_real {
	int (*socket)(int, int, int);
	int (*bind)(int, const struct sockaddr *, socklen_t);
	int (*listen)(int, int);
	int (*connect)(int, const struct sockaddr *, socklen_t);
	int (*accept)(int, struct sockaddr *, socklen_t *);
	int (*accept4)(int, struct sockaddr *, socklen_t *, int);
	int (*getsockname)(int, struct sockaddr *, socklen_t *);
	int (*getpeername)(int, struct sockaddr *, socklen_t *);
	int (*getsockopt)(int, int, int, void *, socklen_t *);
	int (*setsockopt)(int, int, int, const void *, socklen_t);
	ssize_t (*send)(int, const void *, size_t, int);
	ssize_t (*sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	ssize_t (*sendmsg)(int, const struct msghdr *, int);
	ssize_t (*recv)(int, void *, size_t, int);
	ssize_t (*recvfrom)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
	ssize_t (*recvmsg)(int, struct msghdr *, int);
	ssize_t (*read)(int, void *, size_t);
	ssize_t (*readv)(int, const struct iovec *, int);
	ssize_t (*write)(int, const void *, size_t);
	ssize_t (*writev)(int, const struct iovec *, int);
	int (*close)(int);
	int (*shutdown)(int, int);
	int (*ioctl)(int, unsigned long, ...);
	int (*getaddrinfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	int (*getnameinfo)(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int);
	struct hostent *(*gethostbyname)(const char *);
	struct hostent *(*gethostbyname2)(const char *, int);
	int (*gethostbyname_r)(const char *, struct hostent *, char *, size_t, struct hostent **, int *);
	int (*gethostbyname2_r)(const char *, int, struct hostent *, char *, size_t, struct hostent **, int *);
};

const struct shim_real *shim_real(void);
/* The same, of which only read, write, their vectors and close are sure to be there before the constructor. */
const struct shim_real *shim_real_files(void);

/* control.c. Both block signals and are no cancellation points. */

/* A request and its reply. false: no world answers (said on stderr once). */
bool shim_ask(const struct world_request *request, struct world_reply *reply);
/* A request with WORLD_POSTED, with a descriptor attached unless fd is negative. */
bool shim_post(const struct world_request *request, int fd);
/* Makes the pair of a new socket: posts D and returns A, or -1 with errno. flags are those of socket()'s type. */
int shim_pair(int family, int flags);
/* A number that no other socket has; and the world's. */
uint64_t shim_new_id(void);
/* A new connection to the world, for one thread: a descriptor, or -1. */
int shim_open_connection(void);
/* How often this process and those that it came from have forked. */
unsigned shim_forks(void);
/* True when the queues of this program's sockets are to be exact. */
bool shim_is_exact(void);
/* Says one line on stderr, "weir: ...", once for every bit of `once`. */
enum shim_once {
	SHIM_ONCE_WORLD = 1,
	SHIM_ONCE_UDP = 2,
	SHIM_ONCE_RAW = 4,
	SHIM_ONCE_URGENT = 8,
	SHIM_ONCE_OTHER = 16
};
void shim_say(enum shim_once once, const char *what);
/* Binds a descriptor to an abstract name. */
int shim_bind_name(int fd, enum world_name_kind kind, int family, uint64_t id);

/* identity.c */

/* True when fd is one of Weir's; errno is kept. */
bool shim_identify(int fd, struct world_name *name);
/* The name of D: true when there is a connection or a listener behind A. */
bool shim_identify_far_end(int fd, struct world_name *name);
/* Both directions have ended: the connection was closed or reset, or an attempt has failed. The names outlive it. */
bool shim_is_over(int fd);
/* True for a stand-in of a socket that Weir does not offer; then errno is EOPNOTSUPP and the user has been told. */
bool shim_is_refused(const struct world_name *name);

/* True when fd is Weir's TCP socket. */
bool shim_is_stream(int fd);

/* exact.c */

/* A request whose reply may come late. false with errno: EINTR, EAGAIN (`limit` is over), ENETDOWN. */
bool shim_ask_late(const struct world_request *request, const struct timeval *limit, struct world_reply *reply);
/* sendmsg() of a program with exact queues. */
ssize_t shim_send(int fd, const struct msghdr *msg, int flags);
/* A call has read n bytes. */
void shim_has_read(int fd, ssize_t n);

/* close.c: SO_LINGER has been set. */
void shim_note_linger(const struct linger *linger);

/* address.c */

/* From a program's address to an endpoint, with Linux's checks: 0 or a positive errno. */
int shim_endpoint_from(const struct sockaddr *addr, socklen_t len, int family, struct weir_endpoint *end);
/* Writes an endpoint as an address of this family; *len as in getsockname(). */
void shim_endpoint_to(const struct weir_endpoint *end, int family, struct sockaddr *addr, socklen_t *len);

/* connect.c */

/* Fills A until it is not writable and says so to the world. */
void shim_fill(int fd, uint64_t id);
/* Puts a new pair under fd, in the place of a dead one. 0 or -1 with errno. */
int shim_start_anew(int fd, int family);

/* Returns -1 with errno set: what a wrapper returns on failure. */
int shim_fail(int error);

#endif
