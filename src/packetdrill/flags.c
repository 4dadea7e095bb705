/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of --so_flags: v=4|6, local=IP[/len], remote=[IP[/len]], mtu=N, ctl=DIR, profile=linux|freebsd, separated by
 * commas.
 */
#include "packetdrill/adapter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *what, const char *value)
{
	fprintf(stderr, "libweir-packetdrill.so: --so_flags: %s '%s'\n", what, value);
	return -EINVAL;
}

static int parse_number(const char *text, unsigned long low, unsigned long high, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno || end == text || *end || *number < low || *number > high ? -EINVAL : 0;
}

/* ADDRESS or ADDRESS/LENGTH; without a length all of it. */
static int parse_prefix(char *text, weir_addr *addr, unsigned *prefix_len)
{
	char *slash = strchr(text, '/');
	unsigned long len, most;

	if (slash)
		*slash++ = '\0';
	if (weir_addr_parse(text, addr) < 0)
		return -EINVAL;
	most = weir_addr_is_v4(addr) ? 32 : 128;
	len = most;
	if (slash && parse_number(slash, 0, most, &len) < 0)
		return -EINVAL;
	*prefix_len = (unsigned)len;
	return 0;
}

static int parse_flag(const char *name, char *value, struct adapter_flags *flags)
{
	unsigned long number;

	if (strcmp(name, "v") == 0) {
		if (parse_number(value, 4, 6, &number) < 0 || number == 5)
			return complain("v is 4 or 6, not", value);
		flags->version = (unsigned)number;
	} else if (strcmp(name, "local") == 0) {
		flags->has_local = parse_prefix(value, &flags->local, &flags->local_prefix) == 0;
		if (!flags->has_local)
			return complain("no address:", value);
	} else if (strcmp(name, "remote") == 0) {
		flags->has_remote = *value != '\0';
		if (*value && parse_prefix(value, &flags->remote, &flags->remote_prefix) < 0)
			return complain("no address:", value);
	} else if (strcmp(name, "mtu") == 0) {
		if (parse_number(value, 576, 65535, &number) < 0)
			return complain("mtu is 576 to 65535, not", value);
		flags->mtu = (uint16_t)number;
	} else if (strcmp(name, "ctl") == 0) {
		if (strlen(value) >= sizeof(flags->control_dir))
			return complain("too long a path:", value);
		strcpy(flags->control_dir, value);
	} else if (strcmp(name, "profile") == 0) {
		if (strcmp(value, "linux") != 0 && strcmp(value, "freebsd") != 0)
			return complain("profile is linux or freebsd, not", value);
		flags->profile = strcmp(value, "linux") == 0 ? PROFILE_LINUX : PROFILE_FREEBSD;
	} else {
		return complain("unknown flag", name);
	}
	return 0;
}

/* The addresses that the tool uses when it is told none. */
static void fill_local(struct adapter_flags *flags)
{
	if (flags->has_local)
		return;
	if (flags->version == 4) {
		flags->local = weir_addr_v4(192, 168, 0, 1);
		flags->local_prefix = 16;
	} else {
		weir_addr_parse("fd3d:fa7b:d17d::1", &flags->local);
		flags->local_prefix = 48;
	}
}

int flags_parse(const char *text, struct adapter_flags *flags)
{
	char *copy, *at, *flag;
	int r = 0;

	memset(flags, 0, sizeof(*flags));
	flags->version = 4;
	flags->mtu = 1500;
	copy = at = strdup(text ? text : "");
	if (!copy)
		return -ENOMEM;
	while (r == 0 && (flag = strsep(&at, ",")) != NULL) {
		char *value = strchr(flag, '=');

		if (!*flag)
			continue;
		if (value)
			*value++ = '\0';
		r = value ? parse_flag(flag, value, flags) : complain("no value:", flag);
	}
	free(copy);
	if (r < 0)
		return r;
	fill_local(flags);
	if (weir_addr_is_v4(&flags->local) != (flags->version == 4))
		return complain("local is not of the family of", flags->version == 4 ? "v=4" : "v=6");
	if (flags->has_remote && weir_addr_is_v4(&flags->remote) != (flags->version == 4))
		return complain("remote is not of the family of", flags->version == 4 ? "v=4" : "v=6");
	return 0;
}
