// SPDX-License-Identifier: MIT
#include "repo/metadata.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "repo/xml.h"

const char *const hull_repo_document_names[HULL_REPO_DOCUMENTS] = {"primary", "filelists", "other"};

static void element(struct hull_buf *out, const char *tag, const char *text)
{
	hull_buf_addf(out, "<%s>", tag);
	hull_xml_text(out, text);
	hull_buf_addf(out, "</%s>\n", tag);
}

static void attribute(struct hull_buf *out, const char *name, const char *value)
{
	hull_buf_addf(out, " %s=\"", name);
	hull_xml_attr(out, value);
	hull_buf_addc(out, '"');
}

static void version(struct hull_buf *out, const struct hull_package *p)
{
	hull_buf_addf(out, "<version epoch=\"%" PRIu32 "\"", p->epoch);
	attribute(out, "ver", p->version);
	attribute(out, "rel", p->release);
	hull_buf_adds(out, "/>\n");
}

/* "[epoch:]version[-release]" as three attributes. */
static void evr_attributes(struct hull_buf *out, const char *evr)
{
	const char *colon = strchr(evr, ':'), *version = colon ? colon + 1 : evr;
	const char *dash = strrchr(version, '-');
	hull_autofree char *epoch = hull_strndup(evr, colon ? (size_t)(colon - evr) : 0);
	hull_autofree char *ver =
		hull_strndup(version, dash ? (size_t)(dash - version) : strlen(version));

	attribute(out, "epoch", colon ? epoch : "0");
	attribute(out, "ver", ver);
	if (dash)
		attribute(out, "rel", dash + 1);
}

static const char *flags_name(unsigned int flags)
{
	switch (flags) {
	case HULL_DEP_EQUAL:
		return "EQ";
	case HULL_DEP_LESS:
		return "LT";
	case HULL_DEP_GREATER:
		return "GT";
	case HULL_DEP_LESS | HULL_DEP_EQUAL:
		return "LE";
	case HULL_DEP_GREATER | HULL_DEP_EQUAL:
		return "GE";
	default:
		return NULL;
	}
}

static void dependencies(struct hull_buf *out, const char *tag, const struct hull_deps *deps)
{
	size_t start = out->n;
	bool any = false;

	hull_buf_addf(out, "<rpm:%s>\n", tag);
	for (size_t i = 0; i < deps->n; i++) {
		const struct hull_dep *d = &deps->v[i];
		const char *flags = d->evr ? flags_name(d->flags) : NULL;

		if (hull_starts(d->name, "rpmlib("))
			continue; /* what rpm itself has to be able to do: no package has it */
		hull_buf_adds(out, "<rpm:entry");
		attribute(out, "name", d->name);
		if (flags) {
			attribute(out, "flags", flags);
			evr_attributes(out, d->evr);
		}
		hull_buf_adds(out, "/>\n");
		any = true;
	}
	hull_buf_addf(out, "</rpm:%s>\n", tag);
	if (!any)
		out->n = start;
}

/* The files that primary lists too, so that most file dependencies resolve without filelists. */
static bool in_primary(const char *path)
{
	return hull_starts(path, "/etc/") || strstr(path, "bin/") ||
	       !strcmp(path, "/usr/lib/sendmail");
}

static void file(struct hull_buf *out, const struct hull_file *f)
{
	hull_buf_adds(out, S_ISDIR(f->mode)		? "<file type=\"dir\">"
			   : f->flags & HULL_FILE_GHOST ? "<file type=\"ghost\">"
							: "<file>");
	hull_xml_text(out, f->path);
	hull_buf_adds(out, "</file>\n");
}

