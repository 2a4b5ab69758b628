// SPDX-License-Identifier: MIT
#pragma once

#include "base/hash.h"
#include "base/progress.h"
#include "store/buildrecord.h"
#include "verify/verification.h"

/* A file of the store that has to have a digest. */
struct hull_stored_file {
	enum hull_verify_kind kind;
	struct hull_store_path place;
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
HULL_CHECKED int hull_stored_files_hash(const struct hull_store *s, struct hull_stored_files *files,
					int threads, struct hull_progress *progress,
					struct hull_err *e);

void hull_stored_files_add(struct hull_stored_files *files, const struct hull_stored_file *f);

/* Says of each whether it holds. */
void hull_stored_files_tell(const struct hull_stored_files *files, struct hull_verification *out);

/* The file of that place, or NULL; once they are hashed. */
const struct hull_stored_file *hull_stored_files_find(const struct hull_stored_files *files,
						      const struct hull_store_path *place);

/* All build records of a store, by the packages that they list. */
struct hull_record_entry {
	const char *sha256; /* of a package */
	const char *nevra;
	size_t record;
};

struct hull_record_index {
	struct hull_build_record *records;
	size_t nrecords, cap_records;
	struct hull_record_entry *v; /* by digest, the newest build first */
	size_t n, cap;
	struct hull_strv unreadable; /* the path of each and why */
};

HULL_CHECKED int hull_record_index_init(struct hull_record_index *x, const struct hull_store *s,
					struct hull_err *e);
void hull_record_index_fini(struct hull_record_index *x);
/* The newest build that made a package, or NULL. */
const struct hull_record_entry *hull_record_index_find(const struct hull_record_index *x,
						       const char *sha256);
