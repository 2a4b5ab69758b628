// SPDX-License-Identifier: MIT
#include "sbom/sbom.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/workers.h"
#include "license/license.h"
#include "sbom/cpe.h"
#include "sbom/purl.h"
#include "base/utf8.h"

/* "bash" of "bash-5.2.37-1.src.rpm". */
static const char *source_name(struct hull_arena *a, const char *source_rpm)
{
	char *name = hull_arena_strdup(a, source_rpm);

	for (int i = 0; i < 2; i++) {
		char *dash = strrchr(name, '-');

		if (dash && dash != name)
			*dash = '\0';
	}
	return name;
}

static const struct hull_locked *find_locked(const struct hull_sbom *b,
					     const struct hull_package *p, const char *evr)
{
	const struct hull_locked *l;

	if (!b->system->has_lock)
		return NULL;
	l = hull_lock_find(&b->system->lock, p->name);
	return l && !strcmp(l->evr, evr) && !strcmp(l->arch, p->arch) ? l : NULL;
}

static void describe_packages(struct hull_sbom *b)
{
	const struct hull_system *s = b->system;
	struct hull_arena *a = &b->arena;

	b->npackages = s->npackages;
	b->packages = hull_arena_array(a, b->npackages + 1, sizeof *b->packages);
	for (size_t i = 0; i < b->npackages; i++) {
		const struct hull_package *p = &s->packages[i];
		struct hull_sbom_package *out = &b->packages[i];
		struct hull_err e;

		out->package = p;
		out->locked = find_locked(b, p, hull_package_evr(p, a));
		out->nevra = hull_package_nevra(p, a);
		out->purl = hull_purl_rpm(a, s->os_id, p);
		out->cpe = hull_cpe(a, p->source_rpm ? source_name(a, p->source_rpm) : p->name,
				    p->version);
		out->source = -1;
		if (!p->license || !*p->license)
			out->license_fault = "the package names no license";
		else if (hull_license_evaluate(p->license, NULL, NULL, &e) < 0)
			out->license_fault = hull_arena_strdup(a, e.msg);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct hull_source_package *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	if (!r)
		r = strcmp(x->version, y->version);
	if (!r)
		r = strcmp(x->release, y->release);
	return r ? r : strcmp(x->record->key, y->record->key);
}

/* The records that packages are in become source packages. */
static void describe_sources(struct hull_sbom *b, const struct hull_build_wanted *wanted, size_t n,
			     const size_t *packages)
{
	b->sources = hull_arena_array(&b->arena, b->records.n + 1, sizeof *b->sources);
	for (size_t r = 0; r < b->records.n; r++) {
		bool used = false;

		for (size_t i = 0; i < n && !used; i++)
			used = wanted[i].record == (int)r;
		if (used)
			hull_source_package_init(&b->sources[b->nsources++], &b->records.v[r],
						 b->system->os_id, &b->arena);
	}
	qsort(b->sources, b->nsources, sizeof *b->sources, by_name);
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < b->nsources && wanted[i].record >= 0; s++)
			if (b->sources[s].record == &b->records.v[wanted[i].record])
				b->packages[packages[i]].source = (int)s;
}

static int find_sources(struct hull_sbom *b, const struct hull_sbom_options *o, struct hull_err *e)
{
	hull_autofree struct hull_build_wanted *wanted =
		hull_alloc_array(b->npackages + 1, sizeof *wanted);
	hull_autofree size_t *packages = hull_alloc_array(b->npackages + 1, sizeof *packages);
	size_t n = 0;

	for (size_t i = 0; o->store && i < b->npackages; i++) {
		const struct hull_sbom_package *p = &b->packages[i];
		const char *arch = b->system->has_lock && b->system->lock.arch
					   ? b->system->lock.arch
					   : o->arch;

		if (!p->locked)
			continue;
		packages[n] = i;
		wanted[n++] = (struct hull_build_wanted){
			.sha256 = p->locked->sha256,
			.arch = arch,
			.spec = source_name(&b->arena, p->package->source_rpm
							       ? p->package->source_rpm
							       : p->package->name)};
	}
	if (n && hull_build_records_find(o->store, wanted, n, &b->records, e) < 0)
		return -1;
	describe_sources(b, wanted, n, packages);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct hull_go_program *)a)->path,
		      ((const struct hull_go_program *)b)->path);
}

