// SPDX-License-Identifier: MIT
#include "build/publish.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "build/inputs.h"

struct list {
	const struct hull_package **v;
	size_t n, cap;
	int64_t time;
};

static void add_record(struct list *l, const struct hull_record *r, const struct hull_spec *spec)
{
	for (size_t i = 0; i < r->npackages; i++) {
		l->v = hull_grow(l->v, &l->cap, l->n, sizeof *l->v);
		l->v[l->n++] = &r->packages[i];
	}
	if (hull_inputs_epoch(spec) > l->time)
		l->time = hull_inputs_epoch(spec);
}

/* The record that the repository has of a node which this run did not ask for. */
static int kept(struct hull_workspace *w, struct hull_node *node, const json_t *builds,
		struct hull_err *e)
{
	const char *key = hull_json_optional(builds, node->spec->name);
	int r;

	if (!key || node->result.json)
		return 0;
	r = hull_record_read(w->store, key, &w->arena, &node->result, e);
	if (r == 1)
		memcpy(node->key, key, HULL_HEX);
	return r < 0 ? -1 : 0;
}

static json_t *read_builds(const char *path)
{
	struct hull_err ignored; /* a repository without it is written anew */
	json_t *j = hull_exists(AT_FDCWD, path) ? hull_json_read(AT_FDCWD, path, &ignored) : NULL;

	return json_is_object(j) ? j : json_object();
}

int hull_publish(struct hull_workspace *w, const char *path, struct hull_repo_stats *out,
		 struct hull_err *e)
{
	hull_autofree char *builds_path = hull_asprintf("%s/builds.json", path);
	hull_autojson json_t *old = read_builds(builds_path), *new = json_object();
	struct list l = {0};
	int r = 0;

	for (size_t i = 0; i < w->n && r == 0; i++) {
		struct hull_node *node = &w->nodes[i];

		if (node->state != HULL_NODE_DONE)
			r = kept(w, node, old, e);
		if (!node->result.json)
			continue;
		add_record(&l, &node->result, node->spec);
		hull_json_set(new, node->spec->name, node->key);
	}
	if (r == 0)
		r = hull_repo_write(w->store, path, l.v, l.n, l.time, out, e);
	if (r == 0 && !json_equal(old, new))
		r = hull_json_write(AT_FDCWD, builds_path, new, e);
	hull_freep(&l.v);
	return r;
}
