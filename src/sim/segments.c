/* SPDX-License-Identifier: Apache-2.0
 *
 * Raw segments:
 *	inject { from = "A:1000", to = "B:22", flags = "SYN", seq = 0, win = 1000, text = "..." }
 *	expect_segment { from = "B", to = "A", flags = "SYN,ACK", ack = 1, within = "1s", id = "T5.1" }
 *	expect_no_segment { from = "B", flags = "RST", within = "1s" }
 * seq and ack count as the timeline does, from the newest SYN of their direction, whose own number is 0; raw_seq and
 * raw_ack are the header's. Where no SYN has been seen yet both are the header's.
 */
#include "sim/inject.h"
#include "sim/script.h"
#include "sim/views.h"

#include <weir/error.h>

#include <lauxlib.h>

#include <inttypes.h>
#include <string.h>

enum { WINDOW = 65535, WHAT = 160 };

/* One end of a segment as a script names it. */
struct place {
	bool given;
	int host; /* -1: an address that no host has */
	weir_addr addr;
	bool any_addr; /* a host by its name */
	uint16_t port; /* 0: not given */
};

struct segment_watch {
	struct program *program;
	struct place from, to;
	bool has_flags, has_seq, has_ack, has_raw_seq, has_raw_ack, has_win, has_len, has_text;
	uint8_t flags;
	uint32_t seq, ack, raw_seq, raw_ack, win, len;
	const char *text; /* of the script's table, which the coroutine holds */
	size_t text_len;
	bool seen;
	struct sim_segment segment;
	struct segment_watch *next;
};

/* -- reading */

/* The value on the top: "A", "A:1000", "10.0.0.9:1000", "fd00::9:1000". */
static struct place read_place(lua_State *lua, const char *key)
{
	const struct sim *sim = &script_of(lua)->sim;
	const char *text = luaL_checkstring(lua, -1), *colon = strrchr(text, ':');
	struct place place = {.given = true, .host = plan_find_host(&sim->plan, text), .any_addr = true};
	char name[PLAN_NAME];
	struct plan_addr addr;
	lua_Integer port;
	int is_number;

	if (place.host >= 0)
		return place;
	lua_pushstring(lua, colon != NULL ? colon + 1 : "");
	port = lua_tointegerx(lua, -1, &is_number);
	lua_pop(lua, 1);
	if (colon == NULL || (size_t)(colon - text) >= sizeof(name) || !is_number || port < 1 || port > UINT16_MAX) {
		luaL_error(lua, "%s = '%s': expected a host, or a host or address with a port, as in 'A:1000'", key,
		           text);
		return place;
	}
	memcpy(name, text, (size_t)(colon - text));
	name[colon - text] = '\0';
	place.port = (uint16_t)port;
	place.host = plan_find_host(&sim->plan, name);
	if (place.host >= 0)
		return place;
	if (!plan_parse_addr(name, &addr))
		luaL_error(lua, "%s = '%s': there is no such host", key, text);
	place.addr = addr.addr;
	place.any_addr = false;
	return place;
}

static void read_text(lua_State *lua, struct segment_watch *watch)
{
	watch->text = luaL_checklstring(lua, -1, &watch->text_len);
	watch->has_text = true;
}

static uint32_t read_u32(lua_State *lua, const char *key)
{
	return (uint32_t)script_count(lua, key, 0, UINT32_MAX);
}

/* What inject and expect_segment have in common. false: another key. */
static bool read_common(lua_State *lua, const char *key, struct segment_watch *w)
{
	struct {
		const char *key;
		bool *has;
		uint32_t *value;
	} numbers[] = {{"seq", &w->has_seq, &w->seq},
	               {"ack", &w->has_ack, &w->ack},
	               {"raw_seq", &w->has_raw_seq, &w->raw_seq},
	               {"raw_ack", &w->has_raw_ack, &w->raw_ack},
	               {"win", &w->has_win, &w->win}};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strcmp(numbers[i].key, key) == 0) {
			*numbers[i].value = read_u32(lua, key);
			*numbers[i].has = true;
			return true;
		}
	}
	if (strcmp(key, "from") == 0) {
		w->from = read_place(lua, key);
	} else if (strcmp(key, "to") == 0) {
		w->to = read_place(lua, key);
	} else if (strcmp(key, "flags") == 0) {
		w->flags = script_flags(lua);
		w->has_flags = true;
	} else if (strcmp(key, "text") == 0) {
		read_text(lua, w);
	} else {
		return false;
	}
	return true;
}

