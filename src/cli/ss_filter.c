/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter language of ss, as far as it concerns addresses, ports and states. As in ss, `and` may be left out, and
 * `and` and `or` bind alike, from left to right: use parentheses. A filter names numbers only; nothing is looked up.
 */
#include "cli/ss_filter.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 64, V4_OFFSET = 12 };

struct reader {
	struct ss_filter *filter;
	char **words;
	const char *at;              /* in the first of words */
	char token[SS_FILTER_TOKEN]; /* empty at the end */
	const char *problem;
	int depth;
};

enum token_kind {
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_GE,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_LT,
	TOKEN_NONE
};

static const struct {
	const char *word;
	enum token_kind kind;
} operators[] = {
    {"and", TOKEN_AND}, {"&", TOKEN_AND},  {"&&", TOKEN_AND}, {"or", TOKEN_OR}, {"|", TOKEN_OR},   {"||", TOKEN_OR},
    {"not", TOKEN_NOT}, {"!", TOKEN_NOT},  {"=", TOKEN_EQ},   {"==", TOKEN_EQ}, {"eq", TOKEN_EQ},  {"!=", TOKEN_NE},
    {"ne", TOKEN_NE},   {"neq", TOKEN_NE}, {">=", TOKEN_GE},  {"ge", TOKEN_GE}, {"geq", TOKEN_GE}, {"<=", TOKEN_LE},
    {"le", TOKEN_LE},   {"leq", TOKEN_LE}, {">", TOKEN_GT},   {"gt", TOKEN_GT}, {"<", TOKEN_LT},   {"lt", TOKEN_LT},
};

static const char *const primaries[] = {"sport", "dport", "src", "dst"};
static const char *const other_beginnings[] = {"state", "exclude", "excl", "(", "!", "not"};

static enum token_kind kind_of(const char *token)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (strcmp(operators[i].word, token) == 0)
			return operators[i].kind;
	}
	return TOKEN_NONE;
}

static bool is_one_of(const char *word, size_t len, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
			return true;
	}
	return false;
}

bool ss_filter_begins(const char *word)
{
	size_t len;

	word += strspn(word, " \t");
	len = strcspn(word, " \t");
	return *word == '(' || is_one_of(word, len, primaries, 4) || is_one_of(word, len, other_beginnings, 6);
}

/* Moves to the next token; parentheses stand for themselves even when they touch a word. */
static void next(struct reader *reader)
{
	size_t len;

	reader->token[0] = '\0';
	while (*reader->words) {
		if (!reader->at)
			reader->at = *reader->words;
		reader->at += strspn(reader->at, " \t");
		if (*reader->at != '\0')
			break;
		reader->words++;
		reader->at = NULL;
	}
	if (!*reader->words)
		return;
	len = *reader->at == '(' || *reader->at == ')' ? 1 : strcspn(reader->at, " \t()");
	if (len >= sizeof(reader->token)) {
		reader->problem = "this word is too long for a filter";
		len = sizeof(reader->token) - 1;
	}
	memcpy(reader->token, reader->at, len);
	reader->token[len] = '\0';
	reader->at += len;
}

static const struct ss_filter_node *fail(struct reader *reader, const char *problem)
{
	if (!reader->problem)
		reader->problem = problem;
	return NULL;
}

static struct ss_filter_node *new_node(struct reader *reader, enum ss_filter_kind kind)
{
	struct ss_filter *filter = reader->filter;

	if (filter->used == SS_FILTER_NODES) {
		fail(reader, "the filter is too long");
		return NULL;
	}
	filter->nodes[filter->used] = (struct ss_filter_node){.kind = kind, .port = -1};
	return &filter->nodes[filter->used++];
}

static bool read_number(const char *text, long max, int *number)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > max)
		return false;
	*number = (int)value;
	return true;
}

/* ":22", "22", ":*" or "*". */
static bool read_port(const char *text, int *port)
{
	text += *text == ':';
	*port = -1;
	return strcmp(text, "*") == 0 || *text == '\0' || read_number(text, 65535, port);
}

