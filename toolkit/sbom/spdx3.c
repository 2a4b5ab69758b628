// SPDX-License-Identifier: MIT
#include "sbom/spdx3.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "sbom/component.h"
#include "sbom/filedigest.h"
#include "text/guid.h"

#define CREATION "_:creation"

struct graph {
	struct hull_sbom *sbom;
	json_t *elements;
	json_t *ids;		/* of what is in the graph: an object as a set */
	const char *name_space; /* of all ids, with the '#' */
	const char **package_ids, **source_ids;
	const char *image;
};

/* --- elements --- */

/* The id of a thing of that kind that this text tells from others. */
static const char *id_of(struct graph *g, const char *kind, const char *text)
{
	char digest[HULL_HEX];

	hull_hash_bytes(text, strlen(text), digest);
	return hull_arena_printf(&g->sbom->arena, "%s%s-%.32s", g->name_space, kind, digest);
}

/* NULL if it is there already. */
static json_t *add_element(struct graph *g, const char *type, const char *id, const char *name)
{
	json_t *x;

	if (json_object_get(g->ids, id))
		return NULL;
	json_object_set_new(g->ids, id, json_true());
	x = json_pack("{s:s, s:s, s:s}", "type", type, "spdxId", id, "creationInfo", CREATION);
	hull_json_set_clean(x, "name", name);
	json_array_append_new(g->elements, x);
	return x;
}

/* From one element to some others; the references of `to` are taken. */
static void relate(struct graph *g, const char *from, const char *type, json_t *to,
		   const char *comment)
{
	hull_autobuf struct hull_buf text = {0};
	json_t *x;

	if (!json_array_size(to)) {
		json_decref(to);
		return;
	}
	hull_buf_addf(&text, "%s %s %s ", from, type, comment ? comment : "");
	hull_json_text(to, false, &text);
	x = add_element(g, "Relationship", id_of(g, "Relationship", text.p), NULL);
	if (!x) {
		json_decref(to);
		return;
	}
	hull_json_set(x, "from", from);
	hull_json_set(x, "relationshipType", type);
	json_object_set_new(x, "to", to);
	hull_json_set(x, "completeness", "complete");
	hull_json_set_clean(x, "comment", comment);
}

static json_t *one(const char *id)
{
	return json_pack("[s]", id);
}

static void add_hash(json_t *element, const char *algorithm, const char *value)
{
	json_t *list = json_object_get(element, "verifiedUsing");

	if (!value)
		return;
	if (!list) {
		list = json_array();
		json_object_set_new(element, "verifiedUsing", list);
	}
	json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "type", "Hash", "algorithm",
					      algorithm, "hashValue", value));
}

static void add_cpe(json_t *element, const char *cpe)
{
	json_object_set_new(element, "externalIdentifier",
			    json_pack("[{s:s, s:s, s:s}]", "type", "ExternalIdentifier",
				      "externalIdentifierType", "cpe23", "identifier", cpe));
}

static json_t *add_package(struct graph *g, const char *id, const char *name, const char *version,
			   const char *purpose)
{
	json_t *x = add_element(g, "software_Package", id, name);

	if (x) {
		hull_json_set_clean(x, "software_packageVersion", version);
		hull_json_set(x, "software_primaryPurpose", purpose);
	}
	return x;
}

static const char *add_agent(struct graph *g, const char *type, const char *name)
{
	const char *id = id_of(g, type, name);

	add_element(g, type, id, name);
	return id;
}

/* --- what there is --- */

static void add_license(struct graph *g, const char *of, const struct hull_sbom_package *p)
{
	const char *text = p->package->license;
	const char *type = p->license_fault ? "simplelicensing_SimpleLicensingText"
					    : "simplelicensing_LicenseExpression";
	const char *id;
	json_t *x;

	if (!text || !*text)
		return;
	id = id_of(g, "License", text);
	x = add_element(g, type, id, NULL);
	if (x) {
		json_object_set_new(x,
				    p->license_fault ? "simplelicensing_licenseText"
						     : "simplelicensing_licenseExpression",
				    hull_json_clean(text));
		hull_json_set_clean(x, "comment", p->license_fault);
	}
	relate(g, of, "hasDeclaredLicense", one(id), NULL);
}

static void add_image(struct graph *g)
{
	const struct hull_system *s = g->sbom->system;
	json_t *x = add_package(g, g->image, g->sbom->name, s->os_version, "operatingSystem");

	hull_json_set_clean(x, "summary", s->os_name);
	add_hash(x, "sha256", g->sbom->sha256);
}

