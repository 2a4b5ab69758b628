// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "rpm/package.h"

/* Package URLs (purl specification 1.0): pkg:type/namespace/name@version?qualifiers. All results
 * live in the arena. */

struct hull_purl_qualifier {
	const char *key, *value; /* left out if the value is NULL or empty */
};

/* Qualifiers in order of their keys, ended by {NULL, NULL}; NULL: none. namespace and version may
 * be NULL; slashes in the namespace part its segments. */
const char *hull_purl(struct hull_arena *a, const char *type, const char *name_space,
		      const char *name, const char *version,
		      const struct hull_purl_qualifier *qualifiers);

/* pkg:rpm/VENDOR/name@version-release?arch=&epoch=&upstream=; vendor may be NULL. */
const char *hull_purl_rpm(struct hull_arena *a, const char *vendor, const struct hull_package *p);

/* pkg:golang/github.com/x/y@v1.2.3 */
const char *hull_purl_go(struct hull_arena *a, const char *module, const char *version);

/* pkg:deb/debian/name@version?arch= of "name_version_arch.deb"; NULL if it is no such name. The
 * name and version are returned too. */
const char *hull_purl_deb(struct hull_arena *a, const char *file, const char **out_name,
			  const char **out_version);
