/* SPDX-License-Identifier: Apache-2.0
 *
 * What a script's assertions see. The tool asks its stack through the interface, except for TCP_INFO, TCP_CC_INFO and
 * SO_MEMINFO on behalf of a script's code, and for sendfile(): those it asks of the C library. So the program's own
 * imports of getsockopt() and sendfile() are led here; descriptors that are not ours go on to the kernel.
 */
#include "packetdrill/calls.h"
#include "packetdrill/file.h"

#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

static struct adapter *asked;

static bool is_ours(int fd)
{
	bool ours = false;

	if (asked) {
		adapter_enter(asked);
		ours = file_find(asked, fd) != NULL;
		adapter_leave(asked, 0);
	}
	return ours;
}

static int import_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	return is_ours(fd) ? option_get(asked, fd, level, name, value, len) : getsockopt(fd, level, name, value, len);
}

static ssize_t import_sendfile(int out, int in, off_t *offset, size_t count)
{
	char data[65536];
	ssize_t n, sent;

	if (!is_ours(out))
		return sendfile(out, in, offset, count);
	count = count < sizeof(data) ? count : sizeof(data);
	n = offset ? pread(in, data, count, *offset) : read(in, data, count);
	sent = n > 0 ? send_write(asked, out, data, (size_t)n) : n;
	if (offset && sent > 0)
		*offset += sent;
	else if (!offset && n > 0 && sent < n)
		lseek(in, (sent > 0 ? sent : 0) - n, SEEK_CUR);
	return sent;
}

/* Where the linker has made the table read-only, it is made writable again. */
static void put(ElfW(Addr) slot, void (*call)(void))
{
	ElfW(Addr) page = slot & ~(ElfW(Addr))(sysconf(_SC_PAGESIZE) - 1);
	void *at;

	memcpy(&at, &page, sizeof(at));
	if (mprotect(at, slot + sizeof(call) - page, PROT_READ | PROT_WRITE) < 0)
		return;
	memcpy(&at, &slot, sizeof(at));
	memcpy(at, &call, sizeof(call));
}

struct imports {
	const ElfW(Sym) * symbol;
	const char *text;
	const ElfW(Rela) * lazy, *eager; /* of functions that are called; of those whose address is taken */
	size_t lazy_bytes, eager_bytes;
};

static const void *pointer(ElfW(Addr) address)
{
	const void *p;

	memcpy(&p, &address, sizeof(p));
	return p;
}

static void read_dynamic(const ElfW(Dyn) * d, struct imports *im)
{
	for (; d->d_tag != DT_NULL; d++) {
		switch (d->d_tag) {
		case DT_SYMTAB:
			im->symbol = pointer(d->d_un.d_ptr);
			break;
		case DT_STRTAB:
			im->text = pointer(d->d_un.d_ptr);
			break;
		case DT_JMPREL:
			im->lazy = pointer(d->d_un.d_ptr);
			break;
		case DT_PLTRELSZ:
			im->lazy_bytes = d->d_un.d_val;
			break;
		case DT_RELA:
			im->eager = pointer(d->d_un.d_ptr);
			break;
		case DT_RELASZ:
			im->eager_bytes = d->d_un.d_val;
			break;
		default:
			break;
		}
	}
}

static void lead_here(const struct imports *im, ElfW(Addr) base, const ElfW(Rela) * r, size_t bytes)
{
	for (size_t i = 0; r && i < bytes / sizeof(*r); i++) {
		const char *name = im->text + im->symbol[ELF64_R_SYM(r[i].r_info)].st_name;

		if (strcmp(name, "getsockopt") == 0)
			put(base + r[i].r_offset, (void (*)(void))import_getsockopt);
		else if (strcmp(name, "sendfile") == 0 || strcmp(name, "sendfile64") == 0)
			put(base + r[i].r_offset, (void (*)(void))import_sendfile);
	}
}

/* The first object is the program. */
static int visit(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct imports im = {0};

	(void)size;
	(void)ctx;
	for (unsigned i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			read_dynamic(pointer(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), &im);
	if (im.symbol && im.text) {
		lead_here(&im, info->dlpi_addr, im.lazy, im.lazy_bytes);
		lead_here(&im, info->dlpi_addr, im.eager, im.eager_bytes);
	}
	return 1;
}

void import_lead_here(struct adapter *a)
{
	asked = a;
	dl_iterate_phdr(visit, NULL);
}

void import_forget(const struct adapter *a)
{
	if (asked == a)
		asked = NULL;
}