static void add_binary(struct graph *g, size_t i)
{
	struct hull_sbom *b = g->sbom;
	const struct hull_sbom_package *p = &b->packages[i];
	const struct hull_package *rpm = p->package;
	const char *text = hull_arena_printf(&b->arena, "%zu %s", i, p->nevra);
	const char *id = id_of(g, "Package", text);
	json_t *x = add_package(g, id, rpm->name, hull_package_evr(rpm, &b->arena), "install");

	g->package_ids[i] = id;
	hull_json_set_clean(x, "software_packageUrl", p->purl);
	hull_json_set_clean(x, "summary", rpm->summary);
	hull_json_set_clean(x, "description", rpm->description);
	if (rpm->url && hull_component_is_public(rpm->url))
		hull_json_set_clean(x, "software_homePage", rpm->url);
	if (rpm->build_time > 0)
		hull_json_set(x, "builtTime", hull_time_text(&b->arena, rpm->build_time));
	if (p->locked)
		add_hash(x, "sha256", p->locked->sha256);
	add_cpe(x, p->cpe);
	if (rpm->vendor && *rpm->vendor)
		hull_json_set(x, "suppliedBy", add_agent(g, "Organization", rpm->vendor));
	add_license(g, id, p);
	relate(g, g->image, "contains", one(id), hull_sbom_reason(b, p));
}

/* A list for each of n owners; relate_lists takes them. */
static json_t **new_lists(size_t n)
{
	json_t **v = hull_alloc_array(n + 1, sizeof(json_t *));

	for (size_t i = 0; i < n; i++)
		v[i] = json_array();
	return v;
}

static void relate_lists(struct graph *g, const char *const *from, const char *type, json_t **lists,
			 size_t n)
{
	for (size_t i = 0; i < n; i++)
		relate(g, from[i], type, lists[i], NULL);
	free(lists);
}

static void relate_requirements(struct graph *g)
{
	const struct hull_requirements *r = &g->sbom->requirements;
	json_t **to = new_lists(g->sbom->npackages);

	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(to[r->v[i].by], json_string(g->package_ids[r->v[i].to]));
	relate_lists(g, g->package_ids, "dependsOn", to, g->sbom->npackages);
}

static const char *add_component(struct graph *g, const struct hull_component *p)
{
	const char *text = hull_arena_printf(&g->sbom->arena, "%s %s", p->file, p->sha256);
	const char *id = id_of(g, "Component", text);
	bool source = p->kind == HULL_COMPONENT_ARCHIVE || p->kind == HULL_COMPONENT_LIBRARY;
	json_t *x = add_package(g, id, p->name, p->version,
				source				  ? "source"
				: p->kind == HULL_COMPONENT_PATCH ? "patch"
								  : "file");

	if (!x)
		return id;
	add_hash(x, "sha256", p->sha256);
	if (p->url && hull_component_is_public(p->url))
		hull_json_set_clean(x, "software_downloadLocation", p->url);
	hull_json_set_clean(
		x, "software_sourceInfo",
		p->archive ? hull_arena_printf(&g->sbom->arena, "%s in %s", p->file, p->archive)
			   : p->file);
	hull_json_set_clean(x, "software_packageUrl", p->purl);
	return id;
}

static void add_source(struct graph *g, size_t i)
{
	struct hull_sbom *b = g->sbom;
	const struct hull_source_package *s = &b->sources[i];
	const char *version = hull_arena_printf(&b->arena, "%s-%s", s->version, s->release);
	const char *text = hull_arena_printf(&b->arena, "%zu %s %s", i, s->name, version);
	const char *id = id_of(g, "Source", text);
	json_t *x = add_package(g, id, s->name, version, "source");
	json_t *patches = json_array(), *libraries = json_array(), *files = json_array();

	g->source_ids[i] = id;
	hull_json_set_clean(x, "software_packageUrl", s->purl);
	hull_json_set(x, "software_sourceInfo",
		      hull_arena_printf(&b->arena, "build %s", s->record->key));
	for (size_t k = 0; k < s->ncomponents; k++) {
		const struct hull_component *p = &s->components[k];
		json_t *list = p->kind == HULL_COMPONENT_PATCH	   ? patches
			       : p->kind == HULL_COMPONENT_LIBRARY ? libraries
								   : files;

		json_array_append_new(list, json_string(add_component(g, p)));
	}
	relate(g, id, "patchedBy", patches, NULL);
	relate(g, id, "hasStaticLink", libraries,
	       "source of libraries, compiled into the packages");
	relate(g, id, "contains", files, NULL);
}

/* What came out of the build of each source package. */
static void relate_builds(struct graph *g)
{
	const struct hull_sbom *b = g->sbom;
	json_t **to = new_lists(b->nsources);

	for (size_t i = 0; i < b->npackages; i++)
		if (b->packages[i].source >= 0)
			json_array_append_new(to[b->packages[i].source],
					      json_string(g->package_ids[i]));
	relate_lists(g, g->source_ids, "generates", to, b->nsources);
}

static void add_program(struct graph *g, const struct hull_go_program *p)
{
	struct hull_arena *a = &g->sbom->arena;
	const char *owner = p->package >= 0 ? g->package_ids[p->package] : g->image;
	json_t *to = json_array();

	for (size_t i = 0; i < p->ncomponents; i++) {
		const struct hull_go_component *c = &p->components[i];
		const char *text =
			hull_arena_printf(a, "%s %s", c->name, c->version ? c->version : "");
		const char *id = id_of(g, "Go", text);
		json_t *x = add_package(g, id, c->name, c->version, "library");

		if (x) {
			hull_json_set_clean(x, "software_packageUrl", c->purl);
			hull_json_set_clean(x, "software_sourceInfo", c->sum);
		}
		json_array_append_new(to, json_string(id));
	}
	relate(g, owner, "hasStaticLink", to, hull_arena_printf(a, "linked into %s", p->path));
}

