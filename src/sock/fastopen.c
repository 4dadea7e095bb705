/* SPDX-License-Identifier: Apache-2.0
 *
 * Fast Open's cookies [7413]: those that this host gives to its clients, which it need not remember, and those that
 * servers gave to it, which it does, with what else it learnt of the path. The memory for these is bounded: sets of a
 * few by a keyed hash, the one that was not used for longest makes room.
 *
 * A cookie is SipHash-2-4 over the client's and the server's address, as Linux makes it, so that the hosts behind one
 * address may share a key whatever they run.
 */
#include "sock/fastopen.h"

#include "tcp/fastopen.h"

#include <string.h>

/*
 * The form from before the RFC is tried once, where a server has not answered a request in the RFC's; where it does not
 * answer that either, all requests are in the RFC's form again.
 */
enum form { FORM_UNTRIED, FORM_OLD, FORM_RFC };

enum { SETS = 32, WAYS = 4, OUR_COOKIE_BYTES = 8, LOSSES_TOLERATED = 1, MOST_DOUBLINGS = 6 };

/* A server that was met; used 0 = free. */
struct known_server {
	weir_addr local, remote;
	uint64_t used;
	weir_time lost_at;
	uint8_t losses; /* first SYNs in a row that nothing answered */
	uint8_t form;   /* enum form */
	uint8_t cookie_bytes;
	uint16_t mss;
	uint8_t cookie[TCP_MAX_COOKIE_BYTES];
};

struct fast_open_memory {
	uint64_t uses;
	struct known_server server[SETS][WAYS];
};

void sock_fast_open_deinit(struct sock_table *t)
{
	memory_free(&t->host->memory, t->fast_open, sizeof(*t->fast_open));
	t->fast_open = NULL;
}

static bool is_of(const struct known_server *server, const struct weir_socket *s)
{
	return server->used && memcmp(server->local.b, s->local.addr.b, 16) == 0 &&
	       memcmp(server->remote.b, s->remote.addr.b, 16) == 0;
}

/* The place of the socket's two addresses, or the one they may have. */
static struct known_server *place(struct sock_table *t, const struct weir_socket *s)
{
	struct known_server *set, *oldest;
	uint8_t pair[32];

	memcpy(pair, s->local.addr.b, 16);
	memcpy(pair + 16, s->remote.addr.b, 16);
	set = t->fast_open->server[siphash13(&t->host->key_demux, pair, sizeof(pair)) % SETS];
	oldest = set;
	for (unsigned i = 0; i < WAYS; i++) {
		if (is_of(&set[i], s))
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	return oldest;
}

/* What is remembered of the socket's peer, or NULL. */
static struct known_server *find(struct weir_socket *s)
{
	struct known_server *server;

	if (!s->table->fast_open)
		return NULL;
	server = place(s->table, s);
	if (!is_of(server, s))
		return NULL;
	server->used = ++s->table->fast_open->uses;
	return server;
}

/* The same, made when there is none; NULL = no memory. */
static struct known_server *remember(struct weir_socket *s)
{
	struct sock_table *t = s->table;
	struct known_server *server;

