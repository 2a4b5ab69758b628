// SPDX-License-Identifier: MIT
#include "verify/verify_store.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/workers.h"

/* --- hashing --- */

struct store_hashing {
	const struct hull_store *store;
	struct hull_stored_files *files;
};

static void hash_one(const struct hull_store *s, struct hull_stored_file *f)
{
	struct hull_err e;

	f->state = HULL_STORED_MISSING;
	if (hull_hash_file(s->fd, f->place.path, f->is, NULL, &e) < 0) {
		/* what is there and cannot be read does not have the digest either */
		if (e.sys != ENOENT)
			f->state = HULL_STORED_BROKEN;
		return;
	}
	f->state = strcmp(f->is, f->sha256) == 0 ? HULL_STORED_HOLDS : HULL_STORED_BROKEN;
}

static int hash_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	const struct store_hashing *h = ctx;

	(void)thread;
	(void)e;
	hash_one(h->store, &h->files->v[i]);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct hull_stored_file *x = a, *y = b;
	int r = strcmp(x->place.path, y->place.path);

	return r ? r : strcmp(x->object, y->object);
}

int hull_stored_files_hash(const struct hull_store *s, struct hull_stored_files *files, int threads,
			   struct hull_progress *progress, struct hull_err *e)
{
	struct store_hashing h = {.store = s, .files = files};
	int slot = hull_task_start(progress, "store", 0), r;
	size_t n = 0;

	if (files->n)
		qsort(files->v, files->n, sizeof *files->v, by_path);
	/* the same file may be needed many times */
	for (size_t i = 0; i < files->n; i++)
		if (!n || strcmp(files->v[n - 1].place.path, files->v[i].place.path) != 0)
			files->v[n++] = files->v[i];
	files->n = n;
	r = hull_workers_run(threads, n, hash_next, &h, e);
	hull_task_end(progress, slot);
	return r;
}

void hull_stored_files_add(struct hull_stored_files *files, const struct hull_stored_file *f)
{
	files->v = hull_grow(files->v, &files->cap, files->n, sizeof *files->v);
	files->v[files->n++] = *f;
}

void hull_stored_files_tell(const struct hull_stored_files *files, struct hull_verification *out)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct hull_stored_file *f = &files->v[i];

		if (f->state == HULL_STORED_HOLDS)
			out->held[f->kind]++;
		else if (f->state == HULL_STORED_MISSING)
			hull_verification_add(out, f->kind, true, f->object,
					      "%s is not in the store", f->place.path);
		else if (*f->is)
			hull_verification_add(out, f->kind, false, f->object,
					      "%s in the store has SHA-256 %s instead of %s",
					      f->place.path, f->is, f->sha256);
		else
			hull_verification_add(out, f->kind, false, f->object,
					      "%s in the store cannot be read", f->place.path);
	}
}

static int place_is(const void *place, const void *file)
{
	return strcmp(((const struct hull_store_path *)place)->path,
		      ((const struct hull_stored_file *)file)->place.path);
}

const struct hull_stored_file *hull_stored_files_find(const struct hull_stored_files *files,
						      const struct hull_store_path *place)
{
	if (!files->n)
		return NULL;
	return bsearch(place, files->v, files->n, sizeof *files->v, place_is);
}

/* --- records --- */

static int by_digest(const void *a, const void *b, void *arg)
{
	const struct hull_record_index *x = arg;
	const struct hull_record_entry *p = a, *q = b;
	int r = strcmp(p->sha256, q->sha256);
	int64_t f = x->records[p->record].finished, g = x->records[q->record].finished;

	if (r == 0)
		r = (f < g) - (f > g);
	return r ? r : strcmp(x->records[p->record].key, x->records[q->record].key);
}

static void add_record(struct hull_record_index *x, const struct hull_build_record *record)
{
	x->records = hull_grow(x->records, &x->cap_records, x->nrecords, sizeof *x->records);
	x->records[x->nrecords] = *record;
	for (size_t i = 0; i < record->packages.n; i++) {
		const struct hull_built_package *p = &record->packages.v[i];

		if (!p->sha256 || !p->nevra)
			continue;
		x->v = hull_grow(x->v, &x->cap, x->n, sizeof *x->v);
		x->v[x->n++] = (struct hull_record_entry){p->sha256, p->nevra, x->nrecords};
	}
	x->nrecords++;
}

int hull_record_index_init(struct hull_record_index *x, const struct hull_store *s,
			   struct hull_err *e)
{
	hull_autostrv struct hull_strv keys = {0};

	*x = (struct hull_record_index){0};
	if (hull_store_list(s, HULL_STORE_BUILD, &keys, e) < 0)
		return hull_wrap(e, "store %s: ", s->path);
	for (size_t i = 0; i < keys.n; i++) {
		struct hull_build_record record;
		struct hull_err why;
		int r = hull_build_record_read(s, keys.v[i], &record, &why);

		if (r > 0)
			add_record(x, &record);
		else if (r < 0)
			hull_strv_add(&x->unreadable, why.msg);
	}
	if (x->n)
		qsort_r(x->v, x->n, sizeof *x->v, by_digest, x);
	return 0;
}

void hull_record_index_fini(struct hull_record_index *x)
{
	for (size_t i = 0; i < x->nrecords; i++)
		hull_build_record_fini(&x->records[i]);
	free(x->records);
	free(x->v);
	hull_strv_fini(&x->unreadable);
	*x = (struct hull_record_index){0};
}

const struct hull_record_entry *hull_record_index_find(const struct hull_record_index *x,
						       const char *sha256)
{
	size_t i = hull_lower_bound(sha256, x->v, x->n, sizeof *x->v,
				    offsetof(struct hull_record_entry, sha256));

	return i < x->n && !strcmp(x->v[i].sha256, sha256) ? &x->v[i] : NULL;
}
