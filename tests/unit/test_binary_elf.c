// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "binary/elf.h"

/* A file with one of each structure that is read. */
struct program {
	Elf64_Ehdr header;
	Elf64_Phdr load, dynamic, notes;
	Elf64_Shdr sections[2];
	Elf64_Dyn entries[3];
	Elf64_Nhdr note;
	char name[4];
	uint32_t description;
	char text[12];
};

static struct program program(void)
{
	return (struct program){
		.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_DYN,
			   .e_machine = EM_X86_64,
			   .e_phoff = offsetof(struct program, load),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 3,
			   .e_shoff = offsetof(struct program, sections),
			   .e_shentsize = sizeof(Elf64_Shdr),
			   .e_shnum = 2},
		.load = {.p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = sizeof(struct program)},
		.dynamic = {.p_type = PT_DYNAMIC,
			    .p_offset = offsetof(struct program, entries),
			    .p_filesz = 3 * sizeof(Elf64_Dyn)},
		.notes = {.p_type = PT_NOTE,
			  .p_offset = offsetof(struct program, note),
			  .p_filesz = sizeof(Elf64_Nhdr) + 8},
		.entries = {{.d_tag = DT_SONAME}, {.d_tag = DT_NULL}, {.d_tag = DT_NEEDED}},
		.note = {.n_namesz = 4, .n_descsz = 4, .n_type = 7},
		.name = "GNU",
		.description = 0x1234,
		.text = "text\0xxxxxxx",
	};
}

static struct hull_content content(const void *p)
{
	return (struct hull_content){.memory = p, .dirfd = -1};
}

static void take_note(void *context, const Elf64_Nhdr *note, const char *name,
		      const uint8_t *description)
{
	uint32_t value;

	memcpy(&value, description, sizeof value);
	assert_memory_equal(name, "GNU", 4);
	assert_int_equal(note->n_type, 7);
	*(uint32_t *)context += value;
}

static void structures(void **state)
{
	struct program p = program();
	struct hull_content c = content(&p);
	hull_autofree Elf64_Shdr *sections = NULL;
	hull_autofree Elf64_Dyn *dynamic = NULL;
	struct hull_arena a = {0};
	uint32_t noted = 0;
	const char *text;
	struct hull_elf elf;
	struct hull_err e;
	char four[4];

	(void)state;
	assert_int_equal(hull_elf_open(&elf, &c, sizeof p, &e), 0);
	assert_int_equal(elf.kind, HULL_ELF_CODE);
	assert_int_equal(elf.header.e_machine, EM_X86_64);
	assert_int_equal(elf.nsegments, 3);
	assert_ptr_equal(hull_elf_segment(&elf, PT_NOTE), &elf.segments[2]);
	assert_null(hull_elf_segment(&elf, PT_INTERP));
	assert_int_equal(hull_elf_sections(&elf, &sections, &e), 2);
	assert_int_equal(hull_elf_dynamic(&elf, &dynamic, &e), 1);
	assert_int_equal(dynamic[0].d_tag, DT_SONAME);
	assert_int_equal(hull_elf_notes(&elf, take_note, &noted, &e), 0);
	assert_int_equal(noted, 0x1234);
	assert_int_equal(hull_elf_read_memory(&elf, 0x1001, four, 3, &e), 0);
	assert_memory_equal(four, "ELF", 3);
	assert_int_equal(hull_elf_read_memory(&elf, 0x1000 + sizeof p - 4, four, 4, &e), 0);
	assert_int_equal(hull_elf_read_memory(&elf, 0x1000 + sizeof p - 3, four, 4, &e), -1);
	assert_non_null(strstr(e.msg, "outside of its segments, at address 0x"));
	assert_int_equal(hull_elf_string_memory(&elf, 0x1000 + offsetof(struct program, text), &a,
						&text, &e),
			 0);
	assert_string_equal(text, "text");
	hull_elf_close(&elf);
	hull_arena_fini(&a);
}

