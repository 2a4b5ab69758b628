// SPDX-License-Identifier: MIT
#include "verify/verify_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "inspect/system.h"
#include "rpm/rpmfile.h"
#include "verify/verify_record.h"
#include "verify/verify_store.h"

/* An RPM of the chain: of the image, or of a build root. */
struct rpm {
	const char *sha256, *nevra;
	const struct hull_package *installed; /* as the database of the image has it, or NULL */
	const char *content;		      /* digest of its files, once it was read */
};

struct chain {
	const struct hull_verify_request *r;
	struct hull_verification *out;
	struct hull_arena arena;
	struct hull_record_index records;
	bool *taken; /* records that were looked at */
	struct hull_stored_files files;
	struct rpm *v;
	size_t n, cap;
};

static const struct hull_package *installed(const struct chain *c, const struct hull_locked *l)
{
	const struct hull_system *s = c->r->system;

	for (size_t i = 0; i < s->npackages; i++)
		if (!strcmp(s->packages[i].name, l->name) && !strcmp(s->packages[i].arch, l->arch))
			return &s->packages[i];
	return NULL;
}

static bool is_locked(const struct chain *c, const struct hull_package *p)
{
	const struct hull_lock *l = &c->r->system->lock;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].name, p->name) && !strcmp(l->v[i].arch, p->arch))
			return true;
	return false;
}

static void add_rpm(struct chain *c, const char *sha256, const char *nevra,
		    const struct hull_package *package)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].sha256, sha256))
			return;
	c->v = hull_grow(c->v, &c->cap, c->n, sizeof *c->v);
	c->v[c->n++] = (struct rpm){.sha256 = sha256, .nevra = nevra, .installed = package};
}

/* The packages of the lock file are those of the database. */
static void take_lock(struct chain *c)
{
	const struct hull_system *s = c->r->system;

	for (size_t i = 0; i < s->lock.n; i++) {
		const struct hull_locked *l = &s->lock.v[i];
		hull_autofree char *name = hull_locked_nevra(l);
		const char *nevra = hull_arena_strdup(&c->arena, name);
		const struct hull_package *p = installed(c, l);
		const char *evr = p ? hull_package_evr(p, &c->arena) : NULL;

		if (!p)
			hull_verification_add(c->out, HULL_VERIFY_PACKAGES, false, nevra,
					      "is in the lock file, not in the rpm database");
		else if (strcmp(evr, l->evr) != 0)
			hull_verification_add(c->out, HULL_VERIFY_PACKAGES, false, nevra,
					      "the rpm database has %s", evr);
		else
			c->out->held[HULL_VERIFY_PACKAGES]++;
		add_rpm(c, l->sha256, nevra, p);
	}
	for (size_t i = 0; i < s->npackages; i++)
		if (s->has_lock && !is_locked(c, &s->packages[i]))
			hull_verification_add(c->out, HULL_VERIFY_PACKAGES, false,
					      hull_package_nevra(&s->packages[i], &c->arena),
					      "is in the rpm database, not in the lock file");
	if (!s->has_lock && s->npackages)
		hull_verification_add(c->out, HULL_VERIFY_PACKAGES, true, "the image",
				      "it has no lock file, which would say what RPMs its %zu "
				      "packages are",
				      s->npackages);
}

/* "zlib-1.3.1-1.hull1" */
static const char *spec_of(struct chain *c, const struct hull_build_record *r)
{
	return hull_arena_printf(&c->arena, "%s-%s-%s", r->spec ? r->spec : "?",
				 r->version ? r->version : "?", r->release ? r->release : "?");
}

static void take_record(struct chain *c, size_t record)
{
	const struct hull_build_record *r = &c->records.records[record];

	if (c->taken[record])
		return;
	c->taken[record] = true;
	hull_verify_record(c->r, r, spec_of(c, r), &c->arena, &c->files, c->out);
	for (size_t i = 0; i < r->root.n; i++)
		if (r->root.v[i].sha256 && r->root.v[i].nevra)
			add_rpm(c, r->root.v[i].sha256, r->root.v[i].nevra, NULL);
}

static void take_rpm(struct chain *c, size_t i)
{
	const struct rpm p = c->v[i];
	const struct hull_record_entry *found = hull_record_index_find(&c->records, p.sha256);
	struct hull_stored_file f = {
		.kind = HULL_VERIFY_PACKAGES,
		.place = hull_store_path(HULL_STORE_RPM, p.sha256),
		.sha256 = p.sha256,
		.object = p.nevra,
	};

	hull_stored_files_add(&c->files, &f);
	if (!found)
		hull_verification_add(c->out, HULL_VERIFY_RECORDS, true, p.nevra,
				      "no build record in the store lists it (SHA-256 %s)%s%s",
				      p.sha256, c->records.unreadable.n ? "; not read: " : "",
				      c->records.unreadable.n ? c->records.unreadable.v[0] : "");
	else if (strcmp(found->nevra, p.nevra) != 0)
		hull_verification_add(
			c->out, HULL_VERIFY_RECORDS, false, p.nevra, "%s calls it %s",
			hull_store_path(HULL_STORE_BUILD, c->records.records[found->record].key)
				.path,
			found->nevra);
	else
		take_record(c, found->record);
}

