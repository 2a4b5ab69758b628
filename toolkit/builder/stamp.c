// SPDX-License-Identifier: MIT
#include "builder/stamp.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "builder/publish.h"
#include "store/sealed.h"

/* Those that take other builds. */
static void hash_rules(struct hull_hash *h, const struct hull_build_rules *r)
{
	if (r->check_may_fail)
		hull_hash_field(h, "check", "may-fail");
	if (r->no_check_at_all)
		hull_hash_field(h, "check", "none");
	for (size_t i = 0; r->no_check && i < r->no_check->n; i++)
		hull_hash_field(h, "no-check", r->no_check->v[i]);
}

static void name_stamp(const struct hull_stamp_request *r, char out[HULL_HEX])
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char keys[HULL_HEX];

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
	hash_rules(h, &r->rules);
	hull_hash_hex(h, out);
}

int hull_stamp_write(const struct hull_stamp_request *r, const struct hull_workspace *w,
		     struct hull_err *e)
{
	hull_autojson json_t *stamp = json_object();
	char name[HULL_HEX];

	name_stamp(r, name);
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
	return hull_sealed_write(r->store, HULL_STORE_STAMP, name, stamp, e);
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
	hull_autojson json_t *stamp = NULL, *published = NULL;
	char stamp_name[HULL_HEX];
	struct hull_err e;
	const char *name;
	json_t *v;

	name_stamp(r, stamp_name);
	/* without a readable stamp the long way is taken */
	if (hull_sealed_take(r->store, HULL_STORE_STAMP, stamp_name, &stamp, &e) <= 0)
		return false;
	published = hull_published(repo, out_packages);
	if (!published)
		return false;
	json_object_foreach (stamp, name, v) {
		const char *key = hull_json_optional(v, "key");
		const char *in_repo = hull_json_optional(published, name);

		if (!key || !in_repo || strcmp(key, in_repo) != 0 ||
		    !has_build(r->store, key, json_object_get(v, "packages")))
			return false;
	}
	json_object_foreach (published, name, v) {
		if (!hull_specs_find(r->specs, name) && !hull_specs_left_out(r->specs, name))
			return false;
	}
	return true;
}