static void kinds(void **state)
{
	static const struct {
		size_t at, n;
		uint8_t value;
		enum hull_elf_kind kind;
	} cases[] = {
		{0, sizeof(struct program), 0x7f, HULL_ELF_CODE},
		{0, sizeof(struct program), 0x7e, HULL_ELF_NONE},
		{0, EI_NIDENT - 1, 0x7f, HULL_ELF_NONE},
		{EI_CLASS, sizeof(struct program), ELFCLASS32, HULL_ELF_FOREIGN},
		{EI_CLASS, EI_NIDENT, ELFCLASS32, HULL_ELF_FOREIGN},
		{EI_DATA, sizeof(struct program), ELFDATA2MSB, HULL_ELF_FOREIGN},
		{offsetof(Elf64_Ehdr, e_type), sizeof(struct program), ET_EXEC, HULL_ELF_CODE},
		{offsetof(Elf64_Ehdr, e_type), sizeof(Elf64_Ehdr), ET_REL, HULL_ELF_OTHER},
		{offsetof(Elf64_Ehdr, e_type), sizeof(Elf64_Ehdr), ET_CORE, HULL_ELF_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct program p = program();
		hull_autofree uint8_t *bytes = hull_alloc(sizeof p);
		struct hull_content c = content(bytes);
		struct hull_elf elf;
		struct hull_err e;

		memcpy(bytes, &p, sizeof p);
		bytes[cases[i].at] = cases[i].value;
		assert_int_equal(hull_elf_open(&elf, &c, cases[i].n, &e), 0);
		if (elf.kind != cases[i].kind)
			fail_msg("case %zu: class %d", i, elf.kind);
		hull_elf_close(&elf);
	}
}

/* Everything that a file can claim and not keep. */
static int read_all(const struct program *p, size_t n, struct hull_err *e)
{
	struct hull_content c = content(p);
	hull_autofree Elf64_Shdr *sections = NULL;
	hull_autofree Elf64_Dyn *dynamic = NULL;
	struct hull_arena a = {0};
	struct hull_elf elf;
	uint32_t noted = 0;
	const char *text;
	int r;

	if (hull_elf_open(&elf, &c, n, e) < 0) {
		assert_null(elf.segments);
		return -1;
	}
	r = hull_elf_sections(&elf, &sections, e) < 0 || hull_elf_dynamic(&elf, &dynamic, e) < 0 ||
			    hull_elf_notes(&elf, take_note, &noted, e) < 0 ||
			    hull_elf_string_memory(&elf, 0x1000 + offsetof(struct program, text),
						   &a, &text, e) < 0
		    ? -1
		    : 0;
	hull_elf_close(&elf);
	hull_arena_fini(&a);
	return r;
}

#define FIELD(name, value) offsetof(struct program, name), sizeof program().name, value

static void damage(void **state)
{
	static const uint64_t huge = UINT64_MAX;
	static const struct {
		size_t at, n;
		uint64_t value;
		const char *error; /* or NULL, if it makes no difference */
	} cases[] = {
		{FIELD(header.e_phentsize, 55), "has no valid program headers"},
		{FIELD(header.e_phnum, 4097), "has no valid program headers"},
		{FIELD(header.e_phnum, 4096), "is cut off at byte "},
		{FIELD(header.e_phoff, huge), "is cut off at byte "},
		{FIELD(header.e_phoff, sizeof(struct program)), "is cut off at byte "},
		{FIELD(header.e_shentsize, 1), "has no valid section headers"},
		{FIELD(header.e_shnum, 4097), "has no valid section headers"},
		{FIELD(header.e_shnum, 4096), "is cut off at byte "},
		{FIELD(header.e_shnum, 0), NULL},
		{FIELD(header.e_shoff, huge - 1), "is cut off at byte "},
		{FIELD(dynamic.p_filesz, huge), "has a dynamic section that is too large"},
		{FIELD(dynamic.p_filesz, (1 << 20)), "is cut off at byte "},
		{FIELD(dynamic.p_filesz, 3), NULL},
		{FIELD(dynamic.p_offset, huge), "is cut off at byte "},
		{FIELD(notes.p_filesz, huge), "has notes of 18446744073709551615 bytes"},
		{FIELD(notes.p_offset, huge), "is cut off at byte "},
		{FIELD(notes.p_filesz, sizeof(Elf64_Nhdr) - 1), NULL},
		{FIELD(note.n_namesz, huge), NULL},
		{FIELD(note.n_descsz, huge), NULL},
		{FIELD(load.p_vaddr, 0x2000), "outside of its segments, at address 0x1"},
		{FIELD(load.p_filesz, 8), "outside of its segments, at address 0x1"},
		{FIELD(load.p_type, PT_NULL), "outside of its segments, at address 0x1"},
		{FIELD(load.p_offset, huge), "outside of its segments, at address 0x1"},
		{FIELD(load.p_offset, (1 << 20)), "is cut off at byte "},
		{FIELD(text[4], 'x'), "has a string without an end"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hull_autofree struct program *p = hull_alloc(sizeof *p);
		struct hull_err e = {0};
		int r;

		*p = program();
		memcpy((char *)p + cases[i].at, &cases[i].value, cases[i].n);
		r = read_all(p, sizeof *p, &e);
		if (r != (cases[i].error ? -1 : 0) ||
		    (cases[i].error && !strstr(e.msg, cases[i].error)))
			fail_msg("case %zu: %d, '%s'", i, r, e.msg);
	}
	/* cut anywhere, in memory that ends there */
	for (size_t n = EI_NIDENT; n < sizeof(struct program) - 7; n++) {
		struct program whole = program();
		hull_autofree void *p = hull_alloc(n);
		struct hull_err e;

		memcpy(p, &whole, n);
		if (read_all(p, n, &e) != -1)
			fail_msg("%zu bytes were enough", n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structures),
		cmocka_unit_test(kinds),
		cmocka_unit_test(damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
