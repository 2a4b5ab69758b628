// SPDX-License-Identifier: MIT
#include "builder/workspace.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "builder/inputs.h"
#include "builder/job.h"
#include "keys/madesource.h"

enum { UNKNOWN_MS = 30000, SEED_OWNER = -1 };

static const char seed_name[] = "hull-seed";

static void add_seed(struct hull_workspace *w)
{
	const struct hull_seed *seed = w->seed;
	size_t n = seed->ntools + seed->files.n;
	struct hull_package p = {
		.name = seed_name, .version = "1", .release = "1", .arch = "noarch"};
	struct hull_deps *provides = &p.deps[HULL_PROVIDES];

	provides->v = hull_arena_array(&w->arena, n, sizeof *provides->v);
	for (size_t i = 0; i < seed->ntools; i++)
		provides->v[provides->n++] = (struct hull_dep){.name = seed->tools[i].name,
							       .evr = seed->tools[i].version,
							       .flags = HULL_DEP_EQUAL};
	for (size_t i = 0; i < seed->files.n; i++)
		provides->v[provides->n++] = (struct hull_dep){.name = seed->files.v[i]};
	w->seed_id = hull_pool_add(w->pool, &p, SEED_OWNER);
}

static void add_declared(struct hull_workspace *w, struct hull_spec_node *node, int index)
{
	const struct hull_spec *spec = node->spec;

	node->nids = spec->npackages;
	node->ids = hull_arena_array(&w->arena, node->nids, sizeof *node->ids);
	for (size_t i = 0; i < spec->npackages; i++) {
		struct hull_package p =
			hull_record_learned(&node->latest, &spec->packages[i], &w->arena);

		node->ids[i] = hull_pool_add(w->pool, &p, index);
	}
}

/* The declared packages of a node make room for those that were built. */
static void add_built(struct hull_workspace *w, struct hull_spec_node *node)
{
	const struct hull_record *r = &node->result;

	for (size_t i = 0; i < node->nids; i++)
		hull_pool_remove(w->pool, node->ids[i]);
	node->nids = r->build.packages.n;
	node->ids = hull_arena_array(&w->arena, node->nids, sizeof *node->ids);
	for (size_t i = 0; i < node->nids; i++)
		node->ids[i] = hull_pool_add(w->pool, &r->packages[i], (int)(node - w->nodes));
}

int hull_workspace_init(struct hull_workspace *w, const struct hull_workspace_request *r,
			struct hull_err *e)
{
	*w = (struct hull_workspace){
		.store = r->store,
		.specs = r->specs,
		.seed = r->seed,
		.keyring = r->keyring,
		.arch = r->arch,
		.n = r->specs->n,
		.rules = r->rules,
	};
	memcpy(w->macros, r->macros, HULL_HEX);
	w->pool = hull_pool_new(r->arch);
	w->graph = hull_graph_new();
	w->nodes = hull_alloc_array(w->n, sizeof *w->nodes);
	add_seed(w);
	for (size_t i = 0; i < w->n; i++) {
		struct hull_spec_node *node = &w->nodes[i];

		node->spec = hull_made_copy(&r->specs->v[i], &w->arena);
		node->vertex = -1;
		node->force = r->rules.force && hull_strv_has(r->rules.force, node->spec->name);
		if (hull_record_latest(r->store, r->arch, node->spec->name, &w->arena,
				       &node->latest, e) < 0) {
			hull_workspace_fini(w);
			return -1;
		}
		add_declared(w, node, (int)i);
	}
	return 0;
}

void hull_workspace_fini(struct hull_workspace *w)
{
	for (size_t i = 0; i < w->n && w->nodes; i++) {
		struct hull_spec_node *node = &w->nodes[i];

		if (node->result.build.json != node->latest.build.json)
			hull_record_fini(&node->result);
		hull_record_fini(&node->latest);
		hull_pkgset_fini(&node->root);
		json_decref(node->inputs);
		json_decref(node->passed_inputs);
		free(node->error);
	}
	free(w->nodes);
	free(w->by_vertex);
	hull_graph_free(w->graph);
	hull_pool_free(w->pool);
	hull_arena_fini(&w->arena);
	*w = (struct hull_workspace){0};
}

int64_t hull_workspace_expected_ms(const struct hull_spec_node *node)
{
	return node->latest.build.json ? node->latest.build.wall_ms : UNKNOWN_MS;
}

