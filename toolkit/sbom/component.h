// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"
#include "base/str.h"
#include "sbom/buildsearch.h"

enum hull_component_kind {
	HULL_COMPONENT_ARCHIVE, /* upstream's source */
	HULL_COMPONENT_LIBRARY, /* source of a library, as a Debian package has it */
	HULL_COMPONENT_PATCH,
	HULL_COMPONENT_SPEC,
	HULL_COMPONENT_FILE, /* another file of the spec's directory, or one that hull made from a key */
};

/* A file that a source package is made of. */
struct hull_component {
	enum hull_component_kind kind;
	const char *file, *sha256;
	const char *pinned; /* the spec's Source line, or NULL */
	const char *url;    /* where anybody can fetch it, or NULL */
	const char *name, *version;
	const char *purl;    /* of an archive or library, else NULL */
	const char *archive; /* file of the source that a patch was taken out of, or NULL */
	const json_t *cves;  /* that a patch is said to fix, beside those in its name; or NULL */
};

struct hull_source_package {
	const char *name, *version, *release, *purl;
	const struct hull_build_record *record;
	struct hull_component *components; /* by kind, then by file */
	size_t ncomponents;
};

/* The source package that a build record tells of; its strings live in the arena and the record. */
void hull_source_package_init(struct hull_source_package *out, const struct hull_build_record *r,
			      const char *vendor, struct hull_arena *a);

/* The CVEs that a patch fixes, into `out`: those in its name, in order, then what its spec says. */
void hull_component_cves(const struct hull_component *p, struct hull_strv *out);

/* Whether a URL tells others where something is: it has a scheme of the net and no password. */
bool hull_component_is_public(const char *url);
