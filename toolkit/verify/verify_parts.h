// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "config/config.h"
#include "image/diskplan.h"
#include "inspect/system.h"
#include "payload/payload.h"
#include "verify/verify.h"

/* The parts of hull_verify. */
int hull_verify_files(const struct hull_verify_request *r, struct hull_verification *out,
		      struct hull_err *e);
int hull_verify_packages(const struct hull_verify_request *r, struct hull_verification *out,
			 struct hull_err *e);
int hull_verify_boot(const struct hull_verify_request *r, struct hull_verification *out,
		     struct hull_err *e);
int hull_verify_verity(const struct hull_verify_request *r, struct hull_verification *out,
		       struct hull_err *e);

/* The tree that the image writer makes of a configuration and the packages in the image's lock. */
struct hull_wanted_tree {
	struct hull_packages packages;
	struct hull_tree tree;
	struct hull_disk_plan plan;
	bool has_plan;
	char seed[HULL_HEX];
};

/* false if it cannot be made, which is told as a link that is not checked. */
bool hull_wanted_tree_init(struct hull_wanted_tree *out, const struct hull_verify_request *r,
			   struct hull_verification *v);
void hull_wanted_tree_fini(struct hull_wanted_tree *w);

/* A file of the store that has to have a digest. */
struct hull_stored_file {
	enum hull_verify_part part;
	const char *path;   /* relative to the store */
	const char *sha256; /* that it has to have */
	const char *object; /* what it is of, for messages */
	enum { HULL_STORED_HOLDS, HULL_STORED_BROKEN, HULL_STORED_MISSING } state;
	char is[HULL_HEX];
};

struct hull_stored_files {
	struct hull_stored_file *v;
	size_t n, cap;
};

/* Hashes all of them by several threads; what cannot be read is a file's state. -1 only after
 * Ctrl-C. */
int hull_stored_files_hash(const struct hull_store *s, struct hull_stored_files *files, int threads,
			   struct hull_progress *progress, struct hull_err *e);

void hull_stored_files_add(struct hull_stored_files *files, const struct hull_stored_file *f);

/* Says of each whether it holds. */
void hull_stored_files_tell(const struct hull_stored_files *files, struct hull_verification *out);

/* The file of that path, or NULL; once they are hashed. */
const struct hull_stored_file *hull_stored_files_find(const struct hull_stored_files *files,
						      const char *path);

/* What a record claims, as far as the record itself can be wrong: its key, the log, the agreement
 * of its parts. What has to be in the store is appended to `files`. `object` names it in messages.
 */
void hull_verify_record(const struct hull_verify_request *r, const char *key, const json_t *record,
			const char *object, struct hull_arena *a, struct hull_stored_files *files,
			struct hull_verification *out);

/* All build records of a store, by the packages that they list. */
struct hull_record_entry {
	const char *sha256; /* of a package */
	const char *nevra;
	size_t record;
};

struct hull_record_index {
	struct hull_arena arena;
	json_t **records;
	const char **keys; /* names of their files */
	size_t nrecords, cap_records, cap_keys;
	struct hull_record_entry *v; /* by digest, the newest build first */
	size_t n, cap;
	struct hull_strv unreadable; /* "builds/x.json: ..." */
};

int hull_record_index_init(struct hull_record_index *x, const struct hull_store *s,
			   struct hull_err *e);
void hull_record_index_fini(struct hull_record_index *x);
/* The newest build that made a package, or NULL. */
const struct hull_record_entry *hull_record_index_find(const struct hull_record_index *x,
						       const char *sha256);
