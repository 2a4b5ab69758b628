// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/workers.h"
#include "check/check.h"
#include "check/mentions.h"
#include "vulnerability/osv.h"
#include "vulnerability/oval.h"
#include "vulnerability/vex.h"

enum { MAX_DEPTH = 8, SHOWN_ERRORS = 20, MAX_DATABASE = 512 << 20, MAX_VEX = 64 << 20 };

struct database {
	const struct hull_inventory *inventory;
	const char *directory;
	struct hull_strv files; /* relative to the directory */
	char **errors;		/* one a file, NULL where all went well */

	/* of each thread; in the end all are the first's */
	struct hull_hits hits[HULL_WORKERS_MAX];
};

/* Every *.json and *.xml below the directory. */
static int list_files(struct database *w, const char *below, int depth, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", w->directory, below);
	hull_autostrv struct hull_strv names = {0};

	if (depth > MAX_DEPTH)
		return hull_fail(e, HULL_FAILED, "%s: directories are nested too deeply", path);
	if (hull_dir_list(AT_FDCWD, path, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *one =
			hull_asprintf("%s%s%s", below, *below ? "/" : "", names.v[i]);
		hull_autofree char *full = hull_asprintf("%s/%s", w->directory, one);
		struct stat st;

		if (stat(full, &st) < 0)
			return hull_fail_errno(e, "%s", full);
		if (S_ISDIR(st.st_mode)) {
			if (list_files(w, one, depth + 1, e) < 0)
				return -1;
		} else if (S_ISREG(st.st_mode) &&
			   (hull_ends(one, ".json") || hull_ends(one, ".xml"))) {
			hull_strv_take(&w->files, hull_steal(one));
		}
	}
	return 0;
}

static int read_file(const struct database *w, const char *name, struct hull_hits *hits,
		     struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/%s", w->directory, name);
	hull_autobuf struct hull_buf text = {0};
	size_t n = strlen(name);

	if (hull_file_read_most(AT_FDCWD, path, MAX_DATABASE, &text, e) < 0)
		return -1;
	if (!text.p)
		return hull_fail(e, HULL_FAILED, "%s: an empty file", path);
	if (n > 4 && !strcmp(name + n - 4, ".xml"))
		return hull_oval_read(text.p, text.n, name, w->inventory, hits, e);
	return hull_osv_read(text.p, text.n, name, w->inventory, hits, e);
}

/* What one file says counts although another cannot be read. */
static int read_next(size_t i, int thread, void *ctx, struct hull_err *e)
{
	struct database *w = ctx;

	if (read_file(w, w->files.v[i], &w->hits[thread], e) < 0)
		w->errors[i] = hull_strdup(e->msg);
	return 0;
}

static int read_all(struct database *w, int threads, struct hull_err *e)
{
	int rc = hull_workers_run(threads, w->files.n, read_next, w, e);

	for (int i = 1; i < HULL_WORKERS_MAX; i++) {
		w->hits[0].records += w->hits[i].records;
		for (size_t k = 0; k < w->hits[i].n; k++)
			hull_hits_add(&w->hits[0], &w->hits[i].v[k]);
		hull_hits_fini(&w->hits[i]);
	}
	hull_hits_settle(&w->hits[0]);
	return rc;
}

/* --- findings --- */

static const char *describe(struct hull_check *c, const struct hull_hit *hit)
{
	const struct hull_inventory_item *k = hit->component;
	struct hull_arena *a = &c->arena;
	const char *title =
		hit->title && *hit->title
			? hull_arena_printf(a, "%.*s: ", (int)strcspn(hit->title, "\r\n"),
					    hit->title)
			: "";
	const char *what = hull_arena_printf(a, "%s%s %s", title, k->name, k->version);
	const char *fixed = hit->fixed ? hull_arena_printf(a, ", fixed in %s", hit->fixed)
				       : ", no fixed version is known";

	if (hit->exact)
		return hull_arena_printf(a, "%s is affected%s (%s)", what, fixed, hit->source);
	if (hit->verdict == HULL_UNDECIDED)
		return hull_arena_printf(
			a,
			"%s: another distribution fixed this upstream version by a patch; whether "
			"the package has it is not known (%s)",
			what, hit->source);
	return hull_arena_printf(a,
				 "%s is affected by upstream version%s; patches of the package "
				 "are not known (%s)",
				 what, fixed, hit->source);
}

static void report(struct hull_check *c, const struct hull_hit *hit, const struct hull_vex *vex,
		   struct hull_mentions *mentions)
{
	const struct hull_package *p = &c->s->packages[hit->component->package];
	const char *entry =
		hit->exact ? NULL
			   : hull_mentions_author(&mentions[hit->component->package], p, hit->id);
	const struct hull_vex_statement *st = hull_vex_find(vex, c->s, hit);
	const char *patch =
		hit->exact || !c->o->backports
			? NULL
			: hull_backports_find(c->o->backports, hit->component->package, hit->id);
	struct hull_finding *f;

	if (hit->verdict == HULL_UNAFFECTED)
		return;
	f = hull_findings_add(
		c->out, "HULL-VULNERABILITY", HULL_OBJECT_PACKAGE,
		hull_arena_printf(&c->arena, "%s %s", hit->component->subject, hit->id), p->name,
		"%s", describe(c, hit));
	f->severity = hit->severity > HULL_INFO ? hit->severity : HULL_LOW;
	if (hit->verdict == HULL_UNDECIDED && f->severity > HULL_LOW)
		f->severity = HULL_LOW;
	if (hit->exact && hit->fixed)
		f->remediation = hull_arena_printf(&c->out->arena, "update %s to %s",
						   hit->component->subject, hit->fixed);
	if (entry) {
		f->accepted =
			hull_arena_printf(&c->out->arena, "its changelog names it: %s", entry);
		f->accepted_by = "changelog of the package";
	}
	if (patch) {
		f->accepted = hull_arena_printf(&c->out->arena, "fixed by the patch %s", patch);
		f->accepted_by = "record of the build";
	}
	if (st && st->status != HULL_VEX_OTHER) {
		f->accepted = hull_arena_strdup(&c->out->arena, st->justification);
		f->accepted_by = hull_arena_strdup(&c->out->arena, st->source);
	}
}

/* --- the whole --- */

static int read_vex_file(const char *path, struct hull_vex *out, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	if (hull_file_read_most(AT_FDCWD, path, MAX_VEX, &text, e) < 0)
		return -1;
	return hull_vex_read(text.p ? text.p : "", text.n, hull_basename(path), out, e);
}

/* What one file says counts although another cannot be read. */
static void read_vex(struct hull_check *c, struct hull_vex *out)
{
	struct hull_err e;

	for (size_t i = 0; i < c->o->vex.n; i++)
		if (read_vex_file(c->o->vex.v[i], out, &e) < 0)
			hull_strv_add(&c->out->errors, e.msg);
}

/* The first error is returned, the others are added to the findings' list. */
static int tell_errors(struct hull_check *c, const struct database *w, struct hull_err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < w->files.n; i++) {
		if (!w->errors[i])
			continue;
		if (n++ == 0)
			hull_fail(e, HULL_FAILED, "%s/%s", w->directory, w->errors[i]);
		else if (n <= SHOWN_ERRORS)
			hull_strv_addf(&c->out->errors, "%s/%s", w->directory, w->errors[i]);
		free(w->errors[i]);
	}
	if (n > SHOWN_ERRORS)
		hull_strv_addf(&c->out->errors, "%s: %zu more files could not be read",
			       w->directory, n - SHOWN_ERRORS);
	return n ? -1 : 0;
}

