// SPDX-License-Identifier: MIT
#include "reproduce/reproduce.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "builder/failure.h"
#include "builder/inputs.h"
#include "builder/tokens.h"
#include "reproduce/day.h"
#include "reproduce/elsewhere.h"
#include "rpm/rpmfile.h"
#include "rpm/search.h"

/* One build; the directory of its RPMs relative to the store, NULL with e set, and *out as well if
 * it was the build that failed. */
static char *build_once(struct hull_workspace *w, size_t index, const struct hull_job_place *place,
			struct hull_buf *out, struct hull_err *e)
{
	const struct hull_spec_node *node = &w->nodes[index];
	hull_autofree char *job = hull_workspace_job(w, index, e);

	if (!job)
		return NULL;
	if (hull_job_try(place, job, e) < 0) {
		if (e->code != HULL_INTERRUPTED)
			hull_failure_describe(w->store, node, HULL_STORE_CHECK_LOG, e->msg, NULL,
					      out);
		return NULL;
	}
	return hull_asprintf("%s/out", job);
}

/* The same with all processors, as hull build would do it. */
static char *build_parallel(struct hull_workspace *w, size_t index,
			    const struct hull_job_place *place, struct hull_buf *out,
			    struct hull_err *e)
{
	struct hull_job_place all = *place;
	struct hull_tokens tokens;
	char *directory;

	all.cores = 0;
	all.total_tokens = hull_cores();
	if (hull_tokens_init(&tokens, w->store, all.total_tokens, e) < 0)
		return NULL;
	all.jobserver = tokens.path;
	hull_tokens_take(&tokens, hull_monotonic_ms());
	directory = build_once(w, index, &all, out, e);
	hull_tokens_fini(&tokens);
	return directory;
}

static const char same_files[] = "the files are the same, the header or the compression differs";

static void add_difference(struct hull_buf *out, const char *name, const char *difference)
{
	hull_buf_showf(out, "%-s%s: %s", out->n ? "\n" : "", name, difference);
}

/* Where two RPM files of one name differ: a path of the payload, or the header. */
static int describe(const struct hull_store *s, const char *x, const char *y, const char *name,
		    struct hull_buf *out, struct hull_err *e)
{
	struct hull_arena a = {0};
	struct hull_package p, q;
	const char *path = NULL;
	int r = -1;

	if (hull_rpm_read(s->fd, x, &a, &p, e) < 0 || hull_rpm_read(s->fd, y, &a, &q, e) < 0)
		goto out;
	r = 0;
	if (!strcmp(p.sha256, q.sha256))
		goto out;
	path = hull_package_first_difference(&p, &q, &a);
	add_difference(out, name, path ? path : same_files);
out:
	hull_arena_fini(&a);
	return r;
}

/* The same with one processor, and elsewhere. */
static char *build_elsewhere(struct hull_workspace *w, size_t index,
			     const struct hull_job_place *place, struct hull_buf *out,
			     struct hull_err *e)
{
	struct hull_job_place second = *place;
	struct hull_elsewhere x;
	char *directory;

	if (hull_elsewhere_init(&x, place, e) < 0)
		return NULL;
	second.cores = 1;
	second.jobserver = NULL;
	second.elsewhere = true;
	second.mounts = x.mounts;
	second.nmounts = sizeof x.mounts / sizeof *x.mounts;
	directory = build_once(w, index, &second, out, e);
	hull_elsewhere_fini(&x);
	return directory;
}

static int compare(const struct hull_store *s, const char *x, const char *y, struct hull_buf *out,
		   struct hull_err *e)
{
	hull_autostrv struct hull_strv a = {0}, b = {0};

	if (hull_dir_list(s->fd, x, &a, e) < 0 || hull_dir_list(s->fd, y, &b, e) < 0)
		return -1;
	for (size_t i = 0; i < b.n; i++)
		if (!hull_strv_has(&a, b.v[i]))
			add_difference(out, b.v[i], "only the second build made it");
	for (size_t i = 0; i < a.n; i++) {
		hull_autofree char *p = hull_asprintf("%s/%s", x, a.v[i]);
		hull_autofree char *q = hull_asprintf("%s/%s", y, a.v[i]);

		if (!hull_strv_has(&b, a.v[i]))
			add_difference(out, a.v[i], "only the first build made it");
		else if (describe(s, p, q, a.v[i], out, e) < 0)
			return -1;
	}
	return 0;
}

/* --- what may be the same twice and is of this day or machine all the same --- */

static int find_words(const struct hull_store *s, const char *rpm, const char *name,
		      const char *const *words, const char *day, struct hull_buf *out,
		      struct hull_err *e)
{
	struct hull_arena a = {0};
	struct hull_package p;
	const char *file = NULL;
	size_t word = 0;
	int r = hull_rpm_read(s->fd, rpm, &a, &p, e);

	if (r == 0 && p.nfiles)
		r = hull_rpm_search(s->fd, rpm, words, HULL_DAY_WORDS, &a, &file, &word, e);
	if (r > 0) {
		hull_autofree char *text =
			hull_asprintf("%s has %s in it, the day of the build", file, day);

		add_difference(out, name, text);
	}
	hull_arena_fini(&a);
	return r;
}

/*
 * Programs that the other clock does not reach have today's date. It may as well be in what went in: the
 * changelog's day is.
 */
