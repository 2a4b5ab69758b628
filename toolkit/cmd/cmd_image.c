// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/print.h"
#include "cmd/repositories.h"
#include "config/config_document.h"
#include "image/artifact.h"
#include "image/configsteps.h"
#include "image/imagerecord.h"
#include "image/make.h"
#include "sandbox/runner.h"

/* What Azure takes as a disk; a VHD of fixed size is the one kind that it takes. */
#define AZURE_MIN_BYTES ((uint64_t)20 << 20)

struct image_options {
	struct hull_repo_options repo;
	const char *output, *dump, *scriptlets;
	bool update, validate, force, allow_outside;
	uint64_t jobs;
};

#define AT(member) offsetof(struct image_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_DIRECTORY, "output", 'o', AT(output), "DIR",
	 "where artifacts go (default: out/image)"},
	HULL_REPO_OPTIONS(AT(repo)),
	{HULL_OPT_FLAG, "update", 'u', AT(update), NULL,
	 "resolve again and write a new lock file although the old one differs"},
	{HULL_OPT_FLAG, "validate", 0, AT(validate), NULL,
	 "check the configurations, name all errors, and stop: nothing is resolved or written"},
	{HULL_OPT_FLAG, "force", 'f', AT(force), NULL,
	 "make the artifacts although they are there and nothing changed"},
	{HULL_OPT_FLAG, "allow-outside", 0, AT(allow_outside), NULL,
	 "files that the configuration names may lie outside of its directory"},
	{HULL_OPT_STRING, "scriptlets", 0, AT(scriptlets), "HOW",
	 "refuse (default): packages whose scriptlets would have to run; sandbox: run them"},
	{HULL_OPT_COUNT, "jobs", 'j', AT(jobs), "N", "cores to use (default: all)"},
	{HULL_OPT_FILE, "dump", 0, AT(dump), "FILE",
	 "also write the solve as a test case for tests/solver"},
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	((struct image_options *)o)->jobs = (uint64_t)hull_cores();
}

static void finish(void *o)
{
	hull_repo_options_fini(&((struct image_options *)o)->repo);
}

static bool runs_scripts(const struct image_options *o)
{
	return o->scriptlets && !strcmp(o->scriptlets, "sandbox");
}

/* Which build of hull this is, and how it is used: another one may write other bytes. */
static char *program_id(bool scriptlets)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0)
		return hull_strdup(HULL_VERSION);
	return hull_asprintf("%s %lld %lld.%09ld%s", HULL_VERSION, (long long)st.st_size,
			     (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			     scriptlets ? " scriptlets" : "");
}

static json_int_t figure(const json_t *figures, const char *name)
{
	return json_integer_value(json_object_get(figures, name));
}

static void print_figure(const json_t *record, const char *label, const char *name, double unit,
			 const char *unit_name)
{
	json_t *now = json_object_get(record, "figures"),
	       *before = json_object_get(record, "before");
	int decimals = unit > 1;

	if (!json_object_get(now, name))
		return;
	hull_print("  %-12s %10.*f%s", label, decimals, (double)figure(now, name) / unit,
		   unit_name);
	if (before && json_object_get(before, name) && figure(before, name) != figure(now, name))
		hull_print("   before: %.*f%s", decimals, (double)figure(before, name) / unit,
			   unit_name);
	hull_print("\n");
}

static void print_record(const json_t *record, const char *directory)
{
	const json_t *artifact;
	char size[HULL_AMOUNT];
	size_t i;

	print_figure(record, "packages", "packages", 1, "");
	print_figure(record, "installed", "installed_bytes", 1e6, " MB");
	print_figure(record, "kernel", "kernel_bytes", 1e6, " MB");
	print_figure(record, "disk", "disk_bytes", 1 << 20, " MiB");
	print_figure(record, "time", "wall_ms", 1e3, " s");
	json_array_foreach (json_object_get(record, "artifacts"), i, artifact)
		hull_print("%s/%s %s\n", directory,
			   json_string_value(json_object_get(artifact, "file")),
			   hull_size_text((uint64_t)figure(artifact, "allocated_bytes"), size));
}

