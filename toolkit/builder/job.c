// SPDX-License-Identifier: MIT
#include "builder/job.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "builder/collect.h"
#include "builder/inputs.h"
#include "builder/root.h"
#include "builder/record.h"
#include "builder/stages.h"
#include "rpm/rpmfile.h"
#include "source/debianarchive.h"
#include "source/origin.h"
#include "spec/repair.h"
#include "store/storepath.h"

static json_t *sources_json(const struct hull_job_request *r, struct hull_arena *a)
{
	struct hull_built_sources list = {0};

	list.v = hull_arena_array(a, r->spec->nsources + 1, sizeof *list.v);
	for (size_t i = 0; i < r->spec->nsources; i++) {
		const struct hull_spec_source *s = &r->spec->sources[i];
		hull_autofree char *origin = NULL;

		if (s->local)
			continue;
		origin = hull_source_origin(r->store, s->sha256);
		list.v[list.n++] =
			(struct hull_built_source){.file = s->file,
						   .sha256 = s->sha256,
						   .url = s->url,
						   .origin = hull_arena_strdup(a, origin)};
	}
	return hull_built_sources_json(&list);
}

static json_t *patch_json(const struct hull_spec_taken *t, const char *archive, const char *sha256)
{
	json_t *item =
		json_pack("{s:s, s:s, s:s}", "archive", archive, "name", t->name, "sha256", sha256);
	json_t *cves = json_array();

	for (const char *p = t->cves; *p;) {
		size_t n = strcspn(p, ",");

		json_array_append_new(cves, json_stringn(p, n));
		p += n + (p[n] == ',');
	}
	json_object_set_new(item, "cves", cves);
	return item;
}

/* The patches that the spec takes out of a Source; these have to be there. */
static int add_patches(json_t *list, const struct hull_job_request *r,
		       const struct hull_spec_source *s, struct hull_err *e)
{
	const struct hull_spec *spec = r->spec;
	hull_autofree char *path = hull_spec_source_path(spec, s);
	struct hull_debian_archive archive = {0};
	hull_autofd int fd =
		s->local ? hull_open(AT_FDCWD, path, e)
			 : hull_open(r->store->fd,
				     hull_store_path(HULL_STORE_SOURCE, s->sha256).path, e);
	int result = fd < 0 ? -1 : hull_debian_archive_read(&archive, fd, s->file, e);

	for (size_t i = 0; i < spec->ntaken && result == 0; i++) {
		const struct hull_debian_patch *patch;

		if (spec->taken[i].source != s->number)
			continue;
		patch = hull_debian_archive_find(&archive, spec->taken[i].name);
		if (patch)
			json_array_append_new(list,
					      patch_json(&spec->taken[i], s->file, patch->sha256));
		else
			result = hull_fail(e, HULL_FAILED, "no patch '%s' in %s",
					   spec->taken[i].name, s->file);
	}
	hull_debian_archive_fini(&archive);
	return result;
}

static json_t *patches_json(const struct hull_job_request *r, struct hull_err *e)
{
	hull_autojson json_t *list = json_array();

	for (size_t i = 0; i < r->spec->nsources; i++) {
		const struct hull_spec_source *s = &r->spec->sources[i];
		bool taken = false;

		for (size_t k = 0; k < r->spec->ntaken && !s->patch; k++)
			taken = taken || r->spec->taken[k].source == s->number;
		if (taken && add_patches(list, r, s, e) < 0)
			return NULL;
	}
	return json_incref(list);
}

/* What is said only where it is not as usual. */
static void add_unusual(json_t *j, const struct hull_job_request *r, struct hull_arena *a)
{
	if (r->spec->checks)
		json_object_set_new(j, "checks", json_true());
	if (r->check_tries > 1)
		json_object_set_new(j, "check_tries", json_integer((json_int_t)r->check_tries));
	if (r->passed_inputs)
		json_object_set_new(
			j, "passed",
			json_pack("{s:s, s:O}", "key", r->passed_key, "inputs", r->passed_inputs));
	if (r->generate)
		json_object_set_new(j, "generate", json_true());
	if (r->force)
		json_object_set_new(j, "force", json_true());
	if (r->spec->generates && r->generated) {
		json_t *list = json_array();

		for (size_t i = 0; i < r->generated->n; i++)
			json_array_append_new(list,
					      json_string(hull_dep_text(&r->generated->v[i], a)));
		json_object_set_new(j, "generated", list);
	}
}

