// SPDX-License-Identifier: MIT
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/workers.h"
#include "binary/gobuild.h"
#include "binary/hardening.h"
#include "check/check.h"

enum {
	MIN_BYTES = 64,
	PROTECTABLE_CODE = 8 << 10, /* programs with less code often have no array to protect */
};

struct result {
	struct hull_elf_hardening elf;
	bool go;
	const char *error; /* or NULL */
};

struct programs {
	const struct hull_tree *t;
	int *nodes; /* files to read */
	size_t n;
	struct result *results;
	struct hull_arena arenas[HULL_WORKERS_MAX]; /* of each thread; results refer to them */
};

/* Go's own compiler needs no stack protector, and knows no FORTIFY and no CET. */
static bool is_go(const struct hull_node *n)
{
	struct hull_arena arena = {0};
	struct hull_go_build build;
	struct hull_err e;
	bool go = hull_go_build_read(&n->content, n->size_bytes, &arena, &build, &e) > 0;

	hull_arena_fini(&arena);
	return go;
}

static int read_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct programs *w = ctx;
	const struct hull_node *n = &w->t->v[w->nodes[i]];
	struct hull_arena *arena = &w->arenas[thread];
	struct result *r = &w->results[i];

	if (hull_elf_harden(&n->content, n->size_bytes, arena, &r->elf, e) < 0)
		r->error = hull_arena_strdup(arena, e->msg);
	else if (r->elf.kind == HULL_ELF_CODE && (!r->elf.stack_protector || !r->elf.features))
		r->go = is_go(n);
	return 0;
}

static void list_files(const struct hull_tree *t, struct programs *w)
{
	size_t cap = 0;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const struct hull_node *n = &t->v[i];

		if (n->inode != i || !S_ISREG(n->mode) || n->size_bytes < MIN_BYTES)
			continue;
		/* they run in the kernel, which has its own checks */
		if (hull_ends(n->name, ".ko") || strstr(n->name, ".ko."))
			continue;
		w->nodes = hull_grow(w->nodes, &cap, w->n, sizeof *w->nodes);
		w->nodes[w->n++] = i;
	}
}

/* --- one file --- */

struct file {
	struct hull_check *c;
	const char *path, *package;
	const struct hull_elf_hardening *elf;
};

static struct hull_finding *add(const struct file *f, const char *id, const char *reason)
{
	return hull_findings_add(f->c->out, id, HULL_OBJECT_FILE, f->path, f->package, "%s",
				 reason);
}

static bool in_system_directory(const char *s, size_t n)
{
	static const char *const fine[] = {"/usr/lib/", "/usr/lib64/", "/usr/libexec/",
					   "/lib/",	"/lib64/",     "/opt/"};

	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		if (n >= strlen(fine[i]) - 1 && !strncmp(s, fine[i], strlen(fine[i]) - 1) &&
		    (n == strlen(fine[i]) - 1 || s[strlen(fine[i]) - 1] == '/'))
			return !memmem(s, n, "/../", 4);
	return false;
}

/* A directory of the package's own below /usr is fine. */
static void check_rpath(const struct file *f)
{
	const char *path = f->elf->rpath, *why = NULL;
	enum hull_severity severity = HULL_INFO;

	for (const char *at = path, *end;; at = end + 1) {
		size_t n = strcspn(at, ":");

		end = at + n;
		if (n == 0 ||
		    (*at != '/' && !hull_starts(at, "$ORIGIN") && !hull_starts(at, "${ORIGIN}"))) {
			why = n ? "an element that is relative to the working directory"
				: "an empty element, which is the working directory";
			severity = HULL_HIGH;
			break;
		}
		if (*at == '/' && !in_system_directory(at, n)) {
			why = "a directory outside of the system's";
			severity = HULL_MEDIUM;
		} else if (*at != '/' && !why) {
			why = "directories beside the program";
		}
		if (!*end)
			break;
	}
	if (why)
		hull_findings_add(f->c->out, "HULL-ELF-RPATH", HULL_OBJECT_FILE, f->path,
				  f->package, "searches libraries in '%s': %s", path, why)
			->severity = severity;
}

static void check_relro(const struct file *f)
{
	const struct hull_elf_hardening *e = f->elf;

	if (!e->relro)
		add(f, "HULL-ELF-RELRO", "has no segment that is read-only after relocation");
	else if (!e->now)
		add(f, "HULL-ELF-RELRO",
		    "binds symbols when they are used: its table of functions stays writable")
			->severity = HULL_LOW;
}

