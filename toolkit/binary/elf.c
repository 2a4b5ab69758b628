// SPDX-License-Identifier: MIT
#include "binary/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MAX_HEADERS = 4096, MAX_DYNAMIC = 1 << 20, MAX_STRING = 4096 };

struct source {
	const struct hull_content *content;
	int fd; /* open, if the content is a file */
	uint64_t size;
};

static int read_at(const struct source *s, uint64_t at, void *out, size_t n, struct hull_err *e)
{
	if (at > s->size || n > s->size - at)
		return hull_fail(e, HULL_FAILED,
				 "is cut off at byte %" PRIu64 ", inside of its ELF structures",
				 s->size);
	return s->fd < 0 ? hull_content_read(s->content, at, out, n, e)
			 : hull_content_read_fd(s->fd, s->content, at, out, n, e);
}

static int read_headers(const struct source *s, const Elf64_Ehdr *header, Elf64_Phdr **out,
			struct hull_err *e)
{
	*out = NULL;
	if (header->e_phnum == 0)
		return 0;
	if (header->e_phentsize != sizeof **out || header->e_phnum > MAX_HEADERS)
		return hull_fail(e, HULL_FAILED, "has no valid program headers");
	*out = hull_alloc(header->e_phnum * sizeof **out);
	return read_at(s, header->e_phoff, *out, header->e_phnum * sizeof **out, e);
}

static const Elf64_Phdr *find_header(const Elf64_Phdr *v, size_t n, uint32_t type)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].p_type == type)
			return &v[i];
	return NULL;
}

/* The place in the file of what is at an address in memory. */
static int file_offset(const Elf64_Phdr *v, size_t n, uint64_t address, uint64_t *out,
		       struct hull_err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].p_type != PT_LOAD || address < v[i].p_vaddr ||
		    address - v[i].p_vaddr >= v[i].p_filesz)
			continue;
		*out = v[i].p_offset + (address - v[i].p_vaddr);
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "has its strings outside of its segments");
}

static int read_string(const struct source *s, uint64_t at, struct hull_arena *a, const char **out,
		       struct hull_err *e)
{
	char text[MAX_STRING];
	uint64_t left = at < s->size ? s->size - at : 0;
	size_t n = left < sizeof text ? (size_t)left : sizeof text;

	if (read_at(s, at, text, n, e) < 0)
		return -1;
	if (!memchr(text, '\0', n))
		return hull_fail(e, HULL_FAILED, "has a string without an end");
	*out = hull_arena_strdup(a, text);
	return 0;
}

static int take_strings(const struct source *s, const Elf64_Dyn *d, size_t n, uint64_t strings,
			struct hull_arena *a, struct hull_elf *out, struct hull_err *e)
{
	size_t needed = 0;

	for (size_t i = 0; i < n; i++)
		needed += d[i].d_tag == DT_NEEDED;
	out->needed = hull_arena_alloc(a, (needed + 1) * sizeof *out->needed);
	needed = 0;
	for (size_t i = 0; i < n; i++) {
		const char **to = d[i].d_tag == DT_NEEDED    ? &out->needed[needed++]
				  : d[i].d_tag == DT_SONAME  ? &out->soname
				  : d[i].d_tag == DT_RUNPATH ? &out->run_path
				  : d[i].d_tag == DT_RPATH && !out->run_path ? &out->run_path
									     : NULL;

		if (!to)
			continue;
		if (d[i].d_un.d_val > UINT64_MAX - strings)
			return hull_fail(e, HULL_FAILED, "has a string out of bounds");
		if (read_string(s, strings + d[i].d_un.d_val, a, to, e) < 0)
			return -1;
	}
	return 0;
}

static int read_dynamic(const struct source *s, const Elf64_Phdr *v, size_t n, struct hull_arena *a,
			struct hull_elf *out, struct hull_err *e)
{
	const Elf64_Phdr *p = find_header(v, n, PT_DYNAMIC);
	hull_autofree Elf64_Dyn *d = NULL;
	uint64_t strings = 0, address = 0;
	size_t count = 0;
	bool found = false;

	if (!p)
		return 0;
	if (p->p_filesz > MAX_DYNAMIC)
		return hull_fail(e, HULL_FAILED, "has a dynamic section that is too large");
	d = hull_alloc(p->p_filesz + 1);
	if (read_at(s, p->p_offset, d, p->p_filesz, e) < 0)
		return -1;
	out->is_dynamic = true;
	for (; count < p->p_filesz / sizeof *d && d[count].d_tag != DT_NULL; count++) {
		if (d[count].d_tag != DT_STRTAB)
			continue;
		address = d[count].d_un.d_ptr;
		found = true;
	}
	if (!found)
		return 0;
	if (file_offset(v, n, address, &strings, e) < 0)
		return -1;
	return take_strings(s, d, count, strings, a, out, e);
}

static int read_elf(const struct source *s, struct hull_arena *a, struct hull_elf *out,
		    struct hull_err *e)
{
	hull_autofree Elf64_Phdr *v = NULL;
	const Elf64_Phdr *interpreter;
	Elf64_Ehdr header;
	size_t n;

	if (s->size < sizeof header)
		return 0;
	if (read_at(s, 0, &header, sizeof header, e) < 0)
		return -1;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	out->type = header.e_type;
	out->machine = header.e_machine;
	if (read_headers(s, &header, &v, e) < 0)
		return -1;
	n = v ? header.e_phnum : 0;
	interpreter = find_header(v, n, PT_INTERP);
	if (interpreter && read_string(s, interpreter->p_offset, a, &out->interpreter, e) < 0)
		return -1;
	if (read_dynamic(s, v, n, a, out, e) < 0)
		return -1;
	if (!out->needed)
		out->needed = hull_arena_alloc(a, sizeof *out->needed);
	return 1;
}

int hull_elf_read(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
		  struct hull_elf *out, struct hull_err *e)
{
	hull_autofd int fd = -1;
	struct source s = {c, -1, size_bytes};

	*out = (struct hull_elf){0};
	if (!c->memory && !c->source && size_bytes) {
		fd = hull_open(c->dirfd, c->path, e);
		if (fd < 0)
			return -1;
		s.fd = fd;
	}
	return read_elf(&s, a, out, e);
}