/* The BuildRequires of a spec, also those that it generates, and the seed, which is in every build root. */
static struct hull_deps wants_of(struct hull_workspace *w, const struct hull_spec_node *node)
{
	const struct hull_deps *written = &node->spec->build_requires;
	const struct hull_deps *generated = &node->generated.deps;
	struct hull_deps wants = {.n = written->n + generated->n + 1};

	wants.v = hull_arena_array(&w->arena, wants.n, sizeof *wants.v);
	if (written->n)
		memcpy(wants.v, written->v, written->n * sizeof *wants.v);
	if (generated->n)
		memcpy(wants.v + written->n, generated->v, generated->n * sizeof *wants.v);
	wants.v[wants.n - 1] = (struct hull_dep){.name = seed_name};
	return wants;
}

/* The spec that is left out of the trees, and would build a package, or be called like it. */
static const struct hull_spec_fault *missing_spec(const struct hull_workspace *w, const char *name)
{
	const struct hull_spec_fault *f = hull_specs_left_out(w->specs, name);

	for (size_t i = 0; i < w->specs->nleft_out && !f; i++) {
		const char *rest = hull_starts(name, w->specs->left_out[i].name)
					   ? name + strlen(w->specs->left_out[i].name)
					   : "";

		if (*rest == '-')
			f = &w->specs->left_out[i];
	}
	return f;
}

/* What nothing provides may be missing because a spec is. */
static void tell_missing_spec(const struct hull_workspace *w, const char *name, struct hull_err *e)
{
	const struct hull_spec_fault *f = missing_spec(w, name);

	if (f && f->kind == HULL_FAULT_ARCH)
		hull_fail(e, e->code, "%-s; %-s", e->msg, f->text);
	else if (f)
		hull_fail(e, e->code, "%-s; %s is left out of the trees", e->msg, f->path);
}

static int closure(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	const struct hull_spec *spec = node->spec;
	struct hull_deps wants = wants_of(w, node);
	struct hull_closure_request r = {
		.wants = &wants, .conflicts = &spec->build_conflicts, .fewest = true};
	int want = -1;

	hull_pkgset_fini(&node->root);
	if (hull_pool_closure(w->pool, &r, &node->root, &want, e) == 0)
		return 0;
	if (want >= 0)
		tell_missing_spec(w, wants.v[want].name, e);
	if (want >= 0 && (size_t)want < spec->build_requires.n && wants.v[want].line)
		return hull_wrap(e, "%s:%d: BuildRequires: ", spec->path, wants.v[want].line);
	if (want >= 0 && (size_t)want >= spec->build_requires.n && (size_t)want < wants.n - 1)
		return hull_wrap(e, "%s: %%generate_buildrequires: ", spec->path);
	return hull_wrap(e, "%s: BuildRequires: ", spec->path);
}

static void set_failed(struct hull_workspace *w, size_t index, const char *error,
		       struct hull_strv *out_blocked)
{
	struct hull_spec_node *node = &w->nodes[index];
	hull_autonodes struct hull_nodes dropped = {0};

	if (error != node->error) {
		free(node->error);
		node->error = hull_strdup(error);
	}
	node->state = HULL_SPEC_FAILED;
	hull_graph_drop(w->graph, node->vertex, &dropped);
	for (size_t i = 0; i < dropped.n; i++) {
		struct hull_spec_node *other = &w->nodes[w->by_vertex[dropped.v[i]]];

		if (other->state == HULL_SPEC_FAILED)
			continue;
		other->state = HULL_SPEC_BLOCKED;
		if (out_blocked)
			hull_strv_add(out_blocked, other->spec->name);
	}
}

static void add_vertex(struct hull_workspace *w, size_t index, struct hull_nodes *todo)
{
	struct hull_spec_node *node = &w->nodes[index];

	node->state = HULL_SPEC_WAITING;
	node->vertex = hull_graph_add(w->graph, hull_workspace_expected_ms(node));
	w->by_vertex = hull_grow(w->by_vertex, &w->by_vertex_cap, (size_t)node->vertex,
				 sizeof *w->by_vertex);
	w->by_vertex[node->vertex] = (int)index;
	todo->v = hull_grow(todo->v, &todo->cap, todo->n, sizeof *todo->v);
	todo->v[todo->n++] = (int)index;
}

