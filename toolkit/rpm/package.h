// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/json.h"

/* A binary package as everybody above rpm/ sees it: declared by a spec, or read from a built RPM.
 */

enum hull_dep_flags {
	HULL_DEP_LESS = 1,
	HULL_DEP_GREATER = 2,
	HULL_DEP_EQUAL = 4,
};

/* One dependency. A rich dependency ("(a or b)") is a name in parentheses without flags. */
struct hull_dep {
	const char *name;
	const char *evr;    /* [epoch:]version[-release], or NULL */
	unsigned int flags; /* enum hull_dep_flags; 0 when evr is NULL */
	int line;	    /* of the spec file it was written in, 0 when not known */
};

struct hull_deps {
	struct hull_dep *v;
	size_t n;
};

enum hull_dep_kind {
	HULL_PROVIDES,
	HULL_REQUIRES,
	HULL_CONFLICTS,
	HULL_OBSOLETES,
	HULL_RECOMMENDS,
	HULL_SUGGESTS,
	HULL_SUPPLEMENTS,
	HULL_ENHANCES,
	HULL_DEP_KINDS
};

enum hull_file_flags {
	HULL_FILE_CONFIG = 1,
	HULL_FILE_DOC = 2,
	HULL_FILE_GHOST = 4,
	HULL_FILE_LICENSE = 8,
};

struct hull_file {
	const char *path; /* absolute */
	const char *user, *group;
	const char *link;      /* target of a symlink, or NULL */
	const char *digest;    /* sha256 of a regular file, or NULL */
	const char *caps;      /* file capabilities as text, or NULL */
	const char *lang;      /* languages it is for ("de", "pt|pt_BR"), or NULL */
	uint32_t mode;	       /* st_mode */
	uint32_t flags;	       /* enum hull_file_flags */
	uint32_t inode;	       /* files with the same number are one; 0: it has no other name */
	uint32_t major, minor; /* of a device node */
	int64_t mtime;
	uint64_t size_bytes;
};

/* An entry of a changelog. */
struct hull_change {
	int64_t time; /* seconds since 1970 */
	const char
		*author; /* "Name <address> - 1.0-1": with the version if the packager wrote it */
	const char *text;
};

struct hull_package {
	const char *name, *version, *release, *arch;
	uint32_t epoch; /* 0 when none is written */
	const char *summary, *description, *license, *url, *group, *vendor;
	const char *source_rpm; /* file name; NULL for a declared package */
	struct hull_deps deps[HULL_DEP_KINDS];
	/* Declared package: the paths its %files lists, macros expanded, patterns left as written
	 * (only `path` is set, and mode's type bits for %dir). Built package: every file of the
	 * payload. */
	struct hull_file *files;
	size_t nfiles;

	/* The rest is set for a built package only. */
	const char *sha256; /* of the RPM file */
	/* Digest of what is unpacked of it: path, mode, owners, link, size, SHA-256 and
	 * capabilities of its files. Versions and dependencies are not in it: a package that is
	 * built again with the same files has the same content. */
	const char *content;
	uint64_t file_bytes, installed_bytes, archive_bytes; /* RPM file, sum of files, payload */
	uint64_t header_start, header_end; /* byte range of the main header in the file */
	int64_t build_time, file_time;
	const char *const
		*scriptlets; /* names of those it carries ("%post"), NULL-terminated, or NULL */
	const struct hull_change *changelog; /* newest first; only of an installed package */
	size_t nchangelog;
};

/* "[epoch:]version-release" into the arena, the epoch only if it is not 0. */
const char *hull_package_evr(const struct hull_package *p, struct hull_arena *a);
/* "name-[epoch:]version-release.arch" into the arena. */
const char *hull_package_nevra(const struct hull_package *p, struct hull_arena *a);

/* The latest time of build of n packages; 0 if none has one. */
int64_t hull_packages_newest(const struct hull_package *v, size_t n);

/* The file of a built package at a path; NULL if there is none. */
const struct hull_file *hull_package_file(const struct hull_package *p, const char *path);

/* "<", ">=", ...; "" for 0. */
const char *hull_dep_operator(unsigned int flags);
/* "name", "name >= evr" into the arena. */
const char *hull_dep_text(const struct hull_dep *d, struct hull_arena *a);

/* Parses "name", "name >= evr" or "(rich)"; -1 with e set if it is none of them. */
HULL_CHECKED int hull_dep_parse(const char *text, struct hull_arena *a, struct hull_dep *out,
				struct hull_err *e);

/* Appends a list as a BuildRequires line has it: dependencies separated by blanks or commas. */
HULL_CHECKED int hull_deps_parse(const char *text, struct hull_arena *a, struct hull_deps *out,
				 struct hull_err *e);
void hull_deps_add(struct hull_deps *d, struct hull_arena *a, const struct hull_dep *dep);

/* Lossless conversion; the strings of the result live in the arena. */
json_t *hull_package_to_json(const struct hull_package *p);
HULL_CHECKED int hull_package_from_json(const json_t *j, const char *what, struct hull_arena *a,
					struct hull_package *out, struct hull_err *e);