/* --- what the RPMs say --- */

static bool same(const char *x, const char *y)
{
	return !strcmp(x ? x : "", y ? y : "");
}

static bool same_file(const struct hull_file *f, const struct hull_file *g)
{
	return f->mode == g->mode && same(f->digest, g->digest) && same(f->link, g->link) &&
	       same(f->user, g->user) && same(f->group, g->group) && same(f->caps, g->caps) &&
	       f->major == g->major && f->minor == g->minor;
}

/* The database of the image tells of a file as its RPM does; files may have been left out. */
static void compare(struct chain *c, const struct rpm *p, const struct hull_package *is)
{
	for (size_t i = 0; i < p->installed->nfiles; i++) {
		const struct hull_file *f = &p->installed->files[i];
		const struct hull_file *g = hull_package_file(is, f->path);

		if (g && same_file(f, g))
			continue;
		hull_verification_add(c->out, HULL_VERIFY_PACKAGES, false, p->nevra,
				      "the rpm database tells of %s what the RPM does not",
				      f->path);
		return;
	}
	c->out->held[HULL_VERIFY_PACKAGES]++;
}

static void read_rpm(struct chain *c, struct rpm *p)
{
	struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, p->sha256);
	const struct hull_stored_file *f = hull_stored_files_find(&c->files, &rpm);
	struct hull_arena a = {0};
	struct hull_package is;
	struct hull_err e;

	if (!f || f->state != HULL_STORED_HOLDS)
		return;
	if (hull_rpm_read(c->r->store->fd, rpm.path, &a, &is, &e) < 0) {
		hull_verification_add(c->out, HULL_VERIFY_PACKAGES, false, p->nevra, "%s", e.msg);
	} else {
		p->content = hull_arena_strdup(&c->arena, is.content);
		if (p->installed)
			compare(c, p, &is);
	}
	hull_arena_fini(&a);
}

static void read_rpms(struct chain *c)
{
	int slot = hull_task_start(c->r->progress, "RPMs", 0);

	for (size_t i = 0; i < c->n; i++)
		read_rpm(c, &c->v[i]);
	hull_task_end(c->r->progress, slot);
}

static const char *content(const struct chain *c, const char *sha256)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->v[i].sha256, sha256))
			return c->v[i].content;
	return NULL;
}

/* A record's inputs have the content of each package in its build root. */
static void check_root(struct chain *c, const struct hull_build_record *r)
{
	const struct hull_store_path build = hull_store_path(HULL_STORE_BUILD, r->key);

	if (r->root.n != json_object_size(r->inputs.requirements))
		hull_verification_add(c->out, HULL_VERIFY_RECORDS, false, spec_of(c, r),
				      "%s: %zu packages in the build root, %zu in its inputs",
				      build.path, r->root.n,
				      json_object_size(r->inputs.requirements));
	for (size_t i = 0; i < r->root.n; i++) {
		const struct hull_built_package *p = &r->root.v[i];
		const char *is = p->sha256 && p->name ? content(c, p->sha256) : NULL;

		/* one that is missing or broken was told of already */
		if (is && !same(hull_json_optional(r->inputs.requirements, p->name), is))
			hull_verification_add(c->out, HULL_VERIFY_RECORDS, false, spec_of(c, r),
					      "%s: %s has not the content that its inputs say",
					      build.path, p->name);
	}
}

int hull_verify_packages(const struct hull_verify_request *r, struct hull_verification *out,
			 struct hull_err *e)
{
	struct chain c = {.r = r, .out = out};
	int rc;

	if (hull_record_index_init(&c.records, r->store, e) < 0)
		return -1;
	c.taken = hull_alloc(c.records.nrecords + 1);
	if (r->system->has_lock || r->system->npackages)
		take_lock(&c);
	for (size_t i = 0; i < c.n; i++) /* grows by build roots */
		take_rpm(&c, i);
	rc = hull_stored_files_hash(r->store, &c.files, r->threads, r->progress, e);
	if (rc == 0) {
		hull_stored_files_tell(&c.files, out);
		read_rpms(&c);
		for (size_t i = 0; i < c.records.nrecords; i++)
			if (c.taken[i])
				check_root(&c, &c.records.records[i]);
	}
	free(c.v);
	free(c.taken);
	free(c.files.v);
	hull_record_index_fini(&c.records);
	hull_arena_fini(&c.arena);
	return rc;
}
