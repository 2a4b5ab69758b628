// SPDX-License-Identifier: MIT
#include "sbom/buildsearch.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

static int find_key(const struct hull_build_records *r, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->v[i].key, key))
			return (int)i;
	return -1;
}

static int load(const struct hull_store *s, const char *key, struct hull_build_records *out,
		int *out_index, struct hull_err *e)
{
	struct hull_build_record record;
	int r;

	*out_index = find_key(out, key);
	if (*out_index >= 0)
		return 0;
	r = hull_build_record_read(s, key, &record, e);
	if (r < 0)
		return hull_wrap(e, "store %s: ", s->path);
	if (r == 0)
		return 0;
	out->v = hull_grow(out->v, &out->cap, out->n, sizeof *out->v);
	out->v[out->n] = record;
	*out_index = (int)out->n++;
	return 0;
}

static int try_latest(const struct hull_store *s, struct hull_build_wanted *w,
		      struct hull_build_records *out, struct hull_err *e)
{
	char key[HULL_HEX];
	int record, r = hull_store_latest(s, w->arch, w->spec, key, e);

	if (r <= 0)
		return r;
	if (load(s, key, out, &record, e) < 0)
		return -1;
	if (record >= 0 && hull_build_record_has(&out->v[record], w->sha256))
		w->record = record;
	return 0;
}

static int by_digest(const void *a, const void *b)
{
	const struct hull_build_wanted *const *x = a, *const *y = b;

	return strcmp((*x)->sha256, (*y)->sha256);
}

static int digest_is(const void *key, const void *item)
{
	return strcmp(key, (*(struct hull_build_wanted *const *)item)->sha256);
}

/* Whether a text names one of the packages at all: much faster than to parse it. */
static bool mentions(const char *text, struct hull_build_wanted **v, size_t n)
{
	char digest[HULL_HEX] = "";

	for (const char *p = strchr(text, '"'); p; p = strchr(p + 1, '"')) {
		if (!hull_starts_sha256(p + 1))
			continue;
		memcpy(digest, p + 1, HULL_HEX - 1);
		if (bsearch(digest, v, n, sizeof(struct hull_build_wanted *), digest_is))
			return true;
	}
	return false;
}

static int search(const struct hull_store *s, const char *key, struct hull_build_wanted **v,
		  size_t n, struct hull_build_records *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	int record = -1;

	if (find_key(out, key) < 0) {
		if (hull_file_read(s->fd, hull_store_path(HULL_STORE_BUILD, key).path, &text, e) <
		    0)
			return hull_wrap(e, "store %s: ", s->path);
		if (!mentions(text.p, v, n))
			return 0;
	}
	if (load(s, key, out, &record, e) < 0)
		return -1;
	for (size_t i = 0; record >= 0 && i < n; i++)
		if (v[i]->record < 0 && hull_build_record_has(&out->v[record], v[i]->sha256))
			v[i]->record = record;
	return 0;
}

int hull_build_records_find(const struct hull_store *s, struct hull_build_wanted *wanted, size_t n,
			    struct hull_build_records *out, struct hull_err *e)
{
	hull_autofree struct hull_build_wanted **left = hull_alloc_array(n + 1, sizeof *left);
	hull_autostrv struct hull_strv keys = {0};
	size_t nleft = 0;

	*out = (struct hull_build_records){0};
	for (size_t i = 0; i < n; i++) {
		wanted[i].record = -1;
		if (try_latest(s, &wanted[i], out, e) < 0)
			return -1;
		if (wanted[i].record < 0)
			left[nleft++] = &wanted[i];
	}
	if (!nleft)
		return 0;
	qsort(left, nleft, sizeof(struct hull_build_wanted *), by_digest);
	if (hull_store_list(s, HULL_STORE_BUILD, &keys, e) < 0)
		return -1;
	for (size_t i = 0; i < keys.n; i++)
		if (search(s, keys.v[i], left, nleft, out, e) < 0)
			return -1;
	return 0;
}

/* "zlib" of "zlib-1.3.1-1.hull1.src.rpm". */
static const char *spec_name(const struct hull_locked *p, struct hull_arena *a)
{
	const char *end = p->source ? p->source + strlen(p->source) : NULL;

	for (int dashes = 0; end && end > p->source; end--)
		if (end[-1] == '-' && ++dashes == 2)
			return hull_arena_strndup(a, p->source, (size_t)(end - p->source) - 1);
	return p->name;
}

int hull_build_records_of_lock(const struct hull_store *s, const struct hull_lock *lock,
			       struct hull_build_records *out, int *out_record, struct hull_err *e)
{
	hull_autofree struct hull_build_wanted *wanted =
		hull_alloc_array(lock->n + 1, sizeof *wanted);
	struct hull_arena arena = {0};
	int r;

	for (size_t i = 0; i < lock->n; i++)
		wanted[i] = (struct hull_build_wanted){lock->v[i].sha256, lock->arch,
						       spec_name(&lock->v[i], &arena), -1};
	r = hull_build_records_find(s, wanted, lock->n, out, e);
	for (size_t i = 0; i < lock->n; i++)
		out_record[i] = wanted[i].record;
	hull_arena_fini(&arena);
	return r;
}

void hull_build_records_fini(struct hull_build_records *r)
{
	for (size_t i = 0; i < r->n; i++)
		hull_build_record_fini(&r->v[i]);
	free(r->v);
	*r = (struct hull_build_records){0};
}
