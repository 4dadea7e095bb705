/* SPDX-License-Identifier: Apache-2.0
 *
 * The file `cmds` in the control directory: the shell commands of a script, as stand-ins for `sysctl` and the like
 * wrote them down, one line each: "NAME ARGUMENTS". New lines are read before each call. A setting that the stack has
 * takes effect; all else (`ip`, `tc`, names that mean nothing here) is passed over, as the script would find out.
 */
#include "packetdrill/adapter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* "name=v1 v2 v3": the shell has taken the quotes off, so a value goes on to the next word with a '='. */
static void take_setting(struct adapter *a, char *setting)
{
	char *value = strchr(setting, '=');
	size_t len;

	if (!value)
		return;
	*value++ = '\0';
	for (char *c = setting; *c; c++) /* net/ipv4/tcp_sack is the same name */
		if (*c == '/')
			*c = '.';
	len = strlen(value);
	while (len > 0 && value[len - 1] == ' ')
		value[--len] = '\0';
	/* With a stack that is not there yet the first call makes it of these. */
	if (profile_set(&a->config, setting, value) && a->stack)
		weir_stack_configure(a->stack, &a->config);
}

static void take_settings(struct adapter *a, char *words)
{
	char setting[512] = "", *word;

	while ((word = strsep(&words, " \t")) != NULL) {
		if (!*word || *word == '-')
			continue;
		if (strchr(word, '=')) {
			take_setting(a, setting);
			*setting = '\0';
		}
		if (strlen(setting) + strlen(word) + 2 > sizeof(setting))
			continue;
		strcat(setting, word);
		strcat(setting, " ");
	}
	take_setting(a, setting);
}

/* "-K DEVICE FEATURE on|off ...": whether the link takes packets that it will cut. */
static void take_features(struct adapter *a, char *words)
{
	const char *feature = "", *word;

	while ((word = strsep(&words, " \t")) != NULL) {
		if (strcmp(feature, "tso") == 0 || strcmp(feature, "gso") == 0)
			a->large_packets = strcmp(word, "off") != 0;
		feature = word;
	}
}

static void take_line(struct adapter *a, char *line)
{
	char *rest = line, *name = strsep(&rest, " \t");

	if (rest && strcmp(name, "sysctl") == 0)
		take_settings(a, rest);
	else if (rest && strcmp(name, "ethtool") == 0)
		take_features(a, rest);
	else if (rest && a->stack && strcmp(name, "ip") == 0 && strcmp(rest, "tcp_metrics flush all") == 0)
		weir_fast_open_forget(a->stack);
}

void commands_read(struct adapter *a)
{
	char path[sizeof(a->flags.control_dir) + 8], *line = NULL;
	size_t room = 0;
	struct stat st;
	ssize_t n;
	FILE *from;

	if (!a->flags.control_dir[0])
		return;
	snprintf(path, sizeof(path), "%s/cmds", a->flags.control_dir);
	if (stat(path, &st) < 0 || st.st_size <= a->commands_read)
		return;
	from = fopen(path, "re");
	if (!from)
		return;
	if (fseeko(from, a->commands_read, SEEK_SET) == 0) {
		while ((n = getline(&line, &room, from)) > 0 && line[n - 1] == '\n') {
			a->commands_read += n;
			line[n - 1] = '\0';
			take_line(a, line);
		}
	}
	free(line);
	fclose(from);
}
