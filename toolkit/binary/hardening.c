// SPDX-License-Identifier: MIT
#include "binary/hardening.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_HEADERS = 4096,
	MAX_DYNAMIC = 1 << 20,
	MAX_NOTE = 1 << 20,
	MAX_STRINGS = 64 << 20,
	MAX_SYMBOLS = 1 << 20,
	PROPERTY_X86 = 0xc0000002,
	PROPERTY_AARCH64 = 0xc0000000,
};

/*
 * Functions that _FORTIFY_SOURCE replaces by "__x_chk" wherever they are called; others are only
 * where the compiler knows the size of a buffer, so that their names say nothing. In order of
 * strcmp.
 */
static const char *const fortifiable[] = {
	"asprintf",  "dprintf",	 "fprintf",   "fwprintf", "obstack_printf", "obstack_vprintf",
	"printf",    "snprintf", "sprintf",   "swprintf", "syslog",	    "vasprintf",
	"vdprintf",  "vfprintf", "vfwprintf", "vprintf",  "vsnprintf",	    "vsprintf",
	"vswprintf", "vsyslog",	 "vwprintf",  "wprintf",
};

struct reader {
	const struct hull_content *content;
	uint64_t size;
	Elf64_Phdr *headers;
	size_t nheaders;
	struct hull_arena *arena;
	struct hull_elf_hardening *out;
	/* of the dynamic section; 0 means that there is none */
	uint64_t strings, strings_bytes, symbols, hash, gnu_hash;
	uint64_t run_path, soname; /* offsets in the strings, plus one */
	size_t section_symbols;	   /* what the table of sections says, or 0 */
};

static int read_at(const struct reader *r, uint64_t at, void *out, size_t n, struct hull_err *e)
{
	if (at > r->size || n > r->size - at)
		return hull_fail(e, HULL_FAILED, "ends at byte %llu, inside of its ELF structures",
				 (unsigned long long)r->size);
	return hull_content_read(r->content, at, out, n, e);
}

/* The place in the file of n bytes at an address in memory. */
static int offset_of(const struct reader *r, uint64_t address, uint64_t n, uint64_t *out,
		     struct hull_err *e)
{
	for (size_t i = 0; i < r->nheaders; i++) {
		const Elf64_Phdr *h = &r->headers[i];

		if (h->p_type != PT_LOAD || address < h->p_vaddr ||
		    address - h->p_vaddr > h->p_filesz || n > h->p_filesz - (address - h->p_vaddr))
			continue;
		if (h->p_offset > UINT64_MAX - (address - h->p_vaddr))
			break;
		*out = h->p_offset + (address - h->p_vaddr);
		return 0;
	}
	return hull_fail(e, HULL_FAILED, "has tables outside of its segments (address 0x%llx)",
			 (unsigned long long)address);
}

/* --- notes --- */

static void take_properties(const struct reader *r, const unsigned char *p, size_t n)
{
	uint32_t wanted = r->out->machine == EM_AARCH64 ? PROPERTY_AARCH64 : PROPERTY_X86;

	for (size_t at = 0; n - at >= 8;) {
		uint32_t type, size, bits;

		memcpy(&type, p + at, 4);
		memcpy(&size, p + at + 4, 4);
		at += 8;
		if (size > n - at)
			return;
		if (type == wanted && size >= 4) {
			memcpy(&bits, p + at, 4);
			r->out->features |= bits;
		}
		if (n - at < (size + 7ULL) / 8 * 8)
			return;
		at += (size + 7ULL) / 8 * 8;
	}
}

static void take_notes(const struct reader *r, const unsigned char *p, size_t n, uint64_t align)
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
		if (h.n_namesz == 4 && !memcmp(p + at, "GNU", 4) &&
		    h.n_type == NT_GNU_PROPERTY_TYPE_0)
			take_properties(r, p + at + name, h.n_descsz);
		at += name;
		if (description > n - at)
			return;
		at += description;
	}
}

static int read_notes(const struct reader *r, const Elf64_Phdr *h, struct hull_err *e)
{
	hull_autofree unsigned char *p = NULL;

	if (h->p_filesz > MAX_NOTE)
		return hull_fail(e, HULL_FAILED, "has notes of %llu bytes",
				 (unsigned long long)h->p_filesz);
	p = hull_alloc(h->p_filesz + 1);
	if (read_at(r, h->p_offset, p, h->p_filesz, e) < 0)
		return -1;
	take_notes(r, p, h->p_filesz, h->p_align == 8 ? 8 : 4);
	return 0;
}

/* --- the dynamic section --- */

