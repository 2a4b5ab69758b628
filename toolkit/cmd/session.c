// SPDX-License-Identifier: MIT
#include "cmd/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "cli/faults.h"
#include "rpm/unpack.h"
#include "sandbox/sandbox.h"
#include "sandbox/runner.h"
#include "sandbox/support.h"
#include "source/fetch.h"
#include "spec/macros.h"

enum {
	DEFAULT_TIMEOUT_SECONDS = 3 * 3600,
	DEFAULT_PROCESSES = 1024,
	DEFAULT_PROCESSES_PER_CORE = 256,
	DEFAULT_INODES = 2000000,
	DEFAULT_LOG_BYTES = 256 << 20,
	MAX_RETRIES = 100,
};

void hull_build_options_defaults(struct hull_build_options *o)
{
	o->jobs = (uint64_t)hull_cores();
	o->timeout = DEFAULT_TIMEOUT_SECONDS;
	o->memory = hull_memory_bytes() / 10 * 9;
	o->processes = DEFAULT_PROCESSES + DEFAULT_PROCESSES_PER_CORE * (uint64_t)hull_cores();
	o->disk = HULL_DISK_DEFAULT;
	o->inodes = DEFAULT_INODES;
	o->log_bytes = DEFAULT_LOG_BYTES;
	o->keys = HULL_KEYRING_MAKE;
}

void hull_build_options_fini(struct hull_build_options *o)
{
	hull_strv_fini(&o->source_urls);
	hull_strv_fini(&o->no_check);
	hull_strv_fini(&o->defines);
}

static int open_keyring(struct hull_session *s, struct hull_err *e)
{
	if (hull_keyring_init(&s->keyring, e) < 0)
		return -1;
	s->keyring.use = s->options->keys;
	s->keyring.public_module_key = s->options->public_module_key;
	s->keyring.progress = s->ctx->progress;
	if (s->keyring.public_module_key)
		hull_log(
			s->ctx->progress,
			"warning: kernel modules are signed with the public key (--public-module-key): "
			"anybody can make modules that such a kernel loads");
	return 0;
}

static int log_limits(struct hull_context *ctx, struct hull_err *e)
{
	const struct hull_cgroups *groups = hull_cgroups_here(e);
	hull_autobuf struct hull_buf text = {0};

	if (!groups)
		return -1;
	hull_cgroups_describe(groups, &text);
	hull_log_verbose(ctx->progress, "limits of builds: %s", text.p);
	return 0;
}

int hull_session_check_sandbox(struct hull_context *ctx, struct hull_err *e)
{
	int r = hull_context_store(ctx, e);

	if (r == 0)
		r = hull_sandbox_check(ctx->store.path, e);
	if (r > 0)
		hull_log(ctx->progress, "warning: %s", e->msg);
	return r < 0 ? r : log_limits(ctx, e);
}

static struct hull_source_options source_options(const struct hull_build_options *o)
{
	return (struct hull_source_options){
		.mirrors = (const char *const *)o->source_urls.v,
		.nmirrors = o->source_urls.n,
		.debian_mirror = hull_env("HULL_DEBIAN_MIRROR"),
		.debian_archive = hull_env("HULL_DEBIAN_ARCHIVE"),
		.offline = o->offline,
	};
}

