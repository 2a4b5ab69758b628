// SPDX-License-Identifier: MIT
#include "godeps/goroot.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/failure.h"
#include "builder/inputs.h"
#include "builder/job.h"

/* Runs a program in the root. What it says on stderr, or in all when out is NULL, goes to a log, of
 * which a failure quotes the end. */
static int run(const struct hull_go_root *g, char *const *argv, const char *what,
	       struct hull_buf *out, struct hull_err *e)
{
	const struct hull_store *s = g->place->store;
	hull_autofree char *log = hull_asprintf("%s/log", g->root.dir);
	hull_autofree char *output = hull_asprintf("%s/output", g->root.dir);
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
	hull_autofd int log_fd = openat(s->fd, log, flags, 0644);
	hull_autofd int out_fd = openat(s->fd, output, flags, 0644);
	struct hull_sandbox how = {.argv = argv, .log = log_fd, .data = out ? out_fd : 0};
	hull_autobuf struct hull_buf text = {0}, quoted = {0};
	struct hull_sandbox_result result;

	if (log_fd < 0 || out_fd < 0)
		return hull_fail_errno(e, "%s/%s", s->path, g->root.dir);
	if (hull_job_root_run(&g->root, &how, &result, e) < 0)
		return -1;
	if (result.end == HULL_END_EXIT && result.status == 0)
		return out ? hull_file_read(s->fd, output, out, e) : 0;
	if (hull_failure_log(s->fd, log, &text, e) < 0)
		return -1;
	hull_failure_quote(text.p, &quoted);
	return hull_fail(e, HULL_FAILED, "%s: %s failed:\n%-.*s", g->spec->path, what,
			 (int)(quoted.n ? quoted.n - 1 : 0), quoted.n ? quoted.p : "");
}

