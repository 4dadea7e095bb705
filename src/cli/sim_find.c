/* SPDX-License-Identifier: Apache-2.0
 *
 * Where scenarios are: those that come with Weir are found beside the command, in the build's or the source's folder,
 * or where they were installed, by file name or by figure of the textbook ("fig-6.3").
 */
#include "cli/sim.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIGURE_PREFIX = 4 };

static int is_scenario(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool scan(struct collection *c, const char *base, const char *below)
{
	if ((size_t)snprintf(c->folder, sizeof(c->folder), "%s%s", base, below) >= sizeof(c->folder))
		return false;
	c->count = scandir(c->folder, &c->entry, is_scenario, by_name);
	if (c->count == 0)
		free(c->entry);
	return c->count > 0;
}

int collection_read(struct collection *c)
{
	char exe[SIM_PATH_BYTES / 2];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	*c = (struct collection){.count = 0};
	exe[n > 0 ? n : 0] = '\0';
	slash = strrchr(exe, '/');
	if (slash != NULL)
		*slash = '\0';
	if (slash != NULL && (scan(c, exe, "/scenarios") || scan(c, exe, "/../scenarios")))
		return 0;
	if (scan(c, WEIR_SCENARIOS, ""))
		return 0;
	c->count = 0;
	return cli_fail(CLI_UNREADABLE,
	                "the scenarios that come with Weir are not there\nlooked in %s/scenarios and %s\n"
	                "give a file: weir sim FILE.lua",
	                exe, WEIR_SCENARIOS);
}

void collection_free(struct collection *c)
{
	for (int i = 0; i < c->count; i++)
		free(c->entry[i]);
	if (c->count > 0)
		free(c->entry);
}

void collection_name(const struct collection *c, int i, char name[SIM_NAME_BYTES])
{
	snprintf(name, SIM_NAME_BYTES, "%s", c->entry[i]->d_name);
	name[strlen(name) - 4] = '\0';
}

bool collection_path(const struct collection *c, int i, char path[SIM_PATH_BYTES])
{
	return (size_t)snprintf(path, SIM_PATH_BYTES, "%s/%s", c->folder, c->entry[i]->d_name) < SIM_PATH_BYTES;
}

int sim_complain(const struct complaint *complaint)
{
	return cli_fail(complaint->status, "%s\n%s\n%s", complaint->what, complaint->saw, complaint->try);
}

/* "6.2 6.3 6.4" has "6.3". */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; (at = strstr(at, word)) != NULL; at++) {
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

static bool is_meant(const struct collection *c, int i, const char *word)
{
	struct scenario_result about;
	struct complaint complaint;
	char name[SIM_NAME_BYTES], path[SIM_PATH_BYTES];

	collection_name(c, i, name);
	if (strcmp(name, word) == 0)
		return true;
	if (strncmp(word, "fig-", FIGURE_PREFIX) != 0 || !collection_path(c, i, path))
		return false;
	return scenario_describe(path, &about, &complaint) == 0 && has_word(about.figure, word + FIGURE_PREFIX);
}

static const char *file_name(const void *ctx, size_t i)
{
	const struct collection *c = ctx;

	return i < (size_t)c->count ? c->entry[i]->d_name : NULL;
}

int sim_find(const struct cli_command *command, const char *word, char path[SIM_PATH_BYTES])
{
	size_t len = strlen(word);
	struct collection c;
	const char *nearest;
	char meant[SIM_NAME_BYTES];
	bool found = false;
	int status;

	if (strchr(word, '/') != NULL || (len > 4 && strcmp(word + len - 4, ".lua") == 0)) {
		if ((size_t)snprintf(path, SIM_PATH_BYTES, "%s", word) < SIM_PATH_BYTES && access(path, R_OK) == 0)
			return 0;
		return cli_fail(CLI_UNREADABLE, "cannot read the scenario %s\n%s\nweir sim --list shows those of Weir",
		                word, strerror(errno));
	}
	status = collection_read(&c);
	if (status != 0)
		return status;
	for (int i = 0; i < c.count && !found; i++)
		found = is_meant(&c, i, word) && collection_path(&c, i, path);
	if (!found) {
		snprintf(meant, sizeof(meant), "%s.lua", word);
		nearest = cli_nearest(meant, file_name, &c);
		snprintf(meant, sizeof(meant), "%.*s", nearest != NULL ? (int)strlen(nearest) - 4 : 0,
		         nearest != NULL ? nearest : "");
		status = cli_usage(command, nearest != NULL ? meant : NULL, "there is no scenario \"%s\"", word);
	}
	collection_free(&c);
	return status;
}

const char *sim_shell_word(const char *word, char *text)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+,:@%=";
	char *to = text;

	if (word[0] != '\0' && word[strspn(word, safe)] == '\0')
		return strcpy(text, word);
	*to++ = '\'';
	for (; *word != '\0'; word++) {
		if (*word == '\'') {
			memcpy(to, "'\\''", 4);
			to += 4;
		} else {
			*to++ = *word;
		}
	}
	strcpy(to, "'");
	return text;
}