/* The path of a node as text: bytes of a name that is no UTF-8 are written as %XX. */
static const char *path_text(struct hull_sbom *b, int node)
{
	const char *path = hull_tree_path(&b->system->tree, node, &b->arena);
	hull_autobuf struct hull_buf text = {0};

	if (hull_utf8_is_valid(path))
		return path;
	for (; *path; path++) {
		if ((unsigned char)*path < 0x80)
			hull_buf_addc(&text, *path);
		else
			hull_buf_addf(&text, "%%%02X", (unsigned char)*path);
	}
	return hull_arena_strdup(&b->arena, text.p);
}

/* The package that brought a node, or -1. */
static int owner_of(const struct hull_sbom *b, int node)
{
	int owner = b->system->tree.v[node].owner;

	return owner >= 0 && (size_t)owner < b->npackages ? owner : -1;
}

/* Go's own library and the modules of a program. */
static void add_components(struct hull_sbom *b, struct hull_go_program *p)
{
	struct hull_arena *a = &b->arena;
	const struct hull_go_build *build = &p->build;
	struct hull_go_component *c = hull_arena_array(a, build->nmodules + 1, sizeof *c);

	p->components = c;
	if (hull_starts(build->go, "go")) {
		*c = (struct hull_go_component){.name = "stdlib"};
		c->version = hull_arena_strndup(a, build->go + 2, strcspn(build->go + 2, " "));
		c->purl = hull_purl_go(a, c->name, c->version);
		c++;
	}
	for (size_t i = 0; i < build->nmodules; i++) {
		const struct hull_go_module *m = &build->modules[i];
		const char *version = m->replaced_path ? m->replaced_version : m->version;

		c->name = m->replaced_path ? m->replaced_path : m->path;
		c->version = *version && strcmp(version, "(devel)") != 0 ? version : NULL;
		c->sum = m->sum;
		c->instead_of = m->replaced_path ? m->path : NULL;
		c->purl = hull_purl_go(a, c->name, c->version);
		c++;
	}
	p->ncomponents = (size_t)(c - p->components);
}

static void find_programs(struct hull_sbom *b)
{
	const struct hull_tree *t = &b->system->tree;

	for (int i = HULL_TREE_ROOT; t->n && i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		const struct hull_node *node = &t->v[i];
		struct hull_go_program p = {.package = owner_of(b, i)};
		struct hull_err e;
		int r;

		if (node->inode != i || !S_ISREG(node->mode) || !(node->mode & 0111))
			continue;
		r = hull_go_build_read(&node->content, node->size_bytes, &b->arena, &p.build, &e);
		if (r == 0)
			continue;
		p.path = path_text(b, i);
		if (r < 0) {
			hull_strv_addf(&b->warnings, "%s: %s", p.path, e.msg);
			continue;
		}
		b->programs =
			hull_grow(b->programs, &b->programs_cap, b->nprograms, sizeof *b->programs);
		add_components(b, &p);
		b->programs[b->nprograms++] = p;
	}
	if (b->nprograms)
		qsort(b->programs, b->nprograms, sizeof *b->programs, by_path);
}

static void find_files(struct hull_sbom *b)
{
	const struct hull_tree *t = &b->system->tree;

	b->files = hull_arena_array(&b->arena, t->n + 1, sizeof *b->files);
	for (int i = HULL_TREE_ROOT; t->n && i != HULL_NO_NODE;
	     i = hull_tree_next(t, i, HULL_TREE_ROOT))
		if (S_ISREG(t->v[t->v[i].inode].mode))
			b->files[b->nfiles++] = (struct hull_sbom_file){
				.path = path_text(b, i), .node = i, .package = owner_of(b, i)};
}