/* The node whose package this is, if it is not DONE yet; else NULL. */
static struct hull_spec_node *unfinished(struct hull_workspace *w, hull_pkgid id)
{
	int owner = hull_pool_owner(w->pool, id);

	if (owner == SEED_OWNER || w->nodes[owner].state == HULL_SPEC_DONE)
		return NULL;
	return &w->nodes[owner];
}

static bool is_pending(struct hull_workspace *w, const struct hull_spec_node *node)
{
	for (size_t i = 0; i < node->root.n; i++)
		if (unfinished(w, node->root.v[i]))
			return true;
	return false;
}

/* Edges to what is unfinished in a node's closure; nodes that nobody had asked for are added to
 * todo. */
static void need_root(struct hull_workspace *w, const struct hull_spec_node *node,
		      struct hull_nodes *todo)
{
	for (size_t i = 0; i < node->root.n; i++) {
		struct hull_spec_node *other = unfinished(w, node->root.v[i]);

		if (!other)
			continue;
		if (other->state == HULL_SPEC_IDLE)
			add_vertex(w, (size_t)(other - w->nodes), todo);
		hull_graph_require(w->graph, node->vertex, other->vertex);
	}
}

/* First closures of new nodes, over declared packages. */
static void spread(struct hull_workspace *w, struct hull_nodes *todo)
{
	while (todo->n) {
		struct hull_err e;
		int at = todo->v[--todo->n];

		if (w->nodes[at].spec->unbuildable)
			set_failed(w, (size_t)at, w->nodes[at].spec->unbuildable, NULL);
		else if (closure(w, &w->nodes[at], &e) < 0)
			set_failed(w, (size_t)at, e.msg, NULL);
		else
			need_root(w, &w->nodes[at], todo);
	}
}

void hull_workspace_want(struct hull_workspace *w, size_t index)
{
	hull_autonodes struct hull_nodes todo = {0};

	if (w->nodes[index].state != HULL_SPEC_IDLE)
		return;
	add_vertex(w, index, &todo);
	spread(w, &todo);
}

static int place_of(const struct hull_pkgset *set, hull_pkgid id)
{
	size_t i = 0;

	while (i + 1 < set->n && set->v[i] != id)
		i++;
	return (int)i;
}

/* "; b-1-1.x86_64 requires liba" for each step from a BuildRequires to a package of the build root. */
static void way_text(struct hull_workspace *w, struct hull_spec_node *node, size_t member,
		     struct hull_buf *out)
{
	struct hull_deps wants = wants_of(w, node);
	struct hull_closure_request r = {
		.wants = &wants, .conflicts = &node->spec->build_conflicts, .fewest = true};
	const struct hull_pkgset *root = &node->root;
	hull_autofree struct hull_reason *reasons = hull_alloc_array(root->n + 1, sizeof *reasons);
	hull_autonodes struct hull_nodes way = {0};
	const struct hull_reason *first;

	hull_pool_reasons(w->pool, &r, root, &w->arena, reasons);
	hull_nodes_push(&way, (int)member);
	while (reasons[way.v[way.n - 1]].by && way.n < root->n)
		hull_nodes_push(&way, place_of(root, reasons[way.v[way.n - 1]].by));
	first = &reasons[way.v[way.n - 1]];
	if (first->want < 0 || first->want >= (int)wants.n)
		return;
	hull_buf_showf(out, ": BuildRequires: %s", first->dep);
	if (wants.v[first->want].line)
		hull_buf_addf(out, " in line %d", wants.v[first->want].line);
	for (size_t i = way.n; i-- > 1;)
		hull_buf_showf(out, "; %s requires %s", hull_pool_nevra(w->pool, root->v[way.v[i]]),
			       reasons[way.v[i - 1]].dep);
}

/* "SPECS/a/a.spec: needs b-1-1.x86_64 of b: BuildRequires: c in line 9; c-1-1.x86_64 requires b" */
static void need_text(struct hull_workspace *w, struct hull_spec_node *node, int next,
		      struct hull_buf *out)
{
	for (size_t i = 0; i < node->root.n; i++) {
		if (hull_pool_owner(w->pool, node->root.v[i]) != next)
			continue;
		hull_buf_showf(out, "\n  %s: needs %s of %s", node->spec->path,
			       hull_pool_nevra(w->pool, node->root.v[i]),
			       &w->nodes[next] == node ? "its own" : w->nodes[next].spec->name);
		way_text(w, node, i, out);
		return;
	}
}