static void take_entry(struct reader *r, const Elf64_Dyn *d)
{
	struct hull_elf_hardening *o = r->out;
	uint64_t v = d->d_un.d_val;

	switch (d->d_tag) {
	case DT_STRTAB:
		r->strings = v;
		break;
	case DT_STRSZ:
		r->strings_bytes = v;
		break;
	case DT_SYMTAB:
		r->symbols = v;
		break;
	case DT_HASH:
		r->hash = v;
		break;
	case DT_GNU_HASH:
		r->gnu_hash = v;
		break;
	case DT_BIND_NOW:
		o->now = true;
		break;
	case DT_TEXTREL:
		o->text_relocations = true;
		break;
	case DT_FLAGS:
		o->now |= (v & DF_BIND_NOW) != 0;
		o->text_relocations |= (v & DF_TEXTREL) != 0;
		break;
	case DT_FLAGS_1:
		o->now |= (v & DF_1_NOW) != 0;
		o->program |= (v & DF_1_PIE) != 0;
		break;
	case DT_RPATH:
	case DT_RUNPATH:
		r->run_path = v < UINT64_MAX ? v + 1 : 0;
		break;
	case DT_SONAME:
		r->soname = v < UINT64_MAX ? v + 1 : 0;
		break;
	default:
		break;
	}
}

static int read_dynamic(struct reader *r, const Elf64_Phdr *h, struct hull_err *e)
{
	hull_autofree Elf64_Dyn *d = NULL;

	if (h->p_filesz > MAX_DYNAMIC)
		return hull_fail(e, HULL_FAILED, "has a dynamic section that is too large");
	d = hull_alloc(h->p_filesz + 1);
	if (read_at(r, h->p_offset, d, h->p_filesz, e) < 0)
		return -1;
	r->out->dynamic = true;
	for (size_t i = 0; i < h->p_filesz / sizeof *d && d[i].d_tag != DT_NULL; i++)
		take_entry(r, &d[i]);
	return 0;
}

/* --- imports --- */

/*
 * How many dynamic symbols there are: the section says it, or DT_HASH. Without either the hash
 * table of GNU says where the symbols start that can be looked up, which is after the undefined
 * ones.
 */
static int count_symbols(const struct reader *r, size_t *out, struct hull_err *e)
{
	uint32_t words[2] = {0};
	uint64_t at = 0;

	*out = r->section_symbols;
	if (r->section_symbols || !r->symbols || (!r->gnu_hash && !r->hash))
		return 0;
	if (offset_of(r, r->hash ? r->hash : r->gnu_hash, sizeof words, &at, e) < 0 ||
	    read_at(r, at, words, sizeof words, e) < 0)
		return -1;
	/* DT_HASH: buckets, symbols; DT_GNU_HASH: buckets, first hashed symbol */
	if (words[1] > MAX_SYMBOLS)
		return hull_fail(e, HULL_FAILED, "claims to have %u symbols", words[1]);
	*out = words[1];
	return 0;
}

/* A table of sections that is missing or makes no sense is passed over: nothing needs it to run. */
static void read_sections(struct reader *r, const Elf64_Ehdr *h)
{
	hull_autofree Elf64_Shdr *sections = NULL;
	struct hull_err ignored;

	if (!h->e_shnum || h->e_shentsize != sizeof *sections || h->e_shnum > MAX_HEADERS)
		return;
	sections = hull_alloc(h->e_shnum * sizeof *sections);
	if (read_at(r, h->e_shoff, sections, h->e_shnum * sizeof *sections, &ignored) < 0)
		return;
	for (size_t i = 0; i < h->e_shnum; i++)
		if (sections[i].sh_type == SHT_DYNSYM && sections[i].sh_addr == r->symbols &&
		    sections[i].sh_size / sizeof(Elf64_Sym) <= MAX_SYMBOLS)
			r->section_symbols = sections[i].sh_size / sizeof(Elf64_Sym);
}

