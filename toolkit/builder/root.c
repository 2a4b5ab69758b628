// SPDX-License-Identifier: MIT
#include "builder/root.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/stages.h"
#include "rpm/rpmfile.h"
#include "sandbox/runner.h"
#include "spec/macros.h"
#include "store/buildrecord.h"

static void add(struct hull_root *r, struct hull_mount m)
{
	r->mounts = hull_grow(r->mounts, &r->cap, r->n, sizeof *r->mounts);
	r->mounts[r->n++] = m;
}

static int make_directories(const struct hull_store *s, const char *job_dir, struct hull_err *e)
{
	static const char *const names[] = {"SPECS", "SOURCES", "BUILD", "RPMS", "BUILDROOT"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		hull_autofree char *path = hull_asprintf("%s/build/%s", job_dir, names[i]);

		if (hull_mkdirs(s->fd, path, 0755, e) < 0)
			return -1;
	}
	return 0;
}

/* The spec goes to SPECS, everything else of files/ to SOURCES. */
static int place_files(const struct hull_store *s, const char *job_dir, const json_t *job,
		       struct hull_err *e)
{
	hull_autofree char *files = hull_asprintf("%s/files", job_dir);
	hull_autostrv struct hull_strv names = {0};
	const char *spec = hull_json_optional(job, "spec");

