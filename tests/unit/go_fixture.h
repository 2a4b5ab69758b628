// SPDX-License-Identifier: MIT
#pragma once

#include <elf.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"

/* Programs with Go's build information, as the linker lays it out. */

enum go_layout {
	GO_SECTION = 1,	 /* with a section table; without it the data segment is searched */
	GO_POINTERS = 2, /* strings by address, as before Go 1.18 */
};

enum { GO_INFO = 4096, GO_ADDRESS = 0x500000 };

static inline void go_put(struct hull_buf *out, size_t at, const void *p, size_t n)
{
	while (out->n < at)
		hull_buf_addc(out, '\0');
	hull_buf_add(out, p, n);
}

static inline void go_length(struct hull_buf *out, size_t n)
{
	for (; n >= 0x80; n >>= 7)
		hull_buf_addc(out, (char)(n | 0x80));
	hull_buf_addc(out, (char)n);
}

/* The build information at GO_INFO. The list of modules is put between the linker's marks. */
static inline void go_info(struct hull_buf *out, const char *version, const char *list,
			   unsigned int layout)
{
	uint8_t head[32] = "\xff Go buildinf:";
	hull_autobuf struct hull_buf marked = {0};
	uint8_t strings[32];

	hull_buf_addf(&marked, "0123456789abcdef%sfedcba9876543210", list);
	head[14] = 8;
	if (!(layout & GO_POINTERS)) {
		head[15] = 2;
		go_put(out, GO_INFO, head, sizeof head);
		go_length(out, strlen(version));
		hull_buf_adds(out, version);
		go_length(out, marked.n);
		hull_buf_add(out, marked.p, marked.n);
		return;
	}
	hull_put_le64(head + 16, GO_ADDRESS + 32);
	hull_put_le64(head + 24, GO_ADDRESS + 48);
	hull_put_le64(strings, GO_ADDRESS + 64);
	hull_put_le64(strings + 8, strlen(version));
	hull_put_le64(strings + 16, GO_ADDRESS + 64 + strlen(version));
	hull_put_le64(strings + 24, marked.n);
	go_put(out, GO_INFO, head, sizeof head);
	hull_buf_add(out, strings, sizeof strings);
	hull_buf_adds(out, version);
	hull_buf_add(out, marked.p, marked.n);
}

static inline void go_program(struct hull_buf *out, const char *version, const char *list,
			      unsigned int layout)
{
	static const char names[] = "\0.go.buildinfo\0.shstrtab";
	Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_phoff = sizeof h,
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
			.e_shentsize = sizeof(Elf64_Shdr)};
	Elf64_Phdr p = {.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W,
			.p_offset = GO_INFO,
			.p_vaddr = GO_ADDRESS};
	hull_autobuf struct hull_buf info = {0};
	Elf64_Shdr s[3] = {0};

	go_info(&info, version, list, layout);
	p.p_filesz = info.n - GO_INFO;
	if (layout & GO_SECTION) {
		h.e_shoff = info.n + sizeof names;
		h.e_shnum = 3;
		h.e_shstrndx = 2;
		s[1] = (Elf64_Shdr){.sh_name = 1,
				    .sh_type = SHT_PROGBITS,
				    .sh_addr = GO_ADDRESS,
				    .sh_offset = GO_INFO,
				    .sh_size = p.p_filesz};
		s[2] = (Elf64_Shdr){.sh_name = 15,
				    .sh_type = SHT_STRTAB,
				    .sh_offset = info.n,
				    .sh_size = sizeof names};
	}
	hull_buf_add(out, &h, sizeof h);
	hull_buf_add(out, &p, sizeof p);
	go_put(out, GO_INFO, info.p + GO_INFO, info.n - GO_INFO);
	if (layout & GO_SECTION) {
		hull_buf_add(out, names, sizeof names);
		hull_buf_add(out, s, sizeof s);
	}
}