/* "10.0.0.0/8", "fd00::/64", "*" or nothing. */
static bool read_prefix(char *text, struct ss_filter_node *node)
{
	char *slash = strchr(text, '/');
	int width, bits;

	if (*text == '\0' || strcmp(text, "*") == 0)
		return true;
	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, node->addr + V4_OFFSET) == 1) {
		node->addr[10] = node->addr[11] = 0xff;
		width = 32;
	} else if (inet_pton(AF_INET6, text, node->addr) == 1) {
		width = 128;
	} else {
		return false;
	}
	bits = width;
	if (slash && !read_number(slash, width, &bits))
		return false;
	/* Of IPv4 with /0, the prefix that makes it IPv4 still counts. */
	node->bits = 128 - width + bits;
	return true;
}

/* ADDR, ADDR:PORT, [ADDR6]:PORT, *:PORT, :PORT. */
static bool read_host(const char *token, struct ss_filter_node *node)
{
	char copy[SS_FILTER_TOKEN], *text = copy;
	char *port = NULL, *close;
	unsigned char whole[16];

	snprintf(copy, sizeof(copy), "%s", token);
	if (*text == '[') {
		close = strchr(++text, ']');
		if (!close)
			return false;
		*close = '\0';
		port = close + 1;
	} else if (inet_pton(AF_INET6, text, whole) != 1) {
		port = strrchr(text, ':');
		if (port && strchr(port, '/'))
			port = NULL;
	}
	if (port && *port && *port != ':')
		return false;
	if (port && *port) {
		if (!read_port(port + 1, &node->port))
			return false;
		*port = '\0';
	}
	return read_prefix(text, node);
}

static const struct ss_filter_node *negate(struct reader *reader, const struct ss_filter_node *of)
{
	struct ss_filter_node *node = of ? new_node(reader, SS_FILTER_NOT) : NULL;

	if (node)
		node->left = of;
	return node;
}

/* sport, dport, src or dst, an operator or none, a value. */
static const struct ss_filter_node *read_primary(struct reader *reader)
{
	bool is_port = strcmp(reader->token + 1, "port") == 0, read;
	struct ss_filter_node *node = new_node(reader, is_port ? SS_FILTER_PORT : SS_FILTER_ADDR);
	enum token_kind how;

	if (!node)
		return NULL;
	node->local = reader->token[0] == 's';
	next(reader);
	how = kind_of(reader->token);
	if (how != TOKEN_NONE)
		next(reader);
	else
		how = TOKEN_EQ;
	if (how < TOKEN_EQ || (!is_port && how > TOKEN_NE))
		return fail(reader, "an operator is expected: = or !=, and for ports also < > <= >=");
	if (how == TOKEN_GE || how == TOKEN_LT)
		node->compare = SS_AT_LEAST;
	if (how == TOKEN_LE || how == TOKEN_GT)
		node->compare = SS_AT_MOST;
	if (reader->token[0] == '\0')
		return fail(reader, "the filter ends where a value is expected");
	read = is_port ? read_port(reader->token, &node->port) : read_host(reader->token, node);
	if (!read)
		return fail(reader, is_port ? "a port is expected, as in :80"
		                            : "an address is expected, as in 10.0.0.1, 10.0.0.0/8:80 or [fd00::1]:80");
	next(reader);
	return how == TOKEN_NE || how == TOKEN_GT || how == TOKEN_LT ? negate(reader, node) : node;
}

static const struct ss_filter_node *read_list(struct reader *reader);

static const struct ss_filter_node *read_one(struct reader *reader)
{
	const struct ss_filter_node *node = NULL;

	if (++reader->depth > DEPTH_MAX)
		return fail(reader, "the filter is nested too deeply");
	if (strcmp(reader->token, "(") == 0) {
		next(reader);
		node = read_list(reader);
		if (node && strcmp(reader->token, ")") != 0)
			return fail(reader, "a closing parenthesis is expected");
		next(reader);
	} else if (kind_of(reader->token) == TOKEN_NOT) {
		next(reader);
		node = negate(reader, read_one(reader));
	} else if (is_one_of(reader->token, strlen(reader->token), primaries, 4)) {
		node = read_primary(reader);
	} else {
		return fail(reader, "sport, dport, src, dst, not or ( is expected");
	}
	reader->depth--;
	return node;
}

