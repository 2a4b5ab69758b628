// SPDX-License-Identifier: MIT
#include "sbom/cyclonedx.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "sbom/component.h"
#include "text/guid.h"

static const char image_ref[] = "image";

struct bom {
	struct hull_sbom *sbom;
	json_t *components;
	json_t *dependencies; /* bom-ref -> array of bom-refs */
	const char **refs;    /* of the packages */
	json_t **packages;    /* their components, borrowed */
};

static json_t *hashes(const char *sha1, const char *sha256, const char *sha512)
{
	json_t *v = json_array();

	if (sha1)
		json_array_append_new(v, json_pack("{s:s, s:s}", "alg", "SHA-1", "content", sha1));
	json_array_append_new(v, json_pack("{s:s, s:s}", "alg", "SHA-256", "content", sha256));
	if (sha512)
		json_array_append_new(v,
				      json_pack("{s:s, s:s}", "alg", "SHA-512", "content", sha512));
	return v;
}

/* The array of an object, made if there is none. */
static json_t *list(json_t *object, const char *key)
{
	json_t *v = json_object_get(object, key);

	if (!v) {
		v = json_array();
		json_object_set_new(object, key, v);
	}
	return v;
}

static void add_property(json_t *component, const char *name, const char *value)
{
	json_t *p;

	if (!value || !*value)
		return;
	p = json_pack("{s:o, s:o}", "name", hull_json_clean(name), "value", hull_json_clean(value));
	json_array_append_new(list(component, "properties"), p);
}

static json_t *new_component(const char *type, const char *ref, const char *name,
			     const char *version)
{
	json_t *c = json_pack("{s:s, s:o, s:o}", "type", type, "bom-ref", hull_json_clean(ref),
			      "name", hull_json_clean(name));

	hull_json_set_clean(c, "version", version);
	return c;
}

/* An entry in the graph of dependencies; both sides are bom-refs. */
static void depend(struct bom *o, const char *from, const char *to)
{
	json_t *v = json_object_get(o->dependencies, from);

	if (!v) {
		v = json_array();
		json_object_set_new(o->dependencies, from, v);
	}
	if (to)
		json_array_append_new(v, json_string(to));
}

/* What BSI TR-03183-2 (2.1.0, 5.2.2) asks to be said of each file: as its taxonomy of properties has it. */
static void add_bsi(json_t *component, const char *file, bool executable, bool archive)
{
	add_property(component, "bsi:component:filename", file);
	add_property(component, "bsi:component:executable",
		     executable ? "executable" : "non-executable");
	add_property(component, "bsi:component:archive", archive ? "archive" : "no archive");
	add_property(component, "bsi:component:structured", "structured");
}

static bool has_programs(const struct hull_package *p)
{
	for (size_t i = 0; i < p->nfiles; i++)
		if (S_ISREG(p->files[i].mode) && (p->files[i].mode & 0111))
			return true;
	return false;
}

/* Who made it: a name, and a URL or a mail address if one is known. */
static json_t *organization(const char *name, const char *reached_by)
{
	json_t *j = json_object();

	hull_json_set_clean(j, "name", name);
	if (reached_by && strchr(reached_by, '@') && !strstr(reached_by, "://"))
		json_object_set_new(j, "contact",
				    json_pack("[{s:o}]", "email", hull_json_clean(reached_by)));
	else if (reached_by && *reached_by)
		json_object_set_new(j, "url", json_pack("[o]", hull_json_clean(reached_by)));
	return j;
}

static void add_external(json_t *component, const char *type, const char *url, const char *sha256,
			 const char *sha512, const char *comment)
{
	json_t *x = json_pack("{s:s, s:o}", "type", type, "url", hull_json_clean(url));

	if (sha256)
		json_object_set_new(x, "hashes", hashes(NULL, sha256, sha512));
	hull_json_set_clean(x, "comment", comment);
	json_array_append_new(list(component, "externalReferences"), x);
}

static void add_license(json_t *component, const struct hull_sbom_package *p)
{
	const char *text = p->package->license;

	if (!text || !*text)
		return;
	json_object_set_new(
		component, "licenses",
		p->license_fault ? json_pack("[{s:{s:o, s:s}}]", "license", "name",
					     hull_json_clean(text), "acknowledgement", "declared")
				 : json_pack("[{s:o, s:s}]", "expression", hull_json_clean(text),
					     "acknowledgement", "declared"));
	add_property(component, "hull:license:fault", p->license_fault);
}

