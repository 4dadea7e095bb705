/* SPDX-License-Identifier: Apache-2.0
 *
 * `weir run`: an ordinary program with Weir's sockets. The program takes this process's place, so its signals, its
 * terminal and its status are its own. Before that: a world answers (the default one is started if need be), the host
 * is one of it, the program can be preloaded into, and a filter keeps it from the kernel's own network.
 */
#define _GNU_SOURCE 1 /* asprintf */

#include "cli/cli.h"
#include "world/executable.h"
#include "world/filter.h"
#include "world/launch.h"
#include "world/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian's library directory. */
#if defined(__aarch64__)
#define MULTIARCH "aarch64-linux-gnu"
#else
#define MULTIARCH "x86_64-linux-gnu"
#endif

static int fail(const struct complaint *complaint, int status)
{
	return cli_fail(status, "%s\n%s\n%s", complaint->what, complaint->saw, complaint->try);
}

/* libweir-shim.so: beside this command, as it is built; else where `meson install` puts it. */
static bool find_shim(char path[PATH_MAX])
{
	static const char *const places[] = {"libweir-shim.so", "../lib/weir/libweir-shim.so",
	                                     "../lib64/weir/libweir-shim.so",
	                                     "../lib/" MULTIARCH "/weir/libweir-shim.so"};
	char self[PATH_MAX], candidate[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return false;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash == NULL)
		return false;
	slash[1] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (snprintf(candidate, sizeof(candidate), "%s%s", self, places[i]) < (int)sizeof(candidate) &&
		    realpath(candidate, path) != NULL && access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* The host that is meant: the named one, or the world's first. 0 with its name, or a status. */
static int choose_host(const char *wanted, char *name, size_t room)
{
	json_t *reply, *hosts;
	char known[256] = "";
	size_t len = 0;
	int status;

	reply = cli_ask(json_pack("{s:s}", "view", "world"), &status);
	if (reply == NULL)
		return CLI_RUN_FAILED;
	hosts = json_object_get(reply, "hosts");
	status = CLI_RUN_FAILED;
	for (size_t i = 0; i < json_array_size(hosts) && status != CLI_DONE; i++) {
		const char *host = json_string_value(json_object_get(json_array_get(hosts, i), "name"));

		if (host == NULL)
			continue;
		if (wanted == NULL || strcmp(wanted, host) == 0) {
			snprintf(name, room, "%s", host);
			status = CLI_DONE;
		} else if (len < sizeof(known))
			len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s", len > 0 ? ", " : "", host);
	}
	json_decref(reply);
	if (status != CLI_DONE)
		cli_fail(status,
		         "there is no host \"%s\" in this world\nits hosts: %s\nweir run --host with one of these",
		         wanted != NULL ? wanted : "", known);
	return status;
}

/* What is asked for on the command line. */
struct wish {
	const char *host;
	bool exact, how;
};

static bool set_environment(const char *shim, const char *path, const char *host, bool exact)
{
	const char *before = getenv("LD_PRELOAD");
	char run_path[WORLD_PATH + 8], *preload = NULL;
	bool ok;

	snprintf(run_path, sizeof(run_path), "%s.run", path);
	if (before != NULL && before[0] != '\0' && strstr(before, shim) == NULL) {
		if (asprintf(&preload, "%s:%s", shim, before) < 0)
			return false;
	}
	ok = setenv("LD_PRELOAD", preload != NULL ? preload : shim, 1) == 0 &&
	     setenv("WEIR_RUN_SOCKET", run_path, 1) == 0 && setenv("WEIR_HOST", host, 1) == 0;
	ok = ok && (exact ? setenv("WEIR_EXACT", "1", 1) : unsetenv("WEIR_EXACT")) == 0;
	free(preload);
	return ok;
}

/* Does not return when the program runs. */
static int start(const char *program, char **argv, const char *path, const char *host, const struct wish *wish)
{
	char shim[PATH_MAX];
	int error;

	if (!find_shim(shim))
		return cli_fail(CLI_RUN_FAILED,
		                "libweir-shim.so is missing\nit is neither beside this command nor in its "
		                "library directory\nbuild or install Weir as a whole");
	if (!set_environment(shim, path, host, wish->exact))
		return cli_fail(CLI_RUN_FAILED, "cannot prepare the program's environment\n%s", strerror(errno));
	if (wish->how)
		cli_note("%s on host %s: by preload of %s; its sockets are stream pairs of the world at %s%s", argv[0],
		         host, shim, path, wish->exact ? "; nothing waits in the pairs uncounted" : "");
	error = filter_install();
	if (error != 0)
		return cli_fail(
		    CLI_RUN_FAILED,
		    "cannot keep the program from the kernel's network\nseccomp: %s\na kernel with seccomp filters",
		    strerror(-error));
	execv(program, argv);
	error = errno;
	return cli_fail(error == ENOENT ? CLI_RUN_NOT_FOUND : CLI_RUN_NOT_RUNNABLE, "%s cannot be run\n%s", argv[0],
	                strerror(error));
}

static int run_words(struct cli_args *args, const struct wish *wish)
{
	char path[WORLD_PATH], program[EXECUTABLE_PATH], host[256];
	struct complaint complaint;
	int status, started;

	if (args->word_count == 0)
		return cli_usage(args->command, NULL, "no program given");
	status = executable_find(args->words[0], program, &complaint);
	if (status != 0)
		return fail(&complaint, status);
	status = world_path(cli_settings()->stack, true, path, &complaint);
	if (status == 0)
		status = launch_if_needed(path, NULL, &started, &complaint);
	if (status != 0)
		return fail(&complaint, CLI_RUN_FAILED);
	status = choose_host(wish->host, host, sizeof(host));
	return status != 0 ? status : start(program, args->words, path, host, wish);
}

int cmd_run(int argc, char **argv)
{
	struct cli_args args;
	struct wish wish = {0};
	int option;

	(void)argc;
	cli_args_init(&args, cli_command_find("run"), argv);
	while ((option = cli_args_next(&args)) >= 0) {
		if (option == CLI_RUN_HOST)
			wish.host = args.value;
		else if (option == CLI_RUN_EXACT)
			wish.exact = true;
		else if (option == CLI_RUN_HOW)
			wish.how = true;
	}
	return option == CLI_ARGS_LEAVE ? args.status : run_words(&args, &wish);
}
