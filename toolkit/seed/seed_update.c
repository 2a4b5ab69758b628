// SPDX-License-Identifier: MIT
#include "seed/seed_update.h"

#include <stdlib.h>

#include "debian/aptinstall.h"
#include "debian/suites.h"
#include "seed/seed_lock.h"
#include "seed/seed_table.h"

/* What has no fixes is said: a mirror of one suite may be meant, but need not be. */
static int find_suites(const struct hull_store *s, const char *debian_mirror,
		       struct hull_progress *progress, struct hull_debian_suites *out,
		       struct hull_err *e)
{
	if (hull_debian_suites_add(out, s, debian_mirror, HULL_DEBIAN_RELEASE, e) < 0)
		return -1;
	for (size_t i = 0; i < out->missing.n; i++)
		hull_log(progress, "seed: without Debian %s", out->missing.v[i]);
	return 0;
}

/* Packages that are not in the archive get their line of the table. */
static int unknown(struct hull_seed_table *t, const struct hull_strv *names, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < names->n; i++) {
		const char *where = hull_seed_table_where(t, names->v[i]);

		hull_buf_showf(&text, "%-s%s: Debian " HULL_DEBIAN_RELEASE " has no package '%s'",
			       i ? "\n" : "", where ? where : t->dir, names->v[i]);
	}
	return hull_fail(e, HULL_FAILED, "%-s", text.p);
}

static int write_lock(const char *dir, const struct hull_apt_file *files, size_t n,
		      const char *arch, const char *today, struct hull_err *e)
{
	hull_autofree struct hull_seed_package *v = hull_alloc_array(n + 1, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct hull_seed_package){
			.name = files[i].name,
			.version = files[i].version,
			.arch = files[i].arch,
			.sha256 = files[i].sha256,
			.path = files[i].path,
			.size_bytes = files[i].size_bytes,
		};
	return hull_seed_lock_write(dir, v, n, arch, today, e);
}

static int choose(const struct hull_store *s, struct hull_seed_table *t,
		  struct hull_debian_suites *suites, const char *today,
		  struct hull_progress *progress, struct hull_err *e)
{
	const char *arch = hull_seed_arch(e);
	struct hull_apt_request request = {.suites = suites, .arch = arch, .packages = true};
	hull_autostrv struct hull_strv names = {0};
	struct hull_apt_file *files = NULL;
	struct hull_apt_lists lists;
	struct hull_arena arena = {0};
	size_t n = 0;
	int r;

	if (!arch || hull_apt_lists_open(&lists, s, &request, progress, e) < 0)
		return -1;
	r = hull_apt_install(&lists, suites, &t->packages, &arena, &files, &n, &names, e);
	if (r < 0 && names.n)
		r = unknown(t, &names, e);
	else if (r == 0)
		r = write_lock(t->dir, files, n, arch, today, e);
	hull_apt_lists_close(&lists);
	hull_arena_fini(&arena);
	return r;
}

int hull_seed_update(const struct hull_store *s, const char *tables, const char *debian_mirror,
		     const char *today, struct hull_progress *progress, struct hull_err *e)
{
	struct hull_debian_suites suites = {0};
	struct hull_seed_table t;
	int r;

	if (hull_seed_table_read(&t, tables, e) < 0)
		return -1;
	r = find_suites(s, debian_mirror, progress, &suites, e);
	if (r == 0)
		r = choose(s, &t, &suites, today, progress, e);
	hull_debian_suites_fini(&suites);
	hull_seed_table_fini(&t);
	return r < 0 ? hull_wrap(e, "seed: ") : 0;
}
