// SPDX-License-Identifier: MIT
#include "sbom/provenance.h"

#include <fcntl.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "image/assemble.h"
#include "sbom/purl.h"

static json_t *digest(const char *sha256)
{
	return json_pack("{s:s}", "sha256", sha256);
}

/* A resource descriptor; each of the three may be NULL. */
static json_t *resource(const char *name, const char *uri, const char *sha256)
{
	json_t *r = json_object();

	hull_json_set_clean(r, "name", name);
	hull_json_set_clean(r, "uri", uri);
	if (sha256)
		json_object_set_new(r, "digest", digest(sha256));
	return r;
}

/* The statement; takes the references of its components. */
static json_t *statement(json_t *subject, const char *type, json_t *external, json_t *internal,
			 json_t *dependencies, json_t *run)
{
	return json_pack("{s:s, s:[o], s:s, s:{s:{s:s, s:o, s:o, s:o}, s:o}}", "_type",
			 "https://in-toto.io/Statement/v1", "subject", subject, "predicateType",
			 "https://slsa.dev/provenance/v1", "predicate", "buildDefinition",
			 "buildType", type, "externalParameters", external, "internalParameters",
			 internal, "resolvedDependencies", dependencies, "runDetails", run);
}

static json_t *builder(const struct hull_provenance_options *o)
{
	json_t *b = json_object();

	json_object_set_new(b, "id", hull_json_clean(o->builder ? o->builder : "urn:hull:builder"));
	return b;
}

static void add_sources(json_t *to, const struct hull_source_package *s)
{
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct hull_component *p = &s->components[i];
		json_t *r = resource(p->file, p->url ? p->url : p->pinned, p->sha256);

		if (p->archive)
			json_object_set_new(
				r, "annotations",
				json_pack("{s:o}", "archive", hull_json_clean(p->archive)));
		if (p->pinned && p->url)
			json_object_set_new(
				r, "annotations",
				json_pack("{s:o}", "pinned", hull_json_clean(p->pinned)));
		json_array_append_new(to, r);
	}
}

/* The packages that the build could see. */
static void add_build_root(json_t *to, const struct hull_built_packages *root)
{
	for (size_t i = 0; i < root->n; i++)
		if (root->v[i].nevra && root->v[i].sha256)
			json_array_append_new(to,
					      resource(root->v[i].nevra, NULL, root->v[i].sha256));
}

/* The packages of the seed root, from the file that the store keeps with it. */
static int add_seed(json_t *to, const struct hull_store *s, const char *seed, struct hull_arena *a,
		    struct hull_err *e)
{
	struct hull_store_path o = hull_store_path(HULL_STORE_SEED_RECORD, seed);
	hull_autojson json_t *j = NULL;
	const json_t *item;
	size_t i;

	json_array_append_new(
		to, resource("seed", hull_arena_printf(a, "urn:hull:seed:%s", seed), NULL));
	if (!hull_exists(s->fd, o.path))
		return 0;
	j = hull_json_read(s->fd, o.path, e);
	if (!j)
		return hull_wrap(e, "store %s: ", s->path);
	json_array_foreach (json_object_get(j, "packages"), i, item) {
		const char *name = hull_json_optional(item, "name");
		const char *arch = hull_json_optional(item, "arch");
		const char *sha256 = hull_json_optional(item, "sha256");
		const struct hull_purl_qualifier q[] = {{"arch", arch}, {NULL, NULL}};

		if (name && sha256)
			json_array_append_new(
				to, resource(name,
					     hull_purl(a, "deb", "debian", name,
						       hull_json_optional(item, "version"), q),
					     sha256));
	}
	return 0;
}

static json_t *run_of_build(struct hull_sbom *b, const struct hull_build_record *r,
			    const struct hull_provenance_options *o)
{
	json_t *metadata = json_pack("{s:s}", "invocationId", r->key);
	json_t *run = json_pack("{s:o, s:o}", "builder", builder(o), "metadata", metadata);

	if (r->started >= 0)
		hull_json_set_clean(metadata, "startedOn", hull_time_text(&b->arena, r->started));
	if (r->finished >= 0)
		hull_json_set_clean(metadata, "finishedOn", hull_time_text(&b->arena, r->finished));
	if (r->log_sha256)
		json_object_set_new(run, "byproducts",
				    json_pack("[o]", resource("log", NULL, r->log_sha256)));
	return run;
}

json_t *hull_provenance_package(struct hull_sbom *b, size_t package,
				const struct hull_provenance_options *o, struct hull_err *e)
{
	const struct hull_sbom_package *p = &b->packages[package];
	const struct hull_source_package *s = p->source >= 0 ? &b->sources[p->source] : NULL;
	json_t *external, *internal, *dependencies, *subject;
	const struct hull_build_record *r;

	if (!s) {
		hull_fail(e, HULL_FAILED, "%s: the store has no record of its build", p->nevra);
		return NULL;
	}
	r = s->record;
	dependencies = json_array();
	add_sources(dependencies, s);
	add_build_root(dependencies, &r->root);
	if (r->inputs.macros)
		json_array_append_new(dependencies, resource("macros", NULL, r->inputs.macros));
	if (r->seed && o->store && add_seed(dependencies, o->store, r->seed, &b->arena, e) < 0) {
		json_decref(dependencies);
		return NULL;
	}
	external = json_pack("{s:s, s:s, s:s}", "spec", s->name, "version", s->version, "release",
			     s->release);
	hull_json_set_clean(external, "arch", r->arch);
	internal = json_object();
	hull_json_set_clean(internal, "format", r->inputs.format);
	if (r->inputs.has_epoch)
		json_object_set_new(internal, "SOURCE_DATE_EPOCH", json_integer(r->inputs.epoch));
	subject = resource(hull_basename(p->locked->location), p->purl, p->locked->sha256);
	return statement(subject, "urn:hull:build:rpm:1", external, internal, dependencies,
			 run_of_build(b, r, o));
}

