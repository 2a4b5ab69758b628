// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>

/* The directories of a store, for this room only. */

/* How long the store keeps what is in a directory: see hull_garbage_collect. */
enum hull_keep {
	HULL_KEEP_APART,   /* not by a rule: records, what names them, locks, work in progress */
	HULL_KEEP_NAMED,   /* while a record names it, or what it was made of */
	HULL_KEEP_RECENT,  /* as long as builds are kept: it is found again by its inputs */
	HULL_KEEP_FOR_NOW, /* the hour that everything is kept */
};

/* In the order in which hull cache stat tells of them; what is derived follows its origin. */
enum hull_directory {
	HULL_DIRECTORY_SOURCES,
	HULL_DIRECTORY_RPMS,
	HULL_DIRECTORY_UNPACKED,
	HULL_DIRECTORY_HEADERS,
	HULL_DIRECTORY_SPECS,
	HULL_DIRECTORY_BUILDS,
	HULL_DIRECTORY_MACROS,
	HULL_DIRECTORY_LOGS,
	HULL_DIRECTORY_SEEDS,
	HULL_DIRECTORY_INDEXES,
	HULL_DIRECTORY_PARTIAL,
	HULL_DIRECTORY_STAMPS,
	HULL_DIRECTORY_LATEST,
	HULL_DIRECTORY_REPOSITORIES,
	HULL_DIRECTORY_LOCKS,
	HULL_DIRECTORY_CHECKED,
	HULL_DIRECTORY_DAMAGED,
	HULL_DIRECTORY_TMP,
	HULL_DIRECTORIES
};

struct hull_directory_rule {
	const char *name;
	enum hull_keep keep;
	enum hull_directory named; /* HULL_KEEP_NAMED: where the digest that a record names is */
	bool counted;		   /* by hull cache stat */
};

extern const struct hull_directory_rule hull_directories[HULL_DIRECTORIES];
