// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/children.h"
#include "base/file.h"
#include "closure/offer.h"
#include "closure/resolve.h"
#include "repo/location.h"
#include "rpm/rpmfile.h"
#include "source/fetch.h"

struct fetch {
	const struct hull_store *store;
	const struct hull_lock *lock;
	const struct hull_repository *repositories;
	size_t nrepositories;
	bool offline;
	struct hull_progress *progress;
	struct hull_offer offer; /* what repositories say of the packages */
	uint64_t done;
	struct hull_store_tree *made; /* unpacked, and not in the store yet */
	size_t nmade;
	struct hull_arena arena; /* of that list */
};

static const struct hull_repository *repository_of(const struct fetch *f,
						   const struct hull_locked *p, struct hull_err *e)
{
	for (size_t i = 0; i < f->nrepositories; i++)
		if (!strcmp(f->repositories[i].name, p->repository))
			return &f->repositories[i];
	hull_fail(e, HULL_FAILED, "%s is from the repository '%s', which is not given", p->name,
		  p->repository);
	return NULL;
}

static int find_places(const struct fetch *f, const struct hull_locked *p, struct hull_strv *out,
		       struct hull_err *e)
{
	const struct hull_repository *from = repository_of(f, p, e);

	if (!from)
		return -1;
	return hull_repo_places(from, p->base, p->location, out, e) < 0
		       ? hull_wrap(e, "repository %s: package %s: ", from->name, p->name)
		       : 0;
}

/* --- one package, in a worker --- */

/* A copy, because what goes into the store is moved and belongs to it. */
static int copy_local(const struct fetch *f, const struct hull_locked *p, const char *path,
		      const char *to, struct hull_err *e)
{
	char digest[HULL_HEX];
	uint64_t bytes;

	if (hull_file_copy(AT_FDCWD, path, f->store->fd, to, e) < 0 ||
	    hull_hash_file(f->store->fd, to, digest, &bytes, e) < 0)
		return -1;
	if (bytes != p->file_bytes)
		return hull_fail(e, HULL_FAILED, "%s: has %llu bytes, expected %llu", path,
				 (unsigned long long)bytes, (unsigned long long)p->file_bytes);
	if (strcmp(digest, p->sha256) != 0)
		return hull_fail(e, HULL_FAILED, "%s: expected sha256 %s, got %s", path, p->sha256,
				 digest);
	return 0;
}

static int store_local(const struct fetch *f, const struct hull_locked *p, const char *path,
		       struct hull_err *e)
{
	hull_autofree char *tmp = hull_store_tmp(f->store, e), *to = NULL;
	struct hull_arena arena = {0};
	struct hull_package stored;
	int r;

	if (!tmp)
		return -1;
	to = hull_asprintf("%s/rpm", tmp);
	r = copy_local(f, p, path, to, e);
	if (r == 0)
		r = hull_rpm_store(f->store, f->store->fd, to, &arena, &stored, e);
	hull_arena_fini(&arena);
	hull_ignore(hull_remove_tree(f->store->fd, tmp, NULL));
	return r;
}

/* The download is in sources/ by now. */
static int store_remote(const struct fetch *f, const struct hull_locked *p, struct hull_err *e)
{
	struct hull_store_path source = hull_store_path(HULL_STORE_SOURCE, p->sha256);
	struct hull_arena arena = {0};
	struct hull_package stored;
	int r = hull_rpm_store(f->store, f->store->fd, source.path, &arena, &stored, e);

	hull_arena_fini(&arena);
	if (r == 0)
		unlinkat(f->store->fd, hull_store_path(HULL_STORE_ORIGIN, p->sha256).path, 0);
	return r;
}

/* The digest of the package is right by now, but whoever wrote the digest wrote the rest, too. */
static int check_said(const struct fetch *f, const struct hull_locked *p,
		      const struct hull_package *stored, struct hull_err *e)
{
	struct hull_pool *pool = f->offer.pool;
	hull_pkgid id = hull_pool_find(pool, p->name, p->evr, p->arch);
	struct hull_pool_package said;
	struct hull_arena arena = {0};
	int r;

	if (!id)
		return hull_fail(e, HULL_FAILED, "no repository has it any more");
	hull_pool_describe(pool, id, &arena, &said);
	r = hull_locked_is(p, said.checksum)
		    ? hull_pool_agrees(pool, id, stored, e)
		    : hull_fail(e, HULL_FAILED, "repositories have another package of that name");
	hull_arena_fini(&arena);
	return r;
}

/* *out_tmp: the unpacked package, on its way into the store, or NULL. */
static int store_one(const struct fetch *f, const struct hull_locked *p, char **out_tmp,
		     struct hull_err *e)
{
	struct hull_arena arena = {0};
	struct hull_package stored;
	int r = 0;

