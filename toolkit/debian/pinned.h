// SPDX-License-Identifier: MIT
#pragma once

#include "base/mem.h"
#include "base/str.h"
#include "spec/spec.h"

/* What specs and the seed have of the Debian archive, by package and version. */

enum hull_pin_kind {
	HULL_PIN_SOURCE,   /* a source package: upstream's file, perhaps, and Debian's part */
	HULL_PIN_UPSTREAM, /* upstream's file of one, without Debian's patches */
	HULL_PIN_BINARY,   /* a .deb */
};

struct hull_pin_file {
	const char *name;   /* NULL for a package of the seed: that was a .deb of its version */
	const char *sha256; /* NULL if it is not known */
};

struct hull_debian_pin {
	enum hull_pin_kind kind;
	bool seed; /* of the seed, no spec's: the version has an epoch, there is no file */
	const char *package; /* its name in Sources or Packages */
	const char *version; /* of file names: without an epoch */
	const char *arch;    /* of a .deb */
	struct hull_pin_file *files;
	size_t nfiles, files_cap;
	struct hull_strv specs; /* names of those that have it */
};

struct hull_debian_pins {
	struct hull_arena arena; /* owns the strings */
	struct hull_debian_pin *v;
	size_t n, cap;
	struct hull_strv others; /* "kernel: key:module/certificate.pem": from elsewhere */
	size_t nlocal;		 /* files in the directories of specs, which come from nowhere */
};

void hull_debian_pins_fini(struct hull_debian_pins *p);

/* Adds the sources of a spec; two specs with the same version of a package share a pin. */
void hull_debian_pins_add_spec(struct hull_debian_pins *p, const struct hull_spec *spec);

/* Adds a package of the seed. */
void hull_debian_pins_add_seed(struct hull_debian_pins *p, const char *package, const char *version,
			       const char *arch, const char *sha256);
