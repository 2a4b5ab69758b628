// SPDX-License-Identifier: MIT
#pragma once

#include "sbom/sbom.h"

/* SLSA provenance v1 in an in-toto statement v1: what something was built from, by whom and when.
 */

struct hull_provenance_options {
	const struct hull_store *store;
	const char *builder; /* URI of who built; NULL: "urn:hull:builder" */
	const char *config;  /* file of the image's configuration, or NULL */
};

/* Of a package of the SBOM; an error if there is no record of its build. The caller decrefs. */
HULL_CHECKED json_t *hull_provenance_package(struct hull_sbom *b, size_t package,
					     const struct hull_provenance_options *o,
					     struct hull_err *e);

/* Of the image itself. */
HULL_CHECKED json_t *hull_provenance_image(struct hull_sbom *b,
					   const struct hull_provenance_options *o,
					   struct hull_err *e);
