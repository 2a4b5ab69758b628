// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "spec/spec.h"
#include "store/store.h"
#include "text/json.h"

/*
 * Everything that can change the packages of a spec, as a JSON object; the build key is the digest
 * of its compact text with sorted keys. format      "hull-build-1": changes when hull builds
 * differently arch, epoch target architecture, SOURCE_DATE_EPOCH files       name -> sha256 of the
 * spec, its patches and its local sources sources     name -> sha256 of the pinned sources macros
 * digest of toolkit/macros seed        id of the seed root requires    name -> content digest of
 * every package in the build root (struct hull_package)
 */
struct hull_inputs_request {
	const struct hull_spec *spec;
	const char *arch, *macros, *seed;
	const struct hull_package *const *root; /* packages of the build root */
	size_t nroot;
};

/* The inputs and their key; NULL with e set when a local file cannot be read. The caller decrefs.
 */
json_t *hull_inputs_new(const struct hull_inputs_request *r, char out_key[HULL_HEX],
			struct hull_err *e);

/* SOURCE_DATE_EPOCH of a spec: the first second (UTC) of the day of its newest changelog entry,
 * else a fixed time. */
int64_t hull_inputs_epoch(const struct hull_spec *spec);

/* A "name -> sha256 of the RPM" object of a build root, kept in records next to the inputs. */
json_t *hull_inputs_root(const struct hull_package *const *root, size_t n);

/*
 * Why a build is due: a line for each difference between the inputs (and build roots) of the last
 * build and those of now, such as "patch fix.patch changed" or "BuildRequires zlib-devel changed:
 * /usr/lib/libz.so.1 differs". Old may be NULL: "never built".
 */
void hull_inputs_explain(const struct hull_store *s, const json_t *old, const json_t *old_root,
			 const json_t *new, const json_t *new_root, struct hull_strv *out);

/* The first path whose content, mode or link differs between two packages, into the arena; NULL if
 * none. */
const char *hull_package_first_difference(const struct hull_package *x,
					  const struct hull_package *y, struct hull_arena *a);