static void cycle_text(struct hull_workspace *w, const struct hull_nodes *cycle,
		       struct hull_buf *out)
{
	if (cycle->n == 1)
		hull_buf_adds(out, "this spec needs a package of its own to be built (only another "
				   "spec that bootstraps that one can break this):");
	else
		hull_buf_adds(
			out,
			"these specs need each other to be built (only a spec that bootstraps one "
			"of them without the others can break this):");
	for (size_t i = 0; i < cycle->n; i++)
		need_text(w, &w->nodes[w->by_vertex[cycle->v[i]]],
			  w->by_vertex[cycle->v[(i + 1) % cycle->n]], out);
}

/* Also those that came to need what had failed before. */
static void block_dependents(struct hull_workspace *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->nodes[i].state == HULL_SPEC_FAILED)
			set_failed(w, i, w->nodes[i].error, NULL);
}

/* The first of them tells the whole. */
static void fail_in_cycle(struct hull_workspace *w, const struct hull_nodes *cycle, size_t i,
			  const char *text)
{
	size_t index = (size_t)w->by_vertex[cycle->v[i]];
	const struct hull_spec *first = w->nodes[w->by_vertex[cycle->v[0]]].spec;
	hull_autofree char *other =
		hull_asprintf("%s: needs itself to be built, in a circle with %s",
			      w->nodes[index].spec->path, first->path);

	w->nodes[index].circular = true;
	set_failed(w, index, i ? other : text, NULL);
}

void hull_workspace_settle(struct hull_workspace *w)
{
	hull_autonodes struct hull_nodes cycle = {0};

	block_dependents(w);
	while (hull_graph_cycle(w->graph, &cycle)) {
		hull_autobuf struct hull_buf text = {0};

		cycle_text(w, &cycle, &text);
		for (size_t i = 0; i < cycle.n; i++)
			fail_in_cycle(w, &cycle, i, text.p);
	}
}

int hull_workspace_check(struct hull_workspace *w, struct hull_err *e)
{
	hull_autobuf struct hull_buf text = {0};

	for (size_t i = 0; i < w->n; i++)
		if (w->nodes[i].state == HULL_SPEC_FAILED)
			hull_buf_showf(&text, "%-s%-s", text.n ? "\n" : "", w->nodes[i].error);
	return text.n ? hull_fail(e, HULL_FAILED, "%-s", text.p) : 0;
}

const struct hull_spec_node *hull_workspace_blocker(const struct hull_workspace *w, size_t index)
{
	hull_autofree bool *seen = hull_alloc_array((size_t)w->n, sizeof *seen);
	hull_autonodes struct hull_nodes queue = {0};

	hull_nodes_push(&queue, (int)index);
	for (size_t k = 0; k < queue.n; k++) {
		const struct hull_nodes *requirements =
			hull_graph_requirements(w->graph, w->nodes[queue.v[k]].vertex);

		for (size_t i = 0; i < requirements->n; i++) {
			int other = w->by_vertex[requirements->v[i]];

			if (w->nodes[other].state == HULL_SPEC_FAILED)
				return &w->nodes[other];
			if (w->nodes[other].state == HULL_SPEC_BLOCKED && !seen[other])
				hull_nodes_push(&queue, other);
			seen[other] = true;
		}
	}
	return NULL;
}

static int set_done(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	int r;

	if (!node->force && node->latest.build.json && !strcmp(node->latest.build.key, node->key)) {
		node->result = node->latest;
		r = 1;
	} else {
		r = hull_record_read(w->store, node->key, &w->arena, &node->result, e);
	}
	if (r <= 0)
		return r;
	add_built(w, node);
	node->state = HULL_SPEC_DONE;
	hull_graph_done(w->graph, node->vertex);
	return 1;
}

/* What was built needs more than its spec had said: the node waits again. */
static int wait_again(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	hull_autonodes struct hull_nodes todo = {0}, cycle = {0};
	hull_autobuf struct hull_buf text = {0};

	hull_graph_requeue(w->graph, node->vertex);
	need_root(w, node, &todo);
	spread(w, &todo);
	block_dependents(w);
	if (!hull_graph_cycle(w->graph, &cycle))
		return 0;
	cycle_text(w, &cycle, &text);
	return hull_fail(e, HULL_FAILED, "%-s", text.p);
}