/* -- inject */

static bool has_family(const struct sim_host *host, bool v4, weir_addr *addr)
{
	for (unsigned i = 0; i < host->interfaces; i++) {
		for (unsigned k = 0; k < host->interface[i].addrs; k++) {
			if (weir_addr_is_v4(&host->interface[i].addr[k].addr) == v4) {
				*addr = host->interface[i].addr[k].addr;
				return true;
			}
		}
	}
	return false;
}

static struct weir_endpoint settle_end(lua_State *lua, const struct place *place, const struct place *other,
                                       const char *key)
{
	const struct sim *sim = &script_of(lua)->sim;
	struct weir_endpoint end = {.addr = place->addr, .port = place->port};
	bool v4 = other->any_addr || weir_addr_is_v4(&other->addr);

	if (!place->given || place->port == 0)
		luaL_error(lua, "inject: '%s' needs a port, as in 'A:1000'", key);
	if (place->any_addr && !has_family(&sim->host[place->host], v4, &end.addr) &&
	    !has_family(&sim->host[place->host], !v4, &end.addr))
		luaL_error(lua, "inject: host '%s' has no address", sim->plan.host[place->host].name);
	return end;
}

static void read_option(lua_State *lua, const char *key, struct tcp_segment *seg)
{
	if (strcmp(key, "mss") == 0) {
		seg->opt.mss_bytes = (uint16_t)script_count(lua, key, 0, UINT16_MAX);
		seg->opt.has_mss = true;
	} else if (strcmp(key, "wscale") == 0) {
		seg->opt.wscale = (uint8_t)script_count(lua, key, 0, 14);
		seg->opt.has_wscale = true;
	} else if (strcmp(key, "sack") == 0) {
		seg->opt.sack_permitted = lua_toboolean(lua, -1);
	} else if (strcmp(key, "up") == 0) {
		seg->up = (uint16_t)script_count(lua, key, 0, UINT16_MAX);
	} else if (strcmp(key, "ts_val") == 0 || strcmp(key, "ts_ecr") == 0) {
		*(key[3] == 'v' ? &seg->opt.ts_val : &seg->opt.ts_ecr) = read_u32(lua, key);
		seg->opt.has_timestamps = true;
	} else {
		luaL_error(lua, "inject has no setting '%s'", key);
	}
}

/* What the next segment of a connection would bear, as one of its ends knows it. */
static void next_numbers(struct sim *sim, const struct weir_endpoint *from, const struct weir_endpoint *to,
                         struct tcp_segment *seg)
{
	struct weir_socket_info info;

	seg->seq = seg->ack = seq_make(0);
	if (view_connection(sim, from, to, &info)) {
		seg->seq = seq_make(info.snd_nxt);
		seg->ack = seq_make(info.rcv_nxt);
	} else if (view_connection(sim, to, from, &info)) {
		seg->seq = seq_make(info.rcv_nxt);
		seg->ack = seq_make(info.snd_nxt);
	}
}

static void settle_number(struct sim *sim, const struct weir_endpoint *from, const struct weir_endpoint *to,
                          bool has_raw, uint32_t raw, bool given, uint32_t relative, seq_t *number)
{
	if (has_raw)
		*number = seq_make(raw);
	else if (given)
		*number = sim_flow_seq(&sim->aims, from, to, relative);
}