static const struct ss_filter_node *read_list(struct reader *reader)
{
	const struct ss_filter_node *left = read_one(reader), *right;
	struct ss_filter_node *both;

	while (left && reader->token[0] && strcmp(reader->token, ")") != 0) {
		enum token_kind joint = kind_of(reader->token);

		if (joint == TOKEN_AND || joint == TOKEN_OR)
			next(reader);
		right = read_one(reader);
		both = right ? new_node(reader, joint == TOKEN_OR ? SS_FILTER_OR : SS_FILTER_AND) : NULL;
		if (!both)
			return NULL;
		both->left = left;
		both->right = right;
		left = both;
	}
	return left;
}

/* The leading `state X` and `exclude X`. */
static void read_states(struct reader *reader)
{
	unsigned set, all = state_set_read("all");
	bool with;

	for (;;) {
		with = strcmp(reader->token, "state") == 0;
		if (!with && strcmp(reader->token, "exclude") != 0 && strcmp(reader->token, "excl") != 0)
			return;
		next(reader);
		set = state_set_read(reader->token);
		if (!set) {
			fail(reader,
			     reader->token[0] ? "there is no such state" : "the filter ends where a state is expected");
			return;
		}
		if (!reader->filter->names_states)
			reader->filter->states = with ? 0 : all;
		reader->filter->names_states = true;
		if (with)
			reader->filter->states |= set;
		else
			reader->filter->states &= ~set;
		next(reader);
	}
}

const char *ss_filter_read(struct ss_filter *filter, char **words, char *word)
{
	struct reader reader = {.filter = filter, .words = words};

	*filter = (struct ss_filter){.root = NULL};
	next(&reader);
	read_states(&reader);
	if (!reader.problem && reader.token[0]) {
		filter->root = read_list(&reader);
		if (!reader.problem && reader.token[0])
			reader.problem = "this parenthesis closes nothing";
	}
	memcpy(word, reader.token, SS_FILTER_TOKEN);
	return reader.problem;
}

static bool same_prefix(const struct ss_filter_node *node, const struct look_end *end)
{
	unsigned char addr[16] = {[10] = 0xff, [11] = 0xff};
	int bytes = node->bits / 8, rest = node->bits % 8;

	if (inet_pton(AF_INET, end->addr, addr + V4_OFFSET) != 1 && inet_pton(AF_INET6, end->addr, addr) != 1)
		return false;
	if (memcmp(addr, node->addr, (size_t)bytes) != 0)
		return false;
	return rest == 0 || ((addr[bytes] ^ node->addr[bytes]) >> (8 - rest)) == 0;
}

static bool compares(const struct ss_filter_node *node, int port)
{
	switch (node->compare) {
	case SS_AT_LEAST:
		return port >= node->port;
	case SS_AT_MOST:
		return port <= node->port;
	default:
		return node->port < 0 || port == node->port;
	}
}

static bool passes(const struct ss_filter_node *node, const struct look_socket *sock)
{
	const struct look_end *end = node->local ? &sock->local : &sock->remote;

	switch (node->kind) {
	case SS_FILTER_AND:
		return passes(node->left, sock) && passes(node->right, sock);
	case SS_FILTER_OR:
		return passes(node->left, sock) || passes(node->right, sock);
	case SS_FILTER_NOT:
		return !passes(node->left, sock);
	default:
		return compares(node, (int)end->port) && (node->bits == 0 || same_prefix(node, end));
	}
}

bool ss_filter_passes(const struct ss_filter *filter, const struct look_socket *sock)
{
	return !filter->root || passes(filter->root, sock);
}
