// SPDX-License-Identifier: MIT
#pragma once

#include "audit/buildrecord.h"
#include "audit/gobuild.h"
#include "audit/need.h"
#include "audit/system.h"

/*
 * The bill of materials of an image, as all formats write it: packages, who needs whom, the source
 * packages that they were built from with their parts, Go programs and files. Everything is in a
 * fixed order; the same image and store give the same bill.
 */

enum hull_part_kind {
	HULL_PART_ARCHIVE, /* upstream's source */
	HULL_PART_LIBRARY, /* source of a library, as a Debian package has it */
	HULL_PART_PATCH,
	HULL_PART_SPEC,
	HULL_PART_FILE, /* another file of the spec's folder */
};

/* A file that a source package is made of. */
struct hull_part {
	enum hull_part_kind kind;
	const char *file, *sha256;
	const char *pinned; /* the spec's Source line, or NULL */
	const char *url;    /* where anybody can fetch it, or NULL */
	const char *name, *version;
	const char *purl; /* of an archive or library, else NULL */
};

struct hull_source_package {
	const char *name, *version, *release, *purl;
	const struct hull_build_record *record;
	struct hull_part *parts; /* by kind, then by file */
	size_t nparts;
};

struct hull_bill_package {
	const struct hull_package *package;
	const struct hull_locked *locked; /* NULL: the image does not say why it is there */
	const char *nevra, *purl, *cpe;
	const char *licence_fault; /* why its licence is no SPDX expression, or NULL */
	int source;		   /* index, -1 if there is no record of its build */
};

/* What is linked into a Go program: Go's standard library ("stdlib") and modules. */
struct hull_go_component {
	const char *name, *version, *purl; /* version may be NULL */
	const char *sum;		   /* "h1:...", or NULL */
	const char *instead_of;		   /* the module that it replaces, or NULL */
};

/* A program with Go's build information. */
struct hull_go_program {
	const char *path;
	int package; /* or -1 */
	struct hull_go_build build;
	struct hull_go_component *components;
	size_t ncomponents;
};

struct hull_bill_file {
	const char *path;  /* absolute */
	int node, package; /* package: or -1 */
	char sha1[41], sha256[HULL_HEX];
};

struct hull_bill {
	struct hull_arena arena;
	const struct hull_system *system;
	const char *name;      /* of the image file */
	char sha256[HULL_HEX]; /* of its bytes */
	uint64_t size_bytes;
	int64_t created;		    /* seconds since 1970 */
	struct hull_bill_package *packages; /* as in the system */
	size_t npackages;
	struct hull_needs needs;
	struct hull_build_records records;
	struct hull_source_package *sources; /* by name, version, release */
	size_t nsources;
	struct hull_go_program *programs; /* by path */
	size_t nprograms, programs_cap;
	struct hull_bill_file *files; /* by path; only if they were asked for */
	size_t nfiles;
	struct hull_strv warnings; /* what could not be read, and so is missing */
};

struct hull_bill_options {
	const struct hull_store *store; /* of the build records; NULL: none are used */
	const char *arch;		/* of the builds of packages for any architecture */
	int64_t created;		/* SOURCE_DATE_EPOCH; negative: the newest package's time */
	bool files;
	int threads;
};

int hull_bill_init(struct hull_bill *b, const struct hull_system *s,
		   const struct hull_bill_options *o, struct hull_err *e);
void hull_bill_fini(struct hull_bill *b);

/* "why": "asked for by base.json:7: bash", "libc.so.6 of bash"; NULL if it is not known. Into the
 * arena of the bill. */
const char *hull_bill_reason(struct hull_bill *b, const struct hull_bill_package *p);

/* CVE ids in the name of a patch, in order, into `out`. */
void hull_bill_cves(const char *patch, struct hull_strv *out);

/* "2026-11-24T10:00:00Z" */
const char *hull_bill_time(struct hull_arena *a, int64_t seconds);

/* A JSON string; what is not UTF-8 becomes U+FFFD, so that a hostile image cannot prevent it. */
json_t *hull_bill_text(const char *s);
void hull_bill_set(json_t *object, const char *key, const char *s); /* unless s is NULL or "" */