static int find_day(const struct hull_store *s, const char *directory, int64_t moment,
		    int64_t epoch, struct hull_buf *out, struct hull_err *e)
{
	enum { DAY_SECONDS = 86400 };
	hull_autostrv struct hull_strv names = {0};
	const char *words[HULL_DAY_WORDS];
	struct hull_arena a = {0};
	int r = 0;

	if (moment / DAY_SECONDS == epoch / DAY_SECONDS)
		return 0;
	hull_day_words(moment, &a, words);
	if (hull_dir_list(s->fd, directory, &names, e) < 0)
		r = -1;
	for (size_t i = 0; i < names.n && r >= 0; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", directory, names.v[i]);

		r = find_words(s, path, names.v[i], words, hull_date_text(&a, moment), out, e);
	}
	hull_arena_fini(&a);
	return r < 0 ? -1 : 0;
}

static ssize_t read_log(void *ctx, void *to, size_t n, struct hull_err *e)
{
	const int *fd = ctx;
	ssize_t r = read(*fd, to, n);

	return r < 0 ? hull_fail_errno(e, "log") : r;
}

/* The code may be the same on this processor. */
static int find_native(const struct hull_store *s, const struct hull_spec_node *node,
		       struct hull_buf *out, struct hull_err *e)
{
	hull_autofd int fd =
		hull_open(s->fd, hull_store_path(HULL_STORE_CHECK_LOG, node->key).path, e);
	int word = fd < 0 ? -1
			  : hull_search(read_log, &fd, hull_elsewhere_natives,
					HULL_ELSEWHERE_NATIVES, e);

	if (word < 0)
		return -1;
	if (word < HULL_ELSEWHERE_NATIVES) {
		hull_autofree char *text =
			hull_asprintf("a compiler gets %s: code for the processor that builds",
				      strchr(hull_elsewhere_natives[word], '-'));

		add_difference(out, node->spec->name, text);
	}
	return 0;
}

int hull_check_reproducible(struct hull_workspace *w, size_t index,
			    const struct hull_job_place *place, struct hull_buf *out,
			    struct hull_err *e)
{
	const struct hull_spec_node *node = &w->nodes[index];
	int64_t epoch = hull_inputs_epoch(node->spec), moment;
	hull_autofree char *x = build_parallel(w, index, place, out, e), *y = NULL;

	if (!x)
		return hull_wrap(e, "%s: the first build: ", node->spec->name);
	moment = hull_now();
	y = build_elsewhere(w, index, place, out, e);
	if (!y)
		return hull_wrap(
			e, "%s: the second build, under other conditions: ", node->spec->name);
	if (compare(w->store, x, y, out, e) < 0 || find_native(w->store, node, out, e) < 0 ||
	    find_day(w->store, y, moment, epoch, out, e) < 0)
		return -1;
	return out->n == 0;
}

/* --- against what was built before --- */

/* Only the files that `wanted` lists: an image may have left some out. */
static struct hull_package only_listed(const struct hull_package *p,
				       const struct hull_package *wanted, struct hull_arena *a)
{
	struct hull_package out = *p;

	out.files = hull_arena_array(a, p->nfiles + 1, sizeof *out.files);
	out.nfiles = 0;
	for (size_t i = 0; i < p->nfiles; i++)
		if (hull_package_file(wanted, p->files[i].path))
			out.files[out.nfiles++] = p->files[i];
	return out;
}

static void compare_package(const struct hull_package *is, const struct hull_package *wanted,
			    struct hull_buf *out)
{
	struct hull_package listed = *is;
	struct hull_arena a = {0};
	const char *path;

	if (wanted->sha256 && !strcmp(is->sha256, wanted->sha256))
		return;
	if (!wanted->content)
		listed = only_listed(is, wanted, &a);
	path = hull_package_first_difference(wanted, &listed, &a);
	if (path)
		add_difference(out, wanted->name, path);
	else if (wanted->sha256)
		add_difference(out, wanted->name, same_files);
	hull_arena_fini(&a);
}

int hull_check_built(const struct hull_package *built, size_t nbuilt,
		     const struct hull_package *const *wanted, size_t n, struct hull_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < nbuilt && strcmp(built[k].name, wanted[i]->name) != 0)
			k++;
		if (k < nbuilt)
			compare_package(&built[k], wanted[i], out);
		else
			add_difference(out, wanted[i]->name, "the build does not make it");
	}
	return out->n == 0;
}

int hull_check_against(struct hull_workspace *w, size_t index, const struct hull_job_place *place,
		       const struct hull_package *const *wanted, size_t n, struct hull_buf *out,
		       struct hull_err *e)
{
	hull_autofree char *directory = build_parallel(w, index, place, out, e);
	hull_autofree struct hull_package *built = NULL;
	hull_autostrv struct hull_strv names = {0};
	struct hull_arena a = {0};
	int r = 0;

	if (!directory || hull_dir_list(w->store->fd, directory, &names, e) < 0)
		return -1;
	built = hull_alloc_array(names.n + 1, sizeof *built);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", directory, names.v[i]);

		r = hull_rpm_read(w->store->fd, path, &a, &built[i], e);
	}
	if (r == 0)
		r = hull_check_built(built, names.n, wanted, n, out);
	hull_arena_fini(&a);
	return r;
}
