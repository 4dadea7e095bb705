/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that a preloaded object does not reach are refused before they start: static ones have no loader, setuid
 * ones a loader that ignores it, those of another word size cannot load it. Better than to start them and let
 * every socket() fail.
 */
#include "world/executable.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NOT_FOUND = 127, NOT_RUNNABLE = 126, SCRIPT_DEPTH = 4, HEAD_BYTES = 4096 };

static int refuse(struct complaint *complaint, int status, const char *command, const char *saw, const char *try)
{
	char what[sizeof(complaint->what)];

	snprintf(what, sizeof(what), status == NOT_FOUND ? "%s: no such program" : "%s cannot be run on Weir", command);
	return complain(complaint, status, what, saw, try);
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Searches $PATH. */
static bool search(const char *command, char path[EXECUTABLE_PATH])
{
	const char *dirs = getenv("PATH");

	if (dirs == NULL)
		dirs = "/usr/local/bin:/usr/bin:/bin";
	while (*dirs != '\0') {
		size_t len = strcspn(dirs, ":");
		int n =
		    snprintf(path, EXECUTABLE_PATH, "%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? dirs : ".", command);

		if (n < EXECUTABLE_PATH && is_program(path))
			return true;
		dirs += len + (dirs[len] == ':');
	}
	return false;
}

static bool gains_rights(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if ((st.st_mode & S_ISUID && st.st_uid != geteuid()) || (st.st_mode & S_ISGID && st.st_gid != getegid()))
		return true;
	return fgetxattr(fd, "security.capability", NULL, 0) > 0 && geteuid() != 0;
}

/* The program headers say whether the kernel starts it through a loader. */
static bool has_loader(int fd, const Elf64_Ehdr *header)
{
	for (unsigned i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr segment;

		if (pread(fd, &segment, sizeof(segment), (off_t)(header->e_phoff + i * sizeof(segment))) !=
		    sizeof(segment))
			return false;
		if (segment.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static int check_elf(int fd, const Elf64_Ehdr *header, const char *command, struct complaint *complaint)
{
	if (header->e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(complaint, NOT_RUNNABLE, command,
		              "a 32-bit program: Weir's object for preloading is 64-bit", "a 64-bit build of it");
	if (!has_loader(fd, header))
		return refuse(complaint, NOT_RUNNABLE, command,
		              "a static program: it starts without a loader, so nothing can be preloaded into it",
		              "a dynamically linked build of it (static programs come later)");
	if (gains_rights(fd))
		return refuse(complaint, NOT_RUNNABLE, command,
		              "it is setuid, setgid or has file capabilities: its loader ignores preloads",
		              "run weir as the user that the program becomes");
	return 0;
}

static int check(const char *path, const char *command, unsigned depth, struct complaint *complaint);

/* "#! /usr/bin/env python3": what matters is the interpreter. For env it is what env will find. */
static int check_script(char *head, const char *command, unsigned depth, struct complaint *complaint)
{
	char *save, *interpreter, *argument, found[EXECUTABLE_PATH];
	const char *base;

	head[strcspn(head, "\n")] = '\0';
	interpreter = strtok_r(head + 2, " \t", &save);
	if (interpreter == NULL || depth == SCRIPT_DEPTH)
		return refuse(complaint, NOT_RUNNABLE, command, "a script whose interpreter cannot be told", NULL);
	argument = strtok_r(NULL, " \t", &save);
	base = strrchr(interpreter, '/');
	if (base != NULL && strcmp(base, "/env") == 0 && argument != NULL && argument[0] != '-' &&
	    strchr(argument, '=') == NULL && search(argument, found))
		return check(found, command, depth + 1, complaint);
	return check(interpreter, command, depth + 1, complaint);
}

static int check(const char *path, const char *command, unsigned depth, struct complaint *complaint)
{
	char head[HEAD_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;
	ssize_t n;

	if (fd < 0) /* executable but not readable: exec will tell */
		return errno == ENOENT
		           ? refuse(complaint, NOT_FOUND, command, path, "check the spelling of its first line")
		           : 0;
	n = pread(fd, head, HEAD_BYTES, 0);
	head[n > 0 ? n : 0] = '\0';
	if (n >= (ssize_t)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0) {
		Elf64_Ehdr header;

		memcpy(&header, head, sizeof(header));
		status = check_elf(fd, &header, command, complaint);
	} else if (n > 2 && head[0] == '#' && head[1] == '!') {
		status = check_script(head, command, depth, complaint);
	}
	close(fd);
	return status;
}

int executable_find(const char *command, char path[EXECUTABLE_PATH], struct complaint *complaint)
{
	struct stat st;

	if (strchr(command, '/') == NULL) {
		if (!search(command, path))
			return refuse(complaint, NOT_FOUND, command, "it is in no directory of $PATH",
			              "check the spelling");
	} else {
		if (snprintf(path, EXECUTABLE_PATH, "%s", command) >= EXECUTABLE_PATH || stat(path, &st) != 0)
			return refuse(complaint, NOT_FOUND, command, strerror(errno), "check the spelling");
		if (!is_program(path))
			return refuse(complaint, NOT_RUNNABLE, command, "it is not an executable file",
			              "chmod +x, or name a program");
	}
	return check(path, command, 0, complaint);
}