static int prepare(struct hull_go_root *g, struct hull_err *e)
{
	hull_autostrv struct hull_strv argv = {0}, names = {0};
	hull_autofree char *build = hull_asprintf("%s/build/BUILD", g->root.dir);
	const struct hull_store *s = g->place->store;

	hull_job_root_rpmbuild(&g->root, "-bp", &argv);
	if (run(g, argv.v, "its %prep", NULL, e) < 0 || hull_dir_list(s->fd, build, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n && !g->gopath; i++) {
		hull_autofree char *source =
			hull_asprintf("%s/%s/gopath/src/%s", build, names.v[i], g->block->import);

		if (hull_exists(s->fd, source))
			g->gopath = hull_asprintf("/hull/build/BUILD/%s/gopath", names.v[i]);
	}
	return g->gopath ? 0
			 : hull_fail(e, HULL_FAILED, "%s: its %%prep does not end with %%goprep",
				     g->spec->path);
}

/* A job of the spec with nothing in its build root, and the text without the block. */
static char *new_job(const struct hull_go_root_request *r, struct hull_err *e)
{
	const struct hull_inputs_request inputs = {
		.spec = r->spec, .arch = r->arch, .macros = r->macros, .seed = r->seed};
	struct hull_job_request job = {
		.spec = r->spec, .arch = r->arch, .seed = r->seed, .store = r->place->store};
	hull_autofree char *dir = NULL, *path = NULL;
	hull_autojson json_t *all = NULL;
	char key[HULL_HEX];

	all = hull_inputs_new(&inputs, key, e);
	if (!all)
		return NULL;
	job.key = key;
	job.inputs = all;
	dir = hull_job_new(&job, e);
	if (!dir)
		return NULL;
	path = hull_asprintf("%s/files/%s", dir, hull_basename(r->spec->path));
	if (hull_file_write(r->place->store->fd, path, r->text, strlen(r->text), 0644, e) < 0)
		return NULL;
	return hull_steal(dir);
}

int hull_go_root_open(struct hull_go_root *g, const struct hull_go_root_request *r,
		      struct hull_err *e)
{
	hull_autofree char *dir = new_job(r, e);
	const struct hull_store *s = r->place->store;
	hull_autofree char *path = NULL, *libs = NULL;

	*g = (struct hull_go_root){.place = r->place, .spec = r->spec, .block = r->block};
	if (!dir)
		return -1;
	path = hull_asprintf("%s/job.json", dir);
	libs = hull_asprintf("%s/build/libs", dir);
	g->job = hull_json_read(s->fd, path, e);
	if (!g->job || hull_mkdirs(s->fd, libs, 0755, e) < 0)
		goto undo_open;
	if (hull_job_root_open(&g->root, r->place, dir, g->job, e) < 0)
		goto undo_open;
	if (prepare(g, e) == 0)
		return 0;
undo_open:
	hull_go_root_close(g);
	return -1;
}

void hull_go_root_close(struct hull_go_root *g)
{
	/* the next hull sweeps what stays */
	if (g->root.dir)
		hull_ignore(hull_remove_tree(g->place->store->fd, g->root.dir, NULL));
	hull_job_root_close(&g->root);
	json_decref(g->job);
	hull_freep(&g->gopath);
	*g = (struct hull_go_root){0};
}

/* A copy, because everything below /hull/build can be written to by what runs in the root. */
int hull_go_root_add(struct hull_go_root *g, const char *sha256, struct hull_err *e)
{
	struct hull_store_path from = hull_store_path(HULL_STORE_SOURCE, sha256);
	hull_autofree char *to = hull_asprintf("%s/build/libs/%s.deb", g->root.dir, sha256);
	const struct hull_store *s = g->place->store;

	return hull_file_copy(s->fd, from.path, s->fd, to, e);
}

/* Unpacks what was added as %goprep does it; what it has of the source's own path does not count. */
static const char script[] =
	"set -euo pipefail\n"
	"gopath=$1 import=$2\n"
	"shift 2\n"
	"shopt -s nullglob\n"
	"for deb in /hull/build/libs/*.deb; do\n"
	"	dpkg-deb --fsys-tarfile \"$deb\" | tar -x -C \"$gopath/src\" --strip-components=5 \\\n"
	"		--anchored --no-wildcards --exclude=\"./usr/share/gocode/src/$import\" \\\n"
	"		./usr/share/gocode/src\n"
	"	rm \"$deb\"\n"
	"done\n"
	"cd \"$gopath/src/$import\"\n"
	"exec go list \"$@\"\n";

int hull_go_root_list(struct hull_go_root *g, const char *arch, bool tests, struct hull_buf *out,
		      struct hull_err *e)
{
	static const char *const env[] = {
		"/usr/bin/env",	   "GOENV=off",	 "GO111MODULE=off",
		"GOPROXY=off",	   "GOWORK=off", "GOTOOLCHAIN=local",
		"GOTELEMETRY=off", "GOFLAGS=",	 "GOCACHE=/hull/build/.gocache",
		"GOOS=linux",
	};
	const struct hull_strv *patterns = tests ? &g->block->tests : &g->block->packages;
	hull_autostrv struct hull_strv argv = {0};
	hull_autobuf struct hull_buf tags = {0};

	for (size_t i = 0; i < sizeof env / sizeof *env; i++)
		hull_strv_add(&argv, env[i]);
	hull_strv_addf(&argv, "GOARCH=%s", arch);
	hull_strv_addf(&argv, "CGO_ENABLED=%d", g->block->cgo);
	hull_strv_addf(&argv, "GOPATH=%s", g->gopath);
	hull_strv_add(&argv, "/usr/bin/bash");
	hull_strv_add(&argv, "-c");
	hull_strv_add(&argv, script);
	hull_strv_add(&argv, "bash");
	hull_strv_add(&argv, g->gopath);
	hull_strv_add(&argv, g->block->import);
	hull_strv_add(&argv, "-e");
	hull_strv_add(&argv, "-deps");
	hull_strv_add(&argv, "-json=ImportPath,Error");
	if (tests)
		hull_strv_add(&argv, "-test");
	for (size_t i = 0; i < g->block->tags.n; i++)
		hull_buf_addf(&tags, "%s%s", i ? "," : "-tags=", g->block->tags.v[i]);
	if (tags.n)
		hull_strv_add(&argv, tags.p);
	hull_strv_add(&argv, "--");
	for (size_t i = 0; i < patterns->n; i++)
		hull_strv_add(&argv, patterns->v[i]);
	return run(g, argv.v, "go list", out, e);
}
