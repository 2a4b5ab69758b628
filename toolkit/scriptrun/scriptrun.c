// SPDX-License-Identifier: MIT
#include "scriptrun/scriptrun.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "scriptrun/trial.h"
#include "tree/copy.h"

/* --- to the tree --- */

struct applier {
	const struct hull_trial *trial;
	struct hull_tree *t;
	int64_t time;
	struct hull_err *e;
};

/* Other names of a file keep what it was when this one becomes something else. */
static void separate(struct hull_tree *t, int node)
{
	int heir = HULL_NO_NODE;

	for (int i = HULL_TREE_ROOT; i != HULL_NO_NODE; i = hull_tree_next(t, i, HULL_TREE_ROOT)) {
		struct hull_node *n = &t->v[i], *was = &t->v[node];

		if (i == node || n->inode != node)
			continue;
		if (heir == HULL_NO_NODE) {
			heir = i;
			hull_node_copy_inode(n, was);
		}
		n->inode = heir;
	}
	t->v[node].inode = node;
}

static int set_file(struct applier *w, int node, const struct hull_run_change *c, int owner)
{
	const struct hull_scanned *f = hull_scan_find(&w->trial->after, c->path);
	hull_autobuf struct hull_buf text = {0};
	char hex[HULL_HEX];

	if (!f || hull_scan_read(w->trial->rootfd, f, &text, hex, w->e) < 0)
		return -1;
	hull_tree_set_file(w->t, node, text.p ? text.p : "", text.n, c->mode);
	w->t->v[node].owner = owner; /* who brought it says whose it is */
	return 0;
}

static bool has_content(const struct hull_node *n, const struct hull_run_change *c)
{
	return S_ISREG(n->mode) && c->sha256 && n->content.sha256 &&
	       !strcmp(n->content.sha256, c->sha256);
}

static int set_node(struct applier *w, const struct hull_run_change *c)
{
	bool directory = !strcmp(c->type, "directory");
	int node = hull_tree_find(w->t, c->path), r = 0,
	    owner = node < 0 ? -1 : w->t->v[node].owner;

	if (node != HULL_NO_NODE && S_ISDIR(w->t->v[node].mode) != directory) {
		hull_tree_remove(w->t, node);
		node = HULL_NO_NODE;
	}
	if (node == HULL_NO_NODE)
		node = hull_tree_add(w->t, c->path, w->e);
	if (node < 0)
		return -1;
	if (!directory) {
		struct hull_node was = w->t->v[w->t->v[node].inode];

		separate(w->t, node);
		if (has_content(&was, c)) {
			was.mode = S_IFREG | c->mode;
			w->t->v[node].mode = was.mode;
			w->t->v[node].size_bytes = was.size_bytes;
			w->t->v[node].content = was.content;
			w->t->v[node].xattrs = was.xattrs;
			return 0;
		}
	}
	if (directory)
		w->t->v[node].mode = S_IFDIR | c->mode;
	else if (!strcmp(c->type, "file"))
		r = set_file(w, node, c, owner);
	else if (!strcmp(c->type, "symlink"))
		hull_tree_set_symlink(w->t, node, c->target);
	else
		w->t->v[node].mode = S_IFIFO | c->mode;
	w->t->v[node].mtime = w->time;
	return r;
}

static int apply(struct applier *w)
{
	const struct hull_runs *runs = &w->trial->runs;

	for (size_t i = 0; i < runs->nchanges; i++) {
		int node;

		if (runs->changes[i].type)
			continue;
		node = hull_tree_find(w->t, runs->changes[i].path);
		if (node > HULL_TREE_ROOT) {
			separate(w->t, node);
			hull_tree_remove(w->t, node);
		}
	}
	for (size_t i = 0; i < runs->nchanges; i++)
		if (runs->changes[i].type && set_node(w, &runs->changes[i]) < 0)
			return hull_wrap(w->e, "%s: ", runs->changes[i].path);
	return 0;
}

void hull_scriptrun_set_owners(const struct hull_runs *r, struct hull_tree *t)
{
	for (size_t i = 0; i < r->nchanges; i++) {
		const struct hull_run_change *c = &r->changes[i];
		int node = c->type ? hull_tree_find(t, c->path) : HULL_NO_NODE;
		struct hull_node *n = node >= 0 ? &t->v[t->v[node].inode] : NULL;

		if (n && c->uid >= 0)
			n->uid = (uint32_t)c->uid;
		if (n && c->gid >= 0)
			n->gid = (uint32_t)c->gid;
	}
}

/* --- the whole --- */

static int check_arch(const struct hull_scriptrun_request *r, const struct hull_run_plan *plan,
		      struct hull_err *e)
{
	struct utsname machine;

	if (uname(&machine) < 0)
		return hull_fail_errno(e, "uname");
	if (!strcmp(machine.machine, r->arch))
		return 0;
	return hull_fail(e, HULL_FAILED,
			 "an image for %s with scriptlets to run, such as %s of %s, is made on %s "
			 "only: this machine is %s",
			 r->arch, plan->n ? plan->v[0].scriptlet->name : r->more[0].scriptlet->name,
			 plan->n ? plan->v[0].package : r->more[0].package, r->arch,
			 machine.machine);
}

static int keep(const struct hull_runs *from, struct hull_arena *a, struct hull_runs *out,
		struct hull_err *e)
{
	hull_autojson json_t *j = hull_runs_to_json(from);

	return hull_runs_from_json(j, a, out, e);
}

static int try_twice(const struct hull_scriptrun_request *r, const struct hull_run_plan *plan,
		     struct hull_tree *t, struct hull_arena *a, struct hull_runs *out,
		     struct hull_strv *warnings, struct hull_err *e)
{
	struct hull_trial first, second;
	struct applier w = {.trial = &first, .t = t, .time = r->time, .e = e};
	const char *difference;
	int result = 0;

	if (hull_trial_init(&first, r, plan, t, false, warnings, e) < 0)
		return -1;
	if (hull_trial_init(&second, r, plan, t, true, NULL, e) < 0) {
		hull_trial_fini(&first);
		return hull_wrap(e, "the second time: ");
	}
	difference = hull_runs_difference(&first.runs, &second.runs, a);
	if (difference)
		result =
			hull_fail(e, HULL_FAILED,
				  "scriptlets do not the same when they run twice: %s", difference);
	if (result == 0)
		result = apply(&w);
	if (result == 0)
		result = keep(&first.runs, a, out, e);
	hull_trial_fini(&first);
	hull_trial_fini(&second);
	return result;
}

int hull_scriptrun(const struct hull_scriptrun_request *r, struct hull_tree *t,
		   struct hull_arena *a, struct hull_runs *out, struct hull_strv *warnings,
		   struct hull_err *e)
{
	struct hull_run_plan plan;
	int result = 0;

	*out = (struct hull_runs){.ran = true};
	if (hull_run_plan(r->packages, t, &plan, e) < 0)
		return -1;
	if (plan.n + r->nmore > 0) {
		result = check_arch(r, &plan, e);
		if (result == 0)
			result = try_twice(r, &plan, t, a, out, warnings, e);
	}
	hull_run_plan_fini(&plan);
	return result;
}