struct gathering {
	struct hull_sbom *b;
	const struct hull_sbom_options *options;
};

/* --- the files that packages came in --- */

struct rpm_digests {
	struct hull_sbom *b;
	const struct hull_store *store;
	struct hull_checksum *v; /* a package each */
};

static int digest_rpm(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct rpm_digests *d = ctx;
	const struct hull_locked *l = d->b->packages[i].locked;
	char sha256[HULL_HEX];
	uint64_t bytes;

	(void)thread;
	if (!l || !hull_store_has(d->store, HULL_STORE_RPM, l->sha256))
		return 0;
	if (hull_checksum_file(d->store->fd, hull_store_path(HULL_STORE_RPM, l->sha256).path,
			       HULL_SHA512, &d->v[i], sha256, &bytes, e) < 0)
		return -1;
	if (strcmp(sha256, l->sha256) != 0)
		d->v[i].hex[0] = '\0'; /* damaged: nothing is said of it */
	return 0;
}

static int digest_rpms(struct hull_sbom *b, const struct hull_sbom_options *o, struct hull_err *e)
{
	hull_autofree struct hull_checksum *v = hull_alloc_array(b->npackages + 1, sizeof *v);
	struct rpm_digests d = {.b = b, .store = o->store, .v = v};

	if (!o->store)
		return 0;
	if (hull_workers_run(o->threads, b->npackages, digest_rpm, &d, e) < 0)
		return -1;
	for (size_t i = 0; i < b->npackages; i++)
		if (v[i].hex[0])
			b->packages[i].sha512 = hull_arena_strdup(&b->arena, v[i].hex);
	return 0;
}

static int gather(struct hull_sbom *b, const struct hull_sbom_options *o, struct hull_err *e)
{
	describe_packages(b);
	if (digest_rpms(b, o, e) < 0)
		return -1;
	hull_requirements_pairs(&b->requirements, b->system->packages, b->npackages,
				b->system->has_lock ? &b->system->lock : NULL);
	if (find_sources(b, o, e) < 0)
		return -1;
	find_programs(b);
	if (!o->files)
		return 0;
	find_files(b);
	return hull_file_digests(&b->system->tree, b->files, b->nfiles, o->threads, e);
}

/* The digest of the image is read while everything else is looked at. */
static int gather_or_digest(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct gathering *g = ctx;
	struct hull_sbom *b = g->b;

	(void)thread;
	if (i == 0)
		return gather(b, g->options, e);
	return hull_checksum_file(AT_FDCWD, b->system->file, HULL_SHA512, &b->sha512, b->sha256,
				  &b->size_bytes, e);
}

int hull_sbom_init(struct hull_sbom *b, const struct hull_system *s,
		   const struct hull_sbom_options *o, struct hull_err *e)
{
	struct gathering g = {.b = b, .options = o};

	*b = (struct hull_sbom){.system = s, .name = hull_basename(s->path)};
	b->creator = o->creator ? o->creator : s->os_home;
	b->created = o->created >= 0 ? o->created : hull_packages_newest(s->packages, s->npackages);
	if (hull_workers_run(2, 2, gather_or_digest, &g, e) < 0) {
		hull_sbom_fini(b);
		return -1;
	}
	return 0;
}

void hull_sbom_fini(struct hull_sbom *b)
{
	hull_requirements_fini(&b->requirements);
	hull_build_records_fini(&b->records);
	free(b->programs);
	hull_strv_fini(&b->warnings);
	hull_arena_fini(&b->arena);
	*b = (struct hull_sbom){0};
}

const char *hull_sbom_reason(struct hull_sbom *b, const struct hull_sbom_package *p)
{
	const struct hull_locked *l = p->locked;

	if (l && l->by)
		return hull_arena_printf(&b->arena, "required by %s: %s", l->by,
					 l->dep ? l->dep : "");
	if (l && l->want)
		return hull_arena_printf(&b->arena, "asked for by %s: %s",
					 l->origin ? l->origin : "the image", l->want);
	return NULL;
}
