// SPDX-License-Identifier: MIT
#include "sbom/spdx.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "license/license.h"
#include "sbom/component.h"
#include "sbom/filedigest.h"
#include "text/guid.h"

static const char no_assertion[] = "NOASSERTION";
static const char document_id[] = "SPDXRef-DOCUMENT";
static const char image_id[] = "SPDXRef-Image";

struct spdx_document {
	struct hull_sbom *sbom;
	json_t *packages, *files, *relationships;
	json_t *ids;	    /* of what is in the document: an object as a set */
	json_t *references; /* LicenseRef-... -> text */
	const char **package_ids, **source_ids;
};

/* An id of a name: letters, digits, '.' and '-'; other bytes are written as "-x2B". */
static const char *make_id(struct spdx_document *d, const char *kind, const char *name)
{
	hull_autobuf struct hull_buf id = {0};
	const char *base;

	hull_buf_addf(&id, "SPDXRef-%s-", kind);
	for (; *name; name++) {
		if ((unsigned char)*name < 128 &&
		    (isalnum((unsigned char)*name) || strchr(".-", *name)))
			hull_buf_addc(&id, *name);
		else
			hull_buf_addf(&id, "-x%02X", (unsigned char)*name);
	}
	base = hull_arena_strdup(&d->sbom->arena, id.p);
	return base;
}

/* An id that nothing else has: a database may list a package twice. */
static const char *new_id(struct spdx_document *d, const char *kind, const char *name)
{
	const char *base = make_id(d, kind, name), *id = base;

	for (unsigned int n = 2; json_object_get(d->ids, id); n++)
		id = hull_arena_printf(&d->sbom->arena, "%s-%u", base, n);
	json_object_set_new(d->ids, id, json_true());
	return id;
}

/* False if it is in the document already. */
static bool claim(struct spdx_document *d, const char *id)
{
	if (json_object_get(d->ids, id))
		return false;
	json_object_set_new(d->ids, id, json_true());
	return true;
}

static void relate(struct spdx_document *d, const char *from, const char *type, const char *to,
		   const char *comment)
{
	json_t *r = json_pack("{s:s, s:s, s:s}", "spdxElementId", from, "relationshipType", type,
			      "relatedSpdxElement", to);

	hull_json_set_clean(r, "comment", comment);
	json_array_append_new(d->relationships, r);
}

static json_t *checksum(const char *algorithm, const char *value)
{
	return json_pack("{s:s, s:s}", "algorithm", algorithm, "checksumValue", value);
}

static json_t *add_package(struct spdx_document *d, const char *id, const char *name,
			   const char *version, const char *purpose)
{
	json_t *p = json_pack("{s:s, s:s, s:b, s:s, s:s, s:s}", "SPDXID", id, "downloadLocation",
			      no_assertion, "filesAnalyzed", 0, "licenseConcluded", no_assertion,
			      "licenseDeclared", no_assertion, "copyrightText", no_assertion);

	json_object_set_new(p, "name", hull_json_clean(name));
	hull_json_set_clean(p, "versionInfo", version);
	hull_json_set_clean(p, "primaryPackagePurpose", purpose);
	json_array_append_new(d->packages, p);
	return p;
}

static void add_sha256(json_t *package, const char *sha256)
{
	if (sha256)
		json_object_set_new(package, "checksums",
				    json_pack("[o]", checksum("SHA256", sha256)));
}

static void add_reference(json_t *package, const char *category, const char *type,
			  const char *locator)
{
	json_t *refs = json_object_get(package, "externalRefs");

	if (!refs) {
		refs = json_array();
		json_object_set_new(package, "externalRefs", refs);
	}
	json_array_append_new(refs, json_pack("{s:s, s:s, s:s}", "referenceCategory", category,
					      "referenceType", type, "referenceLocator", locator));
}

static bool keep_reference(void *context, const char *id, const char *exception)
{
	struct spdx_document *d = context;

	(void)exception;
	if (hull_starts(id, "LicenseRef-") && !json_object_get(d->references, id))
		json_object_set_new(d->references, id,
				    json_string("The text is in the packages that name this "
						"license, in /usr/share/licenses."));
	return true;
}