static json_t *job_json(const struct hull_job_request *r, struct hull_err *e)
{
	const struct hull_spec *spec = r->spec;
	json_t *patches = patches_json(r, e), *packages, *j;
	struct hull_arena a = {0};
	struct hull_built_packages root;

	if (!patches)
		return NULL;
	root = hull_inputs_root(r->root, r->nroot, &a);
	packages = json_array();
	for (size_t i = 0; i < spec->npackages; i++)
		json_array_append_new(packages, json_string(spec->packages[i].name));
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:O, s:o, s:o, s:o, s:o}", "name",
		      spec->name, "version", spec->version, "release", spec->release, "spec",
		      hull_basename(spec->path), "key", r->key, "arch", r->arch, "seed", r->seed,
		      "epoch", (json_int_t)hull_inputs_epoch(spec), "inputs", r->inputs, "sources",
		      sources_json(r, &a), "patches", patches, "root",
		      hull_built_packages_json(&root), "packages", packages);
	add_unusual(j, r, &a);
	hull_arena_fini(&a);
	return j;
}

/* What is copied has to be what the key was made of. */
static int check_copy(const struct hull_job_request *r, const char *from, const char *copy,
		      const char *file, struct hull_err *e)
{
	const char *expected = hull_json_optional(json_object_get(r->inputs, "files"), file);
	char hex[HULL_HEX];

	if (hull_hash_file(r->store->fd, copy, hex, NULL, e) < 0)
		return -1;
	if (!expected || strcmp(hex, expected) != 0)
		return hull_fail(e, HULL_FAILED, "%s was changed while hull ran: run it again",
				 from);
	return 0;
}

static int copy_source(const struct hull_job_request *r, const char *dir,
		       const struct hull_spec_source *s, struct hull_err *e)
{
	hull_autofree char *from = hull_spec_source_path(r->spec, s);
	hull_autofree char *to = hull_asprintf("%s/files/%s", dir, s->file);

	if (hull_file_copy(AT_FDCWD, from, r->store->fd, to, e) < 0)
		return -1;
	return check_copy(r, from, to, s->file, e);
}

static int copy_spec(const struct hull_job_request *r, const char *dir, struct hull_err *e)
{
	const char *file = hull_basename(r->spec->path);
	hull_autofree char *to = hull_asprintf("%s/files/%s", dir, file);
	hull_autobuf struct hull_buf text = {0};

	if (hull_spec_text(r->spec->path, &text, e) < 0 ||
	    hull_file_write(r->store->fd, to, text.p, text.n, 0644, e) < 0)
		return -1;
	return check_copy(r, r->spec->path, to, file, e);
}

static int copy_files(const struct hull_job_request *r, const char *dir, struct hull_err *e)
{
	if (copy_spec(r, dir, e) < 0)
		return -1;
	for (size_t i = 0; i < r->spec->nsources; i++)
		if (r->spec->sources[i].local && copy_source(r, dir, &r->spec->sources[i], e) < 0)
			return -1;
	return 0;
}

/* What the build will see as it lies in the store. */
static int check_root(const struct hull_job_request *r, struct hull_err *e)
{
	hull_autofree const char **digests = hull_alloc_array(r->nroot + 1, sizeof *digests);

	for (size_t i = 0; i < r->nroot; i++)
		digests[i] = r->root[i]->sha256;
	return hull_rpms_intact(r->store, digests, r->nroot, false, e);
}

char *hull_job_new(const struct hull_job_request *r, struct hull_err *e)
{
	hull_autofree char *dir = hull_store_tmp(r->store, e);
	hull_autofree char *files = NULL, *path = NULL;
	hull_autojson json_t *job = NULL;

	if (!dir)
		return NULL;
	files = hull_asprintf("%s/files", dir);
	path = hull_asprintf("%s/job.json", dir);
	job = job_json(r, e);
	if (!job || check_root(r, e) < 0 || hull_mkdirs(r->store->fd, files, 0755, e) < 0 ||
	    copy_files(r, dir, e) < 0 || hull_json_write(r->store->fd, path, job, e) < 0) {
		hull_wrap(e, "%s: ", r->spec->name);
		return NULL;
	}
	return hull_steal(dir);
}

/* --- reading one, which may come from another machine or from a disk that is damaged --- */

