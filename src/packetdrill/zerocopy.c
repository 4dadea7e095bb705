/* SPDX-License-Identifier: Apache-2.0
 *
 * MSG_ZEROCOPY. The stack copies what a program writes, so each such write is over when the call
 * returns, and is told of as copied: programs that ask for it see what a kernel says that could not do otherwise.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <linux/errqueue.h>

void zerocopy_done(struct adapter *a, struct file *f)
{
	if (!f->zerocopy)
		return;
	if (!f->zerocopy_told)
		f->zerocopy_low = f->zerocopy_next;
	f->zerocopy_told = true;
	f->zerocopy_next++;
	epoll_error(a, f);
}

bool zerocopy_take(struct file *f, struct sock_extended_err *to)
{
	if (!f->zerocopy_told)
		return false;
	*to = (struct sock_extended_err){
	    .ee_origin = SO_EE_ORIGIN_ZEROCOPY,
	    .ee_code = SO_EE_CODE_ZEROCOPY_COPIED,
	    .ee_info = f->zerocopy_low,
	    .ee_data = f->zerocopy_next - 1,
	};
	f->zerocopy_told = false;
	return true;
}