static void print_result(const struct hull_context *ctx, json_t *record, const char *directory,
			 bool current)
{
	hull_progress_clear(ctx->progress);
	if (ctx->json) {
		json_object_set_new(record, "directory", json_string(directory));
		json_object_set_new(record, "made", json_boolean(!current));
		hull_print_json(record);
		return;
	}
	if (current)
		hull_print("nothing to do: the image is up to date\n");
	print_record(record, directory);
}

/* What is written as asked, though a cloud will not take it. */
static void warn_of_size(const struct hull_context *ctx, const struct hull_image_config *c,
			 uint64_t disk_bytes)
{
	for (size_t i = 0; i < c->nartifacts; i++) {
		hull_autofree char *file = hull_artifact_file(&c->artifacts[i]);

		if (c->artifacts[i].type == HULL_ARTIFACT_VHD && disk_bytes < AZURE_MIN_BYTES)
			hull_log(ctx->progress,
				 "warning: %s: its disk has %d MiB; Azure takes none below %d MiB: "
				 "give the root more HeadRoom, or the disk a larger MaxSize",
				 file, (int)(disk_bytes >> 20), (int)(AZURE_MIN_BYTES >> 20));
	}
}

/* What the kernel needs comes before what was written. */
static void warn_of_esp(const struct hull_context *ctx, const struct hull_places *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (hull_place_grew(&p->v[i]))
			hull_log(
				ctx->progress,
				"warning: %s: partition %s: an ESP of %llu MiB is too small for its "
				"files: it has grown to %llu MiB, and what is behind it has moved",
				p->v[i].config->where, p->v[i].config->id,
				(unsigned long long)p->v[i].config->size_mib,
				(unsigned long long)(p->v[i].size_bytes >> 20));
}

/* What the scriptlets have done goes into the lock file, if it does not say so. */
static int keep_runs(struct hull_context *ctx, struct hull_image_scriptlets *s,
		     struct hull_lock *lock, const char *lock_path, struct hull_err *e)
{
	int r = 0;

	for (size_t i = 0; i < s->warnings.n; i++)
		hull_log(ctx->progress, "%-s", s->warnings.v[i]);
	if (s->runs.n)
		hull_log(ctx->progress,
			 "%zu scriptlets ran; %zu paths are not as packages have them", s->runs.n,
			 s->runs.nchanges);
	if (!lock->runs.ran || hull_runs_difference(&lock->runs, &s->runs, &s->arena)) {
		r = hull_lock_set_runs(lock, &s->runs, e);
		if (r == 0)
			r = hull_lock_write(lock_path, lock, e);
	}
	hull_image_scriptlets_fini(s);
	return r;
}

/* Makes the artifacts unless they are there. */
static int make_artifacts(struct hull_context *ctx, const struct image_options *o,
			  const struct hull_image_config *c, const struct hull_repositories *repos,
			  struct hull_lock *lock, const char *lock_path, struct hull_arena *a,
			  struct hull_err *e)
{
	const char *directory = o->output ? o->output : "out/image";
	bool run = runs_scripts(o);
	hull_autofree char *program = program_id(run);
	struct hull_image_scriptlets scriptlets = {.accept = o->update};
	hull_autojson json_t *record = NULL;
	int64_t start = hull_monotonic_ms();
	struct hull_make_request r = {.store = &ctx->store,
				      .config = c,
				      .lock = lock,
				      .arch = ctx->arch,
				      .directory = directory,
				      .threads = (int)o->jobs,
				      .scriptlets = run ? &scriptlets : NULL,
				      .progress = ctx->progress};
	char stamp[HULL_HEX];
	struct hull_made made;