static int compare_name(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static void take_import(struct hull_elf_hardening *o, const char *name)
{
	size_t n = strlen(name);

	if (!strcmp(name, "__stack_chk_fail") || !strcmp(name, "__stack_chk_guard")) {
		o->stack_protector = true;
	} else if (n > 6 && !strncmp(name, "__", 2) && !strcmp(name + n - 4, "_chk")) {
		o->fortified = true;
	} else if (bsearch(name, fortifiable, sizeof fortifiable / sizeof *fortifiable,
			   sizeof *fortifiable, compare_name)) {
		/* the first by name: the order of symbols says nothing */
		if (!o->unfortified || strcmp(name, o->unfortified) < 0)
			o->unfortified = name;
	}
}

static int take_symbols(struct reader *r, const char *strings, struct hull_err *e)
{
	hull_autofree Elf64_Sym *symbols = NULL;
	uint64_t at = 0;
	size_t n = 0;

	if (count_symbols(r, &n, e) < 0)
		return -1;
	if (!n)
		return 0;
	symbols = hull_alloc(n * sizeof *symbols);
	if (offset_of(r, r->symbols, n * sizeof *symbols, &at, e) < 0 ||
	    read_at(r, at, symbols, n * sizeof *symbols, e) < 0)
		return -1;
	r->out->has_imports = true;
	for (size_t i = 1; i < n; i++) {
		if (symbols[i].st_shndx != SHN_UNDEF)
			continue;
		if (symbols[i].st_name >= r->strings_bytes)
			return hull_fail(e, HULL_FAILED, "has a symbol without a name");
		take_import(r->out, strings + symbols[i].st_name);
	}
	return 0;
}

static int read_strings(struct reader *r, struct hull_err *e)
{
	struct hull_elf_hardening *o = r->out;
	hull_autofree char *strings = NULL;
	uint64_t at = 0;

	if (!r->strings || !r->strings_bytes)
		return 0;
	if (r->strings_bytes > MAX_STRINGS)
		return hull_fail(e, HULL_FAILED, "claims to have %llu bytes of strings",
				 (unsigned long long)r->strings_bytes);
	if (offset_of(r, r->strings, r->strings_bytes, &at, e) < 0)
		return -1;
	strings = hull_alloc(r->strings_bytes + 1);
	if (read_at(r, at, strings, r->strings_bytes, e) < 0)
		return -1;
	if (r->run_path > r->strings_bytes || r->soname > r->strings_bytes)
		return hull_fail(e, HULL_FAILED, "has a string out of bounds");
	if (r->run_path)
		o->rpath = hull_arena_strdup(r->arena, strings + r->run_path - 1);
	if (r->soname)
		o->soname = hull_arena_strdup(r->arena, strings + r->soname - 1);
	if (take_symbols(r, strings, e) < 0)
		return -1;
	o->unfortified = hull_arena_strdup(r->arena, o->unfortified);
	return 0;
}

/* --- program headers --- */

static int take_headers(struct reader *r, const Elf64_Ehdr *elf, struct hull_err *e)
{
	struct hull_elf_hardening *o = r->out;
	bool has_stack = false;

	for (size_t i = 0; i < r->nheaders; i++) {
		const Elf64_Phdr *h = &r->headers[i];

		if (h->p_type == PT_LOAD && (h->p_flags & PF_X))
			o->code_bytes += h->p_filesz;
		if (h->p_type == PT_INTERP)
			o->program = o->interpreted = true;
		if (h->p_type == PT_GNU_RELRO)
			o->relro = true;
		if (h->p_type == PT_GNU_STACK) {
			has_stack = true;
			o->executable_stack = (h->p_flags & PF_X) != 0;
		}
		if (h->p_type == PT_NOTE && read_notes(r, h, e) < 0)
			return -1;
		if (h->p_type == PT_DYNAMIC && read_dynamic(r, h, e) < 0)
			return -1;
	}
	if (!has_stack)
		o->executable_stack = true;
	read_sections(r, elf);
	return read_strings(r, e);
}

static int read_elf(struct reader *r, struct hull_err *e)
{
	unsigned char ident[EI_NIDENT] = {0};
	Elf64_Ehdr h = {0};
	int rc;

	if (r->size < sizeof ident)
		return 0;
	if (read_at(r, 0, ident, sizeof ident, e) < 0)
		return -1;
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return 0;
	r->out->class = HULL_ELF_FOREIGN;
	if (ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB)
		return 0;
	if (read_at(r, 0, &h, sizeof h, e) < 0)
		return -1;
	r->out->machine = h.e_machine;
	r->out->class = HULL_ELF_OTHER;
	if (h.e_type != ET_EXEC && h.e_type != ET_DYN)
		return 0;
	r->out->class = HULL_ELF_CODE;
	r->out->fixed_address = r->out->program = h.e_type == ET_EXEC;
	if (h.e_phnum == 0 || h.e_phentsize != sizeof *r->headers || h.e_phnum > MAX_HEADERS)
		return hull_fail(e, HULL_FAILED, "has no valid program headers");
	r->nheaders = h.e_phnum;
	r->headers = hull_alloc(h.e_phnum * sizeof *r->headers);
	rc = read_at(r, h.e_phoff, r->headers, h.e_phnum * sizeof *r->headers, e);
	return rc < 0 ? -1 : take_headers(r, &h, e);
}

int hull_elf_harden(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
		    struct hull_elf_hardening *out, struct hull_err *e)
{
	struct reader r = {.content = c, .size = size_bytes, .arena = a, .out = out};
	int rc;

	*out = (struct hull_elf_hardening){0};
	rc = read_elf(&r, e);
	free(r.headers);
	return rc;
}
