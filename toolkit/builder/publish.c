// SPDX-License-Identifier: MIT
#include "builder/publish.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/collect.h"
#include "builder/failure.h"
#include "builder/inputs.h"

struct publish_list {
	const struct hull_package **v;
	size_t n, cap;
	int64_t time;
};

static void add_record(struct publish_list *l, const struct hull_record *r,
		       const struct hull_spec *spec)
{
	for (size_t i = 0; i < r->build.packages.n; i++) {
		l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
		l->v[l->n++] = &r->packages[i];
	}
	if (hull_inputs_epoch(spec) > l->time)
		l->time = hull_inputs_epoch(spec);
}

/* The record that the repository has of a node which this run did not ask for. */
static int kept(struct hull_workspace *w, struct hull_spec_node *node, const json_t *builds,
		struct hull_err *e)
{
	const char *key = hull_json_optional(builds, node->spec->name);
	int r;

	if (!key || node->result.build.json)
		return 0;
	r = hull_record_read(w->store, key, &w->arena, &node->result, e);
	if (r == 1)
		memcpy(node->key, key, HULL_HEX);
	return r < 0 ? -1 : 0;
}

/* Those of a spec that is left out of the trees now stay, too: nobody asked to have them gone. */
static int keep_left_out(struct hull_workspace *w, const json_t *old, json_t *now,
			 struct hull_record *records, struct publish_list *l, struct hull_err *e)
{
	for (size_t i = 0; i < w->specs->nleft_out; i++) {
		const char *name = w->specs->left_out[i].name;
		const char *key = hull_json_optional(old, name);
		int r;

		if (!key || json_object_get(now, name) ||
		    w->specs->left_out[i].kind == HULL_FAULT_DUPLICATE)
			continue;
		r = hull_record_read(w->store, key, &w->arena, &records[i], e);
		if (r < 0)
			return -1;
		for (size_t k = 0; r == 1 && k < records[i].build.packages.n; k++) {
			l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
			l->v[l->n++] = &records[i].packages[k];
		}
		if (r == 1)
			hull_json_set(now, name, key);
	}
	return 0;
}

json_t *hull_published(const char *path, size_t *out_packages)
{
	hull_autofree char *builds = hull_asprintf("%s/builds.json", path);
	hull_autofree char *repomd = hull_asprintf("%s/repodata/repomd.xml", path);
	hull_autojson json_t *j = NULL;

	if (!hull_exists(AT_FDCWD, builds) || !hull_exists(AT_FDCWD, repomd))
		return NULL;
	/* a repository without it is written anew */
	j = hull_json_read(AT_FDCWD, builds, NULL);
	*out_packages = (size_t)json_integer_value(json_object_get(j, "packages"));
	return json_incref(json_object_get(j, "builds"));
}

static int write_builds(const char *path, json_t *builds, size_t packages, struct hull_err *e)
{
	hull_autofree char *file = hull_asprintf("%s/builds.json", path);
	hull_autojson json_t *j =
		json_pack("{s:I, s:O}", "packages", (json_int_t)packages, "builds", builds);

	return hull_json_write(AT_FDCWD, file, j, e);
}

int hull_publish(struct hull_workspace *w, const char *path, struct hull_repo_stats *out,
		 struct hull_err *e)
{
	size_t before = 0;
	hull_autofree struct hull_record *left_out =
		hull_alloc_array(w->specs->nleft_out + 1, sizeof *left_out);
	hull_autojson json_t *old = hull_published(path, &before), *now = json_object();
	struct publish_list l = {0};
	int r = 0;

	for (size_t i = 0; i < w->n && r == 0; i++) {
		struct hull_spec_node *node = &w->nodes[i];

		if (node->state != HULL_SPEC_DONE)
			r = kept(w, node, old, e);
		if (!node->result.build.json)
			continue;
		add_record(&l, &node->result, node->spec);
		hull_json_set(now, node->spec->name, node->key);
	}
	if (r == 0)
		r = keep_left_out(w, old, now, left_out, &l, e);
	if (r == 0)
		r = hull_repo_write(w->store, path, l.v, l.n, l.time, out, e);
	if (r == 0 && (!old || !json_equal(old, now) || before != l.n))
		r = write_builds(path, now, l.n, e);
	hull_freep(&l.v);
	for (size_t i = 0; i < w->specs->nleft_out; i++)
		hull_record_fini(&left_out[i]);
	return r;
}

