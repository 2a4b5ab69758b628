// SPDX-License-Identifier: MIT
#include "binary/gobuild.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "binary/elf.h"

enum {
	MAX_TEXT = 4 << 20,
	MAX_NAMES = 1 << 20,
	HEADER = 32,	    /* of the build information */
	ALIGNMENT = 16,	    /* of its start */
	SEARCHED = 1 << 16, /* of the data segment, when there is no section table */
	SENTINEL = 16,	    /* bytes before and after the list of modules */
};

static const char magic[] = "\xff Go buildinf:";

/* A range of the file. */
struct go_area {
	uint64_t offset, size;
};

/* 1 and the section of build information, 0 if there is none. */
static int find_section(const struct hull_elf *elf, struct go_area *out, struct hull_err *e)
{
	static const char wanted[] = ".go.buildinfo";
	hull_autofree Elf64_Shdr *v = NULL;
	hull_autofree char *names = NULL;
	int n = hull_elf_sections(elf, &v, e);
	const Elf64_Shdr *s;

	if (n < 0)
		return -1;
	if (elf->header.e_shstrndx >= n)
		return hull_fail(e, HULL_FAILED, "has no valid section headers");
	s = &v[elf->header.e_shstrndx];
	if (s->sh_size > MAX_NAMES)
		return hull_fail(e, HULL_FAILED, "has a table of section names that is too large");
	names = hull_alloc(s->sh_size + 1);
	if (hull_elf_read(elf, s->sh_offset, names, s->sh_size, e) < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		if (v[i].sh_name >= s->sh_size || strcmp(names + v[i].sh_name, wanted) != 0)
			continue;
		*out = (struct go_area){v[i].sh_offset, v[i].sh_size};
		return v[i].sh_type == SHT_NOBITS || v[i].sh_size < HEADER ? 0 : 1;
	}
	return 0;
}

/* The same by its first bytes in the first segment of data, for programs without sections. */
static int search_data(const struct hull_elf *elf, struct go_area *out, struct hull_err *e)
{
	hull_autofree char *bytes = hull_alloc(SEARCHED);

	for (size_t i = 0; i < elf->nsegments; i++) {
		const Elf64_Phdr *s = &elf->segments[i];
		size_t n = s->p_filesz < SEARCHED ? (size_t)s->p_filesz : SEARCHED;

		if (s->p_type != PT_LOAD || (s->p_flags & (PF_X | PF_W)) != PF_W)
			continue;
		if (hull_elf_read(elf, s->p_offset, bytes, n, e) < 0)
			return -1;
		for (size_t at = 0; at + HEADER <= n; at += ALIGNMENT) {
			if (memcmp(bytes + at, magic, sizeof magic - 1) != 0)
				continue;
			*out = (struct go_area){s->p_offset + at, s->p_filesz - at};
			return 1;
		}
		return 0;
	}
	return 0;
}

/* The length in front of a string, a varint of package encoding/binary. */
static int read_length(const struct hull_elf *elf, struct go_area *left, uint64_t *out,
		       struct hull_err *e)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 63; shift += 7) {
		uint8_t byte = 0;

		if (!left->size)
			break;
		if (hull_elf_read(elf, left->offset, &byte, 1, e) < 0)
			return -1;
		left->offset++;
		left->size--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*out = value;
			return 0;
		}
	}
	return hull_fail(e, HULL_FAILED,
			 "has Go build information with a length that does not end");
}

/* Room for a text of n bytes and a NUL. */
static int new_text(const struct hull_elf *elf, uint64_t n, char **out, struct hull_err *e)
{
	if (n > MAX_TEXT || n > elf->size_bytes) {
		hull_fail(e, HULL_FAILED,
			  "has Go build information that claims a text of %" PRIu64 " bytes", n);
		return -1;
	}
	*out = hull_alloc((size_t)n + 1);
	return 0;
}

/* A text that follows its length. */
static int read_inline(const struct hull_elf *elf, struct go_area *left, char **out, size_t *out_n,
		       struct hull_err *e)
{
	uint64_t n = 0;

	if (read_length(elf, left, &n, e) < 0)
		return -1;
	if (n > left->size)
		return hull_fail(e, HULL_FAILED,
				 "has Go build information that ends in the middle of a text");
	if (new_text(elf, n, out, e) < 0 ||
	    hull_elf_read(elf, left->offset, *out, (size_t)n, e) < 0)
		return -1;
	left->offset += n;
	left->size -= n;
	*out_n = (size_t)n;
	return 0;
}

/* A text by the address of a Go string: address and length. */
static int read_pointed(const struct hull_elf *elf, uint64_t address, char **out, size_t *out_n,
			struct hull_err *e)
{
	uint8_t string[16];
	uint64_t n;

	if (hull_elf_read_memory(elf, address, string, sizeof string, e) < 0)
		return -1;
	n = hull_get_le64(string + 8);
	if (new_text(elf, n, out, e) < 0)
		return -1;
	*out_n = (size_t)n;
	return hull_elf_read_memory(elf, hull_get_le64(string), *out, *out_n, e);
}

