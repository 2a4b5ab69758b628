// SPDX-License-Identifier: MIT
#include "store/storepath.h"

#include <stdio.h>
#include <string.h>

#include "store/directories.h"

enum form { DIGEST, ARCH_AND_SPEC, PLAIN };

static const struct kind {
	enum hull_directory directory;
	const char *ending;
	enum form form;
} kinds[] = {
	[HULL_STORE_SOURCE] = {HULL_DIRECTORY_SOURCES, "", DIGEST},
	[HULL_STORE_ORIGIN] = {HULL_DIRECTORY_SOURCES, ".origin", DIGEST},
	[HULL_STORE_RPM] = {HULL_DIRECTORY_RPMS, ".rpm", DIGEST},
	[HULL_STORE_UNPACKED] = {HULL_DIRECTORY_UNPACKED, "", DIGEST},
	[HULL_STORE_HEADER] = {HULL_DIRECTORY_HEADERS, ".json", DIGEST},
	[HULL_STORE_SPEC] = {HULL_DIRECTORY_SPECS, ".json", DIGEST},
	[HULL_STORE_REQUIRES] = {HULL_DIRECTORY_SPECS, ".requires.json", DIGEST},
	[HULL_STORE_BUILD] = {HULL_DIRECTORY_BUILDS, ".json", DIGEST},
	[HULL_STORE_LATEST] = {HULL_DIRECTORY_LATEST, "", ARCH_AND_SPEC},
	[HULL_STORE_MACROS] = {HULL_DIRECTORY_MACROS, "", DIGEST},
	[HULL_STORE_LOG] = {HULL_DIRECTORY_LOGS, ".log", DIGEST},
	[HULL_STORE_CHECK_LOG] = {HULL_DIRECTORY_LOGS, "-check.log", DIGEST},
	[HULL_STORE_SEED] = {HULL_DIRECTORY_SEEDS, "", DIGEST},
	[HULL_STORE_SEED_RECORD] = {HULL_DIRECTORY_SEEDS, ".json", DIGEST},
	[HULL_STORE_STAMP] = {HULL_DIRECTORY_STAMPS, ".json", DIGEST},
	/* the number is of repo/index.c's format: what is kept in another one is made again */
	[HULL_STORE_INDEX] = {HULL_DIRECTORY_INDEXES, ".3.solv", DIGEST},
	[HULL_STORE_LAST_INDEX] = {HULL_DIRECTORY_INDEXES, ".last", DIGEST},
	[HULL_STORE_SIGNED] = {HULL_DIRECTORY_REPOSITORIES, ".json", DIGEST},
	[HULL_STORE_PARTIAL] = {HULL_DIRECTORY_PARTIAL, "", DIGEST},
	[HULL_STORE_LOCK] = {HULL_DIRECTORY_LOCKS, "", PLAIN},
	[HULL_STORE_CHECKED] = {HULL_DIRECTORY_CHECKED, "", PLAIN},
};

/* How much of a text is a name of that form; 0 if it begins with none. */
static size_t name_length(enum form form, const char *s)
{
	size_t n;

	switch (form) {
	case DIGEST:
		return hull_starts_sha256(s) ? HULL_HEX - 1 : 0;
	case PLAIN:
		return *s == '.' ? 0 : strcspn(s, "/");
	case ARCH_AND_SPEC:
		n = name_length(PLAIN, s);
		return n && s[n] == '/' && name_length(PLAIN, s + n + 1)
			       ? n + 1 + name_length(PLAIN, s + n + 1)
			       : 0;
	}
	return 0;
}

struct hull_store_path hull_store_path(enum hull_store_kind kind, const char *name)
{
	const struct kind *k = &kinds[kind];
	size_t length = name ? name_length(k->form, name) : 0;
	struct hull_store_path o = {""};
	int n;

	if (!length || name[length])
		return o;
	n = snprintf(o.path, sizeof o.path, "%s/%s%s", hull_store_directory(kind), name, k->ending);
	if ((size_t)n >= sizeof o.path)
		o.path[0] = '\0';
	return o;
}

const char *hull_store_directory(enum hull_store_kind kind)
{
	return hull_directories[kinds[kind].directory].name;
}

bool hull_store_kind_is(enum hull_store_kind kind, const char *file, size_t *out_n)
{
	*out_n = name_length(kinds[kind].form, file);
	return *out_n && !strcmp(file + *out_n, kinds[kind].ending);
}
