// SPDX-License-Identifier: MIT
#include "sbom/component.h"

#include <stdlib.h>
#include <string.h>

#include "sbom/purl.h"
#include "source/source.h"

bool hull_component_is_public(const char *url)
{
	static const char *const schemes[] = {"https://", "http://", "ftp://"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i]);

		if (!strncmp(url, schemes[i], n))
			return !memchr(url + n, '@', strcspn(url + n, "/?#"));
	}
	return false;
}

/* Name and version of "bash_5.2.37.orig.tar.xz" or "zlib-1.3.1.tar.gz"; the spec's, if the name of
 * the file has none. */
static void name_archive(struct hull_component *p, const struct hull_source_package *s,
			 struct hull_arena *a)
{
	static const char *const ends[] = {".orig", ".tar", ".tgz", ".zip", ".debian"};
	const char *mark = strchr(p->file, '_'), *end = NULL;

	p->name = s->name;
	p->version = s->version;
	if (!mark) {
		for (mark = strchr(p->file, '-'); mark; mark = strchr(mark + 1, '-'))
			if (mark[1] >= '0' && mark[1] <= '9')
				break;
	}
	for (size_t i = 0; mark && i < sizeof ends / sizeof *ends; i++) {
		const char *at = strstr(mark, ends[i]);

		if (at && (!end || at < end))
			end = at;
	}
	if (!end || mark == p->file || end == mark + 1)
		return;
	p->name = hull_arena_strndup(a, p->file, (size_t)(mark - p->file));
	p->version = hull_arena_strndup(a, mark + 1, (size_t)(end - mark) - 1);
}

static void take_source(struct hull_source_package *s, const struct hull_built_source *source,
			struct hull_arena *a)
{
	const char *file = source->file, *origin = source->origin;
	struct hull_component p = {.kind = HULL_COMPONENT_ARCHIVE,
				   .file = file,
				   .sha256 = source->sha256,
				   .pinned = source->url};

	if (!file || !p.sha256)
		return;
	if (origin && hull_component_is_public(origin))
		p.url = origin;
	else if (p.pinned && hull_component_is_public(p.pinned))
		p.url = p.pinned;
	if (p.pinned && hull_source_url_is_made(p.pinned)) {
		/* a certificate, or signatures: nothing that can be had elsewhere */
		p.kind = HULL_COMPONENT_FILE;
		p.name = file;
		s->components[s->ncomponents++] = p;
		return;
	}
	p.purl = hull_purl_deb(a, file, &p.name, &p.version);
	if (p.purl) {
		p.kind = HULL_COMPONENT_LIBRARY;
	} else {
		name_archive(&p, s, a);
		p.purl =
			hull_purl(a, "generic", NULL, p.name, p.version,
				  (const struct hull_purl_qualifier[]){
					  {"checksum", hull_arena_printf(a, "sha256:%s", p.sha256)},
					  {"download_url", p.url},
					  {"file_name", file},
					  {NULL, NULL}});
	}
	s->components[s->ncomponents++] = p;
}

static void take_file(struct hull_source_package *s, const char *file, const json_t *sha256)
{
	struct hull_component p = {.kind = HULL_COMPONENT_FILE,
				   .file = file,
				   .sha256 = json_string_value(sha256),
				   .name = file};

	if (!p.sha256)
		return;
	if (hull_ends(file, ".spec"))
		p.kind = HULL_COMPONENT_SPEC;
	else if (hull_ends(file, ".patch") || hull_ends(file, ".diff"))
		p.kind = HULL_COMPONENT_PATCH;
	s->components[s->ncomponents++] = p;
}

static void take_patch(struct hull_source_package *s, const struct hull_built_patch *patch)
{
	struct hull_component p = {.kind = HULL_COMPONENT_PATCH,
				   .file = patch->name,
				   .sha256 = patch->sha256,
				   .name = patch->name,
				   .archive = patch->archive,
				   .cves = patch->cves};

	if (p.file && p.sha256 && p.archive)
		s->components[s->ncomponents++] = p;
}

static void cves_in_name(const char *patch, struct hull_strv *out)
{
	for (const char *p = strstr(patch, "CVE-"); p; p = strstr(p + 1, "CVE-")) {
		size_t year = strspn(p + 4, "0123456789");
		size_t n = p[4 + year] == '-' ? strspn(p + 5 + year, "0123456789") : 0;
		hull_autofree char *id = hull_strndup(p, 5 + year + n);

		if (year == 4 && n >= 4)
			hull_strv_add(out, id);
	}
}

void hull_component_cves(const struct hull_component *p, struct hull_strv *out)
{
	const json_t *id;
	size_t i;

	cves_in_name(p->file, out);
	json_array_foreach (p->cves, i, id)
		if (json_string_value(id) && !hull_strv_has(out, json_string_value(id)))
			hull_strv_add(out, json_string_value(id));
}

static int by_kind(const void *a, const void *b)
{
	const struct hull_component *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->file, y->file);
}

void hull_source_package_init(struct hull_source_package *out, const struct hull_build_record *r,
			      const char *vendor, struct hull_arena *a)
{
	json_t *files = r->inputs.files, *sha256;
	struct hull_package as_package = {.arch = "src"};
	size_t n = r->sources.n + r->patches.n + json_object_size(files);
	const char *file;

	*out = (struct hull_source_package){
		.name = r->spec ? r->spec : r->key,
		.version = r->version ? r->version : "",
		.release = r->release ? r->release : "",
		.record = r,
		.components = hull_arena_array(a, n + 1, sizeof *out->components),
	};
	as_package.name = out->name;
	as_package.version = out->version;
	as_package.release = out->release;
	out->purl = hull_purl_rpm(a, vendor, &as_package);
	for (size_t i = 0; i < r->sources.n; i++)
		take_source(out, &r->sources.v[i], a);
	for (size_t i = 0; i < r->patches.n; i++)
		take_patch(out, &r->patches.v[i]);
	json_object_foreach (files, file, sha256)
		take_file(out, file, sha256);
	qsort(out->components, out->ncomponents, sizeof *out->components, by_kind);
}
