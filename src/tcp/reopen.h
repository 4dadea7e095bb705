/* SPDX-License-Identifier: Apache-2.0
 *
 * TIME_WAIT that a new SYN has ended [9293 MAY-2]: what it was stays known until the handshake is over, because the SYN
 * may prove to be an old duplicate: its sender resets what it never opened, or says nothing. Then the quiet time goes
 * on as if there had been no SYN, to its old end.
 *
 * It lies in struct rare, which goes with it from the old control block to the new one, so that there is a place for it
 * before the old connection is given up.
 */
#ifndef WEIR_TCP_REOPEN_H
#define WEIR_TCP_REOPEN_H

#include "base/seq.h"

#include <weir/time.h>

#include <stdbool.h>

struct host;
struct tcb;
struct rare;

struct quiet_time {
	bool there;
	bool timestamps, sack, scaling;
	uint8_t snd_shift, rcv_shift;
	seq_t snd_nxt, wl1, wl2, rcv_nxt, rcv_adv;
	uint32_t snd_wnd, max_wnd;
	uint32_t ts_recent, ts_offset;
	weir_time ts_recent_at, until;
};

/* What old, in TIME_WAIT, is to be remembered by: for tcp_reopened(), which must follow. NULL = no memory. */
struct rare *tcp_quiet_time_keep(struct host *h, struct tcb *old);
/* A fresh control block, in SYN_RCVD, has taken the place of the old one; NULL: there is none after all. */
void tcp_reopened(struct host *h, struct tcb *tcb, struct rare *kept);
/* The handshake has been completed: it was no duplicate. */
void tcp_reopen_proved(struct host *h, struct tcb *tcb);
/* The opening ends. True: it is in TIME_WAIT again. */
bool tcp_reopen_failed(struct host *h, struct tcb *tcb);

#endif