/* --- source packages --- */

/* rpmbuild -bs in the root of a job. */
static int make_source(const struct hull_job_place *p, const char *dir, const json_t *job,
		       struct hull_err *e)
{
	hull_autofree char *log = hull_asprintf("%s/log", dir);
	hull_autofd int fd =
		openat(p->store->fd, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	hull_autobuf struct hull_buf text = {0}, quoted = {0};
	hull_autostrv struct hull_strv argv = {0};
	struct hull_sandbox_result result;
	struct hull_job_root root;
	int r;

	if (fd < 0)
		return hull_fail_errno(e, "store %s: %s", p->store->path, log);
	if (hull_job_root_open(&root, p, dir, job, e) < 0)
		return -1;
	hull_job_root_rpmbuild(&root, "-bs", &argv);
	r = hull_job_root_run(&root, &(struct hull_sandbox){.argv = argv.v, .log = fd}, &result, e);
	hull_job_root_close(&root);
	if (r < 0)
		return -1;
	if (result.end == HULL_END_EXIT && result.status == 0)
		return 0;
	if (hull_failure_log(p->store->fd, log, &text, e) < 0)
		return -1;
	hull_failure_quote(text.p ? text.p : "", &quoted);
	return hull_fail(e, HULL_FAILED, "rpmbuild -bs failed\n%-s", quoted.p ? quoted.p : "");
}

static int take_source(const struct hull_store *s, const char *dir, const char *name,
		       const char *to, struct hull_err *e)
{
	hull_autofree char *from = hull_asprintf("build/SRPMS/%s", name);
	hull_autofree char *part = hull_asprintf("%s.part", to);
	hull_autofd int fd = hull_collect_open(s, dir, from, e), out = -1;

	if (fd < 0)
		return -1;
	out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0)
		return hull_fail_errno(e, "%s", part);
	if (hull_fd_copy(fd, out, e) < 0)
		return hull_wrap(e, "%s: ", part);
	if (fsync(out) < 0 || rename(part, to) < 0)
		return hull_fail_errno(e, "%s", to);
	return 0;
}

/* "zlib" of "zlib-1.3-1.src.rpm" */
static bool is_source_of(const char *file, const char *spec)
{
	size_t n = strlen(spec);
	const char *rest = hull_starts(file, spec) ? file + n : "";
	const char *release = *rest == '-' ? strchr(rest + 1, '-') : NULL;

	return release && !strchr(release + 1, '-') && hull_ends(file, ".src.rpm");
}

static int drop_others(const char *directory, const char *spec, const char *name,
		       struct hull_err *e)
{
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, directory, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *path = hull_asprintf("%s/%s", directory, names.v[i]);

		if (is_source_of(names.v[i], spec) && strcmp(names.v[i], name) != 0 &&
		    unlink(path) < 0)
			return hull_fail_errno(e, "remove %s", path);
	}
	return 0;
}

int hull_publish_source(struct hull_workspace *w, size_t index, const struct hull_job_place *place,
			const char *path, char **out, struct hull_err *e)
{
	const struct hull_spec *spec = w->nodes[index].spec;
	hull_autofree char *name =
		hull_asprintf("%s-%s-%s.src.rpm", spec->name, spec->version, spec->release);
	hull_autofree char *directory = hull_asprintf("%s/SRPMS", path);
	hull_autofree char *to = hull_asprintf("%s/%s", directory, name);
	hull_autofree char *dir = hull_workspace_job(w, index, e), *file = NULL;
	hull_autojson json_t *job = NULL;
	int r;

	if (!dir)
		return -1;
	file = hull_asprintf("%s/job.json", dir);
	job = hull_json_read(w->store->fd, file, e);
	if (!job || hull_mkdirs(AT_FDCWD, directory, 0755, e) < 0)
		return -1;
	r = make_source(place, dir, job, e);
	if (r == 0)
		r = take_source(w->store, dir, name, to, e);
	if (r == 0)
		r = drop_others(directory, spec->name, name, e);
	hull_ignore(hull_remove_tree(w->store->fd, dir, NULL));
	if (r < 0)
		return hull_wrap(e, "%s: its source package: ", spec->path);
	*out = hull_steal(to);
	return 0;
}
