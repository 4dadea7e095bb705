/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests for views and verbs, and the small views.
 */
#include "world/views.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

json_t *views_error(int status, const char *what, const char *saw, const char *try)
{
	return json_pack("{s:i, s:{s:s, s:s, s:s}, s:i}", "weir", 1, "error", "what", what, "saw", saw, "try", try,
	                 "status", status);
}

struct view_pair views_pair(const struct view *view, const struct stream *s)
{
	const struct hidden_entry *d, *a;
	struct view_pair pair = {.known = true};
	struct stat st;

	if (s == NULL)
		return pair;
	pair.hidden_out = stream_hidden_out(s);
	pair.exact = s->exact && !s->listening;
	if (fstat(s->source.fd, &st) != 0)
		return pair;
	d = hidden_find(&view->hidden, (uint32_t)st.st_ino);
	a = d != NULL && d->peer != 0 ? hidden_find(&view->hidden, d->peer) : NULL;
	pair.inode = d != NULL ? d->peer : 0;
	if (a == NULL)
		pair.known = view->hidden_known && s->hung_up; /* nobody is left to read */
	else if (pair.exact)                                   /* what is in the pair is counted in RecvQ */
		pair.hidden_in = 0;
	else if (!s->listening)
		pair.hidden_in = a->unread_bytes;
	else
		pair.hidden_in = a->unread_bytes / sizeof(struct world_accepted); /* connections */
	return pair;
}

static json_t *interface_view(const struct world_interface *interface)
{
	json_t *addresses = json_array();
	const uint8_t *mac = interface->config.mac;
	char text[WEIR_ADDR_TEXT + 8], mac_text[18];

	for (unsigned i = 0; i < interface->addrs; i++) {
		size_t n = weir_addr_format(&interface->addr[i].addr, text);

		snprintf(text + n, sizeof(text) - n, "/%u", interface->addr[i].prefix_len);
		json_array_append_new(addresses, json_string(text));
	}
	snprintf(mac_text, sizeof(mac_text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
	         mac[5]);
	return json_pack("{s:s, s:o, s:i, s:s}", "name", interface->config.name, "addresses", addresses, "mtu",
	                 (int)interface->config.mtu_bytes, "mac", mac_text);
}

/* A fraction of 2^32 as a probability. */
static double probability(uint32_t chance)
{
	return chance == LINK_ALWAYS ? 1 : chance / 4294967296.0;
}

static json_t *faults_view(const struct link_fault_spec *f)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:I, s:i, s:b, s:f, s:f, s:f, s:f, s:I, s:I}", "delay_ns",
	                 (json_int_t)f->delay.ns, "jitter_ns", (json_int_t)f->jitter.ns, "rate_bytes_per_s",
	                 (json_int_t)f->rate_bytes_per_s, "queue_packets", (json_int_t)f->queue_packets, "queue_bytes",
	                 (json_int_t)f->queue_bytes, "mark", probability(f->mark), "mark_queue_bytes",
	                 (json_int_t)f->mark_bytes, "max_packet_bytes", (int)f->max_packet_bytes, "too_big",
	                 (int)f->too_big, "loss", probability(f->loss), "duplicate", probability(f->duplicate),
	                 "corrupt", probability(f->corrupt), "reorder", probability(f->reorder), "reorder_delay_ns",
	                 (json_int_t)f->reorder_delay.ns, "seed", (json_int_t)f->seed);
}

static json_t *link_view(const struct world *world, const struct plan_link *link)
{
	json_t *members = json_array();

	for (unsigned i = 0; i < link->members; i++)
		json_array_append_new(members, json_string(world->host[link->member[i].host].plan->name));
	return json_pack("{s:s, s:o, s:o}", "name", link->name, "members", members, "faults",
	                 link->faulty ? faults_view(&link->fault) : json_object());
}

static json_t *world_view(const struct world *world)
{
	json_t *hosts = json_array(), *links = json_array();

	for (unsigned i = 0; i < world->hosts; i++) {
		const struct world_host *host = &world->host[i];
		json_t *interfaces = json_array();

		for (unsigned k = 0; k < host->interfaces; k++)
			json_array_append_new(interfaces, interface_view(&host->interface[k]));
		json_array_append_new(hosts,
		                      json_pack("{s:s, s:o, s:I}", "name", host->plan->name, "interfaces", interfaces,
		                                "memory_bytes", (json_int_t)weir_memory(host->stack)));
	}
	for (unsigned i = 0; i < world->plan.links; i++)
		json_array_append_new(links, link_view(world, &world->plan.link[i]));
	for (unsigned i = 0; i < world->plan.taps; i++) {
		const struct plan_tap *tap = &world->plan.tap[i];

		json_array_append_new(links, json_pack("{s:s, s:[s], s:{}}", "name", tap->name, "members",
		                                       world->host[tap->member.host].plan->name, "faults"));
	}
	return json_pack("{s:i, s:s, s:i, s:I, s:i, s:i, s:o, s:o}", "weir", 1, "world", world->plan.name, "pid",
	                 (int)getpid(), "time_ns", (json_int_t)world->now.ns, "programs", (int)world->program_count,
	                 "streams", (int)world->stream_count, "hosts", hosts, "links", links);
}

/* A stream whose end A no process with a control connection has open. */
static bool somebody_is_missing(const struct view *view)
{
	list_each (node, &view->world->all_streams) {
		const struct stream *s = weir_container(node, struct stream, all);
		struct view_pair pair = views_pair(view, s);

		if (!s->hung_up && s->seeded && pair.inode != 0 && owners_find(&view->owners, pair.inode) == NULL)
			return true;
	}
	return false;
}

static void look_up(struct view *view)
{
	list_each (node, &view->world->all_streams) {
		exact_settle(weir_container(node, struct stream, all));
	}
	view->hidden_known = hidden_read(&view->hidden);
	owners_read(&view->owners, view->world, false);
	if (somebody_is_missing(view)) {
		owners_free(&view->owners);
		owners_read(&view->owners, view->world, true);
	}
}

static json_t *answer_view(struct world *world, const json_t *request, const char *name)
{
	const char *host = json_string_value(json_object_get(request, "host"));
	struct view view = {.world = world};
	json_t *reply;

	if (strcmp(name, "world") == 0)
		return world_view(world);
	if (host != NULL && (host[0] == '\0' || world_find_host(world, host) == NULL))
		return views_error(1, "there is no such host in this world", host,
		                   "weir netstat, without a host, shows all");
	if (strcmp(name, "sockets") != 0 && strcmp(name, "queues") != 0)
		return views_error(2, "there is no such view", name, "sockets, queues or world");
	look_up(&view);
	if (name[0] == 's')
		reply = sockets_view(&view, host);
	else
		reply = queues_view(&view, host, (uint64_t)json_integer_value(json_object_get(request, "id")));
	hidden_free(&view.hidden);
	owners_free(&view.owners);
	return reply;
}

json_t *views_answer(struct world *world, const json_t *request)
{
	const char *view = json_string_value(json_object_get(request, "view"));
	const char *verb = json_string_value(json_object_get(request, "verb"));

	if (view != NULL)
		return answer_view(world, request, view);
	if (verb != NULL && strcmp(verb, "down") == 0) {
		world->stop = true;
		return json_pack("{s:i}", "weir", 1);
	}
	return views_error(2, "the world does not understand this request",
	                   verb != NULL ? verb : "neither a view nor a verb", "a command of the same version of Weir");
}