/* The real packages of a node's build root (without the seed), in the arena; they are all DONE. */
static const struct hull_package **root_of(struct hull_workspace *w,
					   const struct hull_spec_node *node, size_t *out_n)
{
	const struct hull_package **v = hull_arena_array(&w->arena, node->root.n + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < node->root.n; i++) {
		int owner = hull_pool_owner(w->pool, node->root.v[i]);
		const struct hull_spec_node *other = &w->nodes[owner < 0 ? 0 : owner];

		if (owner == SEED_OWNER)
			continue;
		hull_assert(other->state == HULL_SPEC_DONE);
		for (size_t j = 0; j < other->nids; j++)
			if (other->ids[j] == node->root.v[i])
				v[n++] = &other->result.packages[j];
	}
	*out_n = n;
	return v;
}

/* What hull makes for a build: its certificates, and signatures of what the kernel's build made. */
static int bind_made(struct hull_workspace *w, const struct hull_spec_node *node,
		     struct hull_err *e)
{
	const struct hull_spec *kernel = hull_specs_find(w->specs, "kernel");
	const struct hull_spec_node *k = kernel ? &w->nodes[kernel - w->specs->v] : NULL;
	bool done = k && k->state == HULL_SPEC_DONE;

	return hull_made_bind(
		&(struct hull_made_request){.store = w->store,
					    .keyring = w->keyring,
					    .signable = done ? k->result.packages : NULL,
					    .nsignable = done ? k->nids : 0,
					    .latest = &node->latest.build},
		node->spec, &w->arena, e);
}

static void forget_inputs(struct hull_spec_node *node)
{
	json_decref(node->inputs);
	json_decref(node->passed_inputs);
	node->inputs = node->passed_inputs = NULL;
}

/*
 * The inputs of a node over its root of now, and whether the store has the result: 1, 0. A build that has
 * passed its %check serves everybody.
 */
static int look_up(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	struct hull_inputs_request r = {
		.spec = node->spec,
		.arch = w->arch,
		.macros = node->spec->macros ? node->spec->macros : w->macros,
		.seed = w->seed->id,
	};
	enum hull_check_rule rule = hull_check_rule_of(&w->rules, node->spec);
	int found = 0;

	r.root = root_of(w, node, &r.nroot);
	node->inputs = hull_inputs_new(&r, node->key, e);
	if (!node->inputs)
		return -1;
	if (!node->force)
		found = set_done(w, node, e);
	if (found || rule == HULL_CHECK_PASSES)
		return found;
	node->passed_inputs = node->inputs;
	memcpy(node->passed_key, node->key, HULL_HEX);
	r.check = rule;
	node->inputs = hull_inputs_new(&r, node->key, e);
	if (!node->inputs)
		return -1;
	return node->force ? 0 : set_done(w, node, e);
}

/* The build root of a node over what was built. 1: it is complete; 0: it waits again; 2: its
 * %generate_buildrequires has to run in it; -1. */
static int complete_root(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	struct hull_inputs_request r = {
		.spec = node->spec, .arch = w->arch, .macros = w->macros, .seed = w->seed->id};
	enum hull_generate g = HULL_GENERATE_MORE;

	while (g == HULL_GENERATE_MORE) {
		if (closure(w, node, e) < 0)
			return -1;
		if (is_pending(w, node))
			return wait_again(w, node, e);
		if (bind_made(w, node, e) < 0)
			return -1;
		if (!node->spec->generates)
			return 1;
		r.root = root_of(w, node, &r.nroot);
		node->inputs = hull_inputs_new(&r, node->key, e);
		if (!node->inputs || hull_generated_next(w->store, node->spec, node->key, &w->arena,
							 &node->generated, &g, e) < 0)
			return -1;
		if (g == HULL_GENERATE_RUN)
			return 2;
		forget_inputs(node);
	}
	return 1;
}

/* A node all of whose requirements are done. 1: to be built, 0: found in the store or waits again, -1:
 * failed. */
