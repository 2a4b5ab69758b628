// SPDX-License-Identifier: MIT
#include "binary/hardening.h"

#include <stdlib.h>
#include <string.h>

enum {
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

struct elf_reader {
	const struct hull_elf *elf;
	struct hull_arena *arena;
	struct hull_elf_hardening *out;
	/* of the dynamic section; 0 means that there is none */
	uint64_t strings, strings_bytes, symbols, hash, gnu_hash;
	uint64_t run_path, soname; /* offsets in the strings, plus one */
	size_t section_symbols;	   /* what the table of sections says, or 0 */
};

/* --- notes --- */

static void take_properties(const struct elf_reader *r, const uint8_t *p, size_t n)
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

static void take_note(void *context, const Elf64_Nhdr *note, const char *name,
		      const uint8_t *description)
{
	if (note->n_namesz == 4 && !memcmp(name, "GNU", 4) &&
	    note->n_type == NT_GNU_PROPERTY_TYPE_0)
		take_properties(context, description, note->n_descsz);
}

/* --- the dynamic section --- */

static void take_entry(struct elf_reader *r, const Elf64_Dyn *d)
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

static int read_dynamic(struct elf_reader *r, struct hull_err *e)
{
	hull_autofree Elf64_Dyn *d = NULL;
	int n = hull_elf_dynamic(r->elf, &d, e);

	for (int i = 0; i < n; i++)
		take_entry(r, &d[i]);
	return n < 0 ? -1 : 0;
}

/* --- imports --- */

/*
 * How many dynamic symbols there are: the section says it, or DT_HASH. Without either the hash
 * table of GNU says where the symbols start that can be looked up, which is after the undefined
 * ones.
 */
static int count_symbols(const struct elf_reader *r, size_t *out, struct hull_err *e)
{
	uint32_t words[2] = {0};

	*out = r->section_symbols;
	if (r->section_symbols || !r->symbols || (!r->gnu_hash && !r->hash))
		return 0;
	if (hull_elf_read_memory(r->elf, r->hash ? r->hash : r->gnu_hash, words, sizeof words, e) <
	    0)
		return -1;
	/* DT_HASH: buckets, symbols; DT_GNU_HASH: buckets, first hashed symbol */
	if (words[1] > MAX_SYMBOLS)
		return hull_fail(e, HULL_FAILED, "claims to have %u symbols", words[1]);
	*out = words[1];
	return 0;
}

/* A table of sections that is missing or makes no sense is passed over: nothing needs it to run. */
static void read_sections(struct elf_reader *r)
{
	hull_autofree Elf64_Shdr *sections = NULL;
	int n = hull_elf_sections(r->elf, &sections, NULL);

	for (int i = 0; i < n; i++)
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

static int take_symbols(struct elf_reader *r, const char *strings, struct hull_err *e)
{
	hull_autofree Elf64_Sym *symbols = NULL;
	size_t n = 0;

	if (count_symbols(r, &n, e) < 0)
		return -1;
	if (!n)
		return 0;
	symbols = hull_alloc_array(n, sizeof *symbols);
	if (hull_elf_read_memory(r->elf, r->symbols, symbols, n * sizeof *symbols, e) < 0)
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

static int read_strings(struct elf_reader *r, struct hull_err *e)
{
	struct hull_elf_hardening *o = r->out;
	hull_autofree char *strings = NULL;

	if (!r->strings || !r->strings_bytes)
		return 0;
	if (r->strings_bytes > MAX_STRINGS)
		return hull_fail(e, HULL_FAILED, "claims to have %llu bytes of strings",
				 (unsigned long long)r->strings_bytes);
	strings = hull_alloc(r->strings_bytes + 1);
	if (hull_elf_read_memory(r->elf, r->strings, strings, r->strings_bytes, e) < 0)
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

static void take_segments(struct elf_reader *r)
{
	const Elf64_Phdr *stack = hull_elf_segment(r->elf, PT_GNU_STACK);
	struct hull_elf_hardening *o = r->out;

	for (size_t i = 0; i < r->elf->nsegments; i++) {
		const Elf64_Phdr *s = &r->elf->segments[i];

		if (s->p_type == PT_LOAD && (s->p_flags & PF_X))
			o->code_bytes += s->p_filesz;
	}
	o->fixed_address = r->elf->header.e_type == ET_EXEC;
	o->interpreted = hull_elf_segment(r->elf, PT_INTERP) != NULL;
	o->program = o->fixed_address || o->interpreted;
	o->dynamic = hull_elf_segment(r->elf, PT_DYNAMIC) != NULL;
	o->relro = hull_elf_segment(r->elf, PT_GNU_RELRO) != NULL;
	o->executable_stack = !stack || (stack->p_flags & PF_X);
}

static int read_code(struct elf_reader *r, struct hull_err *e)
{
	if (!r->elf->nsegments)
		return hull_fail(e, HULL_FAILED, "has no valid program headers");
	take_segments(r);
	if (hull_elf_notes(r->elf, take_note, r, e) < 0 || read_dynamic(r, e) < 0)
		return -1;
	read_sections(r);
	return read_strings(r, e);
}

int hull_elf_harden(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
		    struct hull_elf_hardening *out, struct hull_err *e)
{
	struct hull_elf elf;
	struct elf_reader r = {.elf = &elf, .arena = a, .out = out};
	int rc;

	*out = (struct hull_elf_hardening){0};
	if (hull_elf_open(&elf, c, size_bytes, e) < 0)
		return -1;
	out->kind = elf.kind;
	out->machine = elf.header.e_machine;
	rc = elf.kind == HULL_ELF_CODE ? read_code(&r, e) : 0;
	hull_elf_close(&elf);
	return rc;
}