static void add_license(struct spdx_document *d, json_t *package, const struct hull_sbom_package *p)
{
	const char *text = p->package->license, *id;
	struct hull_err e;

	if (!p->license_fault) {
		hull_ignore(hull_license_evaluate(text, keep_reference, d, &e));
		json_object_set_new(package, "licenseDeclared", hull_json_clean(text));
		return;
	}
	json_object_set_new(package, "licenseComments", hull_json_clean(p->license_fault));
	if (!text || !*text)
		return;
	id = make_id(d, "Declared", text) + strlen("SPDXRef-");
	id = hull_arena_printf(&d->sbom->arena, "LicenseRef-%s", id);
	json_object_set_new(d->references, id, hull_json_clean(text));
	json_object_set_new(package, "licenseDeclared", json_string(id));
}

static void add_supplier(json_t *package, const char *vendor)
{
	hull_autofree char *supplier = vendor && *vendor ? hull_asprintf("Organization: %s", vendor)
							 : hull_strdup(no_assertion);

	json_object_set_new(package, "supplier", hull_json_clean(supplier));
}

static void add_image(struct spdx_document *d)
{
	struct hull_sbom *b = d->sbom;
	const struct hull_system *s = b->system;
	json_t *p = add_package(d, image_id, b->name, s->os_version, "OPERATING_SYSTEM");

	json_object_set_new(d->ids, image_id, json_true());
	json_object_set_new(p, "packageFileName", hull_json_clean(b->name));
	hull_json_set_clean(p, "summary", s->os_name);
	add_sha256(p, b->sha256);
	relate(d, document_id, "DESCRIBES", image_id, NULL);
}

static void add_binary(struct spdx_document *d, size_t i)
{
	struct hull_sbom *b = d->sbom;
	const struct hull_sbom_package *p = &b->packages[i];
	const struct hull_package *rpm = p->package;
	const char *id = new_id(d, "Package", p->nevra);
	json_t *out = add_package(d, id, rpm->name, hull_package_evr(rpm, &b->arena), "INSTALL");

	d->package_ids[i] = id;
	add_license(d, out, p);
	add_supplier(out, rpm->vendor);
	hull_json_set_clean(out, "summary", rpm->summary);
	hull_json_set_clean(out, "description", rpm->description);
	if (rpm->url && hull_component_is_public(rpm->url))
		json_object_set_new(out, "homepage", hull_json_clean(rpm->url));
	if (rpm->build_time > 0)
		json_object_set_new(out, "builtDate",
				    json_string(hull_time_text(&b->arena, rpm->build_time)));
	if (p->locked) {
		add_sha256(out, p->locked->sha256);
		hull_json_set_clean(out, "packageFileName", hull_basename(p->locked->location));
	}
	if (p->source >= 0)
		json_object_set_new(
			out, "sourceInfo",
			hull_json_clean(hull_arena_printf(&b->arena, "build %s of %s",
							  b->sources[p->source].record->key,
							  b->sources[p->source].name)));
	else if (rpm->source_rpm)
		json_object_set_new(out, "sourceInfo",
				    hull_json_clean(hull_arena_printf(&b->arena, "built from %s",
								      rpm->source_rpm)));
	add_reference(out, "PACKAGE-MANAGER", "purl", p->purl);
	add_reference(out, "SECURITY", "cpe23Type", p->cpe);
	relate(d, image_id, "CONTAINS", id, hull_sbom_reason(b, p));
}

static void relate_requirements(struct spdx_document *d)
{
	const struct hull_requirements *r = &d->sbom->requirements;

	for (size_t i = 0; i < r->n; i++)
		relate(d, d->package_ids[r->v[i].by], "DEPENDS_ON", d->package_ids[r->v[i].to],
		       r->v[i].text);
}

static const char *component_comment(const struct hull_component *p)
{
	switch (p->kind) {
	case HULL_COMPONENT_LIBRARY:
		return "source of a library, compiled into the packages";
	case HULL_COMPONENT_ARCHIVE:
	case HULL_COMPONENT_PATCH:
	case HULL_COMPONENT_SPEC:
	case HULL_COMPONENT_FILE:
		break;
	}
	return NULL;
}

