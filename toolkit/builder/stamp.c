// SPDX-License-Identifier: MIT
#include "builder/stamp.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/publish.h"

static struct hull_store_path stamp_of(const struct hull_stamp_request *r)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char hex[HULL_HEX], keys[HULL_HEX];

	hull_keyring_state(r->keyring, keys);
	hull_hash_field(h, "keys", keys);
	hull_hash_field(h, "version", HULL_VERSION);
	hull_hash_field(h, "arch", r->arch);
	hull_hash_field(h, "macros", r->macros);
	hull_hash_field(h, "seed", r->seed);
	for (size_t i = 0; i < r->specs->n; i++)
		hull_hash_field(h, r->specs->v[i].name, r->specs->v[i].digest);
	for (size_t i = 0; i < r->nselected; i++)
		hull_hash_field(h, "selected", r->specs->v[r->selected[i]].name);
	hull_hash_hex(h, hex);
	return hull_store_path(HULL_STORE_STAMP, hex);
}

int hull_stamp_write(const struct hull_stamp_request *r, const struct hull_workspace *w,
		     struct hull_err *e)
{
	struct hull_store_path o = stamp_of(r);
	hull_autojson json_t *stamp = json_object();

	for (size_t i = 0; i < w->n; i++) {
		const struct hull_spec_node *node = &w->nodes[i];
		json_t *packages;

		if (node->state != HULL_SPEC_DONE)
			continue;
		packages = json_array();
		for (size_t j = 0; j < node->result.build.packages.n; j++)
			json_array_append_new(packages,
					      json_string(node->result.packages[j].sha256));
		json_object_set_new(
			stamp, node->spec->name,
			json_pack("{s:s, s:o}", "key", node->key, "packages", packages));
	}
	return hull_json_write(r->store->fd, o.path, stamp, e);
}

static bool has_build(const struct hull_store *s, const char *key, const json_t *packages)
{
	const json_t *item;
	size_t i;

	if (!hull_store_has(s, HULL_STORE_BUILD, key))
		return false;
	json_array_foreach (packages, i, item) {
		if (!hull_store_has(s, HULL_STORE_RPM, json_string_value(item)))
			return false;
	}
	return true;
}

bool hull_stamp_holds(const struct hull_stamp_request *r, const char *repo, size_t *out_packages)
{
	struct hull_store_path o = stamp_of(r);
	hull_autojson json_t *stamp = NULL, *published = NULL;
	const char *name;
	json_t *v;

	if (!hull_exists(r->store->fd, o.path))
		return false;
	/* without a readable stamp the long way is taken */
	stamp = hull_json_read(r->store->fd, o.path, NULL);
	published = hull_published(repo, out_packages);
	if (!stamp || !published)
		return false;
	json_object_foreach (stamp, name, v) {
		const char *key = hull_json_optional(v, "key");
		const char *in_repo = hull_json_optional(published, name);

		if (!key || !in_repo || strcmp(key, in_repo) != 0 ||
		    !has_build(r->store, key, json_object_get(v, "packages")))
			return false;
	}
	json_object_foreach (published, name, v) {
		if (!hull_specs_find(r->specs, name))
			return false;
	}
	return true;
}