static void format(struct hull_buf *out, const struct hull_package *p)
{
	static const char *const tags[HULL_DEP_KINDS] = {
		[HULL_PROVIDES] = "provides",	    [HULL_REQUIRES] = "requires",
		[HULL_CONFLICTS] = "conflicts",	    [HULL_OBSOLETES] = "obsoletes",
		[HULL_RECOMMENDS] = "recommends",   [HULL_SUGGESTS] = "suggests",
		[HULL_SUPPLEMENTS] = "supplements", [HULL_ENHANCES] = "enhances",
	};

	hull_buf_adds(out, "<format>\n");
	element(out, "rpm:license", p->license);
	element(out, "rpm:vendor", p->vendor);
	element(out, "rpm:group", p->group);
	element(out, "rpm:buildhost", "");
	element(out, "rpm:sourcerpm", p->source_rpm);
	hull_buf_addf(out, "<rpm:header-range start=\"%" PRIu64 "\" end=\"%" PRIu64 "\"/>\n",
		      p->header_start, p->header_end);
	for (int k = 0; k < HULL_DEP_KINDS; k++)
		dependencies(out, tags[k], &p->deps[k]);
	for (size_t i = 0; i < p->nfiles; i++)
		if (in_primary(p->files[i].path))
			file(out, &p->files[i]);
	hull_buf_adds(out, "</format>\n");
}

static void primary(struct hull_buf *out, const struct hull_package *p, const char *href)
{
	hull_buf_adds(out, "<package type=\"rpm\">\n");
	element(out, "name", p->name);
	element(out, "arch", p->arch);
	version(out, p);
	hull_buf_addf(out, "<checksum type=\"sha256\" pkgid=\"YES\">%s</checksum>\n", p->sha256);
	element(out, "summary", p->summary);
	element(out, "description", p->description);
	element(out, "packager", "");
	element(out, "url", p->url);
	/* `file` is the build time too: when the file came to be where it lies says nothing. */
	hull_buf_addf(out, "<time file=\"%" PRId64 "\" build=\"%" PRId64 "\"/>\n", p->build_time,
		      p->build_time);
	hull_buf_addf(out,
		      "<size package=\"%" PRIu64 "\" installed=\"%" PRIu64 "\" archive=\"%" PRIu64
		      "\"/>\n",
		      p->file_bytes, p->installed_bytes, p->archive_bytes);
	hull_buf_adds(out, "<location");
	attribute(out, "href", href);
	hull_buf_adds(out, "/>\n");
	format(out, p);
	hull_buf_adds(out, "</package>\n");
}

/* An entry of filelists or other; changelogs are not part of what hull keeps of a package. */
static void listing(struct hull_buf *out, const struct hull_package *p, bool files)
{
	hull_buf_addf(out, "<package pkgid=\"%s\"", p->sha256);
	attribute(out, "name", p->name);
	attribute(out, "arch", p->arch);
	hull_buf_adds(out, ">\n");
	version(out, p);
	for (size_t i = 0; files && i < p->nfiles; i++)
		file(out, &p->files[i]);
	hull_buf_adds(out, "</package>\n");
}

void hull_repo_document(enum hull_repo_document d, const struct hull_repo_entry *entries, size_t n,
			struct hull_buf *out)
{
	static const struct {
		const char *tag, *spaces;
	} roots[HULL_REPO_DOCUMENTS] = {
		{"metadata", "xmlns=\"http://linux.duke.edu/metadata/common\" "
			     "xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\""},
		{"filelists", "xmlns=\"http://linux.duke.edu/metadata/filelists\""},
		{"otherdata", "xmlns=\"http://linux.duke.edu/metadata/other\""},
	};

	hull_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	hull_buf_addf(out, "<%s %s packages=\"%zu\">\n", roots[d].tag, roots[d].spaces, n);
	for (size_t i = 0; i < n; i++) {
		if (d == HULL_REPO_PRIMARY)
			primary(out, entries[i].package, entries[i].href);
		else
			listing(out, entries[i].package, d == HULL_REPO_FILELISTS);
	}
	hull_buf_addf(out, "</%s>\n", roots[d].tag);
}