static void add_patch(json_t *component, const struct hull_component *p)
{
	hull_autostrv struct hull_strv cves = {0};
	hull_autofree char *name = hull_asprintf("hull:patch:sha256:%s", p->file);
	json_t *pedigree = json_object_get(component, "pedigree"), *patch;

	hull_component_cves(p, &cves);
	patch = json_pack("{s:s, s:{s:o}}", "type", cves.n ? "backport" : "unofficial", "diff",
			  "url", hull_json_clean(p->file));
	for (size_t i = 0; i < cves.n; i++)
		json_array_append_new(list(patch, "resolves"),
				      json_pack("{s:s, s:s}", "type", "security", "id", cves.v[i]));
	if (!pedigree) {
		pedigree = json_object();
		json_object_set_new(component, "pedigree", pedigree);
	}
	json_array_append_new(list(pedigree, "patches"), patch);
	add_property(component, name, p->sha256);
}

/* What a package was built from, as far as it is no component of its own. */
static void add_source(json_t *component, const struct hull_source_package *s)
{
	for (size_t i = 0; i < s->ncomponents; i++) {
		const struct hull_component *p = &s->components[i];

		switch (p->kind) {
		case HULL_COMPONENT_ARCHIVE:
			add_external(component, "source-distribution",
				     p->url	 ? p->url
				     : p->pinned ? p->pinned
						 : p->file,
				     p->sha256, NULL, p->pinned);
			break;
		case HULL_COMPONENT_PATCH:
			add_patch(component, p);
			break;
		case HULL_COMPONENT_SPEC:
			add_external(component, "build-meta", p->file, p->sha256, NULL,
				     "spec file");
			break;
		case HULL_COMPONENT_FILE:
			add_external(component, "build-meta", p->file, p->sha256, NULL,
				     p->pinned ? p->pinned : "file of the spec's directory");
			break;
		case HULL_COMPONENT_LIBRARY:
			break;
		}
	}
	add_property(component, "hull:build:key", s->record->key);
}

/* Of what the image's own vendor has packaged: theirs; else what the package says of itself. */
static const char *supplier_url(const struct hull_sbom *b, const struct hull_package *p)
{
	const struct hull_system *s = b->system;

	return s->os_vendor && !strcmp(p->vendor, s->os_vendor) ? b->creator : p->url;
}

static void add_binary(struct bom *o, size_t i)
{
	struct hull_sbom *b = o->sbom;
	const struct hull_sbom_package *p = &b->packages[i];
	const struct hull_package *rpm = p->package;
	json_t *c =
		new_component("library", o->refs[i], rpm->name, hull_package_evr(rpm, &b->arena));

	json_object_set_new(c, "purl", json_string(p->purl));
	json_object_set_new(c, "cpe", json_string(p->cpe));
	hull_json_set_clean(c, "description", rpm->summary);
	add_license(c, p);
	if (rpm->vendor && *rpm->vendor) {
		json_object_set_new(c, "supplier", organization(rpm->vendor, supplier_url(b, rpm)));
		hull_json_set_clean(c, "publisher", rpm->vendor);
	}
	if (rpm->url && hull_component_is_public(rpm->url))
		add_external(c, "website", rpm->url, NULL, NULL, NULL);
	if (p->locked) {
		json_object_set_new(c, "hashes", hashes(NULL, p->locked->sha256, p->sha512));
		add_external(c, "distribution", hull_basename(p->locked->location),
			     p->locked->sha256, p->sha512, NULL);
		add_property(c, "hull:repository", p->locked->repository);
	}
	add_bsi(c,
		p->locked ? hull_basename(p->locked->location)
			  : hull_arena_printf(&b->arena, "%s.rpm", p->nevra),
		has_programs(rpm), true);
	add_property(c, "hull:reason", hull_sbom_reason(b, p));
	add_property(c, "hull:source-rpm", rpm->source_rpm);
	if (p->source >= 0)
		add_source(c, &b->sources[p->source]);
	o->packages[i] = c;
	json_array_append_new(o->components, c);
	depend(o, o->refs[i], NULL);
}

