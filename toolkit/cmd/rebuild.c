// SPDX-License-Identifier: MIT
#include "cmd/rebuild.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/process.h"
#include "builder/inputs.h"
#include "reproduce/reproduce.h"
#include "cmd/session.h"
#include "rpm/rpmfile.h"

struct rebuild {
	const struct hull_rebuild_request *q;
	struct hull_verification *out;
	struct hull_arena arena;
	struct hull_session session;
	struct hull_strv specs; /* that are built again */
};

/* "zlib" of "zlib-1.3-1.src.rpm"; NULL if it is no such name. The caller frees. */
static char *spec_name(const char *source_rpm)
{
	hull_autofree char *name = source_rpm ? hull_strdup(source_rpm) : NULL;

	for (int i = 0; name && i < 2; i++) {
		char *dash = strrchr(name, '-');

		if (!dash)
			return NULL;
		*dash = '\0';
	}
	return hull_steal(name);
}

static bool comes_from(const struct hull_package *p, const char *spec)
{
	hull_autofree char *name = spec_name(p->source_rpm);

	return name && !strcmp(name, spec);
}

/* --- which specs --- */

static int no_such_package(const struct hull_rebuild_request *q, const char *name,
			   struct hull_err *e)
{
	hull_autobuf struct hull_buf near = {0};

	for (size_t i = 0; i < q->npackages; i++)
		if (hull_edit_distance(q->packages[i].name, name) <= 2)
			hull_buf_addf(&near, "%s%s",
				      near.n ? ", " : "; near names: ", q->packages[i].name);
	return hull_fail(e, HULL_USAGE, "--rebuild: there is no package '%s' in the image%s", name,
			 near.n ? near.p : "");
}

int hull_rebuild_check(const struct hull_rebuild_request *q, struct hull_err *e)
{
	for (size_t i = 0; i < q->names->n; i++) {
		const char *name = q->names->v[i];
		size_t k = 0;

		while (k < q->npackages && strcmp(q->packages[k].name, name) != 0)
			k++;
		if (k == q->npackages && strcmp(name, "all") != 0)
			return no_such_package(q, name, e);
	}
	return 0;
}

static bool has_spec(const struct hull_specs *specs, const char *name)
{
	for (size_t i = 0; i < specs->n; i++)
		if (!strcmp(specs->v[i].name, name))
			return true;
	return false;
}

static void take(struct rebuild *r, const struct hull_specs *specs, const struct hull_package *p)
{
	hull_autofree char *spec = spec_name(p->source_rpm);

	if (spec && has_spec(specs, spec))
		hull_strv_add(&r->specs, spec);
	else
		hull_verification_add(
			r->out, HULL_VERIFY_REBUILDS, true, hull_package_nevra(p, &r->arena),
			"the spec trees have no spec of %s", p->source_rpm ? p->source_rpm : "it");
}

static int select_specs(struct rebuild *r, struct hull_err *e)
{
	const struct hull_strv *names = r->q->names;
	struct hull_specs specs = {0};
	int rc = hull_context_specs(r->q->ctx, &specs, e);

	for (size_t i = 0; rc == 0 && i < names->n; i++) {
		bool all = !strcmp(names->v[i], "all");

		for (size_t k = 0; k < r->q->npackages; k++)
			if (all || !strcmp(r->q->packages[k].name, names->v[i]))
				take(r, &specs, &r->q->packages[k]);
	}
	hull_specs_fini(&specs);
	hull_strv_sort(&r->specs);
	return rc;
}

/* --- comparing --- */

/* What an image has of a spec: the RPMs if they are in the store, else what its database says. */
static const struct hull_package **list_wanted(struct rebuild *r, const char *spec, size_t *out_n)
{
	const struct hull_package **v = hull_arena_array(&r->arena, r->q->npackages + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < r->q->npackages; i++) {
		const struct hull_package *p = &r->q->packages[i];
		const struct hull_locked *l =
			r->q->lock ? hull_lock_find(r->q->lock, p->name) : NULL;
		struct hull_package *stored;
		struct hull_store_path rpm = hull_store_path(HULL_STORE_RPM, l ? l->sha256 : NULL);

		if (!comes_from(p, spec))
			continue;
		v[n++] = p;
		if (!l || !hull_exists(r->q->ctx->store.fd, rpm.path))
			continue;
		stored = hull_arena_alloc(&r->arena, sizeof *stored);
		/* one that is damaged is told of elsewhere; its files are in the database */
		if (hull_rpm_read(r->q->ctx->store.fd, rpm.path, &r->arena, stored, NULL) == 0 &&
		    !strcmp(stored->sha256, l->sha256))
			v[n - 1] = stored;
	}
	*out_n = n;
	return v;
}

