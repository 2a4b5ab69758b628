// SPDX-License-Identifier: MIT
#include "binary/linking.h"

#include "binary/elf.h"

static int take_strings(const struct hull_elf *elf, const Elf64_Dyn *d, size_t n, uint64_t strings,
			struct hull_arena *a, struct hull_elf_linking *out, struct hull_err *e)
{
	size_t needed = 0;

	for (size_t i = 0; i < n; i++) {
		const char **to = d[i].d_tag == DT_NEEDED   ? &out->needed[needed++]
				  : d[i].d_tag == DT_SONAME ? &out->soname
							    : NULL;

		if (!to)
			continue;
		if (d[i].d_un.d_val > UINT64_MAX - strings)
			return hull_fail(e, HULL_FAILED, "has a string out of bounds");
		if (hull_elf_string_memory(elf, strings + d[i].d_un.d_val, a, to, e) < 0)
			return -1;
	}
	return 0;
}

static int read_dynamic(const struct hull_elf *elf, struct hull_arena *a,
			struct hull_elf_linking *out, struct hull_err *e)
{
	hull_autofree Elf64_Dyn *d = NULL;
	const Elf64_Dyn *strings = NULL;
	size_t needed = 0, n;
	int r = hull_elf_dynamic(elf, &d, e);

	if (r < 0)
		return -1;
	n = (size_t)r;
	for (size_t i = 0; i < n; i++) {
		needed += d[i].d_tag == DT_NEEDED;
		if (d[i].d_tag == DT_STRTAB)
			strings = &d[i];
	}
	out->needed = hull_arena_array(a, needed + 1, sizeof *out->needed);
	return strings ? take_strings(elf, d, n, strings->d_un.d_ptr, a, out, e) : 0;
}

int hull_elf_linking_read(const struct hull_content *c, uint64_t size_bytes, struct hull_arena *a,
			  struct hull_elf_linking *out, struct hull_err *e)
{
	const Elf64_Phdr *interpreter;
	struct hull_elf elf;
	int r = 0;

	*out = (struct hull_elf_linking){0};
	if (size_bytes < sizeof elf.header)
		return 0; /* too short to be a library that somebody could want */
	if (hull_elf_open(&elf, c, size_bytes, e) < 0)
		return -1;
	if (elf.kind == HULL_ELF_CODE) {
		out->type = elf.header.e_type;
		out->machine = elf.header.e_machine;
		out->is_dynamic = hull_elf_segment(&elf, PT_DYNAMIC) != NULL;
		interpreter = hull_elf_segment(&elf, PT_INTERP);
		if (interpreter)
			r = hull_elf_string(&elf, interpreter->p_offset, a, &out->interpreter, e);
		if (r == 0)
			r = read_dynamic(&elf, a, out, e);
		r = r < 0 ? -1 : 1;
	}
	hull_elf_close(&elf);
	return r;
}