static int resolve(struct hull_workspace *w, struct hull_spec_node *node, struct hull_err *e)
{
	int found;

	if (node->inputs)
		return 1;
	found = complete_root(w, node, e);
	if (found <= 0)
		return found;
	node->generating = found == 2;
	if (!node->generating)
		found = look_up(w, node, e);
	if (found < 0)
		return -1;
	if (!found || node->generating) {
		node->state = HULL_SPEC_READY;
		return 1;
	}
	if (node->latest.build.json && !strcmp(node->latest.build.key, node->key))
		return 0;
	/* an older build serves again: it is the latest now */
	return hull_store_set_latest(w->store, w->arch, node->spec->name, node->key, e);
}

int hull_workspace_next(struct hull_workspace *w)
{
	int vertex;

	while ((vertex = hull_graph_start(w->graph)) >= 0) {
		int index = w->by_vertex[vertex];
		struct hull_err e;
		int r = resolve(w, &w->nodes[index], &e);

		if (r < 0)
			w->nodes[index].error = hull_strdup(e.msg);
		if (r)
			return index;
	}
	return -1;
}

int hull_workspace_done(struct hull_workspace *w, size_t index, struct hull_err *e)
{
	struct hull_spec_node *node = &w->nodes[index];
	struct hull_err why;
	int r;

	if (node->generating) {
		node->generating = false;
		node->state = HULL_SPEC_WAITING;
		forget_inputs(node);
		hull_graph_requeue(w->graph, node->vertex);
		return 0;
	}
	r = set_done(w, node, &why);
	if (r == 0 && node->passed_inputs) {
		memcpy(node->key, node->passed_key, HULL_HEX);
		r = set_done(w, node, &why);
	}
	node->built = r == 1;
	if (r == 1)
		return 1;
	if (r == 0)
		hull_fail(&why, HULL_FAILED, "%s: the build left no record", node->spec->name);
	set_failed(w, index, why.msg, NULL);
	return hull_fail_as(e, &why);
}

void hull_workspace_failed(struct hull_workspace *w, size_t index, const char *error,
			   struct hull_strv *out_blocked)
{
	set_failed(w, index, error, out_blocked);
}

void hull_workspace_later(struct hull_workspace *w, size_t index)
{
	hull_graph_requeue(w->graph, w->nodes[index].vertex);
}

char *hull_workspace_job(struct hull_workspace *w, size_t index, struct hull_err *e)
{
	struct hull_spec_node *node = &w->nodes[index];
	struct hull_job_request r = {
		.spec = node->spec,
		.key = node->key,
		.arch = w->arch,
		.seed = w->seed->id,
		.inputs = node->inputs,
		.passed_key = node->passed_key,
		.generate = node->generating,
		.force = node->force,
		.generated = &node->generated.deps,
		.check_tries = w->rules.check_tries,
		.store = w->store,
	};

	if (hull_check_rule_of(&w->rules, node->spec) == HULL_CHECK_MAY_FAIL)
		r.passed_inputs = node->passed_inputs;
	r.root = root_of(w, node, &r.nroot);
	return hull_job_new(&r, e);
}

void hull_workspace_why(struct hull_workspace *w, size_t index, struct hull_strv *out)
{
	struct hull_spec_node *node = &w->nodes[index];

	if (node->inputs) {
		const struct hull_build_inputs inputs = hull_build_inputs_parse(node->inputs);
		const struct hull_package **packages;
		struct hull_built_packages root;
		size_t n;

		if (node->generating) {
			hull_strv_add(out, "its %generate_buildrequires has to run first");
			return;
		}
		packages = root_of(w, node, &n);
		root = hull_inputs_root(packages, n, &w->arena);
		hull_inputs_explain(w->store, &node->latest.build.inputs, &node->latest.build.root,
				    &inputs, &root, out);
		return;
	}
	if (node->vertex >= 0) {
		const struct hull_nodes *requirements =
			hull_graph_requirements(w->graph, node->vertex);

		hull_autobuf struct hull_buf text = {0};

		for (size_t i = 0; i < requirements->n; i++) {
			const struct hull_spec_node *other =
				&w->nodes[w->by_vertex[requirements->v[i]]];

			if (other->state != HULL_SPEC_DONE)
				hull_buf_addf(&text, "%s%s", text.n ? ", " : "after ",
					      other->spec->name);
		}
		if (text.n)
			hull_strv_add(out, text.p);
	}
}