	if (hull_dir_list(s->fd, files, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *from = hull_asprintf("%s/%s", files, names.v[i]);
		hull_autofree char *to =
			hull_asprintf("%s/build/%s/%s", job_dir,
				      strcmp(names.v[i], spec) ? "SOURCES" : "SPECS", names.v[i]);

		if (linkat(s->fd, from, s->fd, to, 0) < 0 &&
		    hull_file_copy(s->fd, from, s->fd, to, e) < 0)
			return -1;
	}
	return 0;
}

static int bind_sources(struct hull_root *r, const struct hull_store *s, const char *job_dir,
			const json_t *job, struct hull_err *e)
{
	const struct hull_built_sources sources =
		hull_built_sources_parse(json_object_get(job, "sources"), &r->arena);

	for (size_t i = 0; i < sources.n; i++) {
		const char *file = sources.v[i].file, *sha256 = sources.v[i].sha256;
		hull_autofree char *point = hull_asprintf("%s/build/SOURCES/%s", job_dir, file);
		hull_autofd int fd =
			openat(s->fd, point, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

		if (fd < 0)
			return hull_fail_errno(e, "%s", point);
		add(r,
		    (struct hull_mount){
			    .kind = HULL_MOUNT_RO,
			    .target = hull_arena_printf(&r->arena, "/hull/build/SOURCES/%s", file),
			    .source = hull_arena_printf(
				    &r->arena, "%s/%s", s->path,
				    hull_store_path(HULL_STORE_SOURCE, sha256).path),
		    });
	}
	return 0;
}

/* The sysroot, and the toolchain in it if there is one. */
static int add_sysroot(struct hull_root *r, const struct hull_store *s, const json_t *job,
		       struct hull_err *e)
{
	const struct hull_built_packages list =
		hull_built_packages_parse(json_object_get(job, "root"), &r->arena);
	const char **layers = hull_arena_array(&r->arena, list.n + 1, sizeof *layers);
	bool tools = false;

	for (size_t i = 0; i < list.n; i++) {
		const char *sha256 = list.v[i].sha256;
		struct hull_store_path tree = hull_store_path(HULL_STORE_UNPACKED, sha256);
		hull_autofree char *inside = hull_asprintf("%s/hull/tools", tree.path);

		if (hull_rpm_unpacked(s, sha256, e) < 0)
			return -1;
		layers[i] = hull_arena_printf(&r->arena, "%s/%s", s->path, tree.path);
		tools = tools || hull_exists(s->fd, inside);
	}
	if (!list.n)
		return 0;
	add(r, (struct hull_mount){.kind = HULL_MOUNT_UNION,
				   .target = "/hull/sysroot",
				   .layers = layers,
				   .nlayers = list.n});
	if (tools)
		add(r, (struct hull_mount){.kind = HULL_MOUNT_RO,
					   .target = "/hull/tools",
					   .source = "@/hull/sysroot/hull/tools"});
	return 0;
}

static int add_stage(struct hull_root *r, const struct hull_store *s, const char *job_dir,
		     struct hull_err *e)
{
	const char *path = hull_arena_printf(&r->arena, "%s/stage", job_dir);

	add(r, (struct hull_mount){.kind = HULL_MOUNT_RO,
				   .target = "/hull/stage",
				   .source = hull_arena_printf(&r->arena, "%s/%s", s->path, path)});
	return hull_file_write(s->fd, path, hull_stage_program, strlen(hull_stage_program), 0644,
			       e);
}

static void fini(struct hull_root *r)
{
	free(r->mounts);
	hull_arena_fini(&r->arena);
	*r = (struct hull_root){0};
}

/* Prepares <job>/build and lists the mounts. */
static int init(struct hull_root *r, const struct hull_job_place *p, const char *job_dir,
		const json_t *job, struct hull_err *e)
{
	const struct hull_store *s = p->store;
	struct hull_store_path macros = hull_store_path(
		HULL_STORE_MACROS, hull_build_inputs_parse(json_object_get(job, "inputs")).macros);

	*r = (struct hull_root){0};
	if (make_directories(s, job_dir, e) < 0 || place_files(s, job_dir, job, e) < 0)
		goto undo_init;
	add(r, (struct hull_mount){.kind = HULL_MOUNT_TMPFS, .target = "/hull"});
	add(r, (struct hull_mount){
		       .kind = HULL_MOUNT_RO,
		       .target = "/hull/macros",
		       .source = hull_arena_printf(&r->arena, "%s/%s", s->path, macros.path)});
	if (add_sysroot(r, s, job, e) < 0)
		goto undo_init;
	add(r, (struct hull_mount){
		       .kind = HULL_MOUNT_RW,
		       .target = "/hull/build",
		       .source = hull_arena_printf(&r->arena, "%s/%s/build", s->path, job_dir)});
	if (bind_sources(r, s, job_dir, job, e) < 0 || add_stage(r, s, job_dir, e) < 0)
		goto undo_init;
	if (p->jobserver)
		add(r, (struct hull_mount){.kind = HULL_MOUNT_RW,
					   .target = "/hull/jobserver",
					   .source = p->jobserver});
	for (size_t i = 0; i < p->nmounts; i++)
		add(r, p->mounts[i]);
	return 0;
undo_init:
	fini(r);
	return hull_wrap(e, "build root: ");
}

/* --- programs in it --- */

static void build_env(struct hull_strv *env, const struct hull_job_place *p, const json_t *job)
{
	hull_strv_add(env, "PATH=/hull/tools/bin:/usr/bin:/usr/sbin");
	hull_strv_add(env, "HOME=/hull/build");
	hull_strv_add(env, "LC_ALL=C.UTF-8");
	hull_strv_add(env, "TZ=UTC");
	hull_strv_add(env, "USER=root");
	hull_strv_add(env, "LOGNAME=root");
	hull_strv_add(env, "TERM=dumb");
	hull_strv_addf(env, "SOURCE_DATE_EPOCH=%lld",
		       (long long)json_integer_value(json_object_get(job, "epoch")));
	if (p->jobserver)
		hull_strv_addf(env, "MAKEFLAGS= -j%d --jobserver-auth=fifo:/hull/jobserver",
			       p->total_tokens);
	else
		hull_strv_add(env, "MAKEFLAGS=-j1");
}

int hull_job_root_open(struct hull_job_root *r, const struct hull_job_place *p, const char *dir,
		       const json_t *job, struct hull_err *e)
{
	*r = (struct hull_job_root){.place = p, .job = job};
	if (init(&r->mounts, p, dir, job, e) < 0)
		return -1;
	r->dir = hull_strdup(dir);
	build_env(&r->env, p, job);
	return 0;
}

void hull_job_root_close(struct hull_job_root *r)
{
	fini(&r->mounts);
	hull_strv_fini(&r->env);
	hull_freep(&r->dir);
}

void hull_job_root_rpmbuild(const struct hull_job_root *r, const char *stage,
			    struct hull_strv *argv)
{
	const char *arch = hull_json_optional(r->job, "arch");
	hull_autofree char *macros = hull_macro_files("/hull/macros", arch);

	hull_strv_add(argv, "/usr/bin/rpmbuild");
	hull_strv_add(argv, "--rcfile=/hull/macros/rpmrc");
	hull_strv_addf(argv, "--macros=%s", macros);
	hull_strv_add(argv, "--target");
	hull_strv_add(argv, arch);
	hull_strv_add(argv, "--nodeps");
	hull_stage_arguments(r->job, argv);
	hull_strv_add(argv, stage);
	hull_strv_addf(argv, "/hull/build/SPECS/%s", hull_json_optional(r->job, "spec"));
}

/* What did not end by itself, but at a limit or by our hand. */
static int limit_error(const struct hull_limits *max, const struct hull_sandbox_result *r,
		       struct hull_err *e)
{
	switch (r->end) {
	case HULL_END_EXIT:
	case HULL_END_SIGNAL:
		return 0;
	case HULL_END_MEMORY:
		return hull_fail(
			e, HULL_FAILED,
			"the build needs more memory than the %llu MiB it may use (--memory)",
			(unsigned long long)(max->memory_bytes >> 20));
	case HULL_END_PROCESSES:
		return hull_fail(e, HULL_FAILED,
				 "the build runs more than %llu processes (--processes)",
				 (unsigned long long)max->processes);
	case HULL_END_DISK:
		return hull_fail(e, HULL_FAILED,
				 "the build writes more than the %llu MiB that it may have on the "
				 "disk (--disk)",
				 (unsigned long long)(max->disk_bytes >> 20));
	case HULL_END_INODES:
		return hull_fail(e, HULL_FAILED, "the build makes more than %llu files (--inodes)",
				 (unsigned long long)max->inodes);
	case HULL_END_TIME:
		return hull_fail(e, HULL_FAILED, "the build did not end within %llu s (--timeout)",
				 (unsigned long long)max->seconds);
	case HULL_END_OUTPUT:
		return hull_fail(e, HULL_FAILED,
				 "the build writes more than the %llu MiB that its log may have "
				 "(--log-size)",
				 (unsigned long long)(max->output_bytes >> 20));
	case HULL_END_STOPPED:
		return hull_fail(e, HULL_INTERRUPTED, "the build was stopped");
	case HULL_END_SETUP:
		break;
	}
	return -1;
}

int hull_job_root_run(const struct hull_job_root *r, const struct hull_sandbox *how,
		      struct hull_sandbox_result *out, struct hull_err *e)
{
	struct hull_sandbox s = *how;

	s.root = r->place->seed_path;
	s.mounts = r->mounts.mounts;
	s.nmounts = r->mounts.n;
	s.envp = r->env.v;
	s.cwd = how->cwd ? how->cwd : "/hull/build";
	s.hostname = "build";
	s.cores = r->place->cores;
	s.elsewhere = r->place->elsewhere;
	s.limits = r->place->limits;
	return hull_sandbox_run(&s, out, e) < 0 ? -1 : limit_error(&s.limits, out, e);
}
