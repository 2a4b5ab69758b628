// SPDX-License-Identifier: MIT
#pragma once

#include <jansson.h>

#include "base/mem.h"
#include "store/store.h"

/*
 * The record of a successful build, builds/<key>.json: what went in, what came out, and the
 * provenance that an auditor asks for. This is its format, for who writes it and all who read it:
 *
 *   key, arch, spec {name, version, release}
 *   inputs       everything the key is made of: struct hull_build_inputs
 *   sources      [{file, sha256, url, origin}]
 *   patches      [{archive, name, sha256, cves [id]}]: what the spec takes out of sources, if it does
 *   build_root   {seed, packages: [{name, nevra, sha256}]}
 *   generated    [text]: what the %generate_buildrequires of the spec asked for, if it has one
 *   check        "passed", "failed" or "none": how the %check of the spec went, if it has one
 *   check_tries  how often it was run for that
 *   packages     [{name, nevra, sha256, content}] in order of name: the result
 *   log {sha256, bytes}, started, finished (seconds since 1970), wall_ms, cpu_ms, peak_memory_bytes
 *
 * A store can be damaged: any string that was read may be NULL or have any form. Strings belong to
 * the JSON they are from.
 */

/*
 * Everything that can change the packages of a spec. The build key is the digest of its compact
 * text with sorted keys. files, sources and requirements ("requires") are objects, name -> digest.
 */
struct hull_build_inputs {
	json_t *json;	    /* what was read; NULL: no object */
	const char *format; /* "hull-build-1": changes when hull builds differently */
	const char *arch;   /* target architecture */
	const char *macros; /* digest of toolkit/macros */
	const char *seed;   /* id of the seed root */
	bool has_epoch;
	int64_t epoch;	      /* SOURCE_DATE_EPOCH */
	json_t *files;	      /* the spec, its patches and its local sources */
	json_t *sources;      /* what is pinned */
	json_t *requirements; /* the content (struct hull_package) of what is in the build root */
	const char *check; /* "none": not run, "may-fail"; NULL: it passes, or the spec has none */
	json_t *defines;   /* macros beside those, name -> body; NULL: none */
};

/* Everything is borrowed from j, which may be NULL. */
struct hull_build_inputs hull_build_inputs_parse(json_t *j);

/* A new object; `json` is not looked at. The caller decrefs. */
json_t *hull_build_inputs_json(const struct hull_build_inputs *in);

struct hull_built_package {
	const char *name, *nevra, *sha256;
	const char *content; /* of a result */
};

struct hull_built_packages {
	struct hull_built_package *v;
	size_t n;
};

struct hull_built_source {
	const char *file, *sha256;
	const char *url;    /* as the spec has it */
	const char *origin; /* where it came from; NULL: not known */
};

struct hull_built_sources {
	struct hull_built_source *v;
	size_t n;
};

struct hull_built_patch {
	const char *archive;	   /* the source's file */
	const char *name, *sha256; /* of the patch in it */
	json_t *cves; /* what the spec says that it fixes, beside what its name says; borrowed */
};

struct hull_built_patches {
	struct hull_built_patch *v;
	size_t n;
};

/* The lists, of which a job has three as well: into the arena, with the strings of j, and back. */
struct hull_built_packages hull_built_packages_parse(const json_t *j, struct hull_arena *a);
json_t *hull_built_packages_json(const struct hull_built_packages *list);
struct hull_built_sources hull_built_sources_parse(const json_t *j, struct hull_arena *a);
json_t *hull_built_sources_json(const struct hull_built_sources *list);
struct hull_built_patches hull_built_patches_parse(const json_t *j, struct hull_arena *a);

struct hull_build_record {
	char key[HULL_HEX];  /* by which the store has it */
	json_t *json;	     /* owned, once it was read */
	const char *own_key; /* that it says it has; not looked at when it is written */
	const char *arch;
	const char *spec, *version, *release;
	struct hull_build_inputs inputs;
	struct hull_built_sources sources;
	struct hull_built_patches patches;
	const char *seed;
	struct hull_built_packages root, packages;
	json_t *generated; /* borrowed; NULL: the spec does not do that */
	const char
		*check; /* NULL: the spec has no %check, or an older hull ran it, and it passed */
	int64_t check_tries;
	const char *log_sha256;
	uint64_t log_bytes;
	int64_t started, finished; /* -1: it does not say */
	int64_t wall_ms;
	uint64_t cpu_ms, peak_memory_bytes;
	struct hull_arena arena; /* of the lists, once it was read */
};

void hull_build_record_fini(struct hull_build_record *r);

/* The record of a key: 1, or 0 if there is none; errors name the file in the store. */
HULL_CHECKED int hull_build_record_read(const struct hull_store *s, const char *key,
					struct hull_build_record *out, struct hull_err *e);

/* Whether it lists a package among its results. */
bool hull_build_record_has(const struct hull_build_record *r, const char *sha256);

/* Writes a record and makes it the latest of its spec. */
HULL_CHECKED int hull_build_record_write(const struct hull_store *s,
					 const struct hull_build_record *r, struct hull_err *e);
