// SPDX-License-Identifier: MIT
#include "builder/jobroot.h"

#include "base/mem.h"
#include "sandbox/runner.h"
#include "spec/macros.h"

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
	if (hull_root_init(&r->mounts, p, dir, job, e) < 0)
		return -1;
	r->dir = hull_strdup(dir);
	build_env(&r->env, p, job);
	return 0;
}

void hull_job_root_close(struct hull_job_root *r)
{
	hull_root_fini(&r->mounts);
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
	hull_strv_add(argv, stage);
	hull_strv_addf(argv, "/hull/build/SPECS/%s", hull_json_optional(r->job, "spec"));
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
	return hull_sandbox_run(&s, out, e);
}