/* Libraries whose source was compiled into packages: components that those depend on. */
static void add_libraries(struct bom *o)
{
	struct hull_sbom *b = o->sbom;
	hull_autojson json_t *seen = json_object();

	for (size_t i = 0; i < b->npackages; i++) {
		const struct hull_source_package *s =
			b->packages[i].source >= 0 ? &b->sources[b->packages[i].source] : NULL;

		for (size_t k = 0; s && k < s->ncomponents; k++) {
			const struct hull_component *p = &s->components[k];
			const char *ref;
			json_t *c;

			if (p->kind != HULL_COMPONENT_LIBRARY)
				continue;
			ref = hull_arena_printf(&b->arena, "source:%s:%s", p->sha256, p->file);
			depend(o, o->refs[i], ref);
			if (json_object_get(seen, ref))
				continue;
			json_object_set_new(seen, ref, json_true());
			c = new_component("library", ref, p->name, p->version);
			json_object_set_new(c, "purl", json_string(p->purl));
			json_object_set_new(c, "hashes", hashes(NULL, p->sha256, NULL));
			if (p->url)
				add_external(c, "source-distribution", p->url, p->sha256, NULL,
					     p->pinned);
			add_bsi(c, p->file, false, true);
			add_property(c, "hull:use", "source of a library, compiled in");
			json_array_append_new(o->components, c);
			depend(o, ref, NULL);
		}
	}
}

static void add_program(struct bom *o, const struct hull_go_program *p)
{
	struct hull_sbom *b = o->sbom;
	json_t *into =
		p->package >= 0 ? list(o->packages[p->package], "components") : o->components;
	const char *ref = hull_arena_printf(&b->arena, "file:%s", p->path);
	json_t *program = new_component("application", ref, p->path, NULL);

	add_bsi(program, hull_basename(p->path), true, false);
	add_property(program, "hull:go:version", p->build.go);
	add_property(program, "hull:go:path", p->build.path);
	add_property(program, "hull:go:revision", p->build.revision);
	depend(o, p->package >= 0 ? o->refs[p->package] : image_ref, ref);
	depend(o, ref, NULL);
	for (size_t i = 0; i < p->ncomponents; i++) {
		const struct hull_go_component *m = &p->components[i];
		const char *id = hull_arena_printf(&b->arena, "%s#%zu:%s", ref, i, m->purl);
		json_t *c = new_component("library", id, m->name, m->version);

		json_object_set_new(c, "purl", json_string(m->purl));
		add_property(c, "hull:go:sum", m->sum);
		add_property(c, "hull:go:instead-of", m->instead_of);
		json_array_append_new(list(program, "components"), c);
		depend(o, ref, id);
		depend(o, id, NULL);
	}
	json_array_append_new(into, program);
}

static void add_files(struct bom *o)
{
	struct hull_sbom *b = o->sbom;

	for (size_t i = 0; i < b->nfiles; i++) {
		const struct hull_sbom_file *f = &b->files[i];
		json_t *into = f->package >= 0 ? list(o->packages[f->package], "components")
					       : o->components;
		const char *ref = hull_arena_printf(&b->arena, "content:%s", f->path);
		json_t *c = new_component("file", ref, f->path, NULL);

		json_object_set_new(c, "hashes", hashes(f->sha1, f->sha256, NULL));
		json_array_append_new(into, c);
	}
}

static void add_requirements(struct bom *o)
{
	struct hull_sbom *b = o->sbom;

	for (size_t i = 0; i < b->requirements.n; i++)
		depend(o, o->refs[b->requirements.v[i].by], o->refs[b->requirements.v[i].to]);
	/* The image requires what it asks for, and what has no reason. */
	for (size_t i = 0; i < b->npackages; i++)
		if (!b->packages[i].locked || !b->packages[i].locked->by)
			depend(o, image_ref, o->refs[i]);
}

static json_t *graph(const struct bom *o)
{
	json_t *v = json_array(), *to;
	const char *ref;

	json_object_foreach (o->dependencies, ref, to) {
		json_t *d = json_pack("{s:s}", "ref", ref);

		if (json_array_size(to))
			json_object_set(d, "dependsOn", to);
		json_array_append_new(v, d);
	}
	return v;
}

