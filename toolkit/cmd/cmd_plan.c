// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "cli/faults.h"
#include "cli/print.h"
#include "cmd/session.h"

struct plan_options {
	struct hull_build_options build;
	bool dot, all;
};

#define AT(member) offsetof(struct plan_options, member)

static const struct hull_option options[] = {
	{HULL_OPT_FLAG, "dot", 0, AT(dot), NULL, "the graph in the DOT language, for Graphviz"},
	{HULL_OPT_FLAG, "all", 'a', AT(all), NULL, "also what need not be built"},
	{HULL_OPT_FLAG, "keep-going", 'k', AT(build.keep_going), NULL,
	 "no failure if a spec that is named, or one that it needs, is left out"},
	HULL_BUILD_RULE_OPTIONS(AT(build)),
	HULL_PUBLIC_MODULE_KEY_OPTION(AT(build.public_module_key)),
	{HULL_OPT_END, NULL, 0, 0, NULL, NULL},
};

static void defaults(void *o)
{
	struct plan_options *p = o;

	hull_build_options_defaults(&p->build);
	p->build.keys = HULL_KEYRING_LOOK;
}

static void finish(void *o)
{
	hull_build_options_fini(&((struct plan_options *)o)->build);
}

static const char *state_name(const struct hull_spec_node *node)
{
	switch (node->state) {
	case HULL_SPEC_READY:
		return "build";
	case HULL_SPEC_WAITING:
		return "wait"; /* its key depends on what the nodes before it give */
	case HULL_SPEC_DONE:
		return "done";
	case HULL_SPEC_FAILED:
		return "failed";
	case HULL_SPEC_BLOCKED:
		return "blocked";
	case HULL_SPEC_IDLE:
		break;
	}
	return "idle";
}

static json_t *node_json(struct hull_workspace *w, size_t index)
{
	const struct hull_spec_node *node = &w->nodes[index];
	const struct hull_nodes *requirements = hull_graph_requirements(w->graph, node->vertex);
	hull_autostrv struct hull_strv why = {0};
	json_t *reasons = json_array(), *after = json_array();
	json_t *j;

	if (node->state != HULL_SPEC_DONE)
		hull_workspace_why(w, index, &why);
	for (size_t i = 0; i < why.n; i++)
		json_array_append_new(reasons, json_string(why.v[i]));
	for (size_t i = 0; i < requirements->n; i++)
		json_array_append_new(
			after, json_string(w->nodes[w->by_vertex[requirements->v[i]]].spec->name));
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "name", node->spec->name,
		      "version", node->spec->version, "release", node->spec->release, "spec",
		      node->spec->path, "state", state_name(node), "why", reasons, "after", after,
		      "expected_ms", (json_int_t)hull_workspace_expected_ms(node));
	/* that of a root in which only %generate_buildrequires runs is not the build's */
	if (node->key[0] && !node->generating)
		hull_json_set(j, "key", node->key);
	hull_json_set(j, "error", node->error);
	return j;
}

static void print_node(struct hull_workspace *w, size_t index)
{
	const struct hull_spec_node *node = &w->nodes[index];
	hull_autostrv struct hull_strv why = {0};

	if (node->error)
		hull_strv_add(&why, node->error);
	else if (node->state != HULL_SPEC_DONE)
		hull_workspace_why(w, index, &why);
	hull_print("%-7s %s %s-%s\n", state_name(node), node->spec->name, node->spec->version,
		   node->spec->release);
	for (size_t i = 0; i < why.n; i++)
		hull_print("          %-s\n", why.v[i]);
}

static const char *dot_label(void *ctx, int vertex)
{
	const struct hull_workspace *w = ctx;

	return w->nodes[w->by_vertex[vertex]].spec->name;
}

static void print_dot(struct hull_workspace *w)
{
	hull_autobuf struct hull_buf text = {0};

	hull_graph_dot(w->graph, "hull", dot_label, w, &text);
	hull_print("%-s", text.p);
}

static void print_summary(struct hull_workspace *w, int jobs, size_t left_out)
{
	size_t build = 0, wait = 0, done = 0;
	char left[HULL_AMOUNT];

	for (size_t i = 0; i < w->n; i++) {
		build += w->nodes[i].state == HULL_SPEC_READY;
		wait += w->nodes[i].state == HULL_SPEC_WAITING;
		done += w->nodes[i].state == HULL_SPEC_DONE;
	}
	if (build + wait == 0)
		hull_print("nothing to build: %zu packages are up to date", done);
	else
		hull_print("%zu to build, %zu to decide after that, %zu up to date; about %s",
			   build, wait, done,
			   hull_duration_text(hull_graph_left_ms(w->graph, jobs), left));
	hull_print(left_out ? "; %zu left out\n" : "\n", left_out);
}

static void print_plan(struct hull_session *s, const struct plan_options *o)
{
	struct hull_workspace *w = &s->workspace;
	hull_autonodes struct hull_nodes order = {0};
	hull_autojson json_t *j = json_object();
	json_t *list = json_array();

	json_object_set_new(j, "specs", list);
	if (o->dot) {
		print_dot(w);
		return;
	}
	hull_graph_order(w->graph, &order);
	for (size_t i = 0; i < order.n; i++) {
		size_t index = (size_t)w->by_vertex[order.v[i]];

		if (w->nodes[index].state == HULL_SPEC_DONE && !o->all)
			continue;
		if (s->ctx->json)
			json_array_append_new(list, node_json(w, index));
		else
			print_node(w, index);
	}
	json_object_set_new(j, "left_out", hull_faults_json(s->ctx));
	if (s->ctx->json)
		hull_print_document(j, 1);
	else
		print_summary(w, (int)o->build.jobs, s->ctx->faults.n);
}

static int run(struct hull_context *ctx, void *opts, const struct hull_strv *args,
	       struct hull_err *e)
{
	const struct plan_options *o = opts;
	struct hull_session s;
	int r = hull_session_open(&s, ctx, &o->build, args, e);

	if (r == 0)
		r = hull_session_plan(&s, e);
	if (r == 0)
		print_plan(&s, o);
	if (r == 0 && !o->build.keep_going)
		r = hull_faults_end(ctx, e);
	hull_session_close(&s);
	return r;
}

const struct hull_command hull_cmd_plan = {
	.name = "plan",
	.args = "[SPEC...]",
	.summary = "what would be built, in which order, and why",
	.description =
		"Lists the specs (all, or those named with what their build roots need) that have no "
		"build in the store for their present inputs, in the order in which they would be "
		"built, each with the reason: never built, a source or patch that changed, a package "
		"of its build root that differs and the first file in which it does.\n\n"
		"A spec in state \"wait\" stands behind others: whether it is built is known when they "
		"are, because a package whose files come out the same as before does not rebuild what "
		"depends on it.\n\n"
		"A spec that has a mistake, cannot have its build root, or needs itself is left out "
		"with those that need it: they are counted, the first are told, and --json and "
		"--left-out have them all. The others are planned. It is a failure if they were named, "
		"or with --strict.",
	.examples = "$ hull plan\n"
		    "$ hull plan zlib --json\n"
		    "$ hull plan --dot | dot -Tsvg > graph.svg",
	.options = options,
	.options_size = sizeof(struct plan_options),
	.defaults = defaults,
	.finish = finish,
	.run = run,
};