static bool is_file_name(const char *s)
{
	return *s && !strchr(s, '/') && strcmp(s, ".") != 0 && strcmp(s, "..") != 0;
}

/* Digests, names of files, and other texts, by the member that they are. */
static int check_text(const json_t *j, const char *what, const char *key, struct hull_err *e)
{
	const char *s = hull_json_string(j, key, what, e);

	if (!s)
		return -1;
	if ((!strcmp(key, "sha256") || !strcmp(key, "key") || !strcmp(key, "macros"))
		    ? !hull_is_sha256(s)
		    : (!strcmp(key, "file") || !strcmp(key, "spec") || !strcmp(key, "arch")) &&
			      !is_file_name(s))
		return hull_fail(e, HULL_FAILED, "%s: \"%s\" is '%s'", what, key, s);
	return 0;
}

/* A list of objects that have these members. */
static int check_list(const json_t *job, const char *name, const char *const *members,
		      struct hull_err *e)
{
	const json_t *list = json_object_get(job, name), *item;
	size_t i;

	if (!json_is_array(list))
		return hull_fail(e, HULL_FAILED, "job: no list \"%s\"", name);
	json_array_foreach (list, i, item) {
		if (!*members && !json_is_string(item))
			return hull_fail(e, HULL_FAILED, "%s: item %zu is no string", name, i + 1);
		for (const char *const *m = members; *m; m++)
			if (check_text(item, name, *m, e) < 0)
				return -1;
	}
	return 0;
}