/* Those that have the stack protector themselves, and one that has arithmetic without arrays. */
static bool is_libc(const char *soname)
{
	return soname && (!strcmp(soname, "libc.so.6") || !strncmp(soname, "ld-linux", 8) ||
			  !strcmp(soname, "libmvec.so.1"));
}

static void check_compiler(const struct file *f)
{
	const struct hull_elf_hardening *e = f->elf;

	if (!e->stack_protector && e->code_bytes >= PROTECTABLE_CODE && !is_libc(e->soname))
		add(f, "HULL-ELF-STACK-PROTECTOR",
		    "never calls __stack_chk_fail, though it has more than 8 KiB of code");
	if (!e->fortified && e->unfortified)
		hull_findings_add(f->c->out, "HULL-ELF-FORTIFY", HULL_OBJECT_FILE, f->path,
				  f->package, "imports %s and no checking function (__%s_chk)",
				  e->unfortified, e->unfortified);
}

static void check_features(const struct file *f)
{
	uint32_t have = f->elf->features;

	if (f->elf->machine == EM_X86_64 && (have & 3) != 3)
		hull_findings_add(f->c->out, "HULL-ELF-CET", HULL_OBJECT_FILE, f->path, f->package,
				  "has no mark for %s",
				  have & HULL_ELF_IBT	  ? "the shadow stack (SHSTK)"
				  : have & HULL_ELF_SHSTK ? "indirect branch tracking (IBT)"
							  : "indirect branch tracking (IBT) and "
							    "the shadow stack (SHSTK)");
	if (f->elf->machine == EM_AARCH64 && (have & 3) != 3)
		hull_findings_add(f->c->out, "HULL-ELF-CET", HULL_OBJECT_FILE, f->path, f->package,
				  "has no mark for %s",
				  have & HULL_ELF_BTI ? "pointer authentication (PAC)"
						      : "branch targets (BTI)");
}

static void check_code(const struct file *f, bool go)
{
	const struct hull_elf_hardening *e = f->elf;
	bool is_static = !e->interpreted && e->program;

	if (e->fixed_address)
		add(f, "HULL-ELF-PIE", "is no position-independent executable");
	if (e->executable_stack)
		add(f, "HULL-ELF-EXECSTACK", "asks for a stack that can be executed");
	if (e->text_relocations)
		add(f, "HULL-ELF-TEXTREL", "has to be changed in memory before it runs");
	if (e->rpath)
		check_rpath(f);
	if (e->dynamic)
		check_relro(f);
	if (go) {
		add(f, "HULL-ELF-EXEMPT",
		    "Go program: stack protector, FORTIFY and CET do not apply to its compiler");
		return;
	}
	if (is_static)
		add(f, "HULL-ELF-EXEMPT",
		    "statically linked: stack protector and FORTIFY leave no trace in it");
	else if (e->has_imports)
		check_compiler(f);
	check_features(f);
}

static void report(struct hull_check *c, const struct programs *w, size_t i)
{
	const struct result *r = &w->results[i];
	struct file f = {.c = c, .elf = &r->elf, .package = hull_check_owner(c, w->nodes[i])};

	if (r->elf.kind == HULL_ELF_NONE && !r->error)
		return;
	f.path = hull_tree_path(w->t, w->nodes[i], &c->arena);
	if (r->error)
		add(&f, "HULL-ELF-DAMAGED", r->error);
	else if (r->elf.kind == HULL_ELF_FOREIGN)
		add(&f, "HULL-ELF-FOREIGN", "is no 64-bit little-endian program");
	else if (r->elf.kind == HULL_ELF_CODE)
		check_code(&f, r->go);
}

int hull_check_elf(struct hull_check *c, struct hull_err *e)
{
	struct programs w = {.t = &c->s->tree};
	int rc;

	list_files(w.t, &w);
	w.results = hull_alloc_array(w.n, sizeof *w.results);
	rc = hull_workers_run(c->o->threads, w.n, read_next, &w, e);
	for (size_t i = 0; rc == 0 && i < w.n; i++)
		report(c, &w, i);
	for (int i = 0; i < HULL_WORKERS_MAX; i++)
		hull_arena_fini(&w.arenas[i]);
	free(w.nodes);
	free(w.results);
	return rc;
}
