/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter that keeps a program from the kernel's own TCP/IP.
 */
#ifndef WEIR_WORLD_FILTER_H
#define WEIR_WORLD_FILTER_H

/* From now on, and in every program that is started from here, socket() of the Internet families fails with
 * EAFNOSUPPORT and io_uring with ENOSYS; programs gain no privileges by exec. 0, or -errno. */
int filter_install(void);

#endif
