// SPDX-License-Identifier: MIT
#pragma once

#include "audit/hits.h"

/*
 * Statements about which vulnerabilities apply: OpenVEX 0.2 and CSAF 2.0 (profile VEX) documents.
 */
enum hull_vex_status {
	HULL_VEX_OTHER, /* affected, under investigation */
	HULL_VEX_NOT_AFFECTED,
	HULL_VEX_FIXED,
};

struct hull_vex_statement {
	enum hull_vex_status status;
	const char *justification;		    /* in the words of the document */
	const char *source;			    /* file */
	struct hull_strv vulnerabilities, products; /* ids; package URLs, CPEs or names */
};

struct hull_vex {
	struct hull_arena arena;
	struct hull_vex_statement *v; /* later ones outweigh earlier ones */
	size_t n, cap;
};

/* Appends the statements of a document; an error is text that is none, with line and column. */
int hull_vex_read(const char *text, size_t n, const char *name, struct hull_vex *out,
		  struct hull_err *e);
void hull_vex_fini(struct hull_vex *v);

/* The last statement about a hit, NULL if there is none. A product without a version stands for
 * all; of a product with subcomponents these are compared. */
const struct hull_vex_statement *hull_vex_find(const struct hull_vex *v,
					       const struct hull_system *s,
					       const struct hull_hit *hit);