static json_t *metadata(const struct bom *o)
{
	struct hull_sbom *b = o->sbom;
	const struct hull_system *s = b->system;
	json_t *image = new_component("operating-system", image_ref, s->os_id ? s->os_id : b->name,
				      s->os_version);
	json_t *out;

	hull_json_set_clean(image, "description", s->os_name);
	json_object_set_new(image, "hashes", hashes(NULL, b->sha256, b->sha512.hex));
	if (s->os_vendor)
		json_object_set_new(image, "supplier", organization(s->os_vendor, b->creator));
	add_bsi(image, b->name, true, true);
	add_property(image, "hull:image:file", b->name);
	add_property(image, "hull:image:kernel", s->kernel_version);
	add_property(image, "hull:image:command-line", s->command_line);
	out = json_pack("{s:s, s:{s:[{s:s, s:s, s:s}]}, s:[{s:s}], s:o}", "timestamp",
			hull_time_text(&b->arena, b->created), "tools", "components", "type",
			"application", "name", "hull", "version", HULL_VERSION, "lifecycles",
			"phase", "post-build", "component", image);
	/* who answers for the SBOM is who answers for the image */
	if (s->os_vendor)
		json_object_set_new(out, "manufacturer", organization(s->os_vendor, b->creator));
	return out;
}

/* How far the graph can be trusted: all requirements of packages are in the database, and all modules of a Go
 * program in it; what sources of libraries need is not known. */
static json_t *compositions(const struct bom *o)
{
	json_t *complete = json_array(), *unknown = json_array(), *to;
	const char *ref;

	json_object_foreach (o->dependencies, ref, to)
		json_array_append_new(hull_starts(ref, "source:") ? unknown : complete,
				      json_string(ref));
	return json_pack("[{s:s, s:o}, {s:s, s:o}]", "aggregate", "complete", "dependencies",
			 complete, "aggregate", "unknown", "dependencies", unknown);
}

/* A serial number that only this content has. */
static void add_serial(json_t *out)
{
	hull_autobuf struct hull_buf text = {0};
	char digest[HULL_HEX], uuid[HULL_GUID_TEXT];
	struct hull_guid guid;
	hull_autofree char *serial = NULL;

	hull_json_text(out, false, &text);
	hull_hash_bytes(text.p, text.n, digest);
	guid = hull_guid_derive(digest, "cyclonedx");
	hull_guid_text(&guid, uuid);
	serial = hull_asprintf("urn:uuid:%s", uuid);
	json_object_set_new(out, "serialNumber", json_string(serial));
}

/* Unique names: a database may list a package twice. */
static void name_packages(struct bom *o)
{
	struct hull_sbom *b = o->sbom;

	for (size_t i = 0; i < b->npackages; i++) {
		hull_autojson json_t *text = hull_json_clean(b->packages[i].nevra);
		const char *name = hull_arena_printf(&b->arena, "rpm:%s", json_string_value(text));

		for (unsigned int n = 2; json_object_get(o->dependencies, name); n++)
			name = hull_arena_printf(&b->arena, "rpm:%s#%u", json_string_value(text),
						 n);
		o->refs[i] = name;
		depend(o, name, NULL);
	}
}

json_t *hull_cyclonedx(struct hull_sbom *b)
{
	hull_autofree const char **refs = hull_alloc_array(b->npackages + 1, sizeof *refs);
	hull_autofree json_t **packages = hull_alloc_array(b->npackages + 1, sizeof *packages);
	hull_autojson json_t *dependencies = json_object();
	struct bom o = {.sbom = b,
			.components = json_array(),
			.dependencies = dependencies,
			.refs = refs,
			.packages = packages};
	json_t *out;

	depend(&o, image_ref, NULL);
	name_packages(&o);
	for (size_t i = 0; i < b->npackages; i++)
		add_binary(&o, i);
	add_requirements(&o);
	add_libraries(&o);
	for (size_t i = 0; i < b->nprograms; i++)
		add_program(&o, &b->programs[i]);
	add_files(&o);
	out = json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o}", "$schema",
			"http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat", "CycloneDX",
			"specVersion", "1.6", "version", 1, "metadata", metadata(&o), "components",
			o.components, "dependencies", graph(&o));
	json_object_set_new(out, "compositions", compositions(&o));
	add_serial(out);
	return out;
}