static const char *add_component(struct spdx_document *d, const struct hull_component *p)
{
	const char *id = make_id(
		d, "Component", hull_arena_printf(&d->sbom->arena, "%s-%.16s", p->file, p->sha256));
	json_t *out;

	if (!claim(d, id))
		return id;
	out = add_package(d, id, p->name, p->version,
			  p->kind == HULL_COMPONENT_ARCHIVE || p->kind == HULL_COMPONENT_LIBRARY
				  ? "SOURCE"
				  : "FILE");
	json_object_set_new(out, "packageFileName", hull_json_clean(p->file));
	add_sha256(out, p->sha256);
	if (p->url)
		json_object_set_new(out, "downloadLocation", hull_json_clean(p->url));
	hull_json_set_clean(out, "sourceInfo",
			    p->archive ? hull_arena_printf(&d->sbom->arena, "in %s", p->archive)
				       : p->pinned);
	if (p->purl)
		add_reference(out, "PACKAGE-MANAGER", "purl", p->purl);
	return id;
}

static void add_source(struct spdx_document *d, size_t i)
{
	struct hull_sbom *b = d->sbom;
	const struct hull_source_package *s = &b->sources[i];
	const char *version = hull_arena_printf(&b->arena, "%s-%s", s->version, s->release);
	const char *id =
		new_id(d, "Source", hull_arena_printf(&b->arena, "%s-%s", s->name, version));
	json_t *out = add_package(d, id, s->name, version, "SOURCE");

	d->source_ids[i] = id;
	json_object_set_new(out, "sourceInfo",
			    json_string(hull_arena_printf(&b->arena, "build %s", s->record->key)));
	add_reference(out, "PACKAGE-MANAGER", "purl", s->purl);
	for (size_t k = 0; k < s->ncomponents; k++) {
		const struct hull_component *p = &s->components[k];
		const char *component = add_component(d, p);

		if (p->kind == HULL_COMPONENT_PATCH)
			relate(d, component, "PATCH_APPLIED", id, NULL);
		else if (p->kind == HULL_COMPONENT_LIBRARY)
			relate(d, component, "BUILD_DEPENDENCY_OF", id, component_comment(p));
		else
			relate(d, id, "CONTAINS", component, NULL);
	}
}