/* The image has what no package has. */
static void add_files(struct graph *g)
{
	const struct hull_sbom *b = g->sbom;
	json_t **to = new_lists(b->npackages), *rest = json_array();

	for (size_t i = 0; i < b->nfiles; i++) {
		const struct hull_sbom_file *f = &b->files[i];
		const char *id = id_of(g, "File", f->path);
		json_t *x = add_element(g, "software_File", id, f->path);

		if (!x)
			continue;
		add_hash(x, "sha1", f->sha1);
		add_hash(x, "sha256", f->sha256);
		json_array_append_new(f->package >= 0 ? to[f->package] : rest, json_string(id));
	}
	relate(g, g->image, "contains", rest, NULL);
	relate_lists(g, g->package_ids, "contains", to, b->npackages);
}

static void fill(struct graph *g)
{
	const struct hull_sbom *b = g->sbom;

	add_image(g);
	for (size_t i = 0; i < b->npackages; i++)
		add_binary(g, i);
	relate_requirements(g);
	for (size_t i = 0; i < b->nsources; i++)
		add_source(g, i);
	relate_builds(g);
	for (size_t i = 0; i < b->nprograms; i++)
		add_program(g, &b->programs[i]);
	add_files(g);
}

/* --- the document --- */

/* A namespace that only this content has: of the image's bytes, and of all that the store adds. */
static const char *namespace_of(struct hull_sbom *b)
{
	hull_autohash struct hull_hash *h = hull_hash_new();
	char digest[HULL_HEX], uuid[HULL_GUID_TEXT];
	struct hull_guid guid;

	hull_hash_field(h, "hull", HULL_VERSION);
	hull_hash_field(h, "name", b->name);
	hull_hash_field(h, "image", b->sha256);
	hull_hash_field(h, "created", hull_time_text(&b->arena, b->created));
	for (size_t i = 0; i < b->nsources; i++)
		hull_hash_field(h, "build", b->sources[i].record->key);
	for (size_t i = 0; i < b->nfiles; i++)
		hull_hash_field(h, "file", b->files[i].sha256);
	hull_hash_hex(h, digest);
	guid = hull_guid_derive(digest, "spdx3");
	hull_guid_text(&guid, uuid);
	return hull_arena_printf(&b->arena, "https://spdx.org/spdxdocs/%s#", uuid);
}

static json_t *ids_of(const struct graph *g)
{
	json_t *v = json_array(), *ignored;
	const char *id;

	json_object_foreach (g->ids, id, ignored)
		json_array_append_new(v, json_string(id));
	return v;
}

static void add_document(struct graph *g)
{
	const char *sbom = id_of(g, "Sbom", g->sbom->name);
	const char *document = id_of(g, "Document", g->sbom->name);
	json_t *elements = ids_of(g), *x = add_element(g, "software_Sbom", sbom, NULL);

	json_object_set_new(x, "software_sbomType", one("build"));
	json_object_set_new(x, "rootElement", one(g->image));
	json_object_set_new(x, "element", elements);
	json_object_set_new(x, "profileConformance",
			    json_pack("[s, s, s]", "core", "simpleLicensing", "software"));
	x = add_element(g, "SpdxDocument", document, g->sbom->name);
	json_object_set_new(x, "rootElement", one(sbom));
	json_object_set_new(x, "element", json_pack("[s]", sbom));
	json_object_set_new(x, "profileConformance",
			    json_pack("[s, s, s]", "core", "simpleLicensing", "software"));
}

static void add_creation(struct graph *g)
{
	const char *tool = add_agent(g, "Tool", "hull " HULL_VERSION);
	const char *agent = add_agent(g, "SoftwareAgent", "hull " HULL_VERSION);

	json_array_append_new(
		g->elements, json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[s]}", "type", "CreationInfo",
				       "@id", CREATION, "specVersion", "3.0.1", "created",
				       hull_time_text(&g->sbom->arena, g->sbom->created),
				       "createdBy", agent, "createdUsing", tool));
}

json_t *hull_spdx3(struct hull_sbom *b)
{
	hull_autojson json_t *ids = json_object();
	hull_autofree const char **packages = hull_alloc_array(b->npackages + 1, sizeof *packages);
	hull_autofree const char **sources = hull_alloc_array(b->nsources + 1, sizeof *sources);
	struct graph g = {
		.sbom = b,
		.elements = json_array(),
		.ids = ids,
		.name_space = namespace_of(b),
		.package_ids = packages,
		.source_ids = sources,
	};

	g.image = id_of(&g, "Image", b->name);
	add_creation(&g);
	fill(&g);
	add_document(&g);
	return json_pack("{s:s, s:o}", "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
			 "@graph", g.elements);
}