	scriptlets.nmore = hull_config_steps(c, a, &scriptlets.more);
	if (hull_source_date(&r.time, e) < 0)
		return -1;
	hull_image_stamp(c, lock, ctx->arch, r.time, program, stamp);
	if (!o->force && (record = hull_image_current(directory, c->name, stamp))) {
		print_result(ctx, record, directory, true);
		return 0;
	}
	if (hull_mkdirs(AT_FDCWD, directory, 0755, e) < 0 ||
	    hull_lock_fetch(&ctx->store, lock, repos->v, repos->n, o->repo.offline, ctx->progress,
			    e) < 0 ||
	    (run && hull_sandbox_check(ctx->store.path, e) < 0) || hull_make(&r, &made, e) < 0)
		return -1;
	if (made.has_disk) {
		warn_of_size(ctx, c, made.disk.places.disk_bytes);
		warn_of_esp(ctx, &made.disk.places);
	}
	if (run && keep_runs(ctx, &scriptlets, lock, lock_path, e) < 0) {
		hull_made_fini(&made);
		return -1;
	}
	record = hull_image_record(directory, c, &made, stamp, hull_monotonic_ms() - start, e);
	hull_made_fini(&made);
	if (!record)
		return -1;
	print_result(ctx, record, directory, false);
	return 0;
}

static int make(struct hull_context *ctx, const struct image_options *o,
		const struct hull_image_config *c, const struct hull_repositories *repos,
		struct hull_lock *lock, const char *lock_path, struct hull_err *e)
{
	struct hull_arena a = {0};
	int r = make_artifacts(ctx, o, c, repos, lock, lock_path, &a, e);

	hull_arena_fini(&a);
	return r;
}

static int resolve_and_make(struct hull_context *ctx, const struct image_options *o,
			    const struct hull_image_config *c, struct hull_err *e)
{
	struct hull_repositories repos = {0};
	hull_autofree char *path = hull_lock_path(c->path);
	hull_autobuf struct hull_buf difference = {0};
	struct hull_lock lock;
	int r = hull_repositories_init(&repos, ctx, &o->repo, e);

	if (r == 0) {
		struct hull_resolve_request q = {.config = c,
						 .arch = ctx->arch,
						 .repositories = repos.v,
						 .nrepositories = repos.n,
						 .offline = o->repo.offline,
						 .dump = o->dump,
						 .any_repository = o->repo.no_priority,
						 .strict_newest = o->repo.strict_newest};

		r = hull_resolve_locked(&ctx->store, &q, path, o->update, ctx->progress, &lock,
					&difference, e);
	}
	if (r == 0) {
		if (difference.n)
			hull_log(ctx->progress, "%-s", difference.p);
		hull_repositories_notices(ctx, &lock);
		r = make(ctx, o, c, &repos, &lock, path, e);
		hull_lock_fini(&lock);
	}
	hull_repositories_fini(&repos);
	return r;
}

static void tell_warnings(const struct hull_context *ctx, const struct hull_image_config *c)
{
	for (size_t i = 0; i < c->warnings.n; i++)
		hull_log(ctx->progress, "warning: %-s", c->warnings.v[i]);
}

static int make_one(struct hull_context *ctx, const struct image_options *o, const char *path,
		    struct hull_err *e)
{
	struct hull_image_config config;
	int r;

	if (hull_config_read(path, ctx->arch, o->allow_outside, &config, e) < 0)
		return -1;
	tell_warnings(ctx, &config);
	r = runs_scripts(o) ? 0 : hull_config_refuse_scripts(&config, NULL, e);
	if (r == 0)
		r = resolve_and_make(ctx, o, &config, e);
	hull_config_fini(&config);
	return r;
}

static json_t *strings_json(const struct hull_strv *v)
{
	json_t *j = json_array();

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(j, hull_json_clean(v->v[i]));
	return j;
}

static void print_validity(const struct hull_context *ctx, const char *path,
			   const struct hull_image_config *c, const struct hull_strv *errors)
{
	hull_autojson json_t *j = json_object();

	if (!ctx->json && !errors->n)
		hull_print("%s: valid\n", path);
	if (!ctx->json)
		return;
	hull_json_set_clean(j, "configuration", path);
	json_object_set_new(j, "valid", json_boolean(!errors->n));
	json_object_set_new(j, "errors", strings_json(errors));
	json_object_set_new(j, "warnings", strings_json(&c->warnings));
	hull_print_document(j, 1);
}

