/* SPDX-License-Identifier: Apache-2.0
 *
 * SO_TIMESTAMPING of what a stream socket sends, as on Linux: when the last byte of each write left the queue for the
 * link, and when it was acknowledged, as reports (weir_recv_error()). A bounded number of writes is watched at a time;
 * nothing is kept for a socket that did not ask.
 */
#ifndef WEIR_SOCK_STAMP_H
#define WEIR_SOCK_STAMP_H

#include "sock/sock.h"

/* Linux's numbers of what may be asked for. */
enum sock_stamping {
	STAMP_SENT = 1 << 1,      /* as it left the host, */
	STAMP_REPORT = 1 << 4,    /* ... to be reported */
	STAMP_NUMBERED = 1 << 7,  /* the report says which byte it was, counted from the first one not acknowledged */
	STAMP_QUEUED = 1 << 8,    /* as the link took it, */
	STAMP_ACKED = 1 << 9,     /* ... and when it was acknowledged */
	STAMP_BARE = 1 << 11,     /* without the packet, which there is never */
	STAMP_FROM_END = 1 << 16, /* counted from the next byte to be written */
};

enum {
	STAMP_KNOWN =
	    STAMP_SENT | STAMP_REPORT | STAMP_NUMBERED | STAMP_QUEUED | STAMP_ACKED | STAMP_BARE | STAMP_FROM_END
};

/* The option: 0 or -errno. */
int sock_stamping_set(struct weir_socket *s, int32_t flags);
int sock_stamping_get(struct weir_socket *s, int32_t *flags);

/* For a socket with a tuning. */
void sock_stamps_free(struct weir_socket *s);
/* Something was written. */
void sock_stamps_written(struct weir_socket *s);
/* Something may have left, or been acknowledged. */
void sock_stamps_check(struct weir_socket *s);

#endif
