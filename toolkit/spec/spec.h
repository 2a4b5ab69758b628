// SPDX-License-Identifier: MIT
#pragma once

#include "base/str.h"
#include "rpm/package.h"
#include "store/store.h"

/*
 * The room spec/: specs, read by librpm in child processes and checked (lint.h) before anything is
 * built from them: specs.c reads a whole tree of them, lookup.c finds in it. Also the macros that they are built with
 * (macros.h).
 */

/* A directory beside the spec for its sources and patches. */
#define HULL_SPEC_SOURCES "SOURCES/"

/* A Source or Patch line of a spec. */
struct hull_spec_source {
	const char *url;     /* as written, macros expanded */
	const char *file;    /* its base name: the name in SOURCES/ and in signatures.json */
	const char *sha256;  /* from <name>.signatures.json, or NULL */
	const char *below;   /* HULL_SPEC_SOURCES if it lies there, else NULL */
	const char **places; /* other places that have it: "Places" of signatures.json */
	size_t nplaces;
	const char *date; /* on which its hash was written there: "2026-11-30", or NULL */
	bool patch;
	bool local; /* lies in the directory of the spec, or in its SOURCES/ */
	unsigned int number;
	int line;
};

/* A patch that %debian_patches takes out of a Source. */
struct hull_spec_taken {
	unsigned int source; /* number of the Source */
	const char *name;    /* below debian/patches/ in it */
	const char *cves;    /* what -c names: "CVE-2026-0001,CVE-2026-0002", or "" */
};

/* A scriptlet of one of its packages that an image would not be made without running it. */
struct hull_spec_running {
	const char *package, *scriptlet;
	int line; /* 0 when not known */
};

struct hull_spec {
	const char *name, *version, *release;
	const char *path; /* of the .spec as given: "SPECS/zlib/zlib.spec" */
	const char *dir;  /* its directory */
	const char *tree; /* the specs directory it came from */
	const char *
		digest; /* sha256 over the parsed content: all files of the directory, macros, arch */
	/* Digest of the macros that it is built with, in the store; NULL: Hull's, since its tree has
	 * none of its own. */
	const char *macros;
	/* Why it cannot be built, a line "<path>:12: unknown macro %{x}" for each reason; NULL: it can. */
	const char *unbuildable;
	bool noarch;		/* no package of it is built for the target architecture */
	bool checks;		/* it has a %check */
	bool generates;		/* it has a %generate_buildrequires */
	bool emptied;		/* it has scriptlets without a line, which are left out */
	int64_t changelog_time; /* of the newest entry, 0 when there is none */
	struct hull_spec_source *sources;
	size_t nsources;
	struct hull_spec_taken *taken; /* in the order in which they are applied */
	size_t ntaken;
	struct hull_deps
		build_requires; /* with line numbers; the implicit %{hull_toolchain} last, line 0 */
	struct hull_deps build_conflicts;
	struct hull_spec_running *running;
	size_t nrunning;
	struct hull_package *packages; /* what it declares */
	size_t npackages;
	const char **
		defines; /* macros beside the set (macros.h), with which it was parsed and is built */
	size_t ndefines;
};

/* Why a spec of the trees is left out. */
enum hull_fault_kind {
	HULL_FAULT_MISTAKE,   /* it cannot be read, or must not be used */
	HULL_FAULT_DUPLICATE, /* another one that builds the same package comes before it */
	HULL_FAULT_ARCH,      /* ExclusiveArch or ExcludeArch rule the target out: no mistake */
};

struct hull_spec_fault {
	enum hull_fault_kind kind;
	const char *name, *path;     /* as those of a spec */
	const char *text;	     /* a line or more: "SPECS/zlib/zlib.spec:12: ..." */
	const char *const *packages; /* that it would build, as far as that is known */
	size_t npackages;
};

struct hull_specs {
	struct hull_arena arena; /* owns everything below */
	struct hull_spec *v;	 /* sorted by name */
	size_t n;
	struct hull_spec_fault *left_out; /* by path */
	size_t nleft_out;
	struct hull_strv warnings; /* "zlib: /x/zlib/zlib.spec overrides SPECS/zlib/zlib.spec" */
};

struct hull_specs_request {
	const char *const *trees; /* directories of <directory>/<file>.spec; later wins by Name */
	size_t ntrees;
	const char *macros;	    /* directory with rpmrc and macros: toolkit/macros */
	const char *arch;	    /* target architecture: "x86_64" */
	const char *const *defines; /* definitions of macros, see macros.h */
	size_t ndefines;
	const struct hull_strv *defined; /* names of the specs that get them; NULL: all */
	const struct hull_store *store;	 /* caches parsed specs; may be NULL */
	int workers;			 /* processes to parse with; 0: one a core */
	int seconds;			 /* limit for parsing one spec; 0: 30 */
	bool strict;			 /* a spec with a fault is an error */
};

/*
 * Loads every spec of the trees. Each is parsed by librpm in a sandbox (parsebox.h), with the macros
 * of r->macros and then those in macros.d/ of its tree; nothing of the host is seen, but the programs that
 * its %(...) runs, by bash. One that has a fault is left out: an unknown tag, a malformed
 * signatures.json, a source or patch outside of the spec's directory, a mistake in the macros of its
 * tree. Of two that build the same package that of the later tree stays, in one tree that which has the
 * package's name, else the first by name. If that is to be an error, all of them are in one message, a
 * line each. A macro that nothing defines is a warning, and makes its spec unbuildable; what rpm refuses
 * though it is plain what is meant (repair.h) is a warning.
 */
HULL_CHECKED int hull_specs_load(struct hull_specs *out, const struct hull_specs_request *r,
				 struct hull_err *e);
void hull_specs_fini(struct hull_specs *s);

/* Where a local source of it lies. The caller frees. */
char *hull_spec_source_path(const struct hull_spec *spec, const struct hull_spec_source *s);

/* The Source line with a number; NULL when there is none. */
const struct hull_spec_source *hull_spec_source_numbered(const struct hull_spec *spec,
							 unsigned int number);

/* The one in a file <name>.spec, else the only one in a directory of that name; NULL when there is none. */
const struct hull_spec *hull_specs_find_file(const struct hull_specs *s, const char *name);

/* The spec that was left out and has this name, or its file, or would build this package; NULL when there
 * is none. */
const struct hull_spec_fault *hull_specs_left_out(const struct hull_specs *s, const char *name);

/* By spec name; NULL when there is none. Lookups are in lookup.c. */
const struct hull_spec *hull_specs_find(const struct hull_specs *s, const char *name);