	if (!hull_store_has(f->store, HULL_STORE_RPM, p->sha256)) {
		hull_autostrv struct hull_strv places = {0};

		if (find_places(f, p, &places, e) < 0)
			return -1;
		r = hull_repo_is_remote(places.v[0]) ? store_remote(f, p, e)
						     : store_local(f, p, places.v[0], e);
	}
	if (r == 0)
		r = hull_rpm_stored(f->store, p->sha256, &arena, &stored, e);
	if (r == 0)
		r = check_said(f, p, &stored, e);
	if (r == 0)
		r = hull_rpm_unpack(f->store, p->sha256, out_tmp, e);
	hull_arena_fini(&arena);
	return r;
}

/* --- all of them, in child processes: librpm works for one thread --- */

static int store_next(size_t i, int out, void *ctx, struct hull_err *e)
{
	const struct fetch *f = ctx;
	hull_autofree char *tmp = NULL;

	if (store_one(f, &f->lock->v[i], &tmp, e) < 0)
		return -1;
	return tmp ? hull_fd_write(out, tmp, strlen(tmp), e) : 0;
}

static int end_package(size_t i, const struct hull_buf *out, int status, void *ctx,
		       struct hull_err *e)
{
	struct fetch *f = ctx;
	const struct hull_locked *p = &f->lock->v[i];
	const char *name = p->name;

	if (status > 128)
		return hull_fail(e, HULL_FAILED, "%s: the process that unpacks it was killed",
				 name);
	if (status)
		return hull_wrap(e, "%s: ", name);
	if (out->n)
		f->made[f->nmade++] =
			(struct hull_store_tree){hull_arena_strdup(&f->arena, out->p), p->sha256};
	hull_progress_total(f->progress, "packages", ++f->done, f->lock->n, -1);
	return 0;
}

static int store_all(struct fetch *f, struct hull_err *e)
{
	const struct hull_children c = {.reuse = true,
					.progress = f->progress,
					.job = store_next,
					.done = end_package,
					.ctx = f};
	int r;

	f->made = hull_arena_array(&f->arena, f->lock->n + 1, sizeof *f->made);
	r = hull_children_run(&c, f->lock->n, e);
	if (r == 0)
		r = hull_store_commit_trees(f->store, f->made, f->nmade, HULL_STORE_UNPACKED, e);
	hull_arena_fini(&f->arena);
	hull_progress_total(f->progress, "packages", 0, 0, -1);
	return r;
}

/* --- downloads --- */

/* Downloads, and the lists of further places that they refer to. */
struct downloads {
	struct hull_source_want *v;
	struct hull_strv *places, *others;
	size_t *package;
	size_t n;
};

static void downloads_init(struct downloads *d, size_t most)
{
	*d = (struct downloads){.v = hull_alloc_array(most + 1, sizeof *d->v),
				.places = hull_alloc_array(most + 1, sizeof *d->places),
				.others = hull_alloc_array(most + 1, sizeof *d->others),
				.package = hull_alloc_array(most + 1, sizeof *d->package)};
}

static void downloads_fini(struct downloads *d)
{
	for (size_t i = 0; i < d->n; i++) {
		hull_source_want_fini(&d->v[i]);
		hull_strv_fini(&d->places[i]);
	}
	free(d->v);
	free(d->places);
	free(d->others);
	free(d->package);
}

/* Adds a package, unless it is on this machine. */
static int add_want(const struct fetch *f, size_t package, struct hull_arena *a,
		    struct downloads *d, struct hull_err *e)
{
	const struct hull_locked *p = &f->lock->v[package];
	struct hull_strv *places = &d->places[d->n];

	if (find_places(f, p, places, e) < 0) {
		hull_strv_fini(places);
		return -1;
	}
	if (!hull_repo_is_remote(places->v[0])) {
		hull_strv_fini(places);
		return 0;
	}
	d->others[d->n] = (struct hull_strv){places->v + 1, places->n - 1, 0};
	d->package[d->n] = package;
	d->v[d->n] = (struct hull_source_want){
		.url = places->v[0],
		.others = &d->others[d->n],
		.file = hull_basename(p->location),
		.sha256 = p->sha256,
		.where = hull_arena_printf(a, "repository %s", p->repository),
		.max_bytes = p->file_bytes,
	};
	d->n++;
	return 0;
}

static int download(const struct fetch *f, struct hull_err *e)
{
	struct hull_source_options o = {.offline = f->offline};
	struct hull_arena arena = {0};
	struct downloads d;
	int r = 0;

	downloads_init(&d, f->lock->n);
	for (size_t i = 0; i < f->lock->n && r == 0; i++)
		if (!hull_store_has(f->store, HULL_STORE_RPM, f->lock->v[i].sha256))
			r = add_want(f, i, &arena, &d, e);
	if (r == 0 && d.n)
		r = hull_source_fetch(f->store, &o, d.v, d.n, f->progress, e);
	downloads_fini(&d);
	hull_arena_fini(&arena);
	return r;
}