static void add_program(struct spdx_document *d, const struct hull_go_program *p)
{
	struct hull_sbom *b = d->sbom;
	const char *owner = p->package >= 0 ? d->package_ids[p->package] : image_id;

	for (size_t i = 0; i < p->ncomponents; i++) {
		const struct hull_go_component *c = &p->components[i];
		const char *id = make_id(d, "Go",
					 hull_arena_printf(&b->arena, "%s-%s", c->name,
							   c->version ? c->version : ""));

		if (claim(d, id)) {
			json_t *out = add_package(d, id, c->name, c->version, "LIBRARY");

			hull_json_set_clean(out, "sourceInfo", c->sum);
			add_reference(out, "PACKAGE-MANAGER", "purl", c->purl);
		}
		relate(d, owner, "CONTAINS", id,
		       hull_arena_printf(&b->arena, "linked into %s", p->path));
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The verification code of SPDX 2.3, 7.9, of the files of a package (-1: of none). */
static void verify_package(struct spdx_document *d, json_t *package, int owner)
{
	const struct hull_sbom *b = d->sbom;
	hull_autofree const char **v = hull_alloc_array(b->nfiles + 1, sizeof *v);
	hull_autobuf struct hull_buf all = {0};
	char code[41];
	size_t n = 0;

	for (size_t i = 0; i < b->nfiles; i++)
		if (b->files[i].package == owner)
			v[n++] = b->files[i].sha1;
	if (!n)
		return;
	qsort(v, n, sizeof *v, compare_text);
	for (size_t i = 0; i < n; i++)
		hull_buf_adds(&all, v[i]);
	hull_sha1(all.p, all.n, code);
	json_object_set_new(package, "filesAnalyzed", json_true());
	json_object_set_new(package, "packageVerificationCode",
			    json_pack("{s:s}", "packageVerificationCodeValue", code));
}

static void add_files(struct spdx_document *d)
{
	struct hull_sbom *b = d->sbom;

	for (size_t i = 0; i < b->nfiles; i++) {
		const struct hull_sbom_file *f = &b->files[i];
		char digest[HULL_HEX];
		const char *id;
		json_t *out;

		hull_hash_bytes(f->path, strlen(f->path), digest);
		id = new_id(d, "File", digest);
		out = json_pack("{s:s, s:[o, o], s:s, s:s}", "SPDXID", id, "checksums",
				checksum("SHA1", f->sha1), checksum("SHA256", f->sha256),
				"licenseConcluded", no_assertion, "copyrightText", no_assertion);
		json_object_set_new(out, "fileName",
				    hull_json_clean(hull_arena_printf(&b->arena, ".%s", f->path)));
		json_array_append_new(d->files, out);
		relate(d, f->package >= 0 ? d->package_ids[f->package] : image_id, "CONTAINS", id,
		       NULL);
	}
}

static void verify_packages(struct spdx_document *d)
{
	verify_package(d, json_array_get(d->packages, 0), -1);
	for (size_t i = 0; i < d->sbom->npackages; i++)
		verify_package(d, json_array_get(d->packages, i + 1), (int)i);
}

static json_t *extracted_licenses(const struct spdx_document *d)
{
	json_t *list = json_array(), *text;
	const char *id;

	json_object_foreach (d->references, id, text) {
		json_t *l = json_pack("{s:s, s:O}", "licenseId", id, "extractedText", text);

		json_array_append_new(list, l);
	}
	return list;
}

static void fill(struct spdx_document *d)
{
	struct hull_sbom *b = d->sbom;

	add_image(d);
	for (size_t i = 0; i < b->npackages; i++)
		add_binary(d, i);
	relate_requirements(d);
	for (size_t i = 0; i < b->nsources; i++)
		add_source(d, i);
	for (size_t i = 0; i < b->npackages; i++)
		if (b->packages[i].source >= 0)
			relate(d, d->package_ids[i], "GENERATED_FROM",
			       d->source_ids[b->packages[i].source], NULL);
	for (size_t i = 0; i < b->nprograms; i++)
		add_program(d, &b->programs[i]);
	if (b->nfiles) {
		add_files(d);
		verify_packages(d);
	}
}

/* A namespace that only this content has. */
static void add_namespace(struct spdx_document *d, json_t *out)
{
	hull_autobuf struct hull_buf text = {0};
	char digest[HULL_HEX], uuid[HULL_GUID_TEXT];
	const char *name = make_id(d, "", d->sbom->name) + strlen("SPDXRef--");
	struct hull_guid guid;

	hull_json_text(out, false, &text);
	hull_hash_bytes(text.p, text.n, digest);
	guid = hull_guid_derive(digest, "spdx");
	hull_guid_text(&guid, uuid);
	json_object_set_new(
		out, "documentNamespace",
		json_string(hull_arena_printf(&d->sbom->arena, "https://spdx.org/spdxdocs/%s-%s",
					      name, uuid)));
}

json_t *hull_spdx(struct hull_sbom *b)
{
	hull_autojson json_t *ids = json_object(), *references = json_object();
	hull_autofree const char **packages = hull_alloc_array(b->npackages + 1, sizeof *packages);
	hull_autofree const char **sources = hull_alloc_array(b->nsources + 1, sizeof *sources);
	struct spdx_document d = {.sbom = b,
				  .packages = json_array(),
				  .files = json_array(),
				  .relationships = json_array(),
				  .ids = ids,
				  .references = references,
				  .package_ids = packages,
				  .source_ids = sources};
	json_t *out;

	fill(&d);
	out = json_pack("{s:s, s:s, s:s, s:{s:s, s:[s]}, s:o, s:o}", "SPDXID", document_id,
			"spdxVersion", "SPDX-2.3", "dataLicense", "CC0-1.0", "creationInfo",
			"created", hull_time_text(&b->arena, b->created), "creators",
			"Tool: hull-" HULL_VERSION, "packages", d.packages, "relationships",
			d.relationships);
	json_object_set_new(out, "name", hull_json_clean(b->name));
	if (b->nfiles)
		json_object_set(out, "files", d.files);
	json_decref(d.files);
	if (json_object_size(references))
		json_object_set_new(out, "hasExtractedLicensingInfos", extracted_licenses(&d));
	add_namespace(&d, out);
	return out;
}
