// SPDX-License-Identifier: MIT
#include "binary/elf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum {
	MAX_HEADERS = 4096,
	MAX_DYNAMIC = 1 << 20,
	MAX_NOTES = 1 << 20,
	MAX_STRING = 4096,
};

static int check_range(const struct hull_elf *elf, uint64_t offset, uint64_t n, struct hull_err *e)
{
	if (offset <= elf->size_bytes && n <= elf->size_bytes - offset)
		return 0;
	hull_fail(e, HULL_FAILED, "is cut off at byte %" PRIu64 ", inside of its ELF structures",
		  elf->size_bytes);
	return -1;
}

int hull_elf_read(const struct hull_elf *elf, uint64_t offset, void *out, size_t n,
		  struct hull_err *e)
{
	if (check_range(elf, offset, n, e) < 0)
		return -1;
	return elf->fd < 0 ? hull_content_read(elf->content, offset, out, n, e)
			   : hull_content_read_fd(elf->fd, elf->content, offset, out, n, e);
}

/* The place in the file of n bytes at an address in memory. */
static int file_offset(const struct hull_elf *elf, uint64_t address, uint64_t n, uint64_t *out,
		       struct hull_err *e)
{
	for (size_t i = 0; i < elf->nsegments; i++) {
		const Elf64_Phdr *s = &elf->segments[i];
		uint64_t in = address - s->p_vaddr;

		if (s->p_type != PT_LOAD || address < s->p_vaddr || in >= s->p_filesz ||
		    n > s->p_filesz - in || in > UINT64_MAX - s->p_offset)
			continue;
		*out = s->p_offset + in;
		return 0;
	}
	return hull_fail(e, HULL_FAILED,
			 "has structures outside of its segments, at address %#" PRIx64, address);
}

int hull_elf_read_memory(const struct hull_elf *elf, uint64_t address, void *out, size_t n,
			 struct hull_err *e)
{
	uint64_t offset = 0;

	if (!n)
		return 0;
	if (file_offset(elf, address, n, &offset, e) < 0)
		return -1;
	return hull_elf_read(elf, offset, out, n, e);
}

int hull_elf_string(const struct hull_elf *elf, uint64_t offset, struct hull_arena *a,
		    const char **out, struct hull_err *e)
{
	char text[MAX_STRING];
	uint64_t left = offset < elf->size_bytes ? elf->size_bytes - offset : 0;
	size_t n = left < sizeof text ? (size_t)left : sizeof text;

	if (hull_elf_read(elf, offset, text, n, e) < 0)
		return -1;
	if (!memchr(text, '\0', n))
		return hull_fail(e, HULL_FAILED, "has a string without an end");
	*out = hull_arena_strdup(a, text);
	return 0;
}

int hull_elf_string_memory(const struct hull_elf *elf, uint64_t address, struct hull_arena *a,
			   const char **out, struct hull_err *e)
{
	uint64_t offset = 0;

	if (file_offset(elf, address, 1, &offset, e) < 0)
		return -1;
	return hull_elf_string(elf, offset, a, out, e);
}

/* n bytes in memory of their own, *out, with a NUL behind them. */
static int read_new(const struct hull_elf *elf, uint64_t offset, size_t n, void *out,
		    struct hull_err *e)
{
	hull_autofree char *p = NULL;

	if (check_range(elf, offset, n, e) < 0)
		return -1;
	p = hull_alloc(n + 1);
	if (hull_elf_read(elf, offset, p, n, e) < 0)
		return -1;
	*(void **)out = hull_steal(p);
	return 0;
}

const Elf64_Phdr *hull_elf_segment(const struct hull_elf *elf, uint32_t type)
{
	for (size_t i = 0; i < elf->nsegments; i++)
		if (elf->segments[i].p_type == type)
			return &elf->segments[i];
	return NULL;
}

int hull_elf_sections(const struct hull_elf *elf, Elf64_Shdr **out, struct hull_err *e)
{
	const Elf64_Ehdr *h = &elf->header;

	*out = NULL;
	if (!h->e_shnum)
		return 0;
	if (h->e_shentsize != sizeof **out || h->e_shnum > MAX_HEADERS)
		return hull_fail(e, HULL_FAILED, "has no valid section headers");
	if (read_new(elf, h->e_shoff, h->e_shnum * sizeof **out, out, e) < 0)
		return -1;
	return h->e_shnum;
}