	if (!t->fast_open)
		t->fast_open = memory_alloc_zero(&t->host->memory, sizeof(*t->fast_open));
	if (!t->fast_open)
		return NULL;
	server = place(t, s);
	if (!is_of(server, s)) {
		memset(server, 0, sizeof(*server));
		server->local = s->local.addr;
		server->remote = s->remote.addr;
	}
	server->used = ++t->fast_open->uses;
	return server;
}

/* [7413 s4.1.3.1] Where first SYNs stay without an answer something may not like them: for a minute and, with each
 * further loss, twice as long. */
static bool avoided(const struct weir_socket *s, const struct known_server *server)
{
	unsigned doublings = server->losses < MOST_DOUBLINGS ? server->losses : MOST_DOUBLINGS;

	return server->losses > LOSSES_TOLERATED &&
	       weir_time_since(sock_host(s)->now, server->lost_at).ns < weir_s(60 << doublings).ns;
}

static bool needs_no_cookie(const struct weir_socket *s)
{
	return s->opt.fast_open_no_cookie || (sock_host(s)->config.fast_open & TCP_FAST_OPEN_CLIENT_NO_COOKIE);
}

bool sock_fast_open_begin(struct weir_socket *s)
{
	const struct known_server *server = find(s);
	struct tcp_fast_open_known known = {.mss = weir_addr_is_v4(&s->remote.addr) ? 536 : 1220};

	if (server && avoided(s, server))
		return false;
	if (server && server->mss)
		known.mss = server->mss;
	known.experimental = server && server->form == FORM_OLD;
	if (server && server->cookie_bytes) {
		known.cookie_bytes = server->cookie_bytes;
		memcpy(known.cookie, server->cookie, sizeof(known.cookie));
	}
	known.text = known.cookie_bytes > 0 || needs_no_cookie(s);
	return tcp_fast_open_begin(sock_host(s), &s->u.tcb, &known);
}

/* What the SYN,ACK tells of the server. */
static void learn(struct known_server *server, const struct tcb *tcb, bool asked)
{
	const struct fast_open *fast = tcb->fast;

	if (fast->told_mss > 0)
		server->mss = fast->told_mss;
	if (fast->told_bytes) {
		server->cookie_bytes = fast->told_bytes;
		server->form = fast->told_experimental ? FORM_OLD : FORM_UNTRIED;
		memcpy(server->cookie, fast->told, sizeof(server->cookie));
	} else if (asked && !fast->repeated) {
		server->form = fast->experimental ? FORM_RFC : server->form == FORM_UNTRIED ? FORM_OLD : server->form;
	}
	/* A cookie or a taken text tells that the first SYN came through, however late the answer. */
	if (!fast->repeated || fast->told_bytes || tcb->syn_text)
		server->losses = 0;
}

void sock_fast_open_answered(struct weir_socket *s)
{
	struct tcb *tcb = &s->u.tcb;
	const struct fast_open *fast = tcb->fast;
	bool asked = fast->option && fast->cookie_bytes == 0 && fast->told_mss > 0;
	struct known_server *server = asked || fast->told_bytes || needs_no_cookie(s) || find(s) ? remember(s) : NULL;

	if (server)
		learn(server, tcb, asked);
	tcp_fast_open_free(sock_host(s), tcb);
}

void sock_fast_open_timeout(struct weir_socket *s)
{
	struct known_server *server;

	if (s->u.tcb.state != WEIR_TCP_SYN_SENT || s->u.tcb.retransmits != 1)
		return;
	server = remember(s);
	if (!server)
		return;
	if (server->losses < UINT8_MAX)
		server->losses++;
	server->lost_at = sock_host(s)->now;
}

/* -- the server's side */

static void cookie_of(const struct siphash_key *key, const struct weir_socket *s, uint8_t cookie[OUR_COOKIE_BYTES])
{
	bool v4 = weir_addr_is_v4(&s->remote.addr);
	size_t skip = v4 ? 12 : 0, bytes = 16 - skip;
	uint8_t pair[32];
	uint64_t mac;

	memcpy(pair, s->remote.addr.b + skip, bytes);
	memcpy(pair + bytes, s->local.addr.b + skip, bytes);
	mac = siphash24(key, pair, 2 * bytes);
	for (unsigned i = 0; i < OUR_COOKIE_BYTES; i++, mac >>= 8)
		cookie[i] = (uint8_t)mac;
}

/* In a time that does not tell how much of it is right. */
static bool same(const uint8_t *a, const uint8_t *b)
{
	uint8_t differ = 0;

	for (unsigned i = 0; i < OUR_COOKIE_BYTES; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}

/* Which of the keys made the SYN's cookie, or -1; ours[] are all that there may be. */
static int made_by(const struct tcp_segment *syn, const uint8_t (*ours)[OUR_COOKIE_BYTES], unsigned keys)
{
	int found = -1;

	if (syn->opt.cookie_bytes != OUR_COOKIE_BYTES)
		return -1;
	for (unsigned i = 0; i < keys; i++)
		if (same(syn->opt.cookie, ours[i]))
			found = (int)i;
	return found;
}

void sock_fast_open_child(const struct weir_socket *listener, struct weir_socket *s, const struct tcp_segment *syn)
{
	const struct tcp_listener *l = &listener->u.listener;
	struct host *h = sock_host(s);
	const struct siphash_key *key = l->fast_keys ? l->fast_key : &h->key_fast_open;
	unsigned keys = l->fast_keys ? l->fast_keys : 1;
	uint8_t ours[2][OUR_COOKIE_BYTES];
	bool free_for_all = (listener->opt.fast_open_no_cookie || (h->config.fast_open & TCP_FAST_OPEN_NO_COOKIE)) &&
	                    syn->text_bytes > 0;
	uint32_t most = listener->opt.fast_open_queue;
	int maker = -1;

	if (most == 0 && (h->config.fast_open & TCP_FAST_OPEN_ALL))
		most = l->backlog > 0 ? l->backlog : 1;
	if (!(h->config.fast_open & TCP_FAST_OPEN_SERVER) || most == 0 || (!syn->opt.has_cookie && !free_for_all))
		return;
	for (unsigned i = 0; i < keys; i++)
		cookie_of(&key[i], s, ours[i]);
	if (syn->opt.has_cookie)
		maker = made_by(syn, (const uint8_t(*)[OUR_COOKIE_BYTES])ours, keys);
	if (maker >= 0 || free_for_all) {
		if (!tcp_fast_open_has_room(h, s->u.tcb.listener, most))
			host_count(h, drop_tcp_fast_open_full);
		else
			tcp_fast_open_accept(h, &s->u.tcb, syn);
	} else if (syn->opt.cookie_bytes > 0) {
		host_count(h, drop_tcp_fast_open_wrong);
	}
	/* One who asks, or whose cookie is of no key or of the old one, gets what will be good next time. */
	if (syn->opt.has_cookie && maker != 0 && !free_for_all) {
		tcp_fast_open_offer(h, &s->u.tcb, ours[0], OUR_COOKIE_BYTES, syn->opt.cookie_experimental);
		host_count(h, drop_tcp_fast_open_asked);
	}
}

/* -- the key option */

int sock_fast_open_set_key(struct weir_socket *s, const void *value, uint32_t len)
{
	struct tcp_listener *l = &s->u.listener;
	const uint8_t *bytes = value;

	if (s->kind == SOCK_CONNECTION || (len != 16 && len != 32))
		return -WEIR_EINVAL;
	l->fast_keys = (uint8_t)(len / 16);
	for (unsigned i = 0; i < l->fast_keys; i++)
		l->fast_key[i] = siphash_key_of(bytes + 16 * i);
	return 0;
}

uint32_t sock_fast_open_get_key(const struct weir_socket *s, uint8_t key[32])
{
	const struct tcp_listener *l = &s->u.listener;

	if (s->kind == SOCK_CONNECTION)
		return 0;
	for (unsigned i = 0; i < l->fast_keys; i++) {
		uint64_t half[2] = {l->fast_key[i].k0, l->fast_key[i].k1};

		for (unsigned b = 0; b < 16; b++)
			key[16 * i + b] = (uint8_t)(half[b / 8] >> (b % 8 * 8));
	}
	return 16u * l->fast_keys;
}

/* -- opening */

int64_t weir_connect_send(struct weir_socket *s, const struct weir_slice *vec, size_t n,
                          const struct weir_endpoint *remote)
{
	int64_t r;

	if (s->type != WEIR_STREAM || !(sock_host(s)->config.fast_open & TCP_FAST_OPEN_CLIENT))
		return -WEIR_EOPNOTSUPP;
	if (s->kind == SOCK_CONNECTION)
		return s->u.tcb.state == WEIR_TCP_SYN_SENT ? -WEIR_EALREADY : -WEIR_EISCONN;
	if (s->kind != SOCK_FRESH)
		return -WEIR_EISCONN;
	r = sock_connect(s, remote, true);
	if (r < 0)
		return r;
	r = weir_send(s, vec, n, 0);
	return r == 0 ? -WEIR_EINPROGRESS : r;
}
