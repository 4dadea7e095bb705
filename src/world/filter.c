/* SPDX-License-Identifier: Apache-2.0
 *
 * A seccomp filter: what the shim does not see must fail, never reach the kernel's network. It looks at the call's
 * number and at socket()'s family, nothing else, so every other call costs some nanoseconds.
 *
 * On x86-64 two more ways into the kernel exist, 32-bit calls and x32: there the calls that make sockets fail
 * altogether. (The shim is not in such a program either.)
 */
#include "world/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "weir run knows x86-64 and aarch64"
#endif

#ifndef AF_SMC
#define AF_SMC 43
#endif

enum { I386_SOCKETCALL = 102, I386_SOCKET = 359, IO_URING_SETUP = 425, X32_BIT = 0x40000000 };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define IF_SET(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, yes, no)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define FAIL(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/* seccomp_data.args are 64 bits wide; a family fits the low half. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_HALF 0
#else
#define LOW_HALF 4
#endif

int filter_install(void)
{
	struct sock_filter code[] = {
	    LOAD(arch),
	    IF_EQUAL(NATIVE, 6, 0),
	    /* another architecture's calls */
	    LOAD(nr),
	    IF_EQUAL(I386_SOCKETCALL, 2, 0),
	    IF_EQUAL(I386_SOCKET, 1, 0),
	    IF_EQUAL(IO_URING_SETUP, 1, 12),
	    FAIL(EAFNOSUPPORT),
	    FAIL(ENOSYS),
	    /* native */
	    LOAD(nr),
	    IF_SET(X32_BIT, 9, 0),
	    IF_EQUAL(IO_URING_SETUP, 8, 0),
	    IF_EQUAL(SYS_socket, 0, 6),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + LOW_HALF),
	    IF_EQUAL(AF_INET, 3, 0),
	    IF_EQUAL(AF_INET6, 2, 0),
	    IF_EQUAL(AF_RDS, 1, 0),
	    IF_EQUAL(AF_SMC, 0, 1),
	    FAIL(EAFNOSUPPORT),
	    ALLOW,
	    FAIL(ENOSYS),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return -errno;
	return 0;
}