int hull_elf_dynamic(const struct hull_elf *elf, Elf64_Dyn **out, struct hull_err *e)
{
	const Elf64_Phdr *s = hull_elf_segment(elf, PT_DYNAMIC);
	int n = 0;

	*out = NULL;
	if (!s)
		return 0;
	if (s->p_filesz > MAX_DYNAMIC)
		return hull_fail(e, HULL_FAILED, "has a dynamic section that is too large");
	if (read_new(elf, s->p_offset, s->p_filesz, out, e) < 0)
		return -1;
	while ((size_t)n < s->p_filesz / sizeof **out && (*out)[n].d_tag != DT_NULL)
		n++;
	return n;
}

static void walk_notes(const uint8_t *p, size_t n, uint64_t align, hull_elf_note_fn *fn,
		       void *context)
{
	for (size_t at = 0; n - at >= sizeof(Elf64_Nhdr);) {
		uint64_t name, description;
		Elf64_Nhdr h;

		memcpy(&h, p + at, sizeof h);
		at += sizeof h;
		name = (h.n_namesz + 3ULL) / 4 * 4;
		description = (h.n_descsz + align - 1) / align * align;
		if (name > n - at || h.n_descsz > n - at - name)
			return;
		fn(context, &h, (const char *)p + at, p + at + name);
		at += name;
		if (description > n - at)
			return;
		at += description;
	}
}

int hull_elf_notes(const struct hull_elf *elf, hull_elf_note_fn *fn, void *context,
		   struct hull_err *e)
{
	for (size_t i = 0; i < elf->nsegments; i++) {
		const Elf64_Phdr *s = &elf->segments[i];
		hull_autofree uint8_t *p = NULL;

		if (s->p_type != PT_NOTE)
			continue;
		if (s->p_filesz > MAX_NOTES)
			return hull_fail(e, HULL_FAILED, "has notes of %" PRIu64 " bytes",
					 (uint64_t)s->p_filesz);
		if (read_new(elf, s->p_offset, s->p_filesz, &p, e) < 0)
			return -1;
		walk_notes(p, s->p_filesz, s->p_align == 8 ? 8 : 4, fn, context);
	}
	return 0;
}

static int read_segments(struct hull_elf *elf, struct hull_err *e)
{
	const Elf64_Ehdr *h = &elf->header;

	if (!h->e_phnum)
		return 0;
	if (h->e_phentsize != sizeof *elf->segments || h->e_phnum > MAX_HEADERS)
		return hull_fail(e, HULL_FAILED, "has no valid program headers");
	if (read_new(elf, h->e_phoff, h->e_phnum * sizeof *elf->segments, &elf->segments, e) < 0)
		return -1;
	elf->nsegments = h->e_phnum;
	return 0;
}

static int read_headers(struct hull_elf *elf, struct hull_err *e)
{
	unsigned char ident[EI_NIDENT];

	if (elf->size_bytes < sizeof ident)
		return 0;
	if (hull_elf_read(elf, 0, ident, sizeof ident, e) < 0)
		return -1;
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return 0;
	elf->kind = HULL_ELF_FOREIGN;
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	if (hull_elf_read(elf, 0, &elf->header, sizeof elf->header, e) < 0)
		return -1;
	elf->kind = elf->header.e_type == ET_EXEC || elf->header.e_type == ET_DYN ? HULL_ELF_CODE
										  : HULL_ELF_OTHER;
	return elf->kind == HULL_ELF_CODE ? read_segments(elf, e) : 0;
}

int hull_elf_open(struct hull_elf *elf, const struct hull_content *c, uint64_t size_bytes,
		  struct hull_err *e)
{
	int r;

	*elf = (struct hull_elf){.content = c, .size_bytes = size_bytes, .fd = -1};
	if (!c->memory && !c->source && size_bytes) {
		elf->fd = hull_open(c->dirfd, c->path, e);
		if (elf->fd < 0)
			return -1;
	}
	r = read_headers(elf, e);
	if (r < 0)
		hull_elf_close(elf);
	return r;
}

void hull_elf_close(struct hull_elf *elf)
{
	free(elf->segments);
	elf->segments = NULL;
	elf->nsegments = 0;
	hull_closep(&elf->fd);
}
