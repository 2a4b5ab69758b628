// SPDX-License-Identifier: MIT
#pragma once

#include "binary/gobuild.h"
#include "closure/presence.h"
#include "inspect/system.h"
#include "sbom/buildsearch.h"
#include "sbom/component.h"
#include "sbom/filedigest.h"

/*
 * The room sbom/: what an image is made of, down to the sources, as documents for others: sbom.h
 * gathers it, cyclonedx.h and spdx.h write it, provenance.h says how it was made, dsse.h signs.
 */

/*
 * The SBOM of an image, as all formats write it: packages, which requires which, the source
 * packages that they were built from with their components, Go programs and files. Everything is in
 * a fixed order; the same image and store give the same SBOM.
 */

struct hull_sbom_package {
	const struct hull_package *package;
	const struct hull_locked *locked; /* NULL: the image does not say why it is there */
	const char *nevra, *purl, *cpe;
	const char *sha512;	   /* of the RPM file, NULL if the store does not have it */
	const char *license_fault; /* why its license is no SPDX expression, or NULL */
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

struct hull_sbom {
	struct hull_arena arena;
	const struct hull_system *system;
	const char *creator;   /* URL or mail address of who answers for it, or NULL */
	const char *name;      /* of the image file */
	char sha256[HULL_HEX]; /* of its bytes */
	struct hull_checksum sha512;
	uint64_t size_bytes;
	int64_t created;		    /* seconds since 1970 */
	struct hull_sbom_package *packages; /* as in the system */
	size_t npackages;
	struct hull_requirements requirements; /* of pairs of packages */
	struct hull_build_records records;
	struct hull_source_package *sources; /* by name, version, release */
	size_t nsources;
	struct hull_go_program *programs; /* by path */
	size_t nprograms, programs_cap;
	struct hull_sbom_file *files; /* by path; only if they were asked for */
	size_t nfiles;
	struct hull_strv warnings; /* what could not be read, and so is missing */
};

struct hull_sbom_options {
	const struct hull_store *store; /* of the build records; NULL: none are used */
	const char *creator; /* URL or mail address; NULL: what the image's os-release says */
	const char *arch;    /* of the builds of packages for any architecture */
	int64_t created;     /* SOURCE_DATE_EPOCH; negative: the newest package's time */
	bool files;
	int threads;
};

HULL_CHECKED int hull_sbom_init(struct hull_sbom *b, const struct hull_system *s,
				const struct hull_sbom_options *o, struct hull_err *e);
void hull_sbom_fini(struct hull_sbom *b);

/* "why": "asked for by base.json:7: bash", "libc.so.6 of bash"; NULL if it is not known. Into the
 * arena of the SBOM. */
const char *hull_sbom_reason(struct hull_sbom *b, const struct hull_sbom_package *p);