/* Version and list of modules, as they are. */
static int read_texts(const struct hull_elf *elf, struct go_area area, char **out_go,
		      char **out_list, size_t *out_list_n, struct hull_err *e)
{
	enum { INLINE = 2, BIG_ENDIAN_POINTERS = 1 };
	uint8_t header[HEADER] = {0};
	size_t n;

	if (hull_elf_read(elf, area.offset, header, sizeof header, e) < 0)
		return -1;
	if (memcmp(header, magic, sizeof magic - 1) != 0)
		return hull_fail(e, HULL_FAILED,
				 "has Go build information that does not start as it should");
	if (header[15] & INLINE) {
		area.offset += HEADER;
		area.size -= HEADER;
		return read_inline(elf, &area, out_go, &n, e) < 0
			       ? -1
			       : read_inline(elf, &area, out_list, out_list_n, e);
	}
	if (header[14] != 8 || header[15] & BIG_ENDIAN_POINTERS)
		return hull_fail(e, HULL_FAILED,
				 "has Go build information with pointers of another machine");
	if (read_pointed(elf, hull_get_le64(header + 16), out_go, &n, e) < 0)
		return -1;
	return read_pointed(elf, hull_get_le64(header + 24), out_list, out_list_n, e);
}

/* The fields of a line that tabs part, into an arena. */
struct fields {
	const char *v[4];
	size_t n;
};

static struct fields split(struct hull_arena *a, char *line)
{
	struct fields f = {{"", "", "", ""}, 0};

	while (line && f.n < 4) {
		char *tab = strchr(line, '\t');

		if (tab)
			*tab++ = '\0';
		f.v[f.n++] = hull_arena_strdup(a, line);
		line = tab;
	}
	return f;
}

struct module_list {
	struct hull_go_build *build;
	size_t cap; /* of modules, which are on the heap while the list grows */
};

static struct hull_go_module *add_module(struct module_list *l, const struct fields *f)
{
	struct hull_go_build *b = l->build;

	b->modules = hull_grow(b->modules, &l->cap, b->nmodules, sizeof *b->modules);
	b->modules[b->nmodules] = (struct hull_go_module){
		.path = f->v[1], .version = f->v[2], .sum = *f->v[3] ? f->v[3] : NULL};
	return &b->modules[b->nmodules++];
}

static void take_setting(struct hull_go_build *b, const char *setting)
{
	static const char revision[] = "vcs.revision=";

	if (hull_starts(setting, revision))
		b->revision = setting + sizeof revision - 1;
}

static void take_line(struct module_list *l, const struct fields *f)
{
	struct hull_go_build *b = l->build;

	if (f->n < 2 || !*f->v[1])
		return;
	if (!strcmp(f->v[0], "path")) {
		b->path = f->v[1];
	} else if (!strcmp(f->v[0], "mod") && !b->nmodules) {
		add_module(l, f);
		b->has_main = true;
	} else if (!strcmp(f->v[0], "dep")) {
		add_module(l, f);
	} else if (!strcmp(f->v[0], "=>") && b->nmodules) {
		struct hull_go_module *m = &b->modules[b->nmodules - 1];

		m->replaced_path = f->v[1];
		m->replaced_version = f->v[2];
		m->sum = *f->v[3] ? f->v[3] : NULL;
	} else if (!strcmp(f->v[0], "build")) {
		take_setting(b, f->v[1]);
	}
}

static void take_list(struct hull_arena *a, char *text, size_t n, struct hull_go_build *b)
{
	struct module_list l = {.build = b};
	struct hull_go_module *grown;
	char *end;

	/* The linker puts marks around the list, by which debuggers find it. */
	if (n <= 2 * SENTINEL || text[n - SENTINEL - 1] != '\n')
		return;
	text[n - SENTINEL] = '\0';
	for (char *line = text + SENTINEL; *line; line = end) {
		struct fields f;

		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		f = split(a, line);
		take_line(&l, &f);
	}
	grown = b->modules;
	b->modules = hull_arena_array(a, b->nmodules + 1, sizeof *b->modules);
	if (b->nmodules)
		memcpy(b->modules, grown, b->nmodules * sizeof *b->modules);
	free(grown);
}

static int read_build(const struct hull_elf *elf, struct hull_arena *a, struct hull_go_build *out,
		      struct hull_err *e)
{
	hull_autofree char *go = NULL, *list = NULL;
	struct go_area area = {0};
	size_t n = 0;
	int r;

	if (!elf->nsegments)
		return 0;
	r = elf->header.e_shnum ? find_section(elf, &area, e) : search_data(elf, &area, e);
	if (r <= 0)
		return r;
	if (read_texts(elf, area, &go, &list, &n, e) < 0)
		return -1;
	out->go = hull_arena_strdup(a, go);
	take_list(a, list, n, out);
	return 1;
}

int hull_go_build_read(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
		       struct hull_go_build *out, struct hull_err *e)
{
	struct hull_elf elf;
	int r;

	*out = (struct hull_go_build){0};
	if (size_bytes < sizeof elf.header)
		return 0;
	if (hull_elf_open(&elf, c, size_bytes, e) < 0)
		return -1;
	r = elf.kind == HULL_ELF_CODE ? read_build(&elf, a, out, e) : 0;
	hull_elf_close(&elf);
	return r;
}