static int check(struct hull_check *c, struct database *w, const struct hull_vex *vex,
		 struct hull_err *e)
{
	struct hull_mentions *mentions = hull_alloc_array(c->s->npackages, sizeof *mentions);
	struct hull_hits *hits = &w->hits[0];
	int rc;

	w->errors = hull_alloc_array(w->files.n, sizeof *w->errors);
	rc = read_all(w, c->o->threads, e);
	for (size_t i = 0; rc == 0 && i < hits->n; i++)
		report(c, &hits->v[i], vex, mentions);
	if (rc == 0)
		hull_findings_add(
			c->out, "HULL-VULNDB-COVERAGE", HULL_OBJECT_IMAGE, w->directory, NULL,
			"%zu records in %zu files; they say something about %zu pairs of component "
			"and vulnerability",
			hits->records, w->files.n, hits->n);
	if (tell_errors(c, w, rc == 0 ? e : &(struct hull_err){0}) < 0)
		rc = -1;
	hull_hits_fini(hits);
	for (size_t i = 0; i < c->s->npackages; i++)
		hull_mentions_fini(&mentions[i]);
	free(mentions);
	free(w->errors);
	return rc;
}

int hull_check_vulnerabilities(struct hull_check *c, struct hull_err *e)
{
	struct database w = {.directory = c->o->vulndb};
	struct hull_inventory inventory;
	struct hull_vex vex = {0};
	int rc;

	read_vex(c, &vex);
	/* an audit that did not look must not read like one that found nothing */
	if (!w.directory)
		hull_findings_add(
			c->out, "HULL-VULNDB-MISSING", HULL_OBJECT_IMAGE, "--vulndb", NULL,
			"without lists of known vulnerabilities none can be found, however "
			"many the image has");
	rc = w.directory ? list_files(&w, "", 0, e) : 0;
	if (rc == 0 && w.directory && !w.files.n)
		rc = hull_fail(e, HULL_FAILED, "%s: no OSV (*.json) or OVAL (*.xml) file in it",
			       w.directory);
	if (rc == 0 && w.directory) {
		hull_inventory_init(&inventory, c->s);
		w.inventory = &inventory;
		rc = check(c, &w, &vex, e);
		hull_inventory_fini(&inventory);
	}
	hull_strv_fini(&w.files);
	hull_vex_fini(&vex);
	return rc;
}