/* The only error is e; of several e has the number, and each is told before. */
static int validate_one(struct hull_context *ctx, const struct image_options *o, const char *path,
			struct hull_err *e)
{
	struct hull_image_config config;
	struct hull_strv errors = {0};
	int r = hull_config_read_all(path, ctx->arch, o->allow_outside, &config, &errors);

	if (r == 0 && !runs_scripts(o))
		r = hull_config_refuse_scripts(&config, &errors, e);
	tell_warnings(ctx, &config);
	print_validity(ctx, path, &config, &errors);
	if (errors.n == 1)
		hull_fail(e, HULL_FAILED, "%-s", errors.v[0]);
	for (size_t i = 0; errors.n > 1 && i < errors.n; i++)
		hull_log_error(ctx->progress, "%-s", errors.v[i]);
	if (errors.n > 1)
		hull_fail(e, HULL_FAILED, "%s: %zu errors", path, errors.n);
	hull_config_fini(&config);
	hull_strv_fini(&errors);
	return r;
}

static int validate(struct hull_context *ctx, const struct image_options *o,
		    const struct hull_strv *args, struct hull_err *e)
{
	size_t bad = 0;

	for (size_t i = 0; i < args->n; i++) {
		if (validate_one(ctx, o, args->v[i], e) == 0)
			continue;
		bad++;
		if (args->n > 1)
			hull_log_error(ctx->progress, "%-s", e->msg);
	}
	if (args->n > 1 && bad)
		hull_fail(e, HULL_FAILED, "%zu of %zu configurations are not valid", bad, args->n);
	return bad ? -1 : 0;
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct image_options *o = opts;
	int r = 0;

	if (!args->n)
		return hull_fail(e, HULL_USAGE,
				 "hull image CONFIG...: name an image configuration");
	if (o->scriptlets && strcmp(o->scriptlets, "refuse") != 0 &&
	    strcmp(o->scriptlets, "sandbox") != 0)
		return hull_fail(e, HULL_USAGE, "--scriptlets: '%s' is neither refuse nor sandbox",
				 o->scriptlets);
	if (!o->jobs)
		return hull_fail(e, HULL_USAGE, "--jobs: at least 1");
	if (o->validate)
		return validate(ctx, o, args, e);
	if (hull_context_store(ctx, e) < 0)
		return -1;
	hull_repositories_warn(ctx, &o->repo);
	for (size_t i = 0; r == 0 && i < args->n; i++)
		r = make_one(ctx, o, args->v[i], e);
	return r;
}

const struct hull_command hull_cmd_image = {
	.name = "image",
	.args = "CONFIG...",
	.summary = "make disk images, archives and container images",
	.description =
		"Makes the artifacts of an image configuration: resolves the packages (see 'hull "
		"resolve'), puts their files into a tree, adds what scriptlets do elsewhere (accounts, "
		"unit links, caches, the rpm database), plans partitions and file systems, and writes "
		"each artifact once, forward. No root, no loop device, no mount; the same "
		"configuration and packages give the same bytes.\n\n"
		"Artifacts appear under their names when they are complete. Beside them is "
		"NAME.image.json: sizes, partitions, and the figures of the image before. An image "
		"whose configuration and packages did not change is not made again.\n\n"
		"The configuration is described in toolkit/docs/image.md; a JSON Schema for editors "
		"is toolkit/docs/imageconfig.schema.json. Files that it names are in its directory, or "
		"below; others, also by links, are refused without --allow-outside. With --scriptlets=sandbox "
		"scriptlets of packages run, twice, in a sandbox without network, and what they change is "
		"in the lock file; two times that differ are refused. So do PostInstallScripts and "
		"FinalizeImageScripts, which are refused without it. Times in the image are at most "
		"SOURCE_DATE_EPOCH, or else the time of the newest package.",
	.examples = "$ hull image imageconfigs/container-host.json\n"
		    "$ hull image --validate my.json\n"
		    "$ hull image --repo extra=https://packages.example/x86_64 -o images my.json\n",
	.options = options,
	.options_size = sizeof(struct image_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