/* --- packages whose repository says no SHA-256 --- */

/* Compares a file with what the repository says of it, and takes its SHA-256. */
static int learn_file(struct hull_lock *l, struct hull_locked *p, int dirfd, const char *path,
		      struct hull_err *e)
{
	hull_autofree char *kind = hull_strndup(p->checksum, strcspn(p->checksum, ":"));
	struct hull_checksum said, got;
	char sha256[HULL_HEX];
	uint64_t bytes;

	if (!hull_checksum_parse(kind, p->checksum + strlen(kind) + 1, &said))
		return hull_fail(e, HULL_FAILED, "%s: no checksum: %s", p->name, p->checksum);
	if (hull_checksum_file(dirfd, path, said.kind, &got, sha256, &bytes, e) < 0)
		return -1;
	if (bytes != p->file_bytes)
		return hull_fail(e, HULL_FAILED, "%s: has %llu bytes, expected %llu", path,
				 (unsigned long long)bytes, (unsigned long long)p->file_bytes);
	if (strcmp(said.hex, got.hex) != 0)
		return hull_fail(e, HULL_FAILED, "%s: expected %s %s, got %s", path, kind, said.hex,
				 got.hex);
	p->sha256 = hull_arena_strdup(&l->arena, sha256);
	return 0;
}

static int learn_remote(struct fetch *f, struct hull_lock *l, struct downloads *d,
			struct hull_err *e)
{
	struct hull_source_options o = {.offline = f->offline, .accept_unpinned = true};

	if (hull_source_fetch(f->store, &o, d->v, d->n, f->progress, e) < 0)
		return -1;
	for (size_t i = 0; i < d->n; i++) {
		struct hull_store_path at = hull_store_path(HULL_STORE_SOURCE, d->v[i].digest);

		if (learn_file(l, &l->v[d->package[i]], f->store->fd, at.path, e) == 0)
			continue;
		unlinkat(f->store->fd, at.path, 0);
		unlinkat(f->store->fd, hull_store_path(HULL_STORE_ORIGIN, d->v[i].digest).path, 0);
		return hull_wrap(e, "%s: ", d->v[i].origin);
	}
	return 0;
}

static bool learn_from(const struct hull_lock *old, struct hull_lock *l, struct hull_locked *p)
{
	const struct hull_locked *known = old ? hull_lock_find(old, p->name) : NULL;

	if (!known || !known->checksum || strcmp(known->checksum, p->checksum) != 0)
		return false;
	p->sha256 = hull_arena_strdup(&l->arena, known->sha256);
	return true;
}

int hull_lock_learn(const struct hull_store *s, struct hull_lock *l, const struct hull_lock *old,
		    const struct hull_repository *repositories, size_t n, bool offline,
		    struct hull_progress *progress, struct hull_err *e)
{
	struct fetch f = {.store = s,
			  .lock = l,
			  .repositories = repositories,
			  .nrepositories = n,
			  .offline = offline,
			  .progress = progress};
	struct hull_arena arena = {0};
	struct downloads d;
	int r = 0;

	downloads_init(&d, l->n);
	for (size_t i = 0; i < l->n && r == 0; i++) {
		struct hull_locked *p = &l->v[i];
		hull_autostrv struct hull_strv places = {0};
		size_t before = d.n;

		if (p->sha256 || learn_from(old, l, p))
			continue;
		r = add_want(&f, i, &arena, &d, e);
		if (r == 0 && d.n == before)
			r = find_places(&f, p, &places, e);
		if (r == 0 && d.n == before)
			r = learn_file(l, p, AT_FDCWD, places.v[0], e);
	}
	if (r == 0 && d.n)
		r = learn_remote(&f, l, &d, e);
	downloads_fini(&d);
	hull_arena_fini(&arena);
	return r;
}

/* The indexes that the lock was solved with. */
static int load_offer(struct fetch *f, struct hull_err *e)
{
	const struct hull_lock *l = f->lock;

	f->offer.digests = hull_alloc_array(l->nrepositories + 1, sizeof *f->offer.digests);
	for (size_t i = 0; i < l->nrepositories; i++)
		snprintf(f->offer.digests[i], sizeof f->offer.digests[i], "%s",
			 l->repositories[i].digest);
	return hull_offer_load(&f->offer, f->store, l->nrepositories, l->arch, false, e);
}

int hull_lock_fetch(const struct hull_store *s, const struct hull_lock *l,
		    const struct hull_repository *repositories, size_t n, bool offline,
		    struct hull_progress *progress, struct hull_err *e)
{
	struct fetch f = {.store = s,
			  .lock = l,
			  .repositories = repositories,
			  .nrepositories = n,
			  .offline = offline,
			  .progress = progress};
	int r = load_offer(&f, e);

	if (r == 0)
		r = download(&f, e);
	if (r == 0)
		r = store_all(&f, e);
	hull_offer_fini(&f.offer);
	return r;
}
