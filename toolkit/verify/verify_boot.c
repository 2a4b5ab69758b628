// SPDX-License-Identifier: MIT
#include "verify/verify_link.h"

#include <string.h>
#include <sys/stat.h>

#include "binary/pe.h"
#include "binary/uki.h"
#include "image/kernel.h"
#include "inspect/system.h"

static const char *const archs[] = {"x86_64", "aarch64"};

struct boot_check {
	const struct hull_system *s;
	struct hull_verification *out;
	const char *path; /* of the boot program */
	struct hull_buf image;
};

/* What Hull puts on the ESP is this one file. */
static void find_others(struct boot_check *w, int boot)
{
	const struct hull_tree *t = &w->s->esp;
	struct hull_arena a = {0};

	for (int i = HULL_TREE_ROOT; i >= 0; i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (S_ISREG(t->v[i].mode) && i != boot)
			hull_verification_add(w->out, HULL_VERIFY_BOOT, !w->s->has_lock,
					      hull_tree_path(t, i, &a),
					      "a file on the ESP that Hull does not put there");
	hull_arena_fini(&a);
}

static bool same_section(const struct boot_check *w, const struct hull_buf *want, const char *name)
{
	const void *p, *q;
	struct hull_err e;
	size_t n, m;

	return hull_pe_section(w->image.p, w->image.n, name, &p, &n, &e) == 0 &&
	       hull_pe_section(want->p, want->n, name, &q, &m, &e) == 0 && n == m &&
	       memcmp(p, q, n) == 0;
}

/* Which part of it is another than the files of the packages make. */
static void tell(struct boot_check *w, const struct hull_buf *want)
{
	static const struct {
		const char *section, *from;
	} sections[] = {
		{".linux", "the kernel of the packages"},
		{".osrel", "os-release"},
		{".uname", "the version of the kernel"},
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		if (same_section(w, want, sections[i].section))
			continue;
		hull_verification_add(w->out, HULL_VERIFY_BOOT, false, w->path,
				      "section %s is not %s", sections[i].section,
				      sections[i].from);
		n++;
	}
	if (!n)
		hull_verification_add(w->out, HULL_VERIFY_BOOT, false, w->path,
				      "the EFI stub in it is not that of the packages");
}

static void check_image(struct boot_check *w, const char *arch)
{
	hull_autobuf struct hull_buf want = {0};
	hull_autofree char *command_line = NULL;
	struct hull_err why;
	const void *p;
	size_t n;

	if (hull_pe_section(w->image.p, w->image.n, ".linux", &p, &n, &why) < 0) {
		hull_verification_add(w->out, HULL_VERIFY_BOOT, true, w->path,
				      "is no unified kernel image");
		return;
	}
	if (hull_pe_section(w->image.p, w->image.n, ".cmdline", &p, &n, &why) < 0) {
		hull_verification_add(w->out, HULL_VERIFY_BOOT, false, w->path,
				      "has no command line");
		return;
	}
	command_line = hull_strndup(p, n);
	if (hull_kernel_image(&w->s->tree, arch, command_line, &want, &why) < 0)
		hull_verification_add(w->out, HULL_VERIFY_BOOT, false, w->path, "%s", why.msg);
	else if (want.n == w->image.n && memcmp(want.p, w->image.p, want.n) == 0)
		w->out->held[HULL_VERIFY_BOOT]++;
	else
		tell(w, &want);
}

int hull_verify_boot(const struct hull_verify_request *r, struct hull_verification *out,
		     struct hull_err *e)
{
	struct boot_check w = {.s = r->system, .out = out};
	const char *arch = NULL;
	int node = HULL_NO_NODE, rc = 0;

	if (!r->system->has_esp)
		return 0;
	for (size_t i = 0; i < sizeof archs / sizeof *archs && node < 0; i++) {
		arch = archs[i];
		w.path = hull_boot_path(arch);
		node = hull_tree_find(&r->system->esp, w.path);
	}
	find_others(&w, node);
	if (node < 0) {
		hull_verification_add(out, HULL_VERIFY_BOOT, !r->system->has_lock, "the ESP",
				      "nothing on it that firmware would start");
		return 0;
	}
	rc = hull_tree_read(&r->system->esp, node, &w.image, e);
	if (rc == 0)
		check_image(&w, arch);
	else
		hull_wrap(e, "ESP: ");
	hull_buf_fini(&w.image);
	return rc;
}
