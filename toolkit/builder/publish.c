// SPDX-License-Identifier: MIT
#include "builder/publish.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/inputs.h"

struct publish_list {
	const struct hull_package **v;
	size_t n, cap;
	int64_t time;
};

static void add_record(struct publish_list *l, const struct hull_record *r,
		       const struct hull_spec *spec)
{
	for (size_t i = 0; i < r->build.packages.n; i++) {
		l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
		l->v[l->n++] = &r->packages[i];
	}
	if (hull_inputs_epoch(spec) > l->time)
		l->time = hull_inputs_epoch(spec);
}

/* The record that the repository has of a node which this run did not ask for. */
static int kept(struct hull_workspace *w, struct hull_spec_node *node, const json_t *builds,
		struct hull_err *e)
{
	const char *key = hull_json_optional(builds, node->spec->name);
	int r;

	if (!key || node->result.build.json)
		return 0;
	r = hull_record_read(w->store, key, &w->arena, &node->result, e);
	if (r == 1)
		memcpy(node->key, key, HULL_HEX);
	return r < 0 ? -1 : 0;
}

json_t *hull_published(const char *path, size_t *out_packages)
{
	hull_autofree char *builds = hull_asprintf("%s/builds.json", path);
	hull_autofree char *repomd = hull_asprintf("%s/repodata/repomd.xml", path);
	hull_autojson json_t *j = NULL;

	if (!hull_exists(AT_FDCWD, builds) || !hull_exists(AT_FDCWD, repomd))
		return NULL;
	/* a repository without it is written anew */
	j = hull_json_read(AT_FDCWD, builds, NULL);
	*out_packages = (size_t)json_integer_value(json_object_get(j, "packages"));
	return json_incref(json_object_get(j, "builds"));
}

static int write_builds(const char *path, json_t *builds, size_t packages, struct hull_err *e)
{
	hull_autofree char *file = hull_asprintf("%s/builds.json", path);
	hull_autojson json_t *j =
		json_pack("{s:I, s:O}", "packages", (json_int_t)packages, "builds", builds);

	return hull_json_write(AT_FDCWD, file, j, e);
}

int hull_publish(struct hull_workspace *w, const char *path, struct hull_repo_stats *out,
		 struct hull_err *e)
{
	size_t before = 0;
	hull_autojson json_t *old = hull_published(path, &before), *now = json_object();
	struct publish_list l = {0};
	int r = 0;

	for (size_t i = 0; i < w->n && r == 0; i++) {
		struct hull_spec_node *node = &w->nodes[i];

		if (node->state != HULL_SPEC_DONE)
			r = kept(w, node, old, e);
		if (!node->result.build.json)
			continue;
		add_record(&l, &node->result, node->spec);
		hull_json_set(now, node->spec->name, node->key);
	}
	if (r == 0)
		r = hull_repo_write(w->store, path, l.v, l.n, l.time, out, e);
	if (r == 0 && (!old || !json_equal(old, now) || before != l.n))
		r = write_builds(path, now, l.n, e);
	hull_freep(&l.v);
	return r;
}
