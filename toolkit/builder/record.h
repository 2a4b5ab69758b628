// SPDX-License-Identifier: MIT
#pragma once

#include <stdint.h>

#include "rpm/package.h"
#include "store/store.h"
#include "text/json.h"

/*
 * The record of a successful build, builds/<key>.json: what went in (see inputs.h), what came out,
 * and the provenance that an auditor asks for. Members: key, spec {name, version, release}, arch
 *   inputs       everything the key is made of
 *   sources      [{file, sha256, url, origin}]
 *   build_root   {seed, packages: [{nevra, sha256}]}
 *   packages     [{nevra, sha256}] in order of name: the result
 *   log {sha256, bytes}, started, finished (seconds since 1970), wall_ms, cpu_ms, peak_memory_bytes
 */
struct hull_record {
	char key[HULL_HEX];
	json_t *json;		       /* owned */
	struct hull_package *packages; /* in the arena given at the read */
	size_t npackages;
	int64_t wall_ms;
	uint64_t cpu_ms, peak_memory_bytes;
};

void hull_record_fini(struct hull_record *r);

/* 1 when there is a complete record (all its packages are in the store), 0 when not. */
int hull_record_read(const struct hull_store *s, const char *key, struct hull_arena *a,
		     struct hull_record *out, struct hull_err *e);

/* The newest successful build of a spec, as hull_record_read. */
int hull_record_latest(const struct hull_store *s, const char *arch, const char *spec,
		       struct hull_arena *a, struct hull_record *out, struct hull_err *e);

/* Writes a record and makes it the latest of its spec. */
int hull_record_write(const struct hull_store *s, const json_t *record, struct hull_err *e);
