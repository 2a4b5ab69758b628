// SPDX-License-Identifier: MIT
#include "seed/seed_make.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "sandbox/runner.h"
#include "seed/seed_fix.h"
#include "seed/seed_unpack.h"
#include "source/fetch.h"

enum { EXPECTED_MS = 20000 };

/* --- the packages --- */

void hull_seed_wants_add(struct hull_source_wants *w, const struct hull_seed_lock *l)
{
	for (size_t i = 0; i < l->npackages; i++) {
		const struct hull_seed_package *p = &l->packages[i];

		w->v = hull_grow(w->v, &w->cap, w->n, sizeof *w->v);
		w->v[w->n++] = (struct hull_source_want){
			.url = hull_arena_printf(&w->arena, "debian:%s", p->path),
			.file = hull_basename(p->path),
			.sha256 = p->sha256,
			.where = l->file,
			.date = l->date,
			.max_bytes = p->size_bytes,
		};
	}
}

static int explain(const struct hull_seed_lock *l, const struct hull_source_wants *w,
		   const struct hull_err *why, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};
	size_t missing = 0;

	if (why->code == HULL_INTERRUPTED)
		return hull_fail_as(e, why);
	for (size_t i = 0; i < w->n; i++)
		if (!w->v[i].ok) {
			missing++;
			hull_buf_showf(&text, "\n  %s: %-s", w->v[i].file,
				       w->v[i].error ? w->v[i].error : "not tried");
		}
	if (!missing)
		return hull_fail_as(e, why);
	return hull_fail(
		e, HULL_FAILED,
		"%s: %zu of %zu packages cannot be had. A directory or server that has kept them "
		"can be named with --source-url, an archive of Debian's old versions with "
		"HULL_DEBIAN_ARCHIVE; 'hull seed update' takes what the archive has now:%-s",
		l->file, missing, w->n, text.p);
}

static int fetch(const struct hull_store *s, const struct hull_seed_lock *l,
		 const struct hull_source_options *sources, struct hull_progress *progress,
		 struct hull_err *e)
{
	struct hull_source_wants wants = {0};
	struct hull_err why;
	int r;

	hull_seed_wants_add(&wants, l);
	r = hull_source_fetch(s, sources, wants.v, wants.n, progress, &why);
	if (r < 0)
		r = explain(l, &wants, &why, e);
	hull_source_wants_fini(&wants);
	return r;
}

/* --- the root --- */

/* A merged /usr, before anything is unpacked into it. */
static int prepare(int dir, struct hull_err *e)
{
	static const char *const merged[] = {"bin", "sbin", "lib", "lib64"};

	for (size_t i = 0; i < sizeof merged / sizeof *merged; i++) {
		hull_autofree char *target = hull_asprintf("usr/%s", merged[i]);
		hull_autofree char *path = hull_asprintf("root/%s", target);
		hull_autofree char *link = hull_asprintf("root/%s", merged[i]);

		if (hull_mkdirs(dir, path, 0755, e) < 0)
			return -1;
		if (symlinkat(target, dir, link) < 0)
			return hull_fail_errno(e, "%s", link);
	}
	return 0;
}

static int make(const struct hull_store *s, const struct hull_seed_table *t,
		const struct hull_seed_lock *l, const char *tmp, struct hull_err *e)
{
	hull_autofree char *root = hull_asprintf("%s/%s/root", s->path, tmp);
	hull_autofd int dir = openat(s->fd, tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return hull_fail_errno(e, "store %s: %s", s->path, tmp);
	if (prepare(dir, e) < 0 || hull_seed_unpack(s, l->packages, l->npackages, root, e) < 0)
		return -1;
	return hull_seed_fix(root, t, e);
}

int hull_seed_make(const struct hull_store *s, const struct hull_seed_table *t,
		   const struct hull_seed_lock *l, const struct hull_source_options *sources,
		   struct hull_progress *progress, char **out_root, struct hull_err *e)
{
	hull_autofree char *tmp = NULL;
	mode_t before;
	int slot, r;

	if (hull_sandbox_check(s->path, e) < 0 || fetch(s, l, sources, progress, e) < 0)
		return hull_wrap(e, "seed: ");
	tmp = hull_store_tmp(s, e);
	if (!tmp)
		return -1;
	before = umask(022);
	slot = hull_task_start(progress, "seed: unpacking", EXPECTED_MS);
	r = make(s, t, l, tmp, e);
	hull_task_end(progress, slot);
	umask(before);
	if (r < 0) {
		hull_ignore(hull_remove_tree(s->fd, tmp, NULL));
		return hull_wrap(e, "seed: ");
	}
	*out_root = hull_asprintf("%s/root", tmp);
	return 0;
}