/* Why it may differ: the inputs of the build that the image has are not those of now. */
static void explain(struct rebuild *r, const struct hull_spec_node *node, struct hull_buf *out)
{
	hull_autostrv struct hull_strv reasons = {0};
	const struct hull_built_packages none = {0};
	struct hull_build_inputs inputs;

	if (!node->latest.build.json || !strcmp(node->latest.build.key, node->key))
		return;
	inputs = hull_build_inputs_parse(node->inputs);
	hull_inputs_explain(&r->q->ctx->store, &node->latest.build.inputs, &none, &inputs, &none,
			    &reasons);
	for (size_t i = 0; i < reasons.n; i++)
		hull_buf_addf(out, "%s%s", i ? ", " : "; since the last build: ", reasons.v[i]);
}

static int compare(struct rebuild *r, size_t index, struct hull_err *e)
{
	struct hull_spec_node *node = &r->session.workspace.nodes[index];
	struct hull_job_place place = hull_session_place(&r->session);
	hull_autobuf struct hull_buf text = {0};
	const struct hull_package **wanted;
	const char *at;
	size_t n;
	int rc;

	wanted = list_wanted(r, node->spec->name, &n);
	if (node->built) {
		rc = hull_check_built(node->result.packages, node->result.build.packages.n, wanted,
				      n, &text);
	} else {
		hull_log(r->q->ctx->progress, "building %s again", node->spec->name);
		rc = hull_check_against(&r->session.workspace, index, &place, wanted, n, &text, e);
	}
	if (rc < 0) {
		if (text.n)
			hull_log_error(r->q->ctx->progress, "%-s", text.p);
		return hull_wrap(e, "%s does not build again: ", node->spec->name);
	}
	if (rc) {
		r->out->held[HULL_VERIFY_REBUILDS] += n;
		return 0;
	}
	explain(r, node, &text);
	at = text.p;
	while (*at) {
		size_t length = strcspn(at, "\n");
		hull_autofree char *line = hull_strndup(at, length);

		hull_verification_add(r->out, HULL_VERIFY_REBUILDS, false, node->spec->name, "%s",
				      line);
		at += length + (at[length] == '\n');
	}
	return 0;
}

static int build(struct rebuild *r, struct hull_err *e)
{
	struct hull_schedule_result result = {0};
	struct hull_session *s = &r->session;
	int rc = hull_session_open(s, r->q->ctx, r->q->options, &r->specs, e);

	if (rc == 0)
		rc = hull_session_plan(s, e);
	if (rc == 0)
		rc = hull_session_build(s, &result, e);
	for (size_t i = 0; rc == 0 && i < s->nselected; i++) {
		const struct hull_spec_node *node = &s->workspace.nodes[s->selected[i]];

		if (hull_interrupted())
			rc = hull_fail(e, HULL_INTERRUPTED, "interrupted");
		else if (node->state == HULL_SPEC_DONE)
			rc = compare(r, s->selected[i], e);
		else
			hull_verification_add(r->out, HULL_VERIFY_REBUILDS, false, node->spec->name,
					      "does not build: %s",
					      node->error ? node->error : "what it needs failed");
	}
	hull_session_close(s);
	return rc;
}

int hull_rebuild(const struct hull_rebuild_request *q, struct hull_verification *out,
		 struct hull_err *e)
{
	struct rebuild r = {.q = q, .out = out};
	int rc = select_specs(&r, e);

	if (rc == 0 && r.specs.n)
		rc = build(&r, e);
	hull_strv_fini(&r.specs);
	hull_arena_fini(&r.arena);
	hull_verification_sort(out);
	return rc;
}