/* inject{...}: puts a segment on the link. */
static int word_inject(lua_State *lua)
{
	struct script *script = script_running(lua, "inject");
	struct segment_watch w = {.win = WINDOW, .from.any_addr = true, .to.any_addr = true};
	struct tcp_segment seg = {.text_slices = 0};
	struct weir_endpoint from, to;
	int error;

	luaL_checktype(lua, 1, LUA_TTABLE);
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";

		if (!read_common(lua, key, &w))
			read_option(lua, key, &seg);
	}
	from = settle_end(lua, &w.from, &w.to, "from");
	to = settle_end(lua, &w.to, &w.from, "to");
	seg.src_port = from.port;
	seg.dst_port = to.port;
	seg.flags = w.flags;
	seg.wnd = w.win > UINT16_MAX ? UINT16_MAX : (uint16_t)w.win;
	next_numbers(&script->sim, &from, &to, &seg);
	settle_number(&script->sim, &from, &to, w.has_raw_seq, w.raw_seq, w.has_seq, w.seq, &seg.seq);
	settle_number(&script->sim, &to, &from, w.has_raw_ack, w.raw_ack, w.has_ack, w.ack, &seg.ack);
	if (!(w.flags & TCP_ACK) && !w.has_ack && !w.has_raw_ack)
		seg.ack = seq_make(0);
	if (w.has_text && w.text_len > 0) {
		seg.text[0] = (struct weir_slice){(const uint8_t *)w.text, w.text_len};
		seg.text_slices = 1;
		seg.text_bytes = (uint32_t)w.text_len;
	}
	error = w.text_len > UINT16_MAX ? -WEIR_EMSGSIZE : sim_inject(&script->sim, &from.addr, &to.addr, &seg);
	return error == 0 ? 0 : luaL_error(lua, "inject: the segment cannot be sent: %s", script_error_name(-error));
}

/* -- expect_segment */

static bool place_fits(const struct place *place, int host, const struct weir_endpoint *end)
{
	if (!place->given)
		return true;
	if (place->port != 0 && place->port != end->port)
		return false;
	return place->any_addr ? place->host == host : weir_addr_equal(&place->addr, &end->addr);
}

static bool text_fits(const struct segment_watch *w, const struct sim_segment *s)
{
	return s->seg.text_bytes == w->text_len &&
	       (w->text_len == 0 || memcmp(s->seg.text[0].data, w->text, w->text_len) == 0);
}

/* PSH counts only where it is asked for. */
static bool flags_fit(const struct segment_watch *w, uint8_t flags)
{
	enum { COMPARED = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK | TCP_URG };

	return (flags & COMPARED) == (w->flags & COMPARED) && (flags & w->flags) == w->flags;
}

static bool fits(const struct segment_watch *w, const struct sim_segment *s, int from, int to)
{
	return s->tcp && place_fits(&w->from, from, &s->src) && place_fits(&w->to, to, &s->dst) &&
	       (!w->has_flags || flags_fit(w, s->seg.flags)) && (!w->has_seq || w->seq == s->seq) &&
	       (!w->has_ack || ((s->seg.flags & TCP_ACK) && w->ack == s->ack)) &&
	       (!w->has_raw_seq || w->raw_seq == seq_raw(s->seg.seq)) &&
	       (!w->has_raw_ack || w->raw_ack == seq_raw(s->seg.ack)) && (!w->has_win || w->win == s->window_bytes) &&
	       (!w->has_len || w->len == s->seg.text_bytes) && (!w->has_text || text_fits(w, s));
}

void segment_passes(void *ctx, const struct sim_segment *segment, int from, int to)
{
	struct script *script = ctx;

	for (struct segment_watch *w = script->watching; w != NULL; w = w->next) {
		if (w->seen || !fits(w, segment, from, to))
			continue;
		w->seen = true;
		w->segment = *segment;
		program_resume(script, w->program);
	}
}

void segment_unwatch(struct script *script, struct segment_watch *watch)
{
	struct segment_watch **at = &script->watching;

	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	script->sim.watchers--;
}

