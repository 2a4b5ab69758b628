// SPDX-License-Identifier: MIT
#include <string.h>

#include "base/mem.h"
#include "base/process.h"
#include "cli/faults.h"
#include "cmd/session.h"

enum { MAX_WAITS = HULL_GENERATE_ROUNDS + 1 };

static const struct hull_option options[] = {
	HULL_BUILD_RULE_OPTIONS(0),
	HULL_BUILD_OPTIONS(0),
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

/* Runs the spec's %generate_buildrequires in the root that there is. */
static int generate(struct hull_session *s, size_t index, struct hull_err *e)
{
	struct hull_job_place place = hull_session_place(s);
	hull_autofree char *job = NULL;

	if (hull_session_check_sandbox(s->ctx, e) < 0 || hull_session_fetch(s, &index, 1, e) < 0)
		return -1;
	job = hull_workspace_job(&s->workspace, index, e);
	if (!job || hull_signals_init(e) < 0)
		return -1;
	return hull_job_run(&place, job, e) < 0 ? -1 : 0;
}

/* Builds what the build root of the spec waits for, but not the spec itself. */
static int build_requirements(struct hull_session *s, size_t index, struct hull_err *e)
{
	struct hull_schedule_result result;
	struct hull_workspace *w = &s->workspace;
	const struct hull_nodes *requirements;
	hull_autofree size_t *roots = NULL;
	size_t n;

	requirements = hull_graph_requirements(w->graph, w->nodes[index].vertex);
	n = requirements->n;
	roots = hull_alloc_array(n + 1, sizeof *roots);
	for (size_t i = 0; i < n; i++)
		roots[i] = (size_t)w->by_vertex[requirements->v[i]];
	hull_workspace_fini(w);
	free(s->selected);
	s->selected = hull_steal(roots);
	s->nselected = n;
	if (hull_session_plan(s, e) < 0 || hull_session_build(s, &result, e) < 0)
		return -1;
	s->selected[0] = index;
	s->nselected = 1;
	return 0;
}

/* The node of the spec with a complete build root; each round has built or run something that the next
 * finds in the store. */
static int build_root(struct hull_session *s, size_t index, struct hull_err *e)
{
	struct hull_workspace *w = &s->workspace;

	for (int waits = 0;;) {
		const struct hull_spec_node *node;
		int r;

		if (hull_session_plan(s, e) < 0)
			return -1;
		node = &w->nodes[index];
		if (!node->generating && (node->state != HULL_SPEC_WAITING || waits++ > MAX_WAITS))
			return 0;
		r = node->generating ? generate(s, index, e) : build_requirements(s, index, e);
		if (r < 0)
			return -1;
		hull_workspace_fini(w);
	}
}

static int open_shell(struct hull_session *s, size_t index, char *const *argv, struct hull_err *e)
{
	struct hull_workspace *w = &s->workspace;
	struct hull_spec_node *node = &w->nodes[index];
	struct hull_job_place place = hull_session_place(s);
	hull_autofree char *job = NULL;

	if (!node->inputs)
		return hull_fail(e, HULL_FAILED, "%s: its build root is not complete: %s",
				 node->spec->name, node->error ? node->error : "try again");
	if (hull_session_check_sandbox(s->ctx, e) < 0)
		return -1;
	job = hull_workspace_job(w, index, e);
	/* a signal ends the shell, and then hull: the terminal is as it was before */
	if (!job || hull_signals_init(e) < 0)
		return -1;
	return hull_job_shell(&place, job, argv, e);
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	hull_autostrv struct hull_strv spec = {0};
	struct hull_session s = {0};
	int r;

	if (!args->n)
		return hull_fail(e, HULL_USAGE, "name a spec: hull shell SPEC [COMMAND...]");
	hull_strv_add(&spec, args->v[0]);
	r = hull_session_open(&s, ctx, opts, &spec, e);
	if (r == 0) {
		size_t index = s.selected[0];

		r = build_root(&s, index, e);
		if (r == 0)
			r = hull_faults_end(ctx, e);
		if (r == 0)
			r = hull_session_fetch(&s, &index, 1, e);
		if (r == 0)
			r = open_shell(&s, index, args->v + 1, e);
	}
	hull_session_close(&s);
	return r;
}

static void defaults(void *o)
{
	hull_build_options_defaults(o);
}

static void finish(void *o)
{
	hull_build_options_fini(o);
}

const struct hull_command hull_cmd_shell = {
	.name = "shell",
	.args = "SPEC [COMMAND...]",
	.summary = "a shell in the build root of a spec, for debugging",
	.description =
		"Opens the root in which the spec is built, with its sources in place and exactly its "
		"BuildRequires in /hull/sysroot; what they need is built first. In the shell, `build` "
		"runs what hull build would run, `build -bp` or `build -bc` only a part of it. Nothing "
		"that is done there enters the store. It has a terminal of its own and the limits of a build "
		"(--memory, --timeout).\n\n"
		"With a command, runs that instead of a shell; its exit status is that of the command.",
	.examples = "$ hull shell zlib\n"
		    "$ hull shell zlib -- ls /hull/sysroot/usr/include",
	.options = options,
	.options_size = sizeof(struct hull_build_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