/* The spec in a source package, as a tree of its own that comes last. */
static int unpack_source(struct hull_session *s, const char *path, struct hull_err *e)
{
	struct hull_context *ctx = s->ctx;
	hull_autofree char *tmp = hull_store_tmp(&ctx->store, e), *spec = NULL;
	hull_autofree char *files = NULL, *named = NULL;
	hull_autofd int fd = -1;

	if (!tmp)
		return -1;
	hull_strv_add(&s->unpacked, tmp);
	files = hull_asprintf("%s/files", tmp);
	if (hull_mkdirs(ctx->store.fd, files, 0755, e) < 0)
		return -1;
	fd = openat(ctx->store.fd, files, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return hull_fail_errno(e, "store %s: %s", ctx->store.path, files);
	if (hull_source_rpm_unpack(AT_FDCWD, path, fd, &spec, e) < 0)
		return -1;
	named = hull_asprintf("%s/%s", tmp, spec);
	if (renameat(ctx->store.fd, files, ctx->store.fd, named) < 0)
		return hull_fail_errno(e, "store %s: %s", ctx->store.path, named);
	hull_strv_addf(&ctx->spec_trees, "%s/%s", ctx->store.path, tmp);
	hull_strv_add(&s->args, spec);
	return 0;
}

static int take_args(struct hull_session *s, const struct hull_strv *args, struct hull_err *e)
{
	for (size_t i = 0; i < args->n; i++) {
		if (!hull_ends(args->v[i], ".src.rpm"))
			hull_strv_add(&s->args, args->v[i]);
		else if (unpack_source(s, args->v[i], e) < 0)
			return -1;
	}
	for (size_t i = 0; i < s->args.n; i++)
		hull_strv_take(&s->named, hull_context_spec_name(s->args.v[i]));
	return 0;
}

static int take_defines(struct hull_session *s, struct hull_err *e)
{
	const struct hull_strv *defines = &s->options->defines;

	for (size_t i = 0; s->options->debuginfo && i < HULL_DEBUGINFO_MACROS; i++)
		hull_strv_add(&s->defines, hull_debuginfo_macros[i]);
	for (size_t i = 0; i < defines->n; i++) {
		if (!hull_definition_name(defines->v[i]))
			return hull_fail(
				e, HULL_USAGE,
				"-D '%s': a macro's name of three letters or more, a blank "
				"and its value are expected",
				defines->v[i]);
		hull_strv_add(&s->defines, defines->v[i]);
	}
	if (s->defines.n) {
		s->ctx->defines = &s->defines;
		s->ctx->defined = s->named.n ? &s->named : NULL;
	}
	return 0;
}

/* Specs whose file or directory was given are meant by --force, too. */
static void take_names(struct hull_session *s)
{
	for (size_t i = 0; s->args.n && i < s->nselected; i++)
		if (!hull_strv_has(&s->named, s->specs.v[s->selected[i]].name))
			hull_strv_add(&s->named, s->specs.v[s->selected[i]].name);
}

/* The names that --no-check=SPEC gives; what is left out of the trees is not built anyway. */
static int take_no_check(struct hull_session *s, struct hull_err *e)
{
	for (size_t i = 0; i < s->options->no_check.n; i++) {
		hull_autofree char *name = hull_context_spec_name(s->options->no_check.v[i]);
		const struct hull_spec_fault *fault;
		const struct hull_spec *spec;

		if (!*name)
			continue;
		if (hull_context_find(&s->specs, name, &spec, &fault, e) < 0)
			return hull_wrap(e, "--no-check: ");
		if (spec)
			hull_strv_add(&s->no_check, spec->name);
	}
	return 0;
}

int hull_session_open(struct hull_session *s, struct hull_context *ctx,
		      const struct hull_build_options *o, const struct hull_strv *args,
		      struct hull_err *e)
{
	hull_autofree char *macros = hull_asprintf("%s/macros", ctx->data);
	hull_autofree char *tables = hull_asprintf("%s/seed", ctx->data);
	const struct hull_source_options sources = source_options(o);
	const struct hull_seed_options seed = {
		.tables = tables, .sources = &sources, .mode = HULL_SEED_USE};

	*s = (struct hull_session){.ctx = ctx, .options = o};
	if (o->jobs < 1 || o->jobs > 1024)
		return hull_fail(e, HULL_USAGE, "--jobs: a number from 1 to 1024");
	if (o->retry_check > MAX_RETRIES)
		return hull_fail(e, HULL_USAGE, "--retry-check: a number up to %d", MAX_RETRIES);
	if (open_keyring(s, e) < 0 || hull_context_store(ctx, e) < 0 || take_args(s, args, e) < 0 ||
	    take_defines(s, e) < 0 || hull_context_specs(ctx, &s->specs, e) < 0 ||
	    hull_context_select(ctx, &s->specs, &s->args, &s->selected, &s->nselected, e) < 0 ||
	    take_no_check(s, e) < 0 || hull_macros_store(&ctx->store, macros, s->macros, e) < 0)
		goto undo_open;
	take_names(s);
	if (hull_seed_open(&s->seed, &ctx->store, &seed, ctx->progress, e) < 0)
		goto undo_open;
	hull_progress_clear(ctx->progress);
	return 0;
undo_open:
	hull_session_close(s);
	return -1;
}

struct hull_build_rules hull_session_rules(const struct hull_session *s)
{
	const struct hull_build_options *o = s->options;

	return (struct hull_build_rules){.no_check = &s->no_check,
					 .no_check_at_all = hull_strv_has(&o->no_check, ""),
					 .check_may_fail = o->check_may_fail,
					 .check_tries = o->retry_check + 1,
					 .force = o->force ? &s->named : NULL};
}

/* A node that is left out: what was named needs it, if anything was. */
static void note_node(struct hull_session *s, size_t index)
{
	struct hull_workspace *w = &s->workspace;
	const struct hull_spec_node *node = &w->nodes[index], *blocker;
	const char *why = node->circular ? "cycle" : "requirement";
	hull_autofree char *text = NULL;

	if (node->state == HULL_SPEC_BLOCKED) {
		blocker = hull_workspace_blocker(w, index);
		text = hull_asprintf("%s: needs %s, which is left out", node->spec->path,
				     blocker ? blocker->spec->path : "a spec");
		why = "blocked";
	}
	hull_faults_add(s->ctx, node->spec->name, node->spec->path, why, text ? text : node->error,
			s->named.n > 0);
}

/* Once: a session may be planned again. */
static int tell_faults(struct hull_session *s, struct hull_err *e)
{
	struct hull_workspace *w = &s->workspace;

	if (s->told)
		return 0;
	s->told = true;
	for (size_t i = 0; i < w->n; i++)
		if (w->nodes[i].state == HULL_SPEC_FAILED || w->nodes[i].state == HULL_SPEC_BLOCKED)
			note_node(s, i);
	return hull_faults_tell(s->ctx, e);
}

int hull_session_plan(struct hull_session *s, struct hull_err *e)
{
	struct hull_workspace *w = &s->workspace;
	struct hull_workspace_request r = {
		.store = &s->ctx->store,
		.specs = &s->specs,
		.seed = &s->seed,
		.keyring = &s->keyring,
		.arch = s->ctx->arch,
		.macros = s->macros,
		.rules = hull_session_rules(s),
	};
	hull_autofree size_t *ready = NULL;
	size_t cap = 0, n = 0;
	int next;

	if (hull_workspace_init(w, &r, e) < 0)
		return -1;
	for (size_t i = 0; i < s->nselected; i++)
		hull_workspace_want(w, s->selected[i]);
	hull_workspace_settle(w);
	while ((next = hull_workspace_next(w)) >= 0) {
		if (w->nodes[next].error) {
			hull_workspace_failed(w, (size_t)next, w->nodes[next].error, NULL);
			continue;
		}
		ready = hull_grow(ready, &cap, n, sizeof *ready);
		ready[n++] = (size_t)next;
	}
	for (size_t i = 0; i < n; i++)
		hull_workspace_later(w, ready[i]);
	if (s->ctx->strict && hull_workspace_check(w, e) < 0)
		return -1;
	return tell_faults(s, e);
}

/* Other builds go on when one has used all that it may. */
static uint64_t default_disk(const struct hull_store *s)
{
	struct statvfs fs;

	return fstatvfs(s->fd, &fs) < 0 ? 0 : (uint64_t)fs.f_bavail * fs.f_frsize / 10 * 9;
}

struct hull_job_place hull_session_place(const struct hull_session *s)
{
	const struct hull_build_options *o = s->options;

	return (struct hull_job_place){
		.store = &s->ctx->store,
		.seed_path = s->seed.path,
		.limits = {.memory_bytes = o->memory,
			   .processes = o->processes,
			   .disk_bytes = o->disk == HULL_DISK_DEFAULT ? default_disk(&s->ctx->store)
								      : o->disk,
			   .inodes = o->inodes,
			   .seconds = o->timeout,
			   .output_bytes = o->log_bytes},
	};
}

/* Nodes whose sources could not be had fail; the others are built if that was asked for. */
static int sources_failed(struct hull_session *s, const struct hull_source_wants *wants,
			  const size_t *node_of, const struct hull_err *why, struct hull_err *e)
{
	if (!s->options->keep_going || hull_interrupted())
		return hull_fail_as(e, why);
	for (size_t i = 0; i < wants->n; i++) {
		struct hull_spec_node *node = &s->workspace.nodes[node_of[i]];
		hull_autostrv struct hull_strv blocked = {0};

		if (wants->v[i].ok || node->state == HULL_SPEC_FAILED)
			continue;
		hull_workspace_failed(&s->workspace, node_of[i],
				      wants->v[i].error ? wants->v[i].error : why->msg, &blocked);
	}
	hull_log_error(s->ctx->progress, "%-s", why->msg);
	return 0;
}

static void add_wants(struct hull_session *s, size_t node, struct hull_source_wants *wants,
		      size_t **node_of, size_t *cap)
{
	size_t before = wants->n;

	hull_source_wants_add(wants, s->workspace.nodes[node].spec);
	for (size_t j = before; j < wants->n; j++) {
		*node_of = hull_grow(*node_of, cap, j, sizeof **node_of);
		(*node_of)[j] = node;
	}
}

int hull_session_fetch(struct hull_session *s, const size_t *nodes, size_t n, struct hull_err *e)
{
	const struct hull_source_options o = source_options(s->options);
	struct hull_source_wants wants = {0};
	hull_autofree size_t *node_of = NULL;
	struct hull_err why;
	size_t cap = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		add_wants(s, nodes[i], &wants, &node_of, &cap);
	r = hull_source_fetch(&s->ctx->store, &o, wants.v, wants.n, s->ctx->progress, &why);
	if (r < 0)
		r = sources_failed(s, &wants, node_of, &why, e);
	hull_source_wants_fini(&wants);
	return r;
}

static int fetch_all(struct hull_session *s, struct hull_err *e)
{
	hull_autofree size_t *nodes = hull_alloc_array(s->workspace.n + 1, sizeof *nodes);
	size_t n = 0;

	for (size_t i = 0; i < s->workspace.n; i++)
		if (s->workspace.nodes[i].state == HULL_SPEC_READY ||
		    s->workspace.nodes[i].state == HULL_SPEC_WAITING)
			nodes[n++] = i;
	/* said before anything is downloaded; where nothing is to be built it does not matter */
	if (n && hull_session_check_sandbox(s->ctx, e) < 0)
		return -1;
	return hull_session_fetch(s, nodes, n, e);
}

static int fetch_one(void *ctx, size_t node, struct hull_err *e)
{
	return hull_session_fetch(ctx, &node, 1, e);
}

int hull_session_build(struct hull_session *s, struct hull_schedule_result *out, struct hull_err *e)
{
	struct hull_schedule schedule = {
		.workspace = &s->workspace,
		.place = hull_session_place(s),
		.jobs = (int)s->options->jobs,
		.memory_bytes = s->options->memory,
		.keep_going = s->options->keep_going,
		.progress = s->ctx->progress,
		.fetch = fetch_one,
		.ctx = s,
	};

	int r = hull_signals_init(e) < 0 ? -1 : fetch_all(s, e);

	if (r == 0)
		r = hull_schedule_run(&schedule, out, e);
	hull_progress_clear(s->ctx->progress);
	return r;
}

void hull_session_close(struct hull_session *s)
{
	if (s->workspace.nodes)
		hull_workspace_fini(&s->workspace);
	hull_seed_fini(&s->seed);
	hull_specs_fini(&s->specs);
	hull_keyring_fini(&s->keyring);
	for (size_t i = 0; i < s->unpacked.n; i++)
		hull_ignore(hull_remove_tree(s->ctx->store.fd, s->unpacked.v[i], NULL));
	if (s->ctx)
		s->ctx->defines = s->ctx->defined = NULL;
	hull_strv_fini(&s->args);
	hull_strv_fini(&s->named);
	hull_strv_fini(&s->no_check);
	hull_strv_fini(&s->defines);
	hull_strv_fini(&s->unpacked);
	free(s->selected);
	*s = (struct hull_session){0};
}