static void push_segment(lua_State *lua, const struct sim_segment *s)
{
	struct {
		const char *key;
		uint64_t value;
	} numbers[] = {{"seq", s->seq},
	               {"ack", s->ack},
	               {"raw_seq", seq_raw(s->seg.seq)},
	               {"raw_ack", seq_raw(s->seg.ack)},
	               {"len", s->seg.text_bytes},
	               {"win", s->window_bytes},
	               {"up", s->seg.up},
	               {"mss", s->seg.opt.mss_bytes},
	               {"from_port", s->src.port},
	               {"to_port", s->dst.port}};
	char text[SIM_SEGMENT_TEXT];

	lua_createtable(lua, 0, 12);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		lua_pushinteger(lua, (lua_Integer)numbers[i].value);
		lua_setfield(lua, -2, numbers[i].key);
	}
	lua_pushstring(lua, sim_segment_text(s, text));
	lua_setfield(lua, -2, "text");
}

static void judge(lua_State *lua, const struct segment_watch *w, bool wanted)
{
	char what[WHAT], text[SIM_SEGMENT_TEXT];
	const char *id;

	lua_getfield(lua, 1, "id");
	id = lua_isstring(lua, -1) ? lua_tostring(lua, -1) : "segment";
	lua_getfield(lua, 1, "what");
	snprintf(what, sizeof(what), "%.100s",
	         lua_isstring(lua, -1) ? lua_tostring(lua, -1)
	         : wanted              ? "a segment that fits"
	                               : "no segment that fits");
	script_expect(lua, 1, w->seen == wanted, id, what, wanted ? "one in time" : "none",
	              w->seen ? sim_segment_text(&w->segment, text) : "none");
	lua_pop(lua, 2);
}

static int watch_again(lua_State *lua, bool wanted, lua_KFunction again)
{
	struct script *script = script_of(lua);
	struct program *p = script->current;
	struct segment_watch *w = p->watch;

	if (!w->seen && !p->expired)
		return program_block_until(lua, CALL_SEGMENT, NULL, p->until, again);
	program_unblock(script, p);
	judge(lua, w, wanted);
	if (!w->seen)
		lua_pushnil(lua);
	else
		push_segment(lua, &w->segment);
	return 1;
}

static int expect_again(lua_State *lua, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return watch_again(lua, true, expect_again);
}

static int expect_no_again(lua_State *lua, int status, lua_KContext ctx)
{
	(void)status;
	(void)ctx;
	return watch_again(lua, false, expect_no_again);
}

/* Reads the table, and waits. */
static int start_watch(lua_State *lua, const char *word, lua_KFunction again)
{
	struct program *p = program_calling(lua, word, true);
	struct script *script = script_running(lua, word);
	struct segment_watch *w;
	weir_duration within = weir_s(1);

	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	w = lua_newuserdatauv(lua, sizeof(*w), 0); /* the coroutine's stack holds it */
	*w = (struct segment_watch){.program = p};
	for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
		const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "";

		if (strcmp(key, "within") == 0) {
			within = script_duration(lua, lua_gettop(lua));
		} else if (strcmp(key, "len") == 0) {
			w->len = read_u32(lua, key);
			w->has_len = true;
		} else if (strcmp(key, "id") != 0 && strcmp(key, "what") != 0 && !read_common(lua, key, w)) {
			return luaL_error(lua, "%s has no setting '%s'", word, key);
		}
	}
	w->next = script->watching;
	script->watching = w;
	script->sim.watchers++;
	p->watch = w;
	return program_block_until(lua, CALL_SEGMENT, NULL, weir_time_add(script->sim.now, within), again);
}

/* expect_segment{...}: until one passes; it is counted as an expectation. Returns what it was, or nil. */
static int word_expect_segment(lua_State *lua)
{
	return start_watch(lua, "expect_segment", expect_again);
}

/* expect_no_segment{...}: that none passes for so long. */
static int word_expect_no_segment(lua_State *lua)
{
	return start_watch(lua, "expect_no_segment", expect_no_again);
}

void segment_words(lua_State *lua)
{
	lua_register(lua, "inject", word_inject);
	lua_register(lua, "expect_segment", word_expect_segment);
	lua_register(lua, "expect_no_segment", word_expect_no_segment);
}
