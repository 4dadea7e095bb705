/* SPDX-License-Identifier: Apache-2.0
 *
 * Error numbers. Every call of the public API that can fail returns one of these, negated.
 * The values are Linux's, so that a layer above may hand them on as errno; the core does not
 * include <errno.h>, because an embedder's C library may have other values or none.
 */
#ifndef WEIR_ERROR_H
#define WEIR_ERROR_H

enum weir_error {
	WEIR_EPERM = 1,
	WEIR_ENOENT = 2,
	WEIR_EINTR = 4,
	WEIR_EBADF = 9,
	WEIR_EAGAIN = 11,
	WEIR_ENOMEM = 12,
	WEIR_EACCES = 13,
	WEIR_EFAULT = 14,
	WEIR_EEXIST = 17,
	WEIR_ENODEV = 19,
	WEIR_EINVAL = 22,
	WEIR_EMFILE = 24,
	WEIR_ENOSPC = 28,
	WEIR_EPIPE = 32,
	WEIR_EDOM = 33,
	WEIR_ENONET = 64,
	WEIR_EPROTO = 71,
	WEIR_ENOTSOCK = 88,
	WEIR_EDESTADDRREQ = 89,
	WEIR_EMSGSIZE = 90,
	WEIR_EPROTOTYPE = 91,
	WEIR_ENOPROTOOPT = 92,
	WEIR_EPROTONOSUPPORT = 93,
	WEIR_ESOCKTNOSUPPORT = 94,
	WEIR_EOPNOTSUPP = 95,
	WEIR_EAFNOSUPPORT = 97,
	WEIR_EADDRINUSE = 98,
	WEIR_EADDRNOTAVAIL = 99,
	WEIR_ENETDOWN = 100,
	WEIR_ENETUNREACH = 101,
	WEIR_ECONNABORTED = 103,
	WEIR_ECONNRESET = 104,
	WEIR_ENOBUFS = 105,
	WEIR_EISCONN = 106,
	WEIR_ENOTCONN = 107,
	WEIR_ETIMEDOUT = 110,
	WEIR_ECONNREFUSED = 111,
	WEIR_EHOSTDOWN = 112,
	WEIR_EHOSTUNREACH = 113,
	WEIR_EALREADY = 114,
	WEIR_EINPROGRESS = 115,
};

#endif