static bool is_made(const json_t *record, const struct hull_sbom *b)
{
	const json_t *artifact;
	size_t i;

	json_array_foreach (json_object_get(record, "artifacts"), i, artifact) {
		const char *file = hull_json_optional(artifact, "file");
		json_int_t bytes = json_integer_value(json_object_get(artifact, "bytes"));

		if (file && !strcmp(file, b->name) && (uint64_t)bytes == b->size_bytes)
			return true;
	}
	return false;
}

/* The record that 'hull image' leaves beside what it makes, if there is one of this file. */
static json_t *image_record(const struct hull_sbom *b)
{
	const char *path = b->system->file;
	hull_autofree char *directory = hull_asprintf("%.*s.", (int)(b->name - path), path);
	hull_autostrv struct hull_strv names = {0};

	if (hull_dir_list(AT_FDCWD, directory, &names, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < names.n; i++) {
		hull_autofree char *file = hull_asprintf("%s/%s", directory, names.v[i]);
		json_t *j = hull_ends(file, ".image.json") ? hull_json_read(AT_FDCWD, file, NULL)
							   : NULL;

		if (j && is_made(j, b))
			return j;
		json_decref(j);
	}
	return NULL;
}

static int add_config(json_t *dependencies, json_t *external, const char *path, struct hull_err *e)
{
	char sha256[HULL_HEX];
	uint64_t bytes;

	if (!path)
		return 0;
	if (hull_hash_file(AT_FDCWD, path, sha256, &bytes, e) < 0)
		return -1;
	hull_json_set_clean(external, "configuration", hull_basename(path));
	json_array_append_new(dependencies, resource(hull_basename(path), NULL, sha256));
	return 0;
}

/* The lock file in the image: what was asked for, and from which repositories it was taken. */
static int add_lock(struct hull_sbom *b, json_t *dependencies, json_t *external, struct hull_err *e)
{
	const struct hull_lock *l = &b->system->lock;
	int node = hull_tree_find(&b->system->tree, HULL_IMAGE_LOCK);
	hull_autobuf struct hull_buf text = {0};
	json_t *wants = json_array();
	char sha256[HULL_HEX];

	json_object_set_new(external, "packages", wants);
	hull_json_set_clean(external, "arch", l->arch);
	for (size_t i = 0; i < l->n; i++) {
		json_t *want = json_object();

		hull_json_set_clean(want, "want", l->v[i].want);
		hull_json_set_clean(want, "origin", l->v[i].origin);
		if (l->v[i].want)
			json_array_append(wants, want);
		json_decref(want);
	}
	for (size_t i = 0; i < l->nrepositories; i++)
		if (l->repositories[i].digest && *l->repositories[i].digest)
			json_array_append_new(dependencies,
					      resource(hull_arena_printf(&b->arena, "%s/repomd.xml",
									 l->repositories[i].name),
						       NULL, l->repositories[i].digest));
	if (node == HULL_NO_NODE)
		return 0;
	if (hull_tree_read(&b->system->tree, node, &text, e) < 0)
		return hull_wrap(e, "/%s: ", HULL_IMAGE_LOCK);
	hull_hash_bytes(text.p, text.n, sha256);
	json_array_append_new(dependencies, resource("/" HULL_IMAGE_LOCK, NULL, sha256));
	return 0;
}

json_t *hull_provenance_image(struct hull_sbom *b, const struct hull_provenance_options *o,
			      struct hull_err *e)
{
	hull_autojson json_t *record = image_record(b);
	hull_autojson json_t *dependencies = json_array(), *external = json_object();
	json_t *metadata = json_object();
	const char *stamp = record ? hull_json_optional(record, "stamp") : NULL;

	for (size_t i = 0; i < b->npackages; i++) {
		const struct hull_sbom_package *p = &b->packages[i];

		json_array_append_new(dependencies, resource(p->nevra, p->purl,
							     p->locked ? p->locked->sha256 : NULL));
	}
	if (add_config(dependencies, external, o->config, e) < 0 ||
	    (b->system->has_lock && add_lock(b, dependencies, external, e) < 0)) {
		json_decref(metadata);
		return NULL;
	}
	hull_json_set_clean(metadata, "invocationId", stamp);
	if (record && hull_json_optional(record, "configuration"))
		json_array_append_new(dependencies,
				      resource("configuration", NULL,
					       hull_json_optional(record, "configuration")));
	return statement(resource(b->name, NULL, b->sha256), "urn:hull:build:image:1",
			 json_incref(external), json_object(), json_incref(dependencies),
			 json_pack("{s:o, s:o}", "builder", builder(o), "metadata", metadata));
}