static int check_job(const json_t *job, struct hull_err *e)
{
	static const char *const texts[] = {"name", "version", "release", "spec",
					    "key",  "arch",    "seed"};
	static const struct {
		const char *name, *members[4];
	} lists[] = {
		{"sources", {"file", "sha256"}},
		{"patches", {"archive", "name", "sha256"}},
		{"root", {"name", "nevra", "sha256"}},
		{"packages", {NULL}},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (check_text(job, "job", texts[i], e) < 0)
			return -1;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (check_list(job, lists[i].name, lists[i].members, e) < 0)
			return -1;
	return check_text(json_object_get(job, "inputs"), "inputs", "macros", e);
}

static json_t *read_job(const struct hull_store *s, const char *dir, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/job.json", dir);
	hull_autojson json_t *job = hull_json_read(s->fd, path, e);

	if (job && check_job(job, e) < 0) {
		hull_wrap(e, "store %s: %s is damaged: ", s->path, path);
		return NULL;
	}
	return json_incref(job);
}

/* One that was checked. */
static const char *job_string(const json_t *job, const char *key)
{
	return json_string_value(json_object_get(job, key));
}

/* --- running it --- */

/* rpmbuild -br ends with this when there are requirements, met or not. */
enum { MISSING_REQUIREMENTS = 11 };

static int build_error(const struct hull_sandbox_result *r, const char *stage, struct hull_err *e)
{
	if (r->end == HULL_END_SIGNAL)
		return hull_fail(e, HULL_FAILED, "rpmbuild was killed by signal %d (%s)", r->status,
				 strsignal(r->status));
	if (r->status && (r->status != MISSING_REQUIREMENTS || strcmp(stage, "-br") != 0))
		return hull_fail(e, HULL_FAILED, "rpmbuild failed with exit status %d", r->status);
	return 0;
}

/* Builds in the job's directory up to a stage; after -bb the RPMs are in <job>/build/RPMS. */
static int execute(const struct hull_job_place *p, const char *dir, const json_t *job,
		   const char *stage, int log_fd, struct hull_sandbox_result *out,
		   struct hull_err *e)
{
	hull_autostrv struct hull_strv argv = {0};
	struct hull_job_root root;
	int r;

	if (hull_job_root_open(&root, p, dir, job, e) < 0)
		return -1;
	hull_job_root_rpmbuild(&root, stage, &argv);
	r = hull_job_root_run(&root, &(struct hull_sandbox){.argv = argv.v, .log = log_fd}, out, e);
	hull_job_root_close(&root);
	return r < 0 ? -1 : build_error(out, stage, e);
}

/* What is to be collected, in the time that the build has left. */
static struct hull_collect collection(const struct hull_job_place *p, const char *dir,
				      const json_t *job, const struct hull_sandbox_result *result)
{
	const uint64_t seconds = p->limits.seconds;

	return (struct hull_collect){.store = p->store,
				     .job_dir = dir,
				     .job = job,
				     .timeout_seconds = seconds,
				     .left_ms = (int64_t)seconds * 1000 - result->wall_ms};
}

/* The record of a build whose %check could fail, and passed, is that of any other: so is its log. */
static int take_passed_log(const struct hull_store *s, const char *key, struct hull_store_path *log,
			   struct hull_err *e)
{
	struct hull_store_path to = hull_store_path(HULL_STORE_LOG, key);

	if (renameat(s->fd, log->path, s->fd, to.path) < 0)
		return hull_fail_errno(e, "store %s: %s -> %s", s->path, log->path, to.path);
	*log = to;
	return 0;
}

static int write_record(const struct hull_store *s, const char *dir, const json_t *job,
			const struct hull_built_packages *packages, struct hull_arena *a,
			const struct hull_sandbox_result *result, int64_t started,
			struct hull_store_path log, struct hull_err *e)
{
	const json_t *passed = json_object_get(job, "passed");
	char log_sha256[HULL_HEX];
	struct hull_build_record r = {
		.arch = job_string(job, "arch"),
		.spec = job_string(job, "name"),
		.version = job_string(job, "version"),
		.release = job_string(job, "release"),
		.inputs = hull_build_inputs_parse(json_object_get(job, "inputs")),
		.sources = hull_built_sources_parse(json_object_get(job, "sources"), a),
		.patches = hull_built_patches_parse(json_object_get(job, "patches"), a),
		.seed = job_string(job, "seed"),
		.root = hull_built_packages_parse(json_object_get(job, "root"), a),
		.generated = json_object_get(job, "generated"),
		.packages = *packages,
		.log_sha256 = log_sha256,
		.started = started,
		.finished = hull_now(),
		.wall_ms = result->wall_ms,
		.cpu_ms = result->cpu_ms,
		.peak_memory_bytes = result->peak_memory_bytes,
	};

	memcpy(r.key, job_string(job, "key"), HULL_HEX);
	r.check = hull_stage_check(s, dir, job, &r.check_tries);
	if (passed && r.check && !strcmp(r.check, "passed")) {
		memcpy(r.key, job_string(passed, "key"), HULL_HEX);
		r.inputs = hull_build_inputs_parse(json_object_get(passed, "inputs"));
		if (take_passed_log(s, r.key, &log, e) < 0)
			return -1;
	}
	if (hull_hash_file(s->fd, log.path, log_sha256, &r.log_bytes, e) < 0)
		return -1;
	return hull_build_record_write(s, &r, e);
}

/* Has somebody else built this key meanwhile? */
static int already_built(const struct hull_store *s, const json_t *job, struct hull_err *e)
{
	const char *key = job_string(job, "key");
	struct hull_arena a = {0};
	struct hull_record record;
	int r;

	if (json_is_true(json_object_get(job, "generate")))
		return hull_store_has(s, HULL_STORE_REQUIRES, key);
	if (json_is_true(json_object_get(job, "force")))
		return 0;
	r = hull_record_read(s, key, &a, &record, e);

	hull_record_fini(&record);
	hull_arena_fini(&a);
	return r;
}

static int build_and_store(const struct hull_job_place *p, const char *dir, const json_t *job,
			   struct hull_err *e)
{
	const struct hull_store *s = p->store;
	struct hull_store_path log = hull_store_path(HULL_STORE_LOG, job_string(job, "key"));
	hull_autofd int log_fd =
		openat(s->fd, log.path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	struct hull_built_packages packages;
	struct hull_sandbox_result result = {0};
	struct hull_collect what;
	struct hull_arena a = {0};
	int64_t started = hull_now();
	int r;

	if (log_fd < 0)
		return hull_fail_errno(e, "%s/%s", s->path, log.path);
	if (json_is_true(json_object_get(job, "generate")))
		return execute(p, dir, job, "-br", log_fd, &result, e) < 0
			       ? -1
			       : hull_generated_keep(s, dir, job, e);
	if (execute(p, dir, job, "-bb", log_fd, &result, e) < 0)
		return -1;
	what = collection(p, dir, job, &result);
	r = hull_collect(&what, &a, &packages, e);
	if (r == 0)
		r = write_record(s, dir, job, &packages, &a, &result, started, log, e);
	hull_arena_fini(&a);
	return r;
}

int hull_job_run(const struct hull_job_place *p, const char *dir, struct hull_err *e)
{
	hull_autojson json_t *job = read_job(p->store, dir, e);
	hull_autofree char *lock_name = NULL;
	hull_autofd int lock = -1;
	int r;

	if (!job)
		return -1;
	lock_name = hull_asprintf("build-%s", job_string(job, "key"));
	lock = hull_store_lock(p->store, lock_name, true, e);
	if (lock < 0)
		return -1;
	r = already_built(p->store, job, e);
	if (r == 0)
		r = build_and_store(p, dir, job, e);
	return r;
}

int hull_job_try(const struct hull_job_place *p, const char *dir, struct hull_err *e)
{
	hull_autojson json_t *job = read_job(p->store, dir, e);
	hull_autofree char *rpms = hull_asprintf("%s/build/RPMS", dir);
	hull_autofree char *out = hull_asprintf("%s/out", dir);
	struct hull_sandbox_result result;
	hull_autofd int log_fd = -1;
	struct hull_store_path log;
	struct hull_collect what;

	if (!job)
		return -1;
	log = hull_store_path(HULL_STORE_CHECK_LOG, job_string(job, "key"));
	log_fd = openat(p->store->fd, log.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (log_fd < 0)
		return hull_fail_errno(e, "%s/%s", p->store->path, log.path);
	if (execute(p, dir, job, "-bb", log_fd, &result, e) < 0)
		return -1;
	what = collection(p, dir, job, &result);
	if (hull_collect_check(&what, e) < 0)
		return -1;
	if (renameat(p->store->fd, rpms, p->store->fd, out) < 0)
		return hull_fail_errno(e, "store %s: %s -> %s", p->store->path, rpms, out);
	return 0;
}

/* As the shell reads it again; a word that is in double quotes is as the shell's. */
static void add_word(struct hull_buf *rc, const char *word)
{
	hull_buf_adds(rc, *word == '"' ? " " : " '");
	for (const char *p = word; *p; p++)
		if (*p == '\'')
			hull_buf_adds(rc, "'\\''");
		else
			hull_buf_addc(rc, *p);
	if (*word != '"')
		hull_buf_addc(rc, '\'');
}

/* `build` in the shell is what hull build runs; all stages of rpmbuild are at hand. */
static int write_shell_start(const struct hull_job_root *root, struct hull_err *e)
{
	hull_autofree char *path = hull_asprintf("%s/build/.bashrc", root->dir);
	hull_autostrv struct hull_strv rpmbuild = {0};
	hull_autobuf struct hull_buf rc = {0};

	hull_job_root_rpmbuild(root, "\"${1:--bb}\"", &rpmbuild);
	hull_buf_adds(&rc, "PS1='hull \\w \\$ '\nbuild() {");
	for (size_t i = 0; i < rpmbuild.n; i++)
		add_word(&rc, rpmbuild.v[i]);
	hull_buf_adds(&rc, "; }\necho 'The build root; build [-bp|-bc|-bi|-bb] runs rpmbuild.'\n");
	return hull_file_write(root->place->store->fd, path, rc.p, rc.n, 0644, e);
}

int hull_job_shell(const struct hull_job_place *p, const char *dir, char *const *command,
		   struct hull_err *e)
{
	hull_autojson json_t *job = read_job(p->store, dir, e);
	hull_autostrv struct hull_strv argv = {0};
	struct hull_sandbox_result result = {0};
	struct hull_job_root root;
	int r = 0;

	if (!job || hull_job_root_open(&root, p, dir, job, e) < 0)
		return -1;
	if (command && *command)
		hull_strv_add(&argv, "/usr/bin/env"); /* looks the program up in the root's PATH */
	for (size_t i = 0; command && command[i]; i++)
		hull_strv_add(&argv, command[i]);
	if (!argv.n) {
		r = write_shell_start(&root, e);
		hull_strv_add(&argv, "/usr/bin/bash");
		hull_strv_add(&argv, "--rcfile");
		hull_strv_add(&argv, "/hull/build/.bashrc");
		hull_strv_add(&argv, "-i");
	}
	if (r == 0)
		r = hull_job_root_run(&root,
				      &(struct hull_sandbox){.argv = argv.v, .terminal = true},
				      &result, e);
	hull_job_root_close(&root);
	if (r < 0)
		return -1;
	return result.end == HULL_END_EXIT ? result.status : 128 + result.status;
}
